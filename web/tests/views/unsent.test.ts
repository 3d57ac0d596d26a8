/** Decisions on the review page when the server is away, refuses, or loses its answers. */
import type { VueWrapper } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import { useDraftsStore } from '@/stores/drafts'
import { useSftStore } from '@/stores/sft'

import {
  at,
  click,
  correct,
  fullStorage,
  items,
  keys,
  openPage,
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
    expect(Object.keys(localStorage).toSorted()).toEqual([
      'corrigenda.holder',
      'corrigenda.workspace',
    ])
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
    // And after it the card is taken in hand again.
    expect(order.slice(-3)).toEqual(['/api/sft/submit', '/api/sft/undo', '/api/sft/queue/claim'])
    expect(server.to(QUEUE).at(-1)?.body?.ids).toEqual(['a'])
    expect(title(wrapper)).toBe('Task a')
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
