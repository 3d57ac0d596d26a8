/** What a job is, how it stands, and what came of it, in words. */
import type { RouteLocationRaw } from 'vue-router'

import type { ImportReport, Job } from '@/client/api'
import type { ExportReport } from '@/client/exports'
import type { JobState } from '@/client/jobs'
import { formatBytes, formatCount, formatDuration, plural } from '@/composables/format'
import { importWords } from '@/composables/imports/reportWords'
import { lotDone, lotVerb, skipWords } from '@/composables/lotWords'
import type { LotAction } from '@/client/finding'

export interface JobSubject {
  /** `Import of`, `Discard 412 candidates` */
  words: string
  /** What has a name of its own, and where it is seen; null where there is nothing to see. */
  name: string | null
  to: RouteLocationRaw | null
}

export const STATES: Readonly<Record<JobState, { label: string; sign: string }>> = {
  queued: { label: 'waiting', sign: '…' },
  running: { label: 'running', sign: '▸' },
  done: { label: 'done', sign: '✓' },
  failed: { label: 'failed', sign: '✕' },
  cancelled: { label: 'cancelled', sign: '–' },
}

const text = (value: unknown): string | null => (typeof value === 'string' && value ? value : null)
const runPage = (id: string): RouteLocationRaw => ({ path: '/browse', query: { run_id: id } })

export const isUnfinished = ({ state }: Pick<Job, 'state'>): boolean =>
  state === 'queued' || state === 'running'

/** What a job is about. One of a later version keeps its own name. */
export function subjectOf({ kind, params, state }: Job): JobSubject {
  const name = text(params.name)
  const run = text(params.run_id)
  switch (kind) {
    case 'import':
      return { words: 'Import of', name: run ?? name ?? 'a file', to: run && runPage(run) }
    case 'export':
      // Before its end there is no page of it.
      return { words: 'Export', name, to: state === 'done' ? `/exports/${name}` : '/exports' }
    case 'lot':
      return { words: lotSubject(params), name: null, to: null }
    case 'lot_undo':
      return { words: 'Undo of a bulk decision', name: null, to: null }
    case 'train':
      return { words: 'Training', name, to: `/training/${name}` }
    case 'evaluate':
    case 'evaluate_endpoint':
      return { words: 'Evaluation', name: run, to: evaluationPage(params, run) }
    default:
      return { words: kind, name: name ?? run, to: null }
  }
}

function lotSubject({ action, touches }: Job['params']): string {
  const verb = lotVerb(action as LotAction)
  return typeof touches === 'number' ? `${verb} ${plural(touches, 'candidate')}` : verb
}

/** That of a trained model is read beside its training. */
function evaluationPage(params: Job['params'], run: string | null): RouteLocationRaw | null {
  const training = text(params.model)?.match(/^training:(.+)$/)?.[1]
  if (training) return `/training/${training}`
  return run && runPage(run)
}

/** Who asked for it, where that is known. */
export const starterOf = ({ params }: Job): string | null => text(params.reviewer)

/** `1.5 kB of 3.0 kB read`, `12 of 60 steps` */
export function progressWords({ done, total, unit }: Job): string {
  if (unit === 'bytes') return `${progress(formatBytes, done, total)} read`
  const counted = progress(formatCount, done, total)
  return unit === 'candidates' ? `${counted} done` : `${counted} ${unit}`
}

const progress = (show: (n: number) => string, done: number, total: number | null): string =>
  total === null ? show(done) : `${show(done)} of ${show(total)}`

/** A worker that went away left it to another; null where the first had it all the time. */
export function attemptWords({ attempts }: Job): string | null {
  if (attempts <= 1) return null
  return attempts === 2 ? 'taken up again' : `taken up again ${formatCount(attempts - 1)} times`
}

/** How long it took, from when it was first taken up; null before its end. */
export function tookWords({ started_at: began, finished_at: ended }: Job): string | null {
  const ms = new Date(ended ?? '').getTime() - new Date(began ?? '').getTime()
  return Number.isNaN(ms) ? null : `took ${formatDuration(ms / 1000)}`
}

/** What came of it, as far as it says anything. */
export function resultWords({ kind, params, result }: Job): string | null {
  if (!result) return null
  if (kind === 'import') return importWords(result as ImportReport)
  if (kind === 'export') return exportWords(result as ExportReport)
  if (kind === 'lot' || kind === 'lot_undo') return lotWords(kind, params, result)
  if (kind === 'train') return trainingWords(result as TrainingReport)
  if (kind.startsWith('evaluate')) return evaluationWords(result as EvaluationReport)
  return null
}

interface TrainingReport {
  step: number | null
  weights_sha256?: string | null
}

function trainingWords({ step, weights_sha256: weights }: TrainingReport): string | null {
  if (step === null) return null
  const steps = plural(step, 'step')
  return weights
    ? `${steps}; the model is there`
    : `stopped after ${steps}; it can go on from there`
}

interface EvaluationReport {
  counts?: Record<string, number> | null
}

function evaluationWords({ counts }: EvaluationReport): string | null {
  if (!counts) return null
  const { passed = 0, failed = 0, errors = 0 } = counts
  const right = `${formatCount(passed)} of ${plural(passed + failed, 'answer')} right`
  return errors ? `${right} · ${plural(errors, 'prompt')} without an answer` : right
}

function exportWords({ rows, files, contaminated }: ExportReport): string {
  const made = `${plural(rows, 'row')} in ${plural(files.length, 'file')}`
  return contaminated ? `${made} · contaminated` : made
}

function lotWords(kind: string, params: Job['params'], result: object): string {
  const { touched = 0, skipped = [] } = result as {
    touched?: number
    skipped?: { reason: string; n: number }[]
  }
  const done =
    kind === 'lot'
      ? lotDone(String(params.action), touched)
      : `${formatCount(touched)} as they were before`
  const left = skipped.map(({ reason, n }) => `${formatCount(n)} ${skipWords(reason)}`)
  return left.length ? `${done} · left as they were: ${left.join(', ')}` : done
}
