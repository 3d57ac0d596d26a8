/** What the Exports page is tested with. */
import type { ExportFormats, ExportPreview } from '@/client/exports'

export const FORMATS: ExportFormats = {
  items: [
    { name: 'prompt_completion', kind: 'sft', title: 'TRL', table: false },
    { name: 'preference', kind: 'preference', title: 'TRL: pairs', table: false },
    { name: 'csv', kind: 'records', title: 'A table for people', table: true },
  ],
  start: {
    format: 'prompt_completion',
    filter: { exclude_category: ['scoring_artifact'], held_back: false },
    deduplicate: true,
    near_duplicates: 0.95,
    secrets: 'list',
  } as ExportFormats['start'],
  tokenizer: null,
  max_length: null,
  detectors: true,
}

export function previewOf(overrides: Partial<ExportPreview> = {}): ExportPreview {
  return {
    examined: 10,
    total: 10,
    complete: true,
    stages: [
      { name: 'approved', n: 12 },
      { name: 'chosen', n: 10 },
      { name: 'allowed', n: 9 },
      { name: 'valid', n: 9 },
      { name: 'unique', n: 8 },
      { name: 'balanced', n: 8 },
    ],
    left_out: [
      { reason: 'duplicate', n: 1, examples: [{ id: 'b', detail: 'The same as `a`.' }] },
      { reason: 'held_out', n: 1, examples: [{ id: 'c', detail: 'Its run is held out.' }] },
    ],
    counts: {
      category: { wrong_answer: 5, none: 3 },
      task: { sums: 8 },
      model: { 'tutor-3b': 8 },
      split: { all: 8 },
    },
    conflicts: { n: 0, examples: [] },
    warnings: [],
    lengths: {
      unit: 'characters',
      tokenizer: null,
      bins: [
        { from: 64, to: 128, n: 6 },
        { from: 128, to: 256, n: 0 },
        { from: 256, to: 512, n: 2 },
      ],
      median: 90,
      p95: 400,
      max: 430,
      over: 0,
    },
    examples: [
      {
        id: 'a',
        origin: 'correction',
        split: 'all',
        row: { prompt: [], completion: [] },
        parts: [
          { role: 'user', text: '2 + 2?', trained: false },
          { role: 'assistant', text: '4', trained: true },
        ],
      },
    ],
    secrets: { checked: true, available: true, n: 0 },
    ...overrides,
  }
}

export const exportJob = (state: string, rest: object = {}) => ({
  id: 'j1',
  kind: 'export',
  state,
  params: { name: 'mine' },
  done: 3,
  total: 12,
  unit: 'candidates',
  result: null,
  error: null,
  created_at: '2026-11-22T10:00:00Z',
  ...rest,
})

export const REPORT = {
  name: 'mine',
  rows: 8,
  files: [],
  stages: [],
  left_out: {},
  warnings: [],
  contaminated: null,
}
