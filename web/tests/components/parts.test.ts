import { flushPromises, mount, RouterLinkStub } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import type { ImportReport } from '@/client/api'
import { ApiError, NetworkError } from '@/client/errors'
import BenchFolderForm from '@/components/BenchFolderForm.vue'
import DecisionButtons from '@/components/DecisionButtons.vue'
import ErrorDetails from '@/components/ErrorDetails.vue'
import ExportMenu from '@/components/ExportMenu.vue'
import ImportProgress from '@/components/ImportProgress.vue'
import ImportResult from '@/components/ImportResult.vue'
import KeySheet from '@/components/KeySheet.vue'
import ReviewerMenu from '@/components/ReviewerMenu.vue'
import SetbackNotice from '@/components/SetbackNotice.vue'
import ThemeSwitch from '@/components/ThemeSwitch.vue'
import UndoToast from '@/components/UndoToast.vue'
import { KEYS, hintFor } from '@/composables/keys'
import { BUILT_IN_CATEGORIES } from '@/stores/categories'
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
  it.each(['correct', 'fine', 'discard', 'flag'] as const)('hints at the key of %s', (command) => {
    const button = mount(DecisionButtons).find(`[data-testid="${command}-btn"]`)
    expect(button.find('kbd').text()).toBe(hintFor(command))
    expect(button.attributes('aria-keyshortcuts')).toBe(hintFor(command))
  })
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
  const decision = { id: 'a1', action: 'correct' as const, corrected_response: 'Nine.' }
  const show = (error: unknown, props: object = {}) =>
    mount(SetbackNotice, {
      props: {
        setback: { kind: 'decision', item: candidate(), decision, error },
        overtaken: false,
        maybeOwn: false,
        busy: false,
        ...props,
      },
    })

  it('offers to try again after a lost connection', async () => {
    const wrapper = show(new NetworkError('unreachable'))
    expect(wrapper.attributes('role')).toBe('alert')
    expect(wrapper.text()).toContain('Your correction was not saved.')
    expect(wrapper.text()).toContain('Your text is kept.')
    await wrapper.find('[data-testid="retry-btn"]').trigger('click')
    await wrapper.find('[data-testid="dismiss-btn"]').trigger('click')
    expect(wrapper.emitted()).toMatchObject({ retry: [[]], dismiss: [[]] })
  })

  it('says who was first, keeps the text at hand and goes on', async () => {
    const error = new ApiError(409, 'already_decided', 'Decided.', {
      decided_status: 'discarded',
      decided_by: 'kim',
      decided_at: '2026-11-22T10:00:00Z',
    })
    const wrapper = show(error, { overtaken: true })
    expect(wrapper.text()).toContain('Already discarded by kim')
    expect(wrapper.text()).toContain('Nine.')
    expect(wrapper.find('[data-testid="retry-btn"]').exists()).toBe(false)
    await wrapper.find('[data-testid="move-on-btn"]').trigger('click')
    expect(wrapper.emitted('move-on')).toHaveLength(1)
  })

  it('explains a first try whose answer got lost', () => {
    const error = new ApiError(409, 'already_decided', 'Decided.', { decided_by: 'local' })
    expect(show(error, { overtaken: true, maybeOwn: true }).text()).toContain('your own first try')
  })

  it('speaks of the undo when that failed', () => {
    const wrapper = mount(SetbackNotice, {
      props: {
        setback: {
          kind: 'undo',
          action: { type: 'flag', item: candidate(), failure_category: null },
          decisionId: 'x',
          error: new Error('boom'),
        },
        overtaken: false,
        maybeOwn: false,
        busy: true,
      },
    })
    expect(wrapper.text()).toContain('The decision was not undone.')
    expect(wrapper.find('[data-testid="retry-btn"]').attributes('disabled')).toBeDefined()
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

describe('ImportProgress', () => {
  const job = {
    id: 'j',
    kind: 'import',
    state: 'running' as const,
    params: { run_id: 'r' },
    done: 1500,
    total: 3000 as number | null,
    unit: 'bytes',
    result: null,
    error: null,
    created_at: '',
    started_at: null,
    finished_at: null,
  }

  it.each([
    [null, false, 'Waiting to start …'],
    [job, false, '1.5 kB of 3.0 kB read'],
    [{ ...job, total: null }, false, '1.5 kB read'],
    [job, true, 'The server does not answer; asking again …'],
  ])('case %#', (given, stalled, words) => {
    expect(mount(ImportProgress, { props: { job: given, stalled } }).text()).toContain(words)
  })
})

describe('ImportResult', () => {
  const show = (report: ImportReport) => mount(ImportResult, { props: { report }, ...inPage() })

  it('says only what there is to say', () => {
    const wrapper = show({ imported: 1, skipped: 0 })
    expect(wrapper.text()).toContain('1 candidate imported.')
    expect(wrapper.text()).not.toContain('skipped')
    expect(wrapper.find('table').exists()).toBe(false)
  })

  it('lists the lines that it could not read', () => {
    const wrapper = show({
      imported: 0,
      skipped: 2,
      renamed: 1,
      malformed: 60,
      problems: Array.from({ length: 60 }, (_, index) => ({
        file: 'sft_candidates.jsonl',
        line: index + 1,
        field: index ? null : 'id',
        reason: 'missing',
      })),
    })
    expect(wrapper.text()).toContain('2 skipped, already here')
    expect(wrapper.text()).toContain('60 lines could not be read')
    expect(wrapper.findAll('tbody tr')).toHaveLength(50)
    expect(wrapper.text()).toContain('10 more')
    expect(wrapper.find('pre').text()).toContain('sft_candidates.jsonl:1: id: missing')
    expect(wrapper.find('pre').text()).toContain('sft_candidates.jsonl:60: missing')
  })
})

describe('BenchFolderForm', () => {
  const config = { bench_results_dir: '/srv/bench', roots: ['/srv'] }

  it('shows the folder and saves another', async () => {
    const wrapper = mount(BenchFolderForm, { props: { config, error: null, busy: false } })
    const button = wrapper.find('[data-testid="save-folder-btn"]')
    expect(wrapper.find('input').element.value).toBe('/srv/bench')
    expect(button.attributes('disabled')).toBeDefined()
    await wrapper.find('input').setValue(' /srv/other ')
    expect(button.attributes('disabled')).toBeUndefined()
    await wrapper.find('form').trigger('submit')
    expect(wrapper.emitted('save')).toEqual([['/srv/other']])
  })

  it('keeps what was typed beside the error', async () => {
    const wrapper = mount(BenchFolderForm, { props: { config, error: null, busy: false } })
    await wrapper.find('input').setValue('/etc')
    await wrapper.setProps({ error: new ApiError(422, 'config_error', 'Outside the roots.') })
    expect(wrapper.find('[role="alert"]').text()).toContain('Outside the roots.')
    expect(wrapper.find('input').attributes('aria-invalid')).toBe('true')
    expect(wrapper.find('input').element.value).toBe('/etc')
  })
})
