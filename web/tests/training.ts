/** What the Training pages are tested with. */
import type { CurvePoint, Evaluation, Models, Training, TrainingDetails } from '@/client/training'

export const MODELS: Models = {
  items: [
    { name: 'tiny', made_by: null },
    { name: 'training:v0', made_by: 'v0' },
  ],
  endpoints: [],
  folder: '/srv/models',
  python: '/srv/python',
  missing: [],
}

export const trainingOf = (overrides: Partial<Training> = {}): Training => ({
  name: 'v1',
  method: 'sft',
  model: 'tiny',
  created_at: '2026-11-22T10:00:00Z',
  exports: [{ name: 'corrections', format: 'prompt_completion' }],
  rows: { corrections: 40, replay: 16 },
  state: 'running',
  step: 12,
  max_steps: 60,
  loss: 0.312,
  eta_s: 42,
  tokens_per_s: 5800,
  job: null,
  ...overrides,
})

export const detailsOf = (overrides: Partial<TrainingDetails> = {}): TrainingDetails => ({
  ...trainingOf(),
  options: {},
  findings: [],
  facts: {},
  remarks: [],
  runs: ['before'],
  stages: null,
  device: null,
  dtype: null,
  processes: null,
  versions: null,
  weights_sha256: null,
  evaluations: [],
  ...overrides,
})

export const evaluationOf = (overrides: Partial<Evaluation> = {}): Evaluation => ({
  run_id: 'v1-base',
  of: 'base',
  state: 'finished',
  done: 144,
  total: 144,
  passed: 64,
  failed: 80,
  held_out: false,
  job: null,
  ...overrides,
})

export const pointOf = (at: number, rest: Partial<CurvePoint> = {}): CurvePoint => ({
  stage: 'sft',
  step: at,
  at,
  attempt: 1,
  loss: 2 / at,
  learning_rate: 0.001,
  ...rest,
})
