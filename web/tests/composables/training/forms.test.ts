import { describe, expect, it } from 'vitest'

import { ApiError } from '@/client/errors'
import {
  evaluationDraft,
  evaluationRequests,
  finishedOf,
  learnedFrom,
  freeRunId,
  wrongNumbers,
} from '@/composables/training/evaluationForm'
import {
  firstFields,
  furtherFields,
  refusedField,
  requestOf,
  wrongFields,
} from '@/composables/training/trainingForm'
import type { TrainingDraft } from '@/composables/training/trainingForm'
import { optionFacts, outcomeFacts, trainedOnFacts } from '@/composables/training/trainingFacts'
import { proposedTraining, rowsWords } from '@/composables/training/trainingWords'

import { jobOf } from '../../jobs'
import { detailsOf, evaluationOf } from '../../training'

const draft = (overrides: Partial<TrainingDraft> = {}): TrainingDraft => ({
  name: '',
  model: 'tiny',
  method: 'sft',
  exports: ['rows', 'pairs', 'gone'],
  lora: false,
  merge: false,
  options: {},
  ...overrides,
})
const MADE = [
  { name: 'rows', format: 'prompt_completion' },
  { name: 'pairs', format: 'preference' },
]
const names = (fields: { name: string }[]): string[] => fields.map(({ name }) => name)

describe('the form of a training', () => {
  it('offers what the method can use', () => {
    expect(names(firstFields(draft()))).toEqual(['epochs', 'learning_rate', 'seed'])
    expect(names(firstFields(draft({ method: 'dpo' })))).toEqual([
      'epochs',
      'dpo_learning_rate',
      'seed',
    ])
    expect(names(furtherFields(draft({ method: 'sft-dpo' })))).toContain('sft_weight')
    expect(names(furtherFields(draft({ lora: true })))).toContain('lora.r')
    const rate = firstFields(draft({ lora: true }))[1]
    expect(rate?.plain(draft({ lora: true }))).toBe('2e-4')
  })

  it('sends what was typed into the fields that are shown, and exports that fit', () => {
    const options = { epochs: ' 5 ', learning_rate: '2e-4', seed: '', beta: '0.2', 'lora.r': '8' }
    expect(requestOf(draft({ options }), 'round-1', ['prompt_completion'], MADE)).toEqual({
      name: 'round-1',
      model: 'tiny',
      method: 'sft',
      exports: ['rows'],
      options: { epochs: 5, learning_rate: 0.0002 },
    })
    const wanted = draft({ name: ' mine ', method: 'dpo', lora: true, merge: true, options })
    expect(requestOf(wanted, 'round-1', ['preference'], MADE)).toMatchObject({
      name: 'mine',
      exports: ['pairs'],
      options: { beta: 0.2, lora: { r: 8 }, merge: true },
    })
  })

  it('says what is no number', () => {
    const options = { epochs: 'three', beta: 'much' }
    expect(wrongFields(draft({ options }))).toEqual(['epochs'])
    expect(wrongFields(draft({ method: 'dpo', options }))).toEqual(['epochs', 'beta'])
  })

  it.each([
    [
      new ApiError(422, 'invalid_request', '…', { errors: [{ field: 'options.epochs' }] }),
      'epochs',
    ],
    [
      new ApiError(422, 'invalid_request', '…', { errors: [{ field: 'options.lora.r' }] }),
      'lora.r',
    ],
    [new ApiError(422, 'invalid_input', '`batch_size` must be at least 1.'), 'batch_size'],
    [new ApiError(409, 'conflict', 'It is there already.'), null],
    [new TypeError('x'), null],
  ])('finds the field that was refused: %s', (error, field) => {
    expect(refusedField(error)).toBe(field)
  })

  it('proposes a name that is free', () => {
    expect(proposedTraining(['round-1', 'round-3'])).toBe('round-2')
  })
})

describe('the form of an evaluation', () => {
  it('asks both models the prompts of the runs that the rows come from', () => {
    const asked = evaluationDraft(detailsOf())
    expect(evaluationRequests(asked, detailsOf())).toEqual([
      { run_id: 'v1-base', runs: ['before'], model: 'tiny' },
      { run_id: 'v1-trained', runs: ['before'], model: 'training:v1' },
    ])
  })

  it('asks the model before once, and never takes a name twice', () => {
    const details = detailsOf({
      evaluations: [evaluationOf(), evaluationOf({ run_id: 'v1-trained', of: 'trained' })],
    })
    expect(evaluationRequests(evaluationDraft(details), details)).toEqual([
      { run_id: 'v1-trained-2', runs: ['before'], model: 'training:v1' },
    ])
    expect(freeRunId('a', ['a', 'a-2'])).toBe('a-3')
  })

  it('sends what was ticked and typed', () => {
    const asked = {
      ...evaluationDraft(detailsOf()),
      runs: 'one, two ,',
      held_out: true,
      numbers: { limit: '20', seed: '' },
    }
    expect(evaluationRequests(asked, detailsOf())[0]).toEqual({
      run_id: 'v1-base',
      runs: ['one', 'two'],
      model: 'tiny',
      held_out: true,
      limit: 20,
    })
    expect(wrongNumbers({ ...asked, numbers: { limit: 'few', seed: '1' } })).toEqual(['limit'])
  })

  it('compares the newest that are finished', () => {
    const at = (day: number) => jobOf({ finished_at: `2026-11-0${day}T10:00:00Z` })
    const evaluations = [
      evaluationOf({ run_id: 'old', job: at(1) }),
      evaluationOf({ run_id: 'new', job: at(2) }),
      evaluationOf({ run_id: 'half', state: 'partial', job: at(3) }),
      evaluationOf({ run_id: 'other', of: 'trained', job: at(3) }),
    ]
    expect(finishedOf(evaluations, 'base').map(({ run_id: id }) => id)).toEqual(['new', 'old'])
  })
})

describe('what a comparison is asked about', () => {
  it('is the export with the corrections, which has the passes, too', () => {
    const pairs = { name: 'pairs', format: 'preference' }
    const rows = { name: 'rows', format: 'prompt_completion' }
    expect(learnedFrom({ exports: [pairs, rows] })).toBe('rows')
    expect(learnedFrom({ exports: [pairs] })).toBe('pairs')
    expect(learnedFrom({ exports: [] })).toBeNull()
  })
})

describe('a training in words', () => {
  it('counts rows by their use', () => {
    expect(rowsWords({ corrections: 1, replay: 16, validation: 0 })).toBe(
      '1 correction, 16 replayed passes',
    )
    expect(rowsWords({})).toBe('–')
  })

  it('says what it learns from', () => {
    const facts = {
      parameters: 158_336,
      trainable: 4_096,
      tokens: { corrections: { all: 900, with_loss: 300, longest: 40 } },
    }
    const said = trainedOnFacts(detailsOf({ facts }))
    expect(said).toContainEqual({ name: 'Tokens', words: '900, of which 300 are learned' })
    expect(said).toContainEqual({ name: 'Weights that learn', words: '4,096 of 158,336' })
  })

  it('names the options that were said', () => {
    const options = { learning_rate: 0.0002, lora: { r: 8, targets: ['q', 'v'] }, merge: true }
    expect(optionFacts(detailsOf({ options }))).toEqual([
      { name: 'Learning rate', words: '0.0002' },
      { name: 'LoRA', words: 'r 8, targets q, v' },
      { name: 'Merge', words: 'yes' },
    ])
  })

  it('says what came of it', () => {
    expect(outcomeFacts(detailsOf())).toEqual([])
    const stage = {
      stage: 'sft',
      steps: 40,
      max_steps: 40,
      loss_first: 2.31,
      loss_last: 0.0421,
      seconds: 12,
      tokens: 900,
      tokens_per_s: 5800,
    }
    const done = detailsOf({ stages: [stage], device: 'cpu', dtype: 'float32', processes: 1 })
    expect(outcomeFacts(done)).toEqual([
      { name: 'Course', words: '40 steps in 12 s, loss 2.31 → 0.0421, 5,800 tokens/s' },
      { name: 'Device', words: 'cpu, float32' },
    ])
    const there = outcomeFacts(detailsOf({ name: 'v1', weights_sha256: 'ab' }))
    expect(there).toEqual([
      { name: 'Weights, SHA-256', words: 'ab' },
      { name: 'Folder', words: 'trainings/v1/model, in the workspace' },
    ])
  })
})
