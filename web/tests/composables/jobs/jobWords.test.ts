import { describe, expect, it } from 'vitest'

import {
  attemptWords,
  progressWords,
  resultWords,
  starterOf,
  subjectOf,
  tookWords,
} from '@/composables/jobs/jobWords'

import { jobOf } from '../../jobs'

describe('what a job is about', () => {
  const run = (id: string) => ({ path: '/browse', query: { run_id: id } })
  it.each([
    ['import', { run_id: 'r1' }, 'running', 'Import of', 'r1', run('r1')],
    ['import', { upload_id: 'u', name: 'a.csv' }, 'done', 'Import of', 'a.csv', null],
    ['export', { name: 'mine' }, 'done', 'Export', 'mine', '/exports/mine'],
    ['export', { name: 'mine' }, 'running', 'Export', 'mine', '/exports'],
    ['lot', { action: 'discard', touches: 412 }, 'done', 'Discard 412 candidates', null, null],
    ['lot', { action: 'later' }, 'done', 'later', null, null],
    ['lot_undo', { lot_id: 'l' }, 'done', 'Undo of a bulk decision', null, null],
    ['train', { name: 'v1' }, 'running', 'Training', 'v1', '/training/v1'],
    [
      'evaluate',
      { run_id: 'v1-after', model: 'training:v1' },
      'done',
      'Evaluation',
      'v1-after',
      '/training/v1',
    ],
    ['evaluate_endpoint', { run_id: 'e', model: 'm' }, 'done', 'Evaluation', 'e', run('e')],
    ['of a later version', {}, 'done', 'of a later version', null, null],
  ] as const)('%s %o %s', (kind, params, state, words, name, to) => {
    expect(subjectOf(jobOf({ kind, params, state }))).toEqual({ words, name, to })
  })
})

describe('how a job stands', () => {
  it.each([
    ['bytes', 1500, 3000, '1.5 kB of 3.0 kB read'],
    ['bytes', 1500, null, '1.5 kB read'],
    ['candidates', 1500, 3000, '1,500 of 3,000 done'],
    ['steps', 12, 60, '12 of 60 steps'],
    ['answers', 3, null, '3 answers'],
  ])('counts %s', (unit, done, total, words) => {
    expect(progressWords(jobOf({ unit, done, total }))).toBe(words)
  })

  it.each([
    [0, null],
    [1, null],
    [2, 'taken up again'],
    [3, 'taken up again 2 times'],
  ])('after %i attempts', (attempts, words) => {
    expect(attemptWords(jobOf({ attempts }))).toBe(words)
  })

  it('says how long it took, and who asked for it', () => {
    const job = jobOf({ finished_at: '2026-11-22T10:03:01Z', params: { reviewer: 'ana' } })
    expect(tookWords(job)).toBe('took 3 min')
    expect(tookWords(jobOf())).toBeNull()
    expect(starterOf(job)).toBe('ana')
    expect(starterOf(jobOf())).toBeNull()
  })
})

describe('what came of a job', () => {
  const said = (kind: string, result: object, params: object = {}): string | null =>
    resultWords(jobOf({ kind, result: result as never, params: params as Record<string, unknown> }))

  it('is in words', () => {
    expect(said('import', { imported: 1, skipped: 2 })).toBe(
      '1 candidate imported · 2 skipped, already here',
    )
    expect(said('export', { rows: 8, files: [{}, {}], contaminated: null })).toBe(
      '8 rows in 2 files',
    )
    expect(said('export', { rows: 1, files: [{}], contaminated: {} })).toBe(
      '1 row in 1 file · contaminated',
    )
    const skipped = [{ reason: 'not decided', n: 2 }]
    expect(said('lot', { touched: 3, skipped }, { action: 'flag' })).toBe(
      '3 flagged · left as they were: 2 not decided yet',
    )
    expect(said('lot_undo', { touched: 3 })).toBe('3 as they were before')
    expect(said('train', { name: 'v1', step: 60, weights_sha256: 'ab' })).toBe(
      '60 steps; the model is there',
    )
    expect(said('train', { name: 'v1', step: 1 })).toBe(
      'stopped after 1 step; it can go on from there',
    )
    expect(said('train', { name: 'v1', step: null })).toBeNull()
    const counts = { passed: 140, failed: 4, errors: 2 }
    expect(said('evaluate', { run_id: 'r', counts })).toBe(
      '140 of 144 answers right · 2 prompts without an answer',
    )
    expect(said('evaluate_endpoint', { run_id: 'r' })).toBeNull()
    expect(resultWords(jobOf())).toBeNull()
    expect(said('of a later version', {})).toBeNull()
  })
})
