import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, reactive } from 'vue'

import { foldUnchanged, useWordDiff } from '@/composables/useWordDiff'
import type { UseWordDiffReturn } from '@/composables/useWordDiff'
import { compareWords, wordsOf } from '@/composables/wordDiff'

/** `[-13-]{+9+} eggs` */
const proof = (before: string, after: string): string =>
  compareWords(before, after)
    .changes.map(({ kind, text }) =>
      kind === 'same' ? text : kind === 'removed' ? `[-${text}-]` : `{+${text}+}`,
    )
    .join('')

describe('comparing by words', () => {
  it.each([
    ['a number', 'so 13 eggs left', 'so 9 eggs left', 'so [-13-]{+9+} eggs left'],
    ['an insertion', '16 - 3 = 13', '16 - 3 - 4 = 9', '16 - 3 {+- 4 +}= [-13-]{+9+}'],
    [
      'a phrase',
      'the old red cat sat',
      'the new blue cat sat',
      'the [-old red-]{+new blue+} cat sat',
    ],
    ['a space', 'a b', 'a  b', 'a[- -]{+  +}b'],
    ['a line break', 'a b', 'a\nb', 'a[- -]{+\n+}b'],
    ['white space at the end', 'a', 'a ', 'a{+ +}'],
    ['code', 'return fib(n - 3)', 'return fib(n - 2)', 'return fib(n - [-3-]{+2+})'],
    ['an indent', 'if x:\n    y', 'if x:\n  y', 'if x:\n[-    -]{+  +}y'],
    ['Cyrillic', 'кот спит дома', 'кот бежит домой', 'кот [-спит дома-]{+бежит домой+}'],
    ['Hebrew', 'שלום עולם', 'שלום לכם', 'שלום [-עולם-]{+לכם+}'],
    ['an emoji', 'ok 👩‍💻!', 'ok 👩‍🔬!', 'ok [-👩‍💻-]{+👩‍🔬+}!'],
    ['all of it', 'one', 'two', '[-one-]{+two+}'],
    ['from nothing', '', 'two', '{+two+}'],
    ['to nothing', 'one', '', '[-one-]'],
  ])('%s', (_, before, after, expected) => {
    expect(proof(before, after)).toBe(expected)
  })

  it('cuts Chinese and Japanese where a word ends', () => {
    expect(wordsOf('鸭子每天下蛋').length).toBeGreaterThan(1)
    expect(proof('鸭子每天下十三个蛋。', '鸭子每天下九个蛋。')).toMatch(
      /^鸭子每天下.*十三.*九.*蛋。$/s,
    )
    expect(proof('卵は十三個です。', '卵は九個です。')).toMatch(/^卵は.*です。$/s)
  })

  it.each([
    ['a\r\nb', 'a\nb'],
    ['  lead', 'lead'],
    ['x\u0000y', 'x\ud800y'],
    ['one two three', 'three two one'],
    ['', ''],
  ])('loses no character of %j and %j', (before, after) => {
    const { changes } = compareWords(before, after)
    const kept = (other: string) =>
      changes
        .filter(({ kind }) => kind === 'same' || kind === other)
        .map(({ text }) => text)
        .join('')
    expect(kept('removed')).toBe(before)
    expect(kept('added')).toBe(after)
  })

  it('falls back to lines, and then to the whole, when words take too long', () => {
    const before = Array.from({ length: 2500 }, (_, n) => `line ${n}, ${n * 7} words\n`)
    const shuffled = before.map((line) => line.split(' ').toReversed().join(' '))
    expect(compareWords(before.join(''), shuffled.join('')).grain).not.toBe('words')
    expect(compareWords('a b', 'b a', { timeout: -1 })).toEqual({
      changes: [
        { kind: 'removed', text: 'a b' },
        { kind: 'added', text: 'b a' },
      ],
      grain: 'whole',
    })
  })

  it('takes a small change in 100 KB in its stride', () => {
    const before = 'The quick brown fox jumps over the lazy dog.\n'.repeat(2300)
    const start = performance.now()
    const { grain, changes } = compareWords(before, before.replace(/dog\.\n$/, 'cat.\n'))
    expect(grain).toBe('words')
    expect(changes.filter(({ kind }) => kind !== 'same')).toHaveLength(2)
    expect(performance.now() - start).toBeLessThan(2000)
  })
})

describe('folding what stays the same', () => {
  const long = 'word '.repeat(400)

  it('folds the middle of a long stretch at the ends of words', () => {
    const parts = foldUnchanged([
      { kind: 'removed', text: 'a' },
      { kind: 'same', text: long },
      { kind: 'added', text: 'b' },
    ])
    expect(parts.map(({ kind }) => kind)).toEqual(['removed', 'same', 'folded', 'same', 'added'])
    expect(parts.map(({ text }) => text).join('')).toBe(`a${long}b`)
    expect(parts[1]?.text).toMatch(/word$/)
    expect(parts[3]?.text).toMatch(/^word/)
  })

  it('cuts no character in two where there are no spaces', () => {
    const parts = foldUnchanged([
      { kind: 'removed', text: 'a' },
      { kind: 'same', text: `x${'😀'.repeat(600)}` },
      { kind: 'added', text: 'b' },
    ])
    for (const { text } of parts) expect(() => encodeURIComponent(text)).not.toThrow()
  })

  it('leaves short stretches and an unchanged text alone', () => {
    expect(foldUnchanged([{ kind: 'same', text: long }])).toHaveLength(1)
    expect(
      foldUnchanged([
        { kind: 'removed', text: 'a' },
        { kind: 'same', text: 'word '.repeat(20) },
        { kind: 'added', text: 'b' },
      ]),
    ).toHaveLength(3)
  })
})

describe('the live proof', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  function proofOf(texts: { before: string; after: string }): UseWordDiffReturn {
    let returned!: UseWordDiffReturn
    mount(
      defineComponent(() => {
        returned = useWordDiff({ before: () => texts.before, after: () => texts.after })
        return () => h('p')
      }),
    )
    return returned
  }

  it('waits for the hand to rest', async () => {
    const texts = reactive({ before: 'one', after: 'one' })
    const { changes } = proofOf(texts)
    await vi.advanceTimersByTimeAsync(0)
    expect(changes.value).toEqual([{ kind: 'same', text: 'one' }])
    texts.after = 'two'
    await vi.advanceTimersByTimeAsync(40)
    texts.after = 'three'
    await vi.advanceTimersByTimeAsync(40)
    expect(changes.value).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(100)
    await vi.dynamicImportSettled()
    expect(changes.value).toEqual([
      { kind: 'removed', text: 'one' },
      { kind: 'added', text: 'three' },
    ])
  })

  it('leaves a long text for an idle moment', async () => {
    const idle = vi.fn((run: () => void) => setTimeout(run, 500))
    vi.stubGlobal('requestIdleCallback', idle)
    vi.stubGlobal('cancelIdleCallback', clearTimeout)
    const texts = reactive({ before: 'word '.repeat(5000), after: 'x' })
    const { changes } = proofOf(texts)
    await vi.advanceTimersByTimeAsync(100)
    expect(idle).toHaveBeenCalledOnce()
    expect(changes.value).toBeNull()
    await vi.advanceTimersByTimeAsync(500)
    await vi.dynamicImportSettled()
    expect(changes.value).not.toBeNull()
  })
})
