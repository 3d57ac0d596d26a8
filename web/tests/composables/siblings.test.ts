import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'

import type { Sibling } from '@/client/finding'
import {
  bestSibling,
  decidedAlike,
  excerptOf,
  groupAnswers,
  textToTake,
  together,
  undecided,
} from '@/composables/siblingAnswers'
import { useSiblings } from '@/composables/useSiblings'
import { useSiblingsStore } from '@/stores/siblings'

import { ancestor } from '../flow'
import { fakeServer, freshPinia, unreachable } from '../helpers'

export function sibling(overrides: Partial<Sibling> = {}): Sibling {
  return {
    id: 's1',
    kind: 'candidate',
    status: 'needs_review',
    model_name: 'tutor-6b',
    model_id: null,
    benchmark_run_id: 'run-2',
    timestamp: null,
    quality_score: 0,
    model_response: '26',
    reasoning: null,
    tool_calls: null,
    corrected_response: null,
    corrected_parts: null,
    failure_category: null,
    decided_by: null,
    decided_at: null,
    identical: false,
    ...overrides,
  }
}
const passing = sibling({ id: 'p', kind: 'pass', status: null, model_response: '18' })
const corrected = (id: string, at: string, more: Partial<Sibling> = {}) =>
  sibling({ id, status: 'approved', corrected_response: `18 by ${id}`, decided_at: at, ...more })

describe('what can be taken over', () => {
  it.each([
    ['a correction', corrected('a', '2026'), '18 by a'],
    ['a passing answer', passing, '18'],
    ['a wrong answer', sibling(), null],
    ['a blank passing answer', { ...passing, model_response: ' ' }, null],
    ['a correction that was undone', sibling({ corrected_response: 'old' }), null],
  ])('%s', (_, from, expected) => {
    expect(textToTake(from)).toBe(expected)
  })

  it('is best the newest correction, of the same answer if there is one, else a passing one', () => {
    const older = corrected('a', '2026-01-01')
    const newer = corrected('b', '2026-02-01')
    expect(bestSibling([passing, older, newer])?.id).toBe('b')
    expect(bestSibling([passing, { ...older, identical: true }, newer])?.id).toBe('a')
    expect(bestSibling([sibling(), passing])?.id).toBe('p')
    expect(bestSibling([sibling()])).toBeNull()
    const before = { ...older, ...ancestor(older) }
    expect(bestSibling([newer, before])?.id).toBe('a')
    expect(bestSibling([newer, ancestor()])?.id).toBe('b')
  })
})

describe('siblings', () => {
  it('tell of the same answer, decided before', () => {
    const same = sibling({ identical: true, status: 'discarded', decided_at: '2026' })
    expect(decidedAlike([sibling({ identical: true }), same])).toEqual(same)
    expect(decidedAlike([{ ...passing, identical: true }])).toBeNull()
    // An evaluation has only put it aside.
    expect(decidedAlike([{ ...same, decided_by: 'evaluate' }])).toBeNull()
  })

  it('stand once, the ancestors of the same prompt first', () => {
    const above = [ancestor(), ancestor({ id: 'else', same_prompt: false })]
    const items = [sibling(), sibling({ id: 'before' })]
    const found = together({ items, ancestors: above })
    expect(found.map(({ id }) => id)).toEqual(['before', 's1'])
    expect(found[0]).toBe(above[0])
    expect(together(undefined)).toEqual([])
  })

  it('with the same answer stand together: right, then corrected, then the rest', () => {
    const groups = groupAnswers([
      sibling({ id: 'x' }),
      sibling({ id: 'y', model_response: '26 ' }),
      corrected('c', '2026', { model_response: '13' }),
      passing,
    ])
    expect(groups.map(({ members }) => members.map(({ id }) => id))).toEqual([
      ['p'],
      ['c'],
      ['x', 'y'],
    ])
  })

  it('that are undecided are counted', () => {
    expect(undecided([sibling(), passing, corrected('a', '')]).map(({ id }) => id)).toEqual(['s1'])
  })

  it('are shown by their beginning and end', () => {
    expect(excerptOf(' a\n b ')).toBe('a b')
    const excerpt = excerptOf(`start ${'x'.repeat(500)} end`)
    expect(excerpt).toMatch(/^start .+ … .+ end$/)
    expect(excerpt.length).toBeLessThan(190)
  })
})

describe('useSiblings', () => {
  const ROUTE = 'GET /api/sft/candidate/siblings'
  const answer = { body: { prompt_key: 'k', items: [sibling()], ancestors: [ancestor()] } }
  beforeEach(() => void freshPinia())
  const use = (id = ref<string | null>('a/1')) => ({
    id,
    ...effectScope().run(() => useSiblings(id))!,
  })

  it('asks once for each card', async () => {
    const server = fakeServer({ [ROUTE]: answer })
    const { siblings, loading, id, prefetch } = use()
    expect(loading.value).toBe(true)
    await flushPromises()
    expect(server.calls[0]?.url).toBe('/api/sft/candidate/siblings?id=a%2F1')
    expect(siblings.value.map(({ id: name }) => name)).toEqual(['before', 's1'])
    expect(loading.value).toBe(false)
    prefetch('b')
    await flushPromises()
    id.value = 'b'
    await flushPromises()
    expect(server.calls).toHaveLength(2)
    id.value = null
    expect(siblings.value).toEqual([])
  })

  it('asks anew after a decision', async () => {
    const server = fakeServer({ [ROUTE]: answer })
    const { siblings } = use()
    await flushPromises()
    for (const decided of ['s1', 'before', 'unrelated']) {
      useSiblingsStore().forget(decided)
      await nextTick()
      await flushPromises()
      expect(siblings.value).toHaveLength(2)
    }
    expect(server.calls).toHaveLength(3)
  })

  it('drops an answer from before a decision', async () => {
    let answers = 0
    const server = fakeServer()
    server.on(ROUTE, () => ({
      body: { items: [sibling({ id: `answer-${(answers += 1)}` })], ancestors: [] },
    }))
    const { siblings } = use()
    useSiblingsStore().forget()
    await flushPromises()
    expect(siblings.value.map(({ id }) => id)).toEqual(['answer-2'])
  })

  it('says what went wrong, and tries again when told', async () => {
    const server = fakeServer({ [ROUTE]: unreachable })
    const { error, siblings, reload } = use()
    await flushPromises()
    expect(error.value).toBeInstanceOf(Error)
    server.on(ROUTE, answer)
    reload()
    await flushPromises()
    expect(error.value).toBeUndefined()
    expect(siblings.value).toHaveLength(2)
  })
})
