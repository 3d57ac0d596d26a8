/** A training as names and what they are. */
import type { StageResult, TrainingDetails } from '@/client/training'
import { formatCount, formatDuration, formatFigure, plural } from '@/composables/format'
import type { Fact } from '@/composables/exports/manifestWords'

import { optionLabel } from './trainingForm'
import { methodLabel, rowsWords, stageLabel } from './trainingWords'

export function trainedOnFacts(training: TrainingDetails): Fact[] {
  const { model, method, rows, runs, facts } = training
  const parameters = facts.parameters
  const trainable = facts.trainable
  return factsOf({
    Model: model ?? '–',
    Method: methodLabel(method),
    Rows: rowsWords(rows),
    Tokens: tokenWords(facts.tokens),
    'Corrected answers of': runs.join(', '),
    'Weights that learn':
      typeof parameters === 'number' && typeof trainable === 'number'
        ? `${formatCount(trainable)} of ${formatCount(parameters)}`
        : '',
  })
}

function tokenWords(tokens: unknown): string {
  if (typeof tokens !== 'object' || tokens === null) return ''
  const counts = tokens as Record<string, Record<string, number> | undefined>
  const first = Object.values(counts).find((one) => typeof one?.all === 'number')
  if (!first) return ''
  const { all = 0, with_loss: learned = 0 } = first
  return `${formatCount(all)}, of which ${formatCount(learned)} are learned`
}

/** The options that were said. */
export function optionFacts({ options }: TrainingDetails): Fact[] {
  return Object.entries(options).map(([name, value]) => ({
    name: optionLabel(name),
    words: valueWords(value),
  }))
}

function valueWords(value: unknown): string {
  if (typeof value === 'number') return formatFigure(value)
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (value === null) return 'none'
  if (Array.isArray(value)) return value.join(', ')
  if (typeof value !== 'object') return String(value)
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${valueWords(inner)}`)
    .join(', ')
}

/** `40 steps in 12 s, loss 2.31 → 0.042, 5,800 tokens/s` */
export function stageWords(stage: StageResult): string {
  const { loss_first: first, loss_last: last, tokens_per_s: speed } = stage
  return [
    `${plural(stage.steps, 'step')} in ${formatDuration(stage.seconds)}`,
    first !== null && last !== null ? `loss ${formatFigure(first)} → ${formatFigure(last)}` : '',
    speed === null ? '' : `${formatFigure(speed)} tokens/s`,
  ]
    .filter(Boolean)
    .join(', ')
}

/** What came of it; nothing before its first attempt has ended. */
export function outcomeFacts(training: TrainingDetails): Fact[] {
  const { stages, device, dtype, processes, versions, weights_sha256: weights } = training
  const several = (stages ?? []).length > 1
  return [
    ...(stages ?? []).map((stage) => ({
      name: several ? `Stage, ${stageLabel(stage.stage)}` : 'Course',
      words: stageWords(stage),
    })),
    ...factsOf({
      Device: [
        device,
        dtype,
        processes && processes > 1 && plural(processes, 'process', 'processes'),
      ]
        .filter(Boolean)
        .join(', '),
      Versions: Object.entries(versions ?? {})
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
      'Weights, SHA-256': weights ?? '',
      Folder: weights ? `trainings/${training.name}/model, in the workspace` : '',
    }),
  ]
}

const factsOf = (facts: Record<string, string>): Fact[] =>
  Object.entries(facts).flatMap(([name, words]) => (words ? [{ name, words }] : []))
