import { mount } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'

import WordDiff from '@/components/WordDiff.vue'

async function proof(props: { before: string; after: string; code?: boolean }) {
  const wrapper = mount(WordDiff, { props })
  await vi.waitFor(() => expect(wrapper.find('.prose').element.children.length).toBeGreaterThan(0))
  return wrapper
}

describe('a galley proof', () => {
  it('strikes through and underlines, with words for a screen reader', async () => {
    const wrapper = await proof({ before: '13 eggs', after: '9 eggs' })
    expect(wrapper.find('.prose').text()).toBe('removed: 13; added: 9;  eggs')
    expect(wrapper.findAll('.visually-hidden')).toHaveLength(4)
  })

  it('shows white space that alone is the change', async () => {
    const wrapper = await proof({ before: 'a b', after: 'a\n\tb' })
    expect(wrapper.find('del').text()).toContain('·')
    expect(wrapper.find('ins').text()).toContain('↵\n⇥')
  })

  it('keeps the spaces between words, whatever the template does with its own', async () => {
    const wrapper = await proof({ before: 'one  two three', after: 'one  2 three ' })
    const parts = [...wrapper.find('.prose').element.children].map((part) =>
      part.querySelector('span:not(.visually-hidden)')
        ? part.querySelector('span:not(.visually-hidden)')?.textContent
        : part.textContent,
    )
    expect(parts).toEqual(['one  ', 'two', '2', ' three', '·'])
  })

  it('folds what stays the same, until it is pressed', async () => {
    const long = 'word '.repeat(400)
    const wrapper = await proof({ before: `13 ${long}26`, after: `9 ${long}18` })
    expect(wrapper.find('.fold').text()).toMatch(/^… 1,\d{3} characters unchanged …$/)
    await wrapper.find('.fold').trigger('click')
    expect(wrapper.find('.fold').exists()).toBe(false)
    expect(wrapper.text()).toContain(long.trim())
  })

  it('says when it compares by lines only', async () => {
    const words = Array.from({ length: 6000 }, (_, n) => `w${n}`)
    const wrapper = await proof({
      before: words.join(' '),
      after: words.toReversed().join(' '),
    })
    await vi.waitFor(() => expect(wrapper.find('.grain').exists()).toBe(true), 5000)
    expect(wrapper.find('.grain').text()).toContain('different')
  })
})
