import { mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick, ref } from 'vue'

import FindBar from '@/components/FindBar.vue'
import { findAll, foldCase, rangeOf, readPageText } from '@/composables/findText'

import { freshPinia, press } from '../helpers'

let pinia = freshPinia()
beforeEach(() => {
  pinia = freshPinia()
})

function page(html: string): HTMLElement {
  const root = document.createElement('main')
  root.innerHTML = html
  document.body.append(root)
  return root
}

function found(html: string, query: string): string[] {
  const text = readPageText(page(html))
  return findAll(text, query).map((match) => rangeOf(text, match)?.toString() ?? '')
}

describe('finding text', () => {
  it.each([
    ['each place', '<p>one two one</p>', 'one', ['one', 'one']],
    ['any case', '<p>One ONE</p>', 'oNe', ['One', 'ONE']],
    ['across marks', '<p>a <b>bo</b>ld word</p>', 'bold', ['bold']],
    ['not across blocks', '<p>one</p><p>two</p>', 'onetwo', []],
    ['not in buttons', '<p>one</p><button>one</button>', 'one', ['one']],
    ['not in itself', '<div data-find-skip>one</div>', 'one', []],
    ['in closed details', '<details><summary>x</summary><p>one</p></details>', 'one', ['one']],
    ['without overlaps', '<p>aaaa</p>', 'aa', ['aa', 'aa']],
    ['nothing for nothing', '<p>one</p>', '', []],
    ['behind a letter that grows', '<p>İİ needle</p>', 'needle', ['needle']],
    ['other scripts', '<p>这是粗体文字</p>', '粗体', ['粗体']],
  ])('%s', (_, html, query, expected) => {
    expect(found(html, query)).toEqual(expected)
  })

  it('never changes the length when it folds the case', () => {
    for (const text of ['İstanbul', 'ẞ', 'ΑΣ', '😀A'])
      expect(foldCase(text)).toHaveLength(text.length)
  })

  it('is quick in a long text', () => {
    const root = page(`<p>${'word '.repeat(20_000)}needle</p>`)
    const start = performance.now()
    const text = readPageText(root)
    expect(findAll(text, 'needle')).toHaveLength(1)
    expect(findAll(text, 'o')).toHaveLength(20_000)
    expect(performance.now() - start).toBeLessThan(500)
  })
})

describe('FindBar', () => {
  const open = async (root: HTMLElement) => {
    const opened = ref(true)
    const wrapper = mount(FindBar, {
      props: {
        root,
        open: opened.value,
        'onUpdate:open': (to: boolean) => wrapper.setProps({ open: to }),
      },
      attachTo: document.body,
      global: { plugins: [pinia] },
    })
    await nextTick()
    return wrapper
  }
  const typed = async (wrapper: Awaited<ReturnType<typeof open>>, text: string) => {
    await wrapper.find('input').setValue(text)
    await vi.waitFor(() => expect(wrapper.find('.count').text()).not.toBe(''))
    await new Promise((resolve) => setTimeout(resolve, 120))
  }

  it('counts, and goes round', async () => {
    const wrapper = await open(page('<p>one two one</p>'))
    await typed(wrapper, 'one')
    expect(wrapper.find('.count').text()).toBe('1 of 2')
    await wrapper.find('input').trigger('keydown', { key: 'Enter' })
    expect(wrapper.find('.count').text()).toBe('2 of 2')
    await wrapper.find('input').trigger('keydown', { key: 'Enter' })
    expect(wrapper.find('.count').text()).toBe('1 of 2')
    await wrapper.find('input').trigger('keydown', { key: 'Enter', shiftKey: true })
    expect(wrapper.find('.count').text()).toBe('2 of 2')
  })

  it('says when there is nothing', async () => {
    const wrapper = await open(page('<p>one</p>'))
    await typed(wrapper, 'three')
    expect(wrapper.find('.count').text()).toBe('Not found')
  })

  it('opens what hides a match, and tells what folds', async () => {
    const root = page('<details><summary>x</summary><p>one</p></details>')
    const revealed = vi.fn()
    root.addEventListener('reveal', revealed)
    await typed(await open(root), 'one')
    expect(root.querySelector('details')?.open).toBe(true)
    expect(revealed).toHaveBeenCalled()
  })

  it('forgets no key stroke when the page changes right after it', async () => {
    const root = page('<details><summary>x</summary><p>one</p></details>')
    const wrapper = await open(root)
    await wrapper.find('input').setValue('one')
    root.append(document.createElement('p'))
    await vi.waitFor(() => expect(root.querySelector('details')?.open).toBe(true))
  })

  it('closes with Escape, which goes no further, and gives the focus back', async () => {
    const root = page('<p><button id="before">one</button></p>')
    root.querySelector('button')?.focus()
    const wrapper = await open(root)
    expect(document.activeElement).toBe(wrapper.find('input').element)
    const onward = vi.fn()
    window.addEventListener('keydown', onward)
    press('Escape', {}, wrapper.find('input').element)
    window.removeEventListener('keydown', onward)
    await nextTick()
    expect(onward).not.toHaveBeenCalled()
    expect(wrapper.find('[role="search"]').exists()).toBe(false)
    await vi.waitFor(() => expect(document.activeElement?.id).toBe('before'))
  })

  it('opens with its key', async () => {
    const wrapper = await open(page('<p>one</p>'))
    await wrapper.setProps({ open: false })
    expect(wrapper.find('[role="search"]').exists()).toBe(false)
    expect(press('/').defaultPrevented).toBe(true)

    await vi.waitFor(() => expect(wrapper.find('[role="search"]').exists()).toBe(true))
  })
})
