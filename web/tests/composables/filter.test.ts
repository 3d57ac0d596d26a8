import { describe, expect, it } from 'vitest'
import { defineComponent } from 'vue'

import { NO_FILTER } from '@/client/filter'
import type { Filter } from '@/client/filter'
import { filterParts, scoreWords } from '@/composables/filterWords'
import { useFilter } from '@/composables/useFilter'
import type { UseFilterReturn } from '@/composables/useFilter'

import { openAt, settle } from '../finding'

async function filterAt(address: string) {
  let used: UseFilterReturn | undefined
  const Probe = defineComponent({
    setup() {
      used = useFilter()
      return () => null
    },
  })
  const { router } = await openAt(address, Probe)
  return { ...used!, router }
}

describe('useFilter', () => {
  const full: Filter = {
    ...NO_FILTER,
    status: ['approved'],
    model: ['tutor-3b', 'a&b=c'],
    task_type: ['math'],
    run_id: ['2026/11'],
    category: ['none'],
    tag: ['ÄÖ'],
    reviewer: ['ann'],
    score_min: 0,
    score_max: 0.5,
    q: 'two words',
    batch: 3,
    prompt: 'ab12',
    lot: 'l1',
    held_back: true,
    order: 'lowest_score',
  }

  it('comes back from the address as it went in', async () => {
    const { set, router } = await filterAt('/')
    set(full)
    await settle()
    const again = await filterAt(router.currentRoute.value.fullPath)
    expect(again.filter.value).toEqual(full)
    expect(again.dropped.value).toEqual([])
  })

  it('keeps parameters that are not its own', async () => {
    const { set, clear, router } = await filterAt('/?id=a1&model=x')
    set({ model: ['x', 'y'] })
    await settle()
    expect(router.currentRoute.value.query).toEqual({ id: 'a1', model: ['x', 'y'] })
    clear()
    await settle()
    expect(router.currentRoute.value.query).toEqual({ id: 'a1' })
  })

  it('leaves out and names what cannot be a value', async () => {
    const { filter, dropped } = await filterAt(
      '/?score_min=low&score_max=0.50&status=gone&status=approved&order=best&batch=-1&held_back=false',
    )
    expect(filter.value).toEqual({ ...NO_FILTER, status: ['approved'], score_max: 0.5 })
    expect(dropped.value).toEqual(['score_min=low', 'status=gone', 'order=best', 'batch=-1'])
  })

  it('keeps the order when cleared, but not that of a batch', async () => {
    const { filter, clear, set } = await filterAt('/?model=x&order=newest_run')
    clear()
    await settle()
    expect(filter.value).toEqual({ ...NO_FILTER, order: 'newest_run' })
    set({ batch: 2, order: 'batch' })
    await settle()
    set({ batch: null })
    await settle()
    expect(filter.value.order).toBeNull()
  })

  it('is the same object while other parameters change', async () => {
    const { filter, router } = await filterAt('/?model=x')
    const before = filter.value
    await router.push('/?model=x&id=a1')
    expect(filter.value).toBe(before)
  })

  it('goes back with the browser, but not over each letter typed', async () => {
    const { filter, set, router } = await filterAt('/')
    set({ q: 'e' })
    await settle()
    set({ q: 'eggs' }, { replace: true })
    await settle()
    router.back()
    await settle()
    expect(filter.value.q).toBe('')
  })
})

describe('the words of a filter', () => {
  it('names each part and how to take it away', () => {
    const filter = { ...NO_FILTER, category: ['none', 'wrong_answer'], score_max: 0.5, batch: 7 }
    const parts = filterParts(
      filter,
      () => 'Wrong answer',
      () => 'Sample',
    )
    expect(parts.map(({ label, words }) => `${label} ${words}`)).toEqual([
      'category Uncategorised',
      'category Wrong answer',
      'score ≤ 0.50',
      'batch Sample',
    ])
    expect(parts[0]?.without).toEqual({ category: ['wrong_answer'] })
  })

  it.each([
    [0.25, null, '≥ 0.25'],
    [null, 0.5, '≤ 0.50'],
    [0, 0.5, '0.00 to 0.50'],
    [0, 0, '0.00'],
  ])('says a score from %s to %s', (min, max, words) => {
    expect(scoreWords(min, max)).toBe(words)
  })
})
