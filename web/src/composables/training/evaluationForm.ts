/** The form that asks the model before and the trained one the same prompts again. */
import type { Evaluation, EvaluationRequest, TrainingDetails } from '@/client/training'

import { ROWS } from './trainingWords'

export type Side = Evaluation['of']

export interface EvaluationDraft {
  /** Names of runs, with commas between. */
  runs: string
  sides: Readonly<Record<Side, { asked: boolean; runId: string }>>
  held_out: boolean
  failures_only: boolean
  queue: boolean
  /** As typed; what is empty the server chooses. */
  numbers: Readonly<Record<string, string>>
}

export interface NumberField {
  name: string
  label: string
  plain: string
  hint?: string
}

export const NUMBERS: readonly NumberField[] = [
  { name: 'limit', label: 'At most so many prompts', plain: 'all' },
  { name: 'repeats', label: 'Times each prompt is asked', plain: '1' },
  { name: 'temperature', label: 'Temperature', plain: '0', hint: '0: always the likeliest word' },
  { name: 'max_new_tokens', label: 'Longest answer, in tokens', plain: '1024' },
  { name: 'seed', label: 'Seed', plain: '0' },
  { name: 'batch_size', label: 'Prompts at once', plain: '16' },
]

/** `v1-base`, or where there is one already `v1-base-2`. */
export function freeRunId(first: string, taken: readonly string[]): string {
  let id = first
  for (let n = 2; taken.includes(id); n += 1) id = `${first}-${n}`
  return id
}

/** Of the model before one evaluation is enough: it does not change. */
export function evaluationDraft({ name, runs, evaluations }: TrainingDetails): EvaluationDraft {
  const taken = evaluations.map(({ run_id: id }) => id)
  const hasBase = evaluations.some(({ of, state }) => of === 'base' && state !== 'failed')
  return {
    runs: runs.join(', '),
    sides: {
      base: { asked: !hasBase, runId: freeRunId(`${name}-base`, taken) },
      trained: { asked: true, runId: freeRunId(`${name}-trained`, taken) },
    },
    held_out: false,
    failures_only: false,
    queue: false,
    numbers: {},
  }
}

export const runsOf = ({ runs }: EvaluationDraft): string[] =>
  runs
    .split(',')
    .map((run) => run.trim())
    .filter(Boolean)

export const wrongNumbers = ({ numbers }: EvaluationDraft): string[] =>
  Object.keys(numbers).filter((name) => Number.isNaN(Number(numbers[name]?.trim() || 0)))

/** One request for each model that is asked, the model before first. */
export function evaluationRequests(
  draft: EvaluationDraft,
  training: Pick<TrainingDetails, 'name' | 'model'>,
): EvaluationRequest[] {
  const { held_out, failures_only, queue, numbers, sides } = draft
  const said = Object.entries(numbers).flatMap(([name, typed]) =>
    typed.trim() ? [[name, Number(typed)] as const] : [],
  )
  const common = {
    runs: runsOf(draft),
    ...(held_out ? { held_out } : {}),
    ...(failures_only ? { failures_only } : {}),
    ...(queue ? { queue } : {}),
    ...Object.fromEntries(said),
  }
  const models = { base: training.model ?? '', trained: `training:${training.name}` }
  return (['base', 'trained'] as const).flatMap((side) =>
    sides[side].asked ? [{ ...common, run_id: sides[side].runId.trim(), model: models[side] }] : [],
  )
}

const when = ({ job }: Evaluation): string => job?.finished_at ?? ''

/** Those of a side that can be compared, the newest first. */
export function finishedOf(evaluations: readonly Evaluation[], side: Side): Evaluation[] {
  return evaluations
    .filter(({ of, state }) => of === side && state === 'finished')
    .toSorted((a, b) => when(b).localeCompare(when(a)))
}

/** The export that tells what was learned from what was held out: it has the passes, too. */
export function learnedFrom({ exports }: Pick<TrainingDetails, 'exports'>): string | null {
  const rows = exports.find(({ format }) => format === ROWS)
  return (rows ?? exports[0])?.name ?? null
}
