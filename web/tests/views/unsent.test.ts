/** Decisions on the review page when the server is away, refuses, or loses its answers. */
import type { VueWrapper } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import { useDraftsStore } from '@/stores/drafts'
import { useOutboxStore } from '@/stores/outbox'
import { useSftStore } from '@/stores/sft'

import {
  at,
  CANDIDATE,
  click,
  correct,
  fullStorage,
  items,
  keys,
  openPage,
  page,
  QUEUE,
  serverWith,
  settle,
  SUBMIT,
  title,
  UNDO,
  WORKSPACE,
} from '../flow'
import { freshPinia, press, problem, unreachable } from '../helpers'

let pinia = freshPinia()
beforeEach(() => {
  pinia = freshPinia()
  sessionStorage.clear()
})

const open = async (address = '/'): Promise<VueWrapper> => (await openPage(pinia, address)).wrapper

/** The page is closed, by whatever, and opened again. */
async function reload(wrapper: VueWrapper): Promise<VueWrapper> {
  wrapper.unmount()
  pinia = freshPinia()
  return open()
}

const closing = (): boolean => {
  const event = new Event('beforeunload', { cancelable: true })
  window.dispatchEvent(event)
  return event.defaultPrevented
}

const byKim = (decision: object = {}) =>
  problem(409, 'already_decided', '`a` is already approved by `kim`.', {
    decided_status: 'approved',
    decided_by: 'kim',
    decided_at: '2026-11-22T10:00:00Z',
    decision: {
      decision_id: 'theirs',
      action: 'correct',
      corrected_response: 'Kim says 9.',
      failure_category: 'hallucination',
      note: 'from the manual',
      ...decision,
    },
  })

describe('a server that is away', () => {
  it('keeps nobody from going on; everything is sent in order when it is back', async () => {
    const server = serverWith(items('a', 'b', 'c'))
    server.on(SUBMIT, unreachable)
    const wrapper = await open()
    await correct(wrapper, 'There are 9.')
    await keys('d', 'Enter')
    expect(title(wrapper)).toBe('Task c')
    expect(at(wrapper, 'offline-strip').text()).toContain('2 decisions are waiting to be sent')
    expect(at(wrapper, 'done').text()).toContain('2 done')

    const tried = server.to(SUBMIT).length
    server.on(SUBMIT, { body: {} })
    await click(wrapper, 'send-now-btn')
    expect(at(wrapper, 'offline-strip').exists()).toBe(false)
    const sent = server.to(SUBMIT).slice(tried)
    expect(sent.map(({ body }) => body?.id)).toEqual(['a', 'b'])
    expect(sent[0]?.body).toEqual(server.to(SUBMIT)[0]?.body)
    expect(localStorage.length).toBe(1)
  })

  it.each([
    ['is full', problem(507, 'storage_full', 'The disk is full.')],
    ['has trouble', problem(503, 'storage_unavailable', 'The database is away.')],
    ['is behind a proxy that fails', problem(502, 'unknown', 'Bad gateway.')],
    ['wants less', problem(429, 'unknown', 'Slow down.')],
  ])('or %s gets the same again, and the strip says why', async (_, answer) => {
    const server = serverWith(items('a', 'b'))
    server.on(SUBMIT, answer)
    const wrapper = await open()
    await keys('d', 'Enter')
    expect(at(wrapper, 'offline-strip').text()).toContain(
      String((answer.body as { detail: string }).detail),
    )
    server.on(SUBMIT, { body: {} })
    window.dispatchEvent(new Event('online'))
    await settle()
    expect(at(wrapper, 'offline-strip').exists()).toBe(false)
    const [first, second] = server.to(SUBMIT)
    expect(second?.body).toEqual(first?.body)
  })

  it('is asked again by itself, less and less often', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(SUBMIT, unreachable)
    await open()
    vi.useFakeTimers()
    press('d')
    press('Enter')
    await vi.advanceTimersByTimeAsync(10)
    expect(server.to(SUBMIT)).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(server.to(SUBMIT)).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(server.to(SUBMIT)).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(server.to(SUBMIT)).toHaveLength(3)
    const before = server.to(SUBMIT).length
    await vi.advanceTimersByTimeAsync(120_000)
    expect(server.to(SUBMIT).length - before).toBeLessThan(8)
    vi.useRealTimers()
  })

  it('gets after a reload what it did not have, once', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(SUBMIT, unreachable)
    const wrapper = await open()
    await correct(wrapper, 'There are 9.')
    server.on(SUBMIT, { body: {} })
    const again = await reload(wrapper)
    expect(title(again)).toBe('Task b')
    expect(at(again, 'remaining').text()).toBe('1 to review')
    const [first, second, third] = server.to(SUBMIT)
    expect(second?.body).toEqual(first?.body)
    expect(third).toBeUndefined()
    expect(useDraftsStore().get('a')).toBeUndefined()
  })

  it('does not get the decisions of another workspace', async () => {
    const server = serverWith(items('a', 'b'))
    const wrapper = await open()
    server.on(SUBMIT, unreachable)
    await keys('d', 'Enter')
    const tried = server.to(SUBMIT).length
    server.on(WORKSPACE, { body: { id: 'w2' } })
    server.on(SUBMIT, { body: {} })
    await click(wrapper, 'send-now-btn')
    expect(server.to(SUBMIT)).toHaveLength(tried)
    expect(Object.keys(localStorage).some((key) => key.startsWith('corrigenda.w1.outbox.'))).toBe(
      true,
    )
  })

  it('gets an undo after the decision that it may have', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(SUBMIT, unreachable)
    const wrapper = await open()
    await keys('d', 'Enter', 'u')
    expect(title(wrapper)).toBe('Task a')
    server.on(SUBMIT, { body: {} })
    await click(wrapper, 'send-now-btn')
    const order = server.calls.filter(({ method }) => method === 'POST').map(({ url }) => url)
    expect(order.slice(-2)).toEqual(['/api/sft/submit', '/api/sft/undo'])
    expect(title(wrapper)).toBe('Task a')
  })
})

describe('a refused decision', () => {
  it('comes back in front with its reason, its text and the way to edit it', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(SUBMIT, problem(422, 'unknown_category', '`x` is no category.', { allowed: ['y'] }))
    const wrapper = await open()
    await correct(wrapper, 'There are 9.')
    expect(title(wrapper)).toBe('Task a')
    expect(at(wrapper, 'setback').text()).toContain('Your correction was not saved.')
    expect(at(wrapper, 'setback').text()).toContain('`x` is no category.')
    expect(at(wrapper, 'setback').find('pre').text()).toContain('"allowed"')
    expect(at(wrapper, 'done').text()).toContain('0 done')
    expect(at(wrapper, 'remaining').text()).toBe('2 to review')
    expect(useSftStore().lastAction).toBeNull()
    await click(wrapper, 'edit-again-btn')
    expect(at(wrapper, 'setback').exists()).toBe(false)
    expect(wrapper.find('textarea').element.value).toBe('There are 9.')
    server.on(SUBMIT, { body: {} })
    await at(wrapper, 'correction-area').trigger('submit')
    await settle()
    expect(title(wrapper)).toBe('Task b')
    const [first, second] = server.to(SUBMIT).map(({ body }) => body?.decision_id)
    expect(second).not.toBe(first)
  })

  it('waits while another card is being worked on', async () => {
    const server = serverWith(items('a', 'b', 'c'))
    let answer = (): void => undefined
    server.on(SUBMIT, async () => {
      await new Promise<void>((resolve) => (answer = resolve))
      return byKim()
    })
    const wrapper = await open()
    await keys('d', 'Enter', 'c')
    await wrapper.find('textarea').setValue('In the middle of')
    answer()
    await settle()
    expect(title(wrapper)).toBe('Task b')
    expect(at(wrapper, 'refused-coming').text()).toContain('Task a')
    await click(wrapper, 'cancel-btn')
    expect(title(wrapper)).toBe('Task a')
    expect(at(wrapper, 'setback').exists()).toBe(true)
    expect(useDraftsStore().get('b')?.text).toBe('In the middle of')
  })

  it('comes back after a reload too', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(SUBMIT, byKim())
    const wrapper = await open()
    await correct(wrapper, 'There are 9.')
    server.on(QUEUE, page(items('b')))
    server.on(CANDIDATE, { body: { ...items('a')[0], status: 'approved' } })
    const again = await reload(wrapper)
    expect(title(again)).toBe('Task a')
    expect(at(again, 'mine').text()).toContain('There are 9.')
    expect(server.to(SUBMIT)).toHaveLength(1)
  })

  it('whose candidate is gone is told without a card, and keeps its text', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(SUBMIT, problem(404, 'unknown_candidate', 'There is no candidate `a`.'))
    const wrapper = await open()
    await correct(wrapper, 'There are 9.')
    server.on(CANDIDATE, problem(404, 'unknown_candidate', 'There is no candidate `a`.'))
    server.on(QUEUE, page(items('b')))
    const again = await reload(wrapper)
    expect(title(again)).toBe('Task b')
    expect(at(again, 'setback').text()).toContain('Task a')
    expect(at(again, 'setback').text()).toContain('There are 9.')
    await click(again, 'move-on-btn')
    expect(at(again, 'setback').exists()).toBe(false)
  })

  it('of a card that was taken back meanwhile disturbs nobody', async () => {
    const server = serverWith(items('a', 'b'))
    let answer = (): void => undefined
    server.on(SUBMIT, async () => {
      await new Promise<void>((resolve) => (answer = resolve))
      return byKim()
    })
    const wrapper = await open()
    await keys('d', 'Enter', 'u')
    answer()
    await settle()
    expect(title(wrapper)).toBe('Task a')
    expect(at(wrapper, 'setback').exists()).toBe(false)
    expect(server.to(UNDO)).toHaveLength(0)
  })
})

describe('somebody else was first', () => {
  async function conflict(): Promise<{
    wrapper: VueWrapper
    server: ReturnType<typeof serverWith>
  }> {
    const server = serverWith(items('a', 'b'))
    server.on(SUBMIT, byKim())
    const wrapper = await open()
    await correct(wrapper, 'There are 9.')
    return { wrapper, server }
  }

  it('shows both versions, and lets no key decide', async () => {
    const { wrapper, server } = await conflict()
    expect(title(wrapper)).toBe('Task a')
    expect(at(wrapper, 'conflict-title').text()).toContain('Already corrected by kim')
    expect(at(wrapper, 'theirs').text()).toContain('Kim says 9.')
    expect(at(wrapper, 'theirs').text()).toContain('Hallucination')
    expect(at(wrapper, 'theirs').text()).toContain('from the manual')
    expect(at(wrapper, 'mine').text()).toContain('There are 9.')
    await keys('c', 'd', 'f', 'Enter')
    expect(at(wrapper, 'setback').exists()).toBe(true)
    expect(server.to(SUBMIT)).toHaveLength(1)
  })

  it('theirs can stand; my text is kept until I let it go', async () => {
    const { wrapper } = await conflict()
    await click(wrapper, 'move-on-btn')
    expect(title(wrapper)).toBe('Task b')
    expect(at(wrapper, 'setback').exists()).toBe(false)
    expect(at(wrapper, 'remaining').text()).toBe('1 to review')
    expect(at(wrapper, 'done').text()).toContain('0 done')
    const again = await reload(wrapper)
    expect(at(again, 'kept-texts').text()).toContain('There are 9.')
    await click(again, 'forget-text-btn')
    expect(at(again, 'kept-texts').exists()).toBe(false)
    expect(useDraftsStore().get('a')).toBeUndefined()
  })

  it('mine can be put in two decisions', async () => {
    const { wrapper, server } = await conflict()
    server.on(SUBMIT, { body: {} })
    await click(wrapper, 'put-mine-btn')
    const posted = server.calls.filter(({ method }) => method === 'POST')
    expect(posted.slice(-2).map(({ url }) => url)).toEqual(['/api/sft/undo', '/api/sft/submit'])
    const [first, second] = server.to(SUBMIT).map(({ body }) => body)
    expect(second).toMatchObject({ action: 'correct', corrected_response: 'There are 9.' })
    expect(second?.decision_id).not.toBe(first?.decision_id)
    expect(title(wrapper)).toBe('Task b')
    expect(at(wrapper, 'done').text()).toContain('1 done')
    expect(useDraftsStore().get('a')).toBeUndefined()
  })

  it('and it was I, whose answer got lost: that is done', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(SUBMIT, unreachable)
    const wrapper = await open()
    await correct(wrapper, 'There are 9.')
    server.on(SUBMIT, {
      ...problem(409, 'already_decided', 'Decided.', {
        decided_by: 'local',
        decision: {
          action: 'correct',
          corrected_response: 'There are 9.',
          failure_category: null,
        },
      }),
    })
    await click(wrapper, 'send-now-btn')
    expect(at(wrapper, 'setback').exists()).toBe(false)
    expect(title(wrapper)).toBe('Task b')
    expect(useOutboxStore().entries).toEqual([])
  })
})

describe('what is written', () => {
  it('survives leaving the editor, the page and the browser', async () => {
    serverWith(items('a', 'b'))
    let wrapper = await open()
    await keys('c')
    await wrapper.find('textarea').setValue('There are')
    expect(closing()).toBe(false)
    await click(wrapper, 'cancel-btn')
    expect(wrapper.find('textarea').exists()).toBe(false)
    wrapper = await reload(wrapper)
    await keys('c')
    expect(wrapper.find('textarea').element.value).toBe('There are')
  })

  it('makes the browser ask where it cannot be kept, and the page says so', async () => {
    serverWith(items('a', 'b'))
    const wrapper = await open()
    await keys('c')
    fullStorage()
    await wrapper.find('textarea').setValue('There are')
    expect(closing()).toBe(true)
    expect(at(wrapper, 'storage-notice').exists()).toBe(true)
  })

  it('makes the browser ask where drafts end with the tab', async () => {
    serverWith(items('a', 'b'))
    useDraftsStore().setForgetAtEnd(true)
    const wrapper = await open()
    await keys('c')
    expect(closing()).toBe(false)
    await wrapper.find('textarea').setValue('There are')
    expect(closing()).toBe(true)
    expect(Object.keys(localStorage).some((key) => key.includes('.draft.'))).toBe(false)
  })

  it('goes when the server has it, not before', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(SUBMIT, unreachable)
    const wrapper = await open()
    await correct(wrapper, 'There are 9.')
    expect(useDraftsStore().get('a')?.text).toBe('There are 9.')
    server.on(SUBMIT, { body: {} })
    await click(wrapper, 'send-now-btn')
    expect(useDraftsStore().get('a')).toBeUndefined()
  })

  it('anew after an undo stays, though the first decision is acknowledged', async () => {
    const server = serverWith(items('a', 'b'))
    let answer = (): void => undefined
    server.on(SUBMIT, async () => {
      await new Promise<void>((resolve) => (answer = resolve))
      return { body: {} }
    })
    const wrapper = await open()
    await correct(wrapper, 'There are 9.')
    await keys('u', 'c')
    await wrapper.find('textarea').setValue('There are 9 eggs.')
    answer()
    await settle()
    expect(wrapper.find('textarea').element.value).toBe('There are 9 eggs.')
    expect(useDraftsStore().get('a')?.text).toBe('There are 9 eggs.')
  })
})

describe('two tabs', () => {
  it('another tab’s decision leaves the queue here, but not the card at hand', async () => {
    serverWith(items('a', 'b', 'c'))
    const wrapper = await open()
    const entry = (id: string, key: string) =>
      JSON.stringify({
        kind: 'decision',
        key,
        body: { id, action: 'discard', decision_id: key },
        about: { id },
        at: '2026-11-22T10:00:00Z',
        attempts: 0,
      })
    for (const [id, key] of [
      ['a', '1'],
      ['b', '2'],
    ] as const) {
      const name = `corrigenda.w1.outbox.${key}`
      window.dispatchEvent(new StorageEvent('storage', { key: name, newValue: entry(id, key) }))
    }
    await settle()
    expect(useSftStore().queue.map(({ id }) => id)).toEqual(['a', 'c'])
    expect(title(wrapper)).toBe('Task a')
  })

  it('one of them sends at a time', async () => {
    const request = vi.fn((_: string, work: () => Promise<unknown>) => work())
    vi.stubGlobal('navigator', { locks: { request } })
    const server = serverWith(items('a', 'b'))
    await open()
    await keys('d', 'Enter')
    expect(request.mock.calls[0]?.[0]).toBe('corrigenda.w1.outbox')
    expect(server.to(SUBMIT)).toHaveLength(1)
  })

  it('a decision taken back there while it was sent here is undone', async () => {
    const server = serverWith(items('a', 'b'))
    let answer = (): void => undefined
    server.on(SUBMIT, async () => {
      await new Promise<void>((resolve) => (answer = resolve))
      return { body: {} }
    })
    await open()
    await keys('d', 'Enter')
    const key = Object.keys(localStorage).find((name) => name.includes('.outbox.')) ?? ''
    localStorage.removeItem(key)
    answer()
    await settle()
    expect(server.to(UNDO)[0]?.body).toMatchObject({ id: 'a' })
  })
})
