import { describe, expect, it } from 'vitest'

import { lengthChart, lengthTable } from '@/composables/charts/lengthChart'
import { markOf } from '@/composables/exports/exampleMarks'
import { nameProblem, proposedName } from '@/composables/exports/exportName'
import { formatGroups } from '@/composables/exports/exportWords'
import { funnelOf, otherReasons } from '@/composables/exports/funnel'
import { leftOutInWords, otherFacts, recipeFacts } from '@/composables/exports/manifestWords'
import {
  balanceWords,
  duplicateWords,
  lengthWords,
  recipeValue,
  safetyWords,
  splitWords,
} from '@/composables/exports/optionWords'

import { FORMATS, previewOf } from '../../exports'

describe('the funnel', () => {
  it('says at each step how many fall out, and why', () => {
    const steps = funnelOf(previewOf())
    expect(steps.map(({ name, n, unchosen }) => [name, n, unchosen])).toEqual([
      ['approved', 12, 0],
      ['chosen', 10, 2],
      ['allowed', 9, 0],
      ['valid', 9, 0],
      ['unique', 8, 0],
      ['balanced', 8, 0],
    ])
    expect(steps[2]?.reasons.map(({ reason }) => reason)).toEqual(['held_out'])
    expect(steps[4]?.reasons.map(({ reason }) => reason)).toEqual(['duplicate'])
    expect(steps[0]?.width).toBe(100)
  })

  it('says nothing of what was not looked at', () => {
    const [, chosen] = funnelOf(previewOf({ complete: false }))
    expect(chosen?.unchosen).toBe(0)
  })

  it('counts what comes in', () => {
    const stages = [
      { name: 'balanced', n: 8 },
      { name: 'with_passes', n: 10 },
    ]
    expect(funnelOf(previewOf({ stages, left_out: [] }))[1]?.gained).toBe(2)
  })

  it('keeps what falls out in no step', () => {
    const left = { reason: 'changed', n: 1, examples: [] }
    expect(otherReasons(previewOf({ left_out: [left] }))).toEqual([left])
  })
})

describe('the options in words', () => {
  it.each([
    [duplicateWords({}), 'all stay'],
    [
      duplicateWords({ deduplicate: true, near_duplicates: 0.95 }),
      'the same once, alike from 95 % once',
    ],
    [duplicateWords({ conflicts: 'drop' }), 'all stay, no conflicts'],
    [balanceWords({}), 'as it is'],
    [
      balanceWords({ caps: { task: 500 }, replay: 0.1 }),
      'at most 500 per task, 10 % right answers',
    ],
    [splitWords({}), 'one file'],
    [splitWords({ splits: [0.8, 0.1, 0.1], group_by: ['prompt'] }), '80 / 10 / 10 %'],
    [
      splitWords({ splits: [0.9, 0, 0.1], group_by: ['task'], holdout_tasks: ['sums'] }),
      '90 / 0 / 10 %; the same task stay together; sums in test',
    ],
    [lengthWords({}, 'tokens'), 'any length'],
    [lengthWords({ max_length: 2048 }, 'tokens'), 'at most 2,048 tokens'],
    [lengthWords({ max_length: 9, keep_long: true }, 'tokens'), 'those over 9 tokens are listed'],
    [safetyWords({}), 'secrets: do not look for them; protected benchmarks stay out'],
    [recipeValue('filter', { exclude_category: ['a', 'b'] }), 'without a, b'],
    [recipeValue('splits', [0.8, 0.1, 0.1]), '80 % / 10 % / 10 %'],
    [recipeValue('caps', { model: 5 }), 'model 5'],
    [recipeValue('strict', true), 'yes'],
    [recipeValue('seed', null), 'not set'],
  ])('%s', (words, expected) => expect(words).toBe(expected))
})

describe('a name', () => {
  it.each(['a', 'kto-2026-11-23', 'A.b_c'])('%s can be one', (name) => {
    expect(nameProblem(name, [])).toBeNull()
  })

  it.each(['', '.hidden', '../away', 'a b', 'a/b', 'é', 'x'.repeat(101)])('%s can not', (name) => {
    expect(nameProblem(name, [])).toContain('letters')
  })

  it('is given once', () => {
    expect(nameProblem('a', ['a'])).toContain('already')
  })

  it('is proposed by format and day, and is free', () => {
    const day = new Date(2026, 0, 5)
    expect(proposedName('kto', day, [])).toBe('kto-2026-01-05')
    expect(proposedName('kto', day, ['kto-2026-01-05', 'kto-2026-01-05-2'])).toBe(
      'kto-2026-01-05-3',
    )
  })
})

describe('an example', () => {
  it.each([
    ['user', false, 'correction', null],
    ['assistant', true, 'correction', 'learned'],
    ['assistant', true, 'pass', 'learned'],
    ['assistant', true, 'negative', 'avoided'],
    ['rejected', true, 'correction', 'avoided'],
  ] as const)('%s, %s, of a %s: %s', (role, trained, origin, mark) => {
    expect(markOf({ role, text: '', trained }, origin)).toBe(mark)
  })
})

describe('lengths', () => {
  const { lengths } = previewOf()

  it('are columns of one width, and what is cut off is marked', () => {
    const { columns, limit } = lengthChart(lengths, 192)
    expect(columns.map(({ height, over }) => [Math.round(height), over])).toEqual([
      [100, false],
      [0, false],
      [33, true],
    ])
    expect(columns[2]?.words).toBe('256 to 511 characters: 2 examples, longer than the limit')
    expect(limit).toBeCloseTo(50)
  })

  it.each([undefined, 3, 9999])('a limit of %s is off the chart', (most) => {
    expect(lengthChart(lengths, most).limit).toBeNull()
  })

  it('are a table, too', () => {
    expect(lengthTable(lengths).rows[0]?.cells).toEqual(['64 to 127', '6'])
  })
})

describe('formats', () => {
  it('come by what one does with them; a table is for people', () => {
    expect(formatGroups(FORMATS.items).map(({ key, formats }) => [key, formats.length])).toEqual([
      ['sft', 1],
      ['preference', 1],
      ['records', 1],
    ])
  })
})

describe('a manifest', () => {
  const manifest = {
    recipe: { format: 'kto', near_duplicates: 0.9 },
    left_out: { duplicate: 2, held_out: 0 },
    runs: [{ run_id: null, rows: 4, licenses: ['MIT'] }],
    protected: [{ name: 'gsm8k', prompts: 1319 }],
    contaminated: { sets: ['gsm8k'], rows: 3 },
    tokenizer: null,
    tool: { name: 'corrigenda', version: '1' },
  } as unknown as Parameters<typeof otherFacts>[0]

  it('is read in plain words', () => {
    expect(recipeFacts(manifest)).toEqual([
      { name: 'Format', words: 'kto' },
      { name: 'Near-duplicates from', words: '90 %' },
    ])
    expect(leftOutInWords(manifest)).toBe('2 duplicates')
    expect(otherFacts(manifest)).toEqual([
      { name: 'Contaminated', words: '3 rows of gsm8k' },
      { name: 'Kept out', words: 'gsm8k (1,319 prompts)' },
      { name: 'Runs', words: 'no run (4)' },
      { name: 'Licences', words: 'MIT' },
      { name: 'Made with', words: 'corrigenda 1' },
    ])
  })
})
