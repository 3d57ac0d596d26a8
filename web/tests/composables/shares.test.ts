import { describe, expect, it } from 'vitest'

import { formatEstimate, formatShare } from '@/composables/shares'

/** Spaces that do not break read like any other. */
const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')

describe('formatShare', () => {
  it.each([
    [0, '0 %'],
    [0.001, '< 1 %'],
    [0.184, '18 %'],
    [0.999, '> 99 %'],
    [1, '100 %'],
  ])('%s is %s', (share, words) => expect(plain(formatShare(share))).toBe(words))
})

describe('formatEstimate', () => {
  it('names share, interval, whole and expected number', () => {
    const estimate = { share: 0.18, low: 0.14, high: 0.23, expected: 590 }
    expect(plain(formatEstimate(estimate, 3275))).toBe('18 % (14–23 %) of 3,275 ≈ 590')
  })

  it('has no interval of one number', () => {
    const estimate = { share: 0.5, low: 0.5, high: 0.5, expected: 10 }
    expect(plain(formatEstimate(estimate, 20))).toBe('50 % (50 %) of 20 ≈ 10')
  })
})
