import { describe, expect, it } from 'vitest'
import { ref } from 'vue'

import { useSelection } from '@/composables/useSelection'

function selectionOf(...ids: string[]) {
  const listed = ref(ids)
  const selection = useSelection(() => listed.value)
  return { ...selection, listed, chosen: () => [...selection.ids.value].join('') }
}

describe('useSelection', () => {
  it('chooses and drops a range from the last one chosen', () => {
    const { toggle, chosen } = selectionOf('a', 'b', 'c', 'd', 'e')
    toggle('b')
    toggle('d', { range: true })
    expect(chosen()).toBe('bcd')
    toggle('c', { range: true })
    expect(chosen()).toBe('b')
  })

  it('chooses a range upwards too, and only one where the anchor is elsewhere', () => {
    const { toggle, chosen, listed } = selectionOf('a', 'b', 'c')
    toggle('c')
    toggle('a', { range: true })
    expect(chosen()).toBe('cab')
    listed.value = ['x', 'y', 'z']
    toggle('z', { range: true })
    expect(chosen()).toBe('cabz')
  })

  it('keeps what is chosen on other pages', () => {
    const { togglePage, page, listed, chosen } = selectionOf('a', 'b')
    togglePage()
    expect(page.value).toBe('all')
    listed.value = ['c', 'd']
    expect(page.value).toBe('none')
    togglePage()
    togglePage()
    expect(chosen()).toBe('ab')
  })

  it('knows when a part of the page is chosen', () => {
    const { toggle, page } = selectionOf('a', 'b')
    toggle('a')
    expect(page.value).toBe('some')
  })

  it('leaves "all that match" for the rest of the page when one is dropped', () => {
    const { chooseAll, toggle, all, has, chosen } = selectionOf('a', 'b', 'c')
    chooseAll()
    expect(has('anything')).toBe(true)
    toggle('b')
    expect(all.value).toBe(false)
    expect(chosen()).toBe('ac')
  })
})
