import { describe, expect, it } from 'vitest'
import type { VueWrapper } from '@vue/test-utils'

import { categoryDigits } from '@/composables/categoryKeys'
import { BUILT_IN_CATEGORIES } from '@/stores/categories'

import { activeChips, card, correctingCard } from '../card'
import { at, settle } from '../flow'
import { press } from '../helpers'

const click = (wrapper: VueWrapper, testid: string) => at(wrapper, testid).trigger('click')
const own = {
  name: 'unsafe',
  label: 'Unsafe',
  definition: '',
  example: '',
  built_in: false,
  color: null,
  key: null,
}

describe('category chips', () => {
  it('show only while they are needed', async () => {
    const wrapper = card()
    const section = () => at(wrapper, 'failure-category-section').exists()
    expect(section()).toBe(false)
    await click(wrapper, 'flag-btn')
    expect(section()).toBe(true)
    await click(wrapper, 'cancel-pending-btn')
    expect(section()).toBe(false)
    await import('@/components/SftCorrectionArea.vue')
    await wrapper.setProps({ correcting: true })
    await settle()
    expect(section()).toBe(true)
  })

  it('are six, at most one is active, and a second click clears it', async () => {
    const wrapper = await correctingCard()
    expect(wrapper.findAll('.category-chip')).toHaveLength(6)
    expect(activeChips(wrapper)).toEqual([])
    await click(wrapper, 'category-chip-wrong_answer')
    await click(wrapper, 'category-chip-style_violation')
    expect(activeChips(wrapper)).toEqual(['category-chip-style_violation'])
    expect(at(wrapper, 'category-chip-style_violation').attributes('aria-pressed')).toBe('true')
    await click(wrapper, 'category-chip-style_violation')
    expect(activeChips(wrapper)).toEqual([])
  })

  it('carry their number, their colour and their definition', async () => {
    const chip = at(await correctingCard(), 'category-chip-partial_answer')
    expect(chip.text()).toContain('3')
    expect(chip.find('.category-key').attributes('data-color')).toBe('ochre')
    expect(chip.attributes('title')).toContain('missing')
  })

  it('are as many as the workspace has', async () => {
    const wrapper = await correctingCard({ categories: [...BUILT_IN_CATEGORIES, own] })
    press('7', { ctrlKey: true }, wrapper.find('textarea').element)
    await wrapper.vm.$nextTick()
    expect(activeChips(wrapper)).toEqual(['category-chip-unsafe'])
  })

  it('have the keys that the workspace chose', async () => {
    const wrapper = await correctingCard({
      categories: [{ ...own, key: '9', color: 'teal' as const }, ...BUILT_IN_CATEGORIES],
    })
    const chip = at(wrapper, 'category-chip-unsafe')
    expect(chip.find('.category-key').attributes('data-color')).toBe('teal')
    press('9', { ctrlKey: true }, wrapper.find('textarea').element)
    await wrapper.vm.$nextTick()
    expect(activeChips(wrapper)).toEqual(['category-chip-unsafe'])
  })

  it('give the focus back after a press with the pointer', async () => {
    const wrapper = card()
    await click(wrapper, 'discard-btn')
    const chip = at(wrapper, 'category-chip-wrong_answer')
    ;(chip.element as HTMLElement).focus()
    await chip.trigger('click', { detail: 1 })
    expect(document.activeElement).toBe(at(wrapper, 'confirm-pending-btn').element)
  })
})

describe('categoryDigits', () => {
  const digits = (...list: [string, string?][]) =>
    Object.fromEntries(categoryDigits(list.map(([name, key]) => ({ name, key: key ?? null }))))

  it('are the places, but for those that were chosen', () => {
    expect(digits(['a'], ['b', '7'], ['c'])).toEqual({ a: 1, b: 7, c: 3 })
  })

  it('are given once: a chosen one takes a place, and the first choice counts', () => {
    expect(digits(['a', '2'], ['b'], ['c', '2'])).toEqual({ a: 2, c: 3 })
  })

  it('end with nine, and are digits', () => {
    const many = Array.from({ length: 11 }, (_, index): [string] => [`c${index}`])
    expect(Object.keys(digits(...many))).toHaveLength(9)
    expect(digits(['a', 'x'])).toEqual({ a: 1 })
  })
})
