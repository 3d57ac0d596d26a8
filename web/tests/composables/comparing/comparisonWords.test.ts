import { describe, expect, it } from 'vitest'

import {
  chanceWords,
  differs,
  formatPoints,
  headline,
  howOften,
  rateWords,
  shortChance,
} from '@/composables/comparing/comparisonWords'

import { figuresOf } from '../../comparing'

describe('the figures of a comparison in words', () => {
  it('begins with what changed', () => {
    expect(headline(figuresOf())).toBe('260 fixed, 88 regressed of 1,319 prompts')
    expect(headline(figuresOf({ n: 1, fixed: 1, regressed: 0 }))).toBe(
      '1 fixed, 0 regressed of 1 prompt',
    )
  })

  it('gives shares and their difference with intervals', () => {
    expect(rateWords(figuresOf())).toBe(
      'B gets 35 % (33–37 %) right, A 22 % (20–24 %): +13.0 points (+10.3 to +15.7).',
    )
    expect(formatPoints({ share: -0.02, low: -0.051, high: 0.0001 })).toBe(
      '−2.0 points (−5.1 to 0.0)',
    )
    const untold = figuresOf({ difference: null })
    expect(rateWords(untold)).toBe('B gets 35 % (33–37 %) right, A 22 % (20–24 %).')
  })

  it.each([
    [7.5e-21, 'less than once in 1,000 times', '< 1 in 1,000'],
    [0.04, 'about once in 25 times', '1 in 25'],
    [0.5, 'about once in 2 times', '1 in 2'],
    [0.9, 'more often than not', 'likely'],
  ])('says how often chance alone would do it: %s', (p, often, short) => {
    expect(howOften(p)).toBe(often)
    expect(shortChance({ exact_p: p, mid_p: p })).toBe(short)
  })

  it('says what the test means, and when there is none', () => {
    expect(chanceWords(figuresOf())).toMatch(/^This is more than chance: .*p = 7\.5e-21\)\.$/)
    const weak = figuresOf({ mcnemar: { exact_p: 0.31, mid_p: 0.3 } })
    expect(chanceWords(weak)).toMatch(/^This may be chance: .*about once in 3 times/)
    expect(chanceWords(figuresOf({ mcnemar: null }))).toMatch(/nothing can be tested/)
    const still = figuresOf({ fixed: 0, regressed: 0 })
    expect(chanceWords(still)).toMatch(/^No prompt went/)
    expect(shortChance(null)).toBe('–')
  })

  it('knows whether reviews have changed anything', () => {
    expect(differs(figuresOf(), figuresOf())).toBe(false)
    expect(differs(figuresOf(), figuresOf({ kept: 199 }))).toBe(true)
  })
})
