import { flushPromises, mount, RouterLinkStub } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import DecisionButtons from '@/components/DecisionButtons.vue'
import ErrorDetails from '@/components/ErrorDetails.vue'
import ExportMenu from '@/components/ExportMenu.vue'
import KeySheet from '@/components/KeySheet.vue'
import ReviewerMenu from '@/components/ReviewerMenu.vue'
import SetbackNotice from '@/components/SetbackNotice.vue'
import ThemeSwitch from '@/components/ThemeSwitch.vue'
import UndoToast from '@/components/UndoToast.vue'
import { KEYS, hintFor } from '@/composables/keys'
import { BUILT_IN_CATEGORIES } from '@/stores/categories'
import type { OutboxEntry } from '@/stores/outbox'
import { useReviewerStore } from '@/stores/reviewer'

import { candidate, fakeServer, freshPinia, press } from '../helpers'

let pinia = freshPinia()
beforeEach(() => {
  pinia = freshPinia()
})

const inPage = () => ({
  attachTo: document.body,
  global: { plugins: [pinia], stubs: { RouterLink: RouterLinkStub } },
})

describe('DecisionButtons', () => {
  it.each(['correct', 'fine', 'discard', 'flag', 'later'] as const)(
    'hints at the key of %s',
    (command) => {
      const button = mount(DecisionButtons).find(`[data-testid="${command}-btn"]`)
      expect(button.find('kbd').text()).toBe(hintFor(command))
      expect(button.attributes('aria-keyshortcuts')).toBe(hintFor(command))
    },
  )
})

describe('KeySheet', () => {
  it('lists every key there is', async () => {
    const wrapper = mount(KeySheet, { props: { open: false }, ...inPage() })
    await wrapper.setProps({ open: true })
    expect(wrapper.find('dialog').element.open).toBe(true)
    for (const { label } of KEYS) expect(wrapper.text()).toContain(label)
    expect(wrapper.findAll('kbd')).toHaveLength(KEYS.length)
    await wrapper.find('button').trigger('click')
    expect(wrapper.emitted('update:open')).toContainEqual([false])
  })
})

describe('ThemeSwitch', () => {
  it('goes round system, light and dark', async () => {
    const wrapper = mount(ThemeSwitch, inPage())
    expect(wrapper.attributes('aria-label')).toBe('Theme: as the system. Change to light.')
    await wrapper.trigger('click')
    await wrapper.trigger('click')
    expect(document.documentElement.dataset.theme).toBe('dark')
    await wrapper.trigger('click')
    expect(document.documentElement.dataset.theme).toBeUndefined()
  })
})

describe('ReviewerMenu', () => {
  it('keeps the name', async () => {
    const wrapper = mount(ReviewerMenu, inPage())
    await wrapper.find('button').trigger('click')
    await flushPromises()
    expect(document.activeElement).toBe(wrapper.find('input').element)
    await wrapper.find('input').setValue('Ada')
    await wrapper.find('form').trigger('submit')
    expect(useReviewerStore().name).toBe('Ada')
    expect(wrapper.find('button').text()).toBe('Ada')
    expect(wrapper.find('form').exists()).toBe(false)
  })

  it('closes with Escape, which goes no further, and with a press elsewhere', async () => {
    const wrapper = mount(ReviewerMenu, inPage())
    const button = wrapper.find('button')
    await button.trigger('click')
    await flushPromises()
    const onward = vi.fn()
    window.addEventListener('keydown', onward, { once: true })
    press('Escape', {}, wrapper.find('input').element)
    window.removeEventListener('keydown', onward)
    await flushPromises()
    expect(onward).not.toHaveBeenCalled()
    expect(button.attributes('aria-expanded')).toBe('false')
    expect(document.activeElement).toBe(button.element)

    await button.trigger('click')
    document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }))
    await flushPromises()
    expect(button.attributes('aria-expanded')).toBe('false')
  })
})

describe('ExportMenu', () => {
  const open = async () => {
    const wrapper = mount(ExportMenu, { props: { categories: BUILT_IN_CATEGORIES }, ...inPage() })
    await wrapper.find('button').trigger('click')
    await flushPromises()
    return wrapper
  }

  it('offers everything, and says how much that is', async () => {
    fakeServer({ 'GET /api/sft/stats': { body: { export_ready: 31 } } })
    const wrapper = await open()
    expect(wrapper.text()).toContain('31 approved corrections')
    const link = wrapper.find('[data-testid="export-link"]')
    expect(link.attributes()).toMatchObject({
      href: '/api/sft/export?format=messages',
      download: '',
    })
  })

  it('narrows by category, the uncategorised included', async () => {
    fakeServer({ 'GET /api/sft/stats': { body: { export_ready: 0 } } })
    const wrapper = await open()
    expect(wrapper.text()).toContain('Nothing is approved yet')
    await wrapper.find('input[value="wrong_answer"]').setValue(true)
    await wrapper.find('input[value="none"]').setValue(true)
    expect(wrapper.find('[data-testid="export-link"]').attributes('href')).toBe(
      '/api/sft/export?format=messages&include_category=wrong_answer&include_category=none',
    )
  })

  it('works when the count cannot be had', async () => {
    fakeServer()
    expect((await open()).find('[data-testid="export-link"]').exists()).toBe(true)
  })
})

describe('UndoToast', () => {
  const action = { type: 'flag' as const, item: candidate(), failure_category: null }

  beforeEach(() => {
    vi.useFakeTimers()
    return () => vi.useRealTimers()
  })

  it('names the decision and takes it back', async () => {
    const wrapper = mount(UndoToast, {
      props: { action, category: 'Wrong answer', warning: 'Not changed.' },
    })
    expect(wrapper.text()).toContain('Flagged')
    expect(wrapper.text()).toContain('Eggs')
    expect(wrapper.text()).toContain('Wrong answer')
    expect(wrapper.text()).toContain('Not changed.')
    await wrapper.find('button').trigger('click')
    expect(wrapper.emitted('undo')).toHaveLength(1)
  })

  it('goes after its time, but not from under the pointer', async () => {
    const wrapper = mount(UndoToast, { props: { action, seconds: 5 } })
    vi.advanceTimersByTime(4000)
    await wrapper.trigger('mouseenter')
    vi.advanceTimersByTime(60_000)
    expect(wrapper.emitted('expire')).toBeUndefined()
    await wrapper.trigger('mouseleave')
    vi.advanceTimersByTime(5000)
    expect(wrapper.emitted('expire')).toHaveLength(1)
  })
})

describe('SetbackNotice', () => {
  const show = (refusal: object, props: object = {}, body: object = {}) =>
    mount(SetbackNotice, {
      props: {
        entry: {
          kind: 'decision',
          key: '1',
          body: { id: 'a1', action: 'correct', corrected_response: 'Nine.', ...body },
          about: { id: 'a1', task_name: 'Eggs' },
          at: '2026-11-22T10:00:00Z',
          attempts: 1,
          refusal: { status: 422, code: 'unknown_category', detail: 'No.', extras: {}, ...refusal },
        } as OutboxEntry,
        ...props,
      },
    })

  it('says why, keeps the text and offers to edit it again', async () => {
    const wrapper = show({})
    expect(wrapper.attributes('role')).toBe('alert')
    expect(wrapper.text()).toContain('Your correction was not saved.')
    expect(wrapper.text()).toContain('Your text is kept.')
    await wrapper.find('[data-testid="edit-again-btn"]').trigger('click')
    expect(wrapper.emitted('edit-again')).toHaveLength(1)
  })

  it('offers to decide again where nothing was written', () => {
    const wrapper = show({}, {}, { action: 'flag', corrected_response: undefined })
    expect(wrapper.text()).toContain('The flag was not saved.')
    expect(wrapper.find('[data-testid="edit-again-btn"]').text()).toBe('Decide again')
  })

  it('goes on from a candidate that can’t be decided any more, with the text at hand', async () => {
    const wrapper = show({ status: 404, code: 'unknown_candidate' })
    expect(wrapper.find('pre.text, details').exists()).toBe(true)
    expect(wrapper.text()).toContain('Nine.')
    await wrapper.find('[data-testid="move-on-btn"]').trigger('click')
    expect(wrapper.emitted('move-on')).toHaveLength(1)
  })

  it('names the candidate where there is no card', async () => {
    const wrapper = show({ code: 'unknown_candidate' }, { named: true })
    expect(wrapper.text()).toContain('Eggs: Your correction was not saved.')
    await wrapper.find('[data-testid="move-on-btn"]').trigger('click')
    expect(wrapper.emitted('dismiss')).toHaveLength(1)
  })
})

describe('ErrorDetails', () => {
  it('copies the text', async () => {
    const writeText = vi.fn(async () => undefined)
    vi.stubGlobal('navigator', { clipboard: { writeText } })
    const wrapper = mount(ErrorDetails, { props: { details: 'all of it' } })
    await wrapper.find('button').trigger('click')
    await flushPromises()
    expect(writeText).toHaveBeenCalledWith('all of it')
    expect(wrapper.find('button').text()).toBe('Copied')
  })

  it('says so when there is no clipboard', async () => {
    vi.stubGlobal('navigator', {})
    const wrapper = mount(ErrorDetails, { props: { details: 'all of it' } })
    await wrapper.find('button').trigger('click')
    await flushPromises()
    expect(wrapper.find('button').text()).toBe('Select the text to copy it')
  })
})
