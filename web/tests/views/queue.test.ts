/** The queue of the review page: filled, emptied, shared with others. */
import { mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'

import { useSearchIndexStore } from '@/stores/searchIndex'
import { useSftStore } from '@/stores/sft'
import CorrectionsView from '@/views/CorrectionsView.vue'

import {
  at,
  click,
  items,
  keys,
  openPage,
  page,
  pool,
  PROGRESS,
  QUEUE,
  RELEASE,
  serverWith,
  settle,
  SIBLINGS,
  STATS,
  SUBMIT,
  title,
} from '../flow'
import { FakeSource, freshPinia, problem, unreachable } from '../helpers'
import type { FakeServer, Reply } from '../helpers'

let pinia = freshPinia()
beforeEach(() => {
  pinia = freshPinia()
  sessionStorage.clear()
  FakeSource.all = []
  vi.stubGlobal('EventSource', FakeSource)
})

const open = async (address = '/'): Promise<VueWrapper> => (await openPage(pinia, address)).wrapper

const queued = (): string[] => useSftStore().queue.map(({ id }) => id)

/** Answers a route only when it is told to. */
function later(server: FakeServer, route: string): (reply: Reply) => Promise<void> {
  let answer: (reply: Reply) => void = () => undefined
  server.on(route, () => new Promise<Reply>((resolve) => (answer = resolve)))
  return (reply) => {
    answer(reply)
    return settle()
  }
}

/** What was taken and given back, in order. */
const order = ({ calls }: FakeServer): string[] =>
  calls.flatMap(({ url }) => url.match(/\/queue\/(claim|release)/)?.[1] ?? [])

describe('the queue', () => {
  it('takes few cards at a time where few are left, and repeats none', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `q${index}`)
    const server = pool(...names)
    await open()
    const holder = server.to(QUEUE)[0]?.body?.holder
    expect(server.to(QUEUE).map(({ body }) => body)).toEqual([{ n: 5, holder }])
    expect(holder).toMatch(/^[0-9a-f]{24}$/)
    await keys('d', 'Enter')
    expect(server.to(QUEUE)).toHaveLength(1)
    await keys('d', 'Enter')
    expect(server.to(QUEUE)).toHaveLength(2)
    expect(queued()).toEqual(names.slice(2, 8))
  })

  it('takes more cards at a time where many are left', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `q${index}`)
    const server = pool(...names)
    await open()
    expect(server.to(QUEUE).map(({ body }) => body?.n)).toEqual([5, 21])
    expect(useSftStore().queue).toHaveLength(21)
  })

  it('says that the rest is in other hands, and goes on when it is let go', async () => {
    const server = serverWith(items('a'), 3)
    const wrapper = await open()
    server.on(QUEUE, page([], 3))
    await keys('d', 'Enter')
    expect(at(wrapper, 'other-hands').text()).toContain('2 candidates are left to review')
    server.on(QUEUE, page(items('b'), 2))
    await click(wrapper, 'look-again-btn')
    expect(title(wrapper)).toBe('Task b')
  })

  it('is the one that the address asks for, and starts again when that changes', async () => {
    const server = serverWith(items('a', 'b'))
    const { router } = await openPage(pinia, '/?model=m1&order=lowest_score')
    expect(server.to(QUEUE)[0]?.url).toBe('/api/sft/queue/claim?model=m1&order=lowest_score')
    server.on(QUEUE, page(items('z')))
    await router.push('/?model=m2')
    await settle()
    expect(queued()).toEqual(['z'])
    expect(useSftStore().totalRemaining).toBe(1)
  })

  it('says how many a search does not find yet', async () => {
    const server = serverWith(items('a'))
    const answer = page(items('a'))
    server.on(QUEUE, (call) => ({ body: { ...answer(call).body, search_behind: 12 } }))
    const { router } = await openPage(pinia, '/?q=eggs')
    expect(useSearchIndexStore().behind).toBe(12)
    server.on(QUEUE, answer)
    await router.push('/?q=hens')
    await settle()
    expect(useSearchIndexStore().behind).toBe(0)
  })

  it('shows a skeleton only when loading takes a while', async () => {
    vi.useFakeTimers()
    const server = serverWith([])
    server.on(QUEUE, () => new Promise(() => undefined))
    const router = createRouter({
      history: createMemoryHistory(),
      routes: [{ path: '/', component: { render: () => null } }],
    })
    const wrapper = mount(CorrectionsView, {
      global: { plugins: [pinia, router], stubs: { FilterBar: true } },
    })
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

  it('that cannot be topped up keeps nobody from the cards at hand', async () => {
    const server = serverWith(items('a', 'b'), 30)
    const wrapper = await open()
    server.on(QUEUE, unreachable)
    await keys('d', 'Enter')
    expect(title(wrapper)).toBe('Task b')
    expect(at(wrapper, 'load-error').exists()).toBe(false)
    await keys('d', 'Enter')
    expect(at(wrapper, 'load-error').exists()).toBe(true)
  })

  it('without any candidate ever tells how to get the first', async () => {
    const server = serverWith([])
    server.on(STATS, { body: { total: 0, by_status: {}, export_ready: 0 } })
    const wrapper = await open()
    expect(at(wrapper, 'first-run').exists()).toBe(true)
  })

  it('worked off says so, and still undoes', async () => {
    const server = serverWith(items('a'))
    const wrapper = await open()
    server.on(QUEUE, page([]))
    await keys('d', 'Enter')
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

  it('empty under a filter says that, and takes the filter away', async () => {
    serverWith([])
    const { wrapper, router } = await openPage(pinia, '/?model=m1')
    expect(at(wrapper, 'all-caught-up').text()).toContain('under this filter')
    await click(wrapper, 'clear-filter-btn')
    expect(router.currentRoute.value.query).toEqual({})
  })

  it('does without the optional routes', async () => {
    const server = serverWith(items('a', 'b'))
    const missing = problem(404, 'not_found', 'No such route.')
    for (const route of ['GET /api/sft/workspace', SIBLINGS, PROGRESS]) server.on(route, missing)
    const wrapper = await open()
    await keys('d', 'Enter')
    expect(title(wrapper)).toBe('Task b')
    expect(server.to(SUBMIT)).toHaveLength(1)
    expect(at(wrapper, 'done').text()).toContain('1 done')
  })
})

describe('the queue, shared with others', () => {
  const say = (event: object): void => FakeSource.all.at(-1)?.say('decided', event)

  it('shows again what was decided here and taken back elsewhere', async () => {
    const server = serverWith(items('a', 'b'))
    await open()
    await keys('d', 'Enter')
    expect(queued()).toEqual(['b'])
    server.on(QUEUE, page(items('a', 'b')))
    vi.useFakeTimers()
    say({ ids: ['a'], returned: ['a'] })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(queued()).toEqual(['b', 'a'])
    vi.useRealTimers()
  })

  it('does not show what was decided while the answer was on its way', async () => {
    const server = serverWith(items('a', 'b', 'c'), 30)
    const answer = later(server, QUEUE)
    await open()
    await answer(page(items('a', 'b', 'c'), 30)({ body: {} }))
    expect(server.to(QUEUE)).toHaveLength(2)
    await keys('d', 'Enter')
    expect(server.to(SUBMIT)).toHaveLength(1)
    await answer(page(items('a', 'b', 'c', 'd'), 30)({ body: {} }))
    expect(queued()).toEqual(['b', 'c', 'd'])
  })

  it('that is empty is not asked for at each decision, and stays as it is meanwhile', async () => {
    const server = serverWith([], 3)
    const wrapper = await open()
    expect(at(wrapper, 'other-hands').exists()).toBe(true)
    const before = server.to(QUEUE).length
    const answer = later(server, QUEUE)
    vi.useFakeTimers()
    for (const id of ['x', 'y', 'z']) say({ ids: [id] })
    await vi.advanceTimersByTimeAsync(0)
    expect(server.to(QUEUE)).toHaveLength(before)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(server.to(QUEUE)).toHaveLength(before + 1)
    expect(at(wrapper, 'other-hands').exists()).toBe(true)
    vi.useRealTimers()
    await answer(page(items('a'), 1)({ body: {} }))
    expect(title(wrapper)).toBe('Task a')
  })
})

describe('another filter', () => {
  it('is asked for when the cards of the one before are given back', async () => {
    const server = serverWith(items('a', 'b'))
    const { router } = await openPage(pinia, '/?model=m1')
    const given = later(server, RELEASE)
    server.on(QUEUE, page(items('z')))
    await router.push('/?model=m2')
    await settle()
    expect(order(server)).toEqual(['claim', 'release'])
    await given({ body: { released: 2 } })
    expect(order(server)).toEqual(['claim', 'release', 'claim'])
    expect(server.to(RELEASE)[0]?.body).toMatchObject({ tokens: ['t-a', 't-b'] })
    expect(queued()).toEqual(['z'])
  })

  it('waits only so long for a server that does not take them', async () => {
    const server = serverWith(items('a', 'b'))
    const { router } = await openPage(pinia, '/?model=m1')
    void later(server, RELEASE)
    server.on(QUEUE, page(items('z')))
    vi.useFakeTimers()
    await router.push('/?model=m2')
    await vi.advanceTimersByTimeAsync(3_100)
    expect(queued()).toEqual(['z'])
    vi.useRealTimers()
  })

  it('and back again gives back nothing that was just taken', async () => {
    const server = serverWith(items('a', 'b'), 30)
    const answer = later(server, QUEUE)
    const { router } = await openPage(pinia, '/?model=m1')
    await answer(page(items('a', 'b'), 30)({ body: {} }))
    expect(order(server)).toEqual(['claim', 'claim'])
    await router.push('/?model=m2')
    await settle()
    await router.push('/?model=m1')
    await settle()
    const arrived = answer(page(items('a', 'b', 'c'), 30)({ body: {} }))
    server.on(QUEUE, page(items('a', 'b', 'c'), 3))
    await arrived
    expect(order(server)).toEqual(['claim', 'claim', 'release', 'claim'])
    expect(server.to(QUEUE).at(-1)?.url).toContain('model=m1')
    expect(queued()).toEqual(['a', 'b', 'c'])
    // And the next change of the filter is one again.
    server.on(QUEUE, page(items('z')))
    await router.push('/?model=m2')
    await settle()
    expect(queued()).toEqual(['z'])
  })
})
