/** What the parts of a training are called. */
import type { Method, Training, TrainingState } from '@/client/training'
import type { ExportFormat } from '@/client/exports'
import { plural } from '@/composables/format'

export const STATES: Readonly<Record<TrainingState, { label: string; sign: string }>> = {
  queued: { label: 'waiting', sign: '…' },
  preparing: { label: 'being prepared', sign: '…' },
  prepared: { label: 'prepared', sign: '·' },
  running: { label: 'running', sign: '▸' },
  stopped: { label: 'stopped', sign: '‖' },
  failed: { label: 'failed', sign: '✕' },
  finished: { label: 'finished', sign: '✓' },
}

/** Something may still change by itself. */
export const isUnderWay = ({ state }: Pick<Training, 'state'>): boolean =>
  state === 'queued' || state === 'preparing' || state === 'running'

/** It can be begun, or go on. */
export const canResume = ({ state }: Pick<Training, 'state'>): boolean =>
  state === 'stopped' || state === 'failed' || state === 'prepared'

export interface MethodWords {
  label: string
  meaning: string
  /** The formats of the exports that it needs, one of each at least. */
  needs: readonly ExportFormat['name'][]
}

/** The format of corrections; the passes that are replayed are in it. */
export const ROWS = 'prompt_completion'
const PAIRS = 'preference'

export const METHODS: Readonly<Record<Method, MethodWords>> = {
  sft: {
    label: 'Supervised (SFT)',
    meaning: 'It learns the corrected answers. The place to begin.',
    needs: [ROWS],
  },
  'sft-dpo': {
    label: 'Supervised, then by preference (SFT, then DPO)',
    meaning: 'First it learns the corrections, then to prefer each to the answer it corrects.',
    needs: [ROWS, PAIRS],
  },
  dpo: {
    label: 'By preference (DPO with an SFT term)',
    meaning:
      'It prefers each correction to the answer it corrects; a supervised term keeps right answers likely.',
    needs: [PAIRS],
  },
}

export const methodLabel = (method: string | null): string =>
  METHODS[method as Method]?.label ?? method ?? '–'

export const FORMAT_WORDS: Readonly<Record<string, string>> = {
  [ROWS]: 'Corrections to learn from',
  [PAIRS]: 'Pairs to prefer by',
}

const USES: Readonly<Record<string, [one: string, many: string]>> = {
  corrections: ['correction', 'corrections'],
  replay: ['replayed pass', 'replayed passes'],
  pairs: ['pair', 'pairs'],
  validation: ['row for validation', 'rows for validation'],
}

/** `40 corrections, 16 replayed passes` */
export function rowsWords(rows: Training['rows']): string {
  const parts = Object.entries(rows).flatMap(([use, n]) => {
    const [one, many] = USES[use] ?? [use, use]
    return n ? [plural(n, one, many)] : []
  })
  return parts.join(', ') || '–'
}

const STAGES: Readonly<Record<string, string>> = { sft: 'supervised', dpo: 'by preference' }

export const stageLabel = (stage: string): string => STAGES[stage] ?? stage

/** A name that is still free: `round-3`. */
export function proposedTraining(taken: readonly string[]): string {
  let n = 1
  while (taken.includes(`round-${n}`)) n += 1
  return `round-${n}`
}
