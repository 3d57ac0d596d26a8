/** What the parts of an export are called. */
import type { ExportFormat, ExportStage, FormatKind, GroupBy } from '@/client/exports'

const STAGES: Readonly<Record<string, string>> = {
  approved: 'approved',
  all: 'in the workspace',
  chosen: 'chosen by the filter',
  allowed: 'may be exported',
  valid: 'pass every check',
  unique: 'without duplicates',
  balanced: 'within the limits',
  with_passes: 'with right answers mixed in',
  split: 'in a split',
}

export const stageWords = (name: string): string => STAGES[name] ?? name.replaceAll('_', ' ')

/** What takes rows out, by the step in which it does. */
export const REASONS_OF: Readonly<Record<string, readonly string[]>> = {
  allowed: ['held_out', 'held_back'],
  valid: ['invalid', 'scoring_artifact', 'format_only', 'protected', 'too_long', 'secret'],
  unique: ['duplicate', 'near_duplicate', 'conflict'],
  balanced: ['capped'],
  split: ['bridges_splits'],
}

interface ReasonWords {
  /** After a number: `12 held out`. */
  short: string
  /** After `1`, where that is another word. */
  one?: string
  why: string
}

const REASONS: Readonly<Record<string, ReasonWords>> = {
  held_out: {
    short: 'held out',
    why: 'Their prompts are kept for measuring, so nothing is trained on them.',
  },
  held_back: {
    short: 'held back',
    why: 'The answer changed, and nobody has said yet what becomes of the reasoning before it.',
  },
  invalid: {
    short: 'break a rule of the format',
    one: 'breaks a rule of the format',
    why: 'A trainer would refuse them.',
  },
  scoring_artifact: {
    short: 'scoring artifacts',
    one: 'scoring artifact',
    why: 'The model’s answer was right, so it is never an example of what is not wanted.',
  },
  format_only: {
    short: 'differ only in format',
    one: 'differs only in format',
    why: 'Such a pair teaches the format, and hardly anything else.',
  },
  protected: {
    short: 'in a protected benchmark',
    why: 'Who trains on a benchmark’s questions cannot measure with it any more.',
  },
  too_long: { short: 'too long', why: 'They would be cut off in training.' },
  secret: { short: 'with secrets or personal data', why: 'Something in them should stay private.' },
  duplicate: {
    short: 'duplicates',
    one: 'duplicate',
    why: 'The same prompt and answer is in the export already.',
  },
  near_duplicate: {
    short: 'near-duplicates',
    one: 'near-duplicate',
    why: 'Prompt and answer are almost the same as those of another row.',
  },
  conflict: { short: 'in conflict', why: 'One prompt has different corrections.' },
  capped: { short: 'over a limit', why: 'Their category, task or model has its share already.' },
  bridges_splits: {
    short: 'between two splits',
    why: 'They belong together with rows of different splits, and would leak from one to the other.',
  },
  changed: {
    short: 'changed meanwhile',
    why: 'Somebody decided on them while the export was written.',
  },
}

/** `(duplicate, 2)` → `duplicates` */
export function countedReason(reason: string, n: number): string {
  const { short, one } = reasonWords(reason)
  return n === 1 ? (one ?? short) : short
}

export const reasonWords = (reason: string): ReasonWords =>
  REASONS[reason] ?? { short: reason.replaceAll('_', ' '), why: '' }

export const SPLIT_WORDS: Readonly<Record<string, string>> = {
  all: 'one file',
  train: 'training',
  validation: 'validation',
  test: 'test',
}

export const GROUP_WORDS: Readonly<Record<GroupBy, string>> = {
  prompt: 'the same prompt',
  cluster: 'near-duplicates',
  document: 'the same source document',
  template: 'the same prompt template',
  task: 'the same task',
}

export interface FormatGroup {
  key: string
  title: string
  meaning: string
  formats: ExportFormat[]
}

const GROUPS: Readonly<Record<FormatKind, { title: string; meaning: string }>> = {
  sft: {
    title: 'Learn the corrected answers',
    meaning: 'One row for each prompt and correction (supervised fine-tuning).',
  },
  preference: {
    title: 'Prefer the correction',
    meaning: 'Pairs: the correction, and the answer of the model that it replaces.',
  },
  unpaired: {
    title: 'Tell good answers from bad ones',
    meaning: 'Single answers, each marked as wanted or not.',
  },
  records: {
    title: 'Read, keep or pass on',
    meaning: 'Not for training.',
  },
}

const keyOf = ({ kind, table }: ExportFormat): FormatKind => (table ? 'records' : kind)

/** The formats by what one does with them, in the order of the server. */
export function formatGroups(formats: readonly ExportFormat[]): FormatGroup[] {
  return (Object.keys(GROUPS) as FormatKind[])
    .map((key) => ({
      key,
      ...GROUPS[key],
      formats: formats.filter((format) => keyOf(format) === key),
    }))
    .filter((group) => group.formats.length > 0)
}

/** How many rows the last step leaves. */
export const rowsOf = (stages: readonly ExportStage[]): number => stages.at(-1)?.n ?? 0
