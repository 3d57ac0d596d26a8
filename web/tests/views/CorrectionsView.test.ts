import { flushPromises, mount, RouterLinkStub } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import type { Candidate } from '@/client/candidate'
import { useSftStore } from '@/stores/sft'
import CorrectionsView from '@/views/CorrectionsView.vue'

import { candidate, fakeServer, freshPinia, press, problem, unreachable } from '../helpers'
import type { FakeServer } from '../helpers'

const QUEUE = 'GET /api/sft/queue'
const SUBMIT = 'POST /api/sft/submit'
const UNDO = 'POST /api/sft/undo'
const STATS = 'GET /api/sft/stats'

let pinia = freshPinia()
beforeEach(() => {
  pinia = freshPinia()
})

function items(...ids: string[]): Candidate[] {
  return ids.map((id) => candidate({ id, task_name: `Task ${id}` }))
}

const page = (list: Candidate[], total = list.length) => ({
  body: { items: list, total, page: 1, per_page: 20 },
})

function serverWith(queue: Candidate[], total = queue.length): FakeServer {
  return fakeServer({
    [QUEUE]: page(queue, total),
    [SUBMIT]: (call) => ({
      body: { id: call.body?.id, status: 'x', revision: 1, decision_id: call.body?.decision_id },
    }),
    [UNDO]: { body: { id: 'a', status: 'needs_review', revision: 2, decision_id: 'd' } },
    [STATS]: { body: { total: 9, by_status: { approved: 5 }, export_ready: 5 } },
  })
}

async function open(): Promise<VueWrapper> {
  const wrapper = mount(CorrectionsView, {
    attachTo: document.body,
    global: { plugins: [pinia], stubs: { RouterLink: RouterLinkStub } },
  })
  await flushPromises()
  return wrapper
}

const at = (wrapper: VueWrapper, testid: string) => wrapper.find(`[data-testid="${testid}"]`)

async function click(wrapper: VueWrapper, ...testids: string[]): Promise<void> {
  for (const testid of testids) {
    await at(wrapper, testid).trigger('click')
    await flushPromises()
  }
}

async function keys(...pressed: string[]): Promise<void> {
  for (const key of pressed) {
    press(key)
    await flushPromises()
  }
}

async function correct(wrapper: VueWrapper, text: string): Promise<void> {
  await keys('c')
  await wrapper.find('textarea').setValue(text)
  await wrapper.find('textarea').trigger('keydown', { key: 'Enter', ctrlKey: true })
  await flushPromises()
}

const title = (wrapper: VueWrapper) => wrapper.find('.sft-card h2').text()

describe('deciding', () => {
  it('shows the first candidate and the counts', async () => {
    serverWith(items('a', 'b'), 1842)
    const wrapper = await open()
    expect(title(wrapper)).toBe('Task a')
    expect(at(wrapper, 'remaining').text()).toBe(`${(1842).toLocaleString()} to review`)
    expect(at(wrapper, 'done').text()).toContain('0 done')
  })

  it.each([
    ['discard', 'hallucination'],
    ['flag', 'wrong_answer'],
    ['flag', null],
  ] as const)('%s with category %s', async (action, category) => {
    const server = serverWith(items('a', 'b'))
    const wrapper = await open()
    await click(wrapper, `${action}-btn`)
    if (category) await click(wrapper, `category-chip-${category}`)
    await click(wrapper, 'confirm-pending-btn')
    expect(server.to(SUBMIT)).toHaveLength(1)
    expect(server.to(SUBMIT)[0]?.body).toMatchObject({
      id: 'a',
      action,
      failure_category: category,
    })
    expect(server.to(SUBMIT)[0]?.body?.decision_id).toMatch(/^[0-9a-f-]{36}$/)
    expect(server.to(SUBMIT)[0]?.body?.seconds).toBeTypeOf('number')
    expect(useSftStore().lastAction).toMatchObject({
      type: action,
      item: { id: 'a' },
      failure_category: category,
    })
    expect(title(wrapper)).toBe('Task b')
    expect(at(wrapper, 'remaining').text()).toBe('1 to review')
    expect(at(wrapper, 'done').text()).toContain('1 done')
    expect(at(wrapper, 'undo-toast').exists()).toBe(true)
  })

  it('corrects with text and category, by keyboard alone', async () => {
    const server = serverWith(items('a', 'b'))
    const wrapper = await open()
    await keys('c')
    const textarea = wrapper.find('textarea')
    await textarea.setValue('There are 9.')
    await textarea.trigger('keydown', { key: '4', ctrlKey: true })
    await textarea.trigger('keydown', { key: 'Enter', ctrlKey: true })
    await flushPromises()
    expect(server.to(SUBMIT)[0]?.body).toMatchObject({
      id: 'a',
      action: 'correct',
      corrected_response: 'There are 9.',
      failure_category: 'wrong_answer',
    })
    expect(useSftStore().lastAction?.type).toBe('correct')
    expect(title(wrapper)).toBe('Task b')
    expect(wrapper.find('textarea').exists()).toBe(false)
  })

  it('decides once, however often Enter is pressed while waiting', async () => {
    const server = serverWith(items('a', 'b'))
    let answer = (): void => undefined
    server.on(SUBMIT, async () => {
      await new Promise<void>((resolve) => (answer = resolve))
      return { body: {} }
    })
    await open()
    await keys('d', 'Enter', 'Enter', 'd', 'Enter')
    expect(server.to(SUBMIT)).toHaveLength(1)
    answer()
    await flushPromises()
    expect(useSftStore().current?.id).toBe('b')
  })

  it('shows what the server remarked', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(SUBMIT, { body: { warnings: [{ code: 'unchanged', message: 'Same text.' }] } })
    const wrapper = await open()
    await correct(wrapper, 'There are 13 eggs left.')
    expect(at(wrapper, 'undo-toast').text()).toContain('Same text.')
  })
})

describe('undo', () => {
  it.each([
    ['the key', () => keys('u')],
    ['the toast', (wrapper: VueWrapper) => click(wrapper, 'toast-undo-btn')],
    ['the button', (wrapper: VueWrapper) => click(wrapper, 'undo-btn')],
  ])('by %s brings the candidate back', async (_, undo) => {
    const server = serverWith(items('a', 'b'))
    const wrapper = await open()
    await keys('d', 'Enter')
    await undo(wrapper)
    expect(server.to(UNDO)[0]?.body).toMatchObject({ id: 'a' })
    expect(title(wrapper)).toBe('Task a')
    expect(at(wrapper, 'remaining').text()).toBe('2 to review')
    expect(at(wrapper, 'done').text()).toContain('0 done')
    expect(at(wrapper, 'undo-toast').exists()).toBe(false)
    await keys('u')
    expect(server.to(UNDO)).toHaveLength(1)
  })

  it('brings the text of a correction back', async () => {
    serverWith(items('a', 'b'))
    const wrapper = await open()
    await correct(wrapper, 'There are 9.')
    await keys('u', 'c')
    expect(wrapper.find('textarea').element.value).toBe('There are 9.')
  })

  it('that fails says so and can be tried again', async () => {
    const server = serverWith(items('a', 'b'))
    const wrapper = await open()
    await keys('d', 'Enter')
    server.on(UNDO, unreachable)
    await keys('u')
    expect(at(wrapper, 'setback').text()).toContain('The decision was not undone.')
    server.on(UNDO, { body: {} })
    await click(wrapper, 'retry-btn')
    expect(title(wrapper)).toBe('Task a')
    const [first, second] = server.to(UNDO)
    expect(second?.body).toEqual(first?.body)
  })

  it('is off the table when there is nothing left to undo', async () => {
    const server = serverWith(items('a', 'b'))
    const wrapper = await open()
    await keys('d', 'Enter')
    server.on(UNDO, problem(409, 'nothing_to_undo', 'Nothing to undo.'))
    await keys('u')
    expect(at(wrapper, 'setback').text()).toContain('Nothing to undo.')
    expect(useSftStore().lastAction).toBeNull()
  })
})

describe('a decision that fails', () => {
  it('keeps the text and sends the very same again', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(SUBMIT, unreachable)
    const wrapper = await open()
    await correct(wrapper, 'There are 9.')
    expect(at(wrapper, 'setback').text()).toContain('Your correction was not saved.')
    expect(wrapper.find('textarea').element.value).toBe('There are 9.')
    expect(useSftStore().lastAction).toBeNull()
    expect(at(wrapper, 'done').text()).toContain('0 done')

    server.on(SUBMIT, { body: {} })
    await click(wrapper, 'retry-btn')
    const [first, second] = server.to(SUBMIT)
    expect(second?.body).toEqual(first?.body)
    expect(title(wrapper)).toBe('Task b')
    expect(at(wrapper, 'setback').exists()).toBe(false)
  })

  it('submitted again unchanged is the same decision; changed it is a new one', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(SUBMIT, problem(503, 'storage_unavailable', 'The database is away.'))
    const wrapper = await open()
    await correct(wrapper, 'There are 9.')
    await at(wrapper, 'correction-area').trigger('submit')
    await flushPromises()
    await wrapper.find('textarea').setValue('Nine.')
    await at(wrapper, 'correction-area').trigger('submit')
    await flushPromises()
    const [first, second, third] = server.to(SUBMIT).map((call) => call.body?.decision_id)
    expect(second).toBe(first)
    expect(third).not.toBe(first)
  })

  it('shows the server’s reason, with details to copy', async () => {
    const server = serverWith(items('a'))
    server.on(
      SUBMIT,
      problem(422, 'unknown_category', '`x` is no category.', { allowed: ['wrong_answer'] }),
    )
    const wrapper = await open()
    await keys('d', 'Enter')
    expect(at(wrapper, 'setback').text()).toContain('`x` is no category.')
    expect(at(wrapper, 'setback').find('pre').text()).toContain('"allowed"')
    await click(wrapper, 'dismiss-btn')
    expect(at(wrapper, 'setback').exists()).toBe(false)
    expect(title(wrapper)).toBe('Task a')
  })

  it('because somebody was first names them and moves on at the reviewer’s wish', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(
      SUBMIT,
      problem(409, 'already_decided', 'Decided.', {
        decided_status: 'approved',
        decided_by: 'kim',
      }),
    )
    const wrapper = await open()
    await correct(wrapper, 'There are 9.')
    expect(at(wrapper, 'setback').text()).toContain('Already corrected by kim')
    expect(at(wrapper, 'setback').text()).toContain('There are 9.')
    expect(title(wrapper)).toBe('Task a')
    await click(wrapper, 'move-on-btn')
    expect(title(wrapper)).toBe('Task b')
    expect(at(wrapper, 'done').text()).toContain('0 done')
    expect(useSftStore().lastAction).toBeNull()
  })

  it('recognises an own first try whose answer got lost', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(SUBMIT, unreachable)
    const wrapper = await open()
    await correct(wrapper, 'There are 9.')
    server.on(SUBMIT, problem(409, 'already_decided', 'Decided.', { decided_by: 'local' }))
    await wrapper.find('textarea').setValue('Nine.')
    await at(wrapper, 'correction-area').trigger('submit')
    await flushPromises()
    expect(at(wrapper, 'setback').text()).toContain('your own first try')
  })
})

describe('drafts', () => {
  it('survive leaving the editor', async () => {
    serverWith(items('a', 'b'))
    const wrapper = await open()
    await keys('c')
    await wrapper.find('textarea').setValue('There are 9.')
    await wrapper.find('textarea').trigger('keydown', { key: 'Escape' })
    expect(wrapper.find('textarea').exists()).toBe(false)
    await keys('c')
    expect(wrapper.find('textarea').element.value).toBe('There are 9.')
  })

  it('survive leaving the page, and the browser asks before it closes', async () => {
    serverWith(items('a', 'b'))
    const wrapper = await open()
    const closing = () => {
      const event = new Event('beforeunload', { cancelable: true })
      window.dispatchEvent(event)
      return event.defaultPrevented
    }
    expect(closing()).toBe(false)
    await keys('c')
    await wrapper.find('textarea').setValue('There are 9.')
    expect(closing()).toBe(true)
    wrapper.unmount()
    const again = await open()
    await keys('c')
    expect(again.find('textarea').element.value).toBe('There are 9.')
  })
})

describe('the queue', () => {
  it('fetches the next page before it runs out, without repeating a candidate', async () => {
    const server = serverWith(items('a', 'b', 'c'), 5)
    const next = '/api/sft/queue?cursor=c'
    server.on(QUEUE, (call) =>
      call.url === next
        ? page(items('a', 'c', 'd', 'e'), 4)
        : { ...page(items('a', 'b', 'c'), 5), link: `<${next}>; rel="next"` },
    )
    await open()
    await keys('d', 'Enter')
    expect(server.to(QUEUE)[1]?.url).toBe(next)
    expect(useSftStore().queue.map(({ id }) => id)).toEqual(['b', 'c', 'd', 'e'])
    expect(useSftStore().totalRemaining).toBe(4)
  })

  it('finds more without a Link header', async () => {
    const server = serverWith(items('a', 'b'), 4)
    await open()
    server.on(QUEUE, page(items('b', 'c', 'd'), 3))
    await keys('d', 'Enter')
    expect(useSftStore().queue.map(({ id }) => id)).toEqual(['b', 'c', 'd'])
    expect(server.to(QUEUE)[1]?.url).toBe('/api/sft/queue?per_page=21')
  })

  it('shows a skeleton only when loading takes a while', async () => {
    vi.useFakeTimers()
    const server = serverWith([])
    server.on(QUEUE, () => new Promise(() => undefined))
    const wrapper = mount(CorrectionsView, { global: { plugins: [pinia] } })
    await vi.advanceTimersByTimeAsync(150)
    expect(wrapper.find('.skeleton').exists()).toBe(false)
    await vi.advanceTimersByTimeAsync(100)
    expect(wrapper.find('.skeleton').exists()).toBe(true)
    vi.useRealTimers()
  })

  it('that cannot be loaded says why and loads on a second try', async () => {
    const server = serverWith(items('a'))
    server.on(QUEUE, problem(503, 'storage_unavailable', 'The database is away.'))
    const wrapper = await open()
    expect(at(wrapper, 'load-error').text()).toContain('The database is away.')
    expect(at(wrapper, 'remaining').exists()).toBe(false)
    expect(at(wrapper, 'all-caught-up').exists()).toBe(false)
    server.on(QUEUE, page(items('a')))
    await click(wrapper, 'reload-btn')
    expect(at(wrapper, 'load-error').exists()).toBe(false)
    expect(title(wrapper)).toBe('Task a')
  })

  it('without any candidate ever tells how to get the first', async () => {
    const server = serverWith([])
    server.on(STATS, { body: { total: 0, by_status: {}, export_ready: 0 } })
    const wrapper = await open()
    expect(at(wrapper, 'first-run').exists()).toBe(true)
    expect(wrapper.findComponent(RouterLinkStub).props('to')).toBe('/runs')
  })

  it('worked off says so, and still undoes', async () => {
    const server = serverWith(items('a'))
    const wrapper = await open()
    server.on(QUEUE, page([]))
    await keys('d', 'Enter')
    expect(at(wrapper, 'all-caught-up').text()).toContain('1 of them is yours')
    expect(at(wrapper, 'all-caught-up').text()).toContain('Download 5 corrections')
    await keys('u')
    expect(title(wrapper)).toBe('Task a')
  })

  it('worked off says so without the counts too', async () => {
    const server = serverWith([])
    server.on(STATS, unreachable)
    const wrapper = await open()
    expect(at(wrapper, 'all-caught-up').exists()).toBe(true)
  })
})
