import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import type { EffectScope } from 'vue'

import { useClaims } from '@/composables/useClaims'
import type { UseClaimsReturn } from '@/composables/useClaims'
import { useClaimsStore } from '@/stores/claims'
import { useDraftsStore } from '@/stores/drafts'
import { useReviewerStore } from '@/stores/reviewer'

import { items, page, QUEUE, RELEASE, RENEW, serverWith } from '../flow'
import { freshPinia } from '../helpers'
import type { FakeServer } from '../helpers'

const MINUTE = 60_000

let scope: EffectScope
let hands: UseClaimsReturn
let server: FakeServer

beforeEach(async () => {
  vi.useFakeTimers()
  freshPinia()
  server = serverWith(items('a', 'b'))
  scope = effectScope()
  hands = scope.run(() => useClaims())!
  await hands.claim({ n: 2 })
  return () => {
    scope.stop()
    vi.useRealTimers()
  }
})

const held = (): string[] => [...useClaimsStore().held.keys()]

/** Takes these under a lease of so long. */
async function take(lease: number, ...ids: string[]): Promise<void> {
  const given = page(items(...ids))
  server.on(QUEUE, (call) => ({ body: { ...given(call).body, lease_seconds: lease } }))
  await hands.claim({ n: ids.length })
}

describe('cards in hand', () => {
  it('are renewed while somebody is at work', async () => {
    await vi.advanceTimersByTimeAsync(2 * MINUTE)
    expect(server.to(RENEW)).toHaveLength(3)
    expect(server.to(RENEW)[0]?.body).toEqual({
      holder: useClaimsStore().holder,
      tokens: ['t-a', 't-b'],
    })
  })

  it.each([15, 600])('are renewed three times in a lease of %d seconds', async (lease) => {
    await take(lease, 'a', 'b')
    await vi.advanceTimersByTimeAsync(lease * 1000)
    expect(server.to(RENEW)).toHaveLength(3)
  })

  it('are renewed by one request at a time', async () => {
    let answer: (reply: object) => void = () => undefined
    server.on(RENEW, () => new Promise<object>((resolve) => (answer = resolve)))
    await vi.advanceTimersByTimeAsync(5 * MINUTE)
    window.dispatchEvent(new Event('online'))
    expect(server.to(RENEW)).toHaveLength(1)
    answer({ body: { renewed: ['a', 'b'], lost: [], until: '' } })
    await flushPromises()
    expect(server.to(RENEW)).toHaveLength(2)
  })

  it('go back when nobody is, and are taken up again', async () => {
    await vi.advanceTimersByTimeAsync(40 * MINUTE)
    const before = server.to(RENEW).length
    expect(before).toBe(22)
    window.dispatchEvent(new Event('keydown'))
    await flushPromises()
    expect(server.to(RENEW)).toHaveLength(before + 1)
  })

  it('that were lost are asked for once more, and said to be gone', async () => {
    const lost = vi.fn()
    hands.onLost(lost)
    server.on(RENEW, { body: { renewed: [], lost: ['a', 'b'], until: '' } })
    server.on(QUEUE, (call) => {
      const { body } = page(items('a'))({ body: { ...call.body, ids: ['a'] } })
      return { body: { ...body, refused: [{ id: 'b', reviewer: 'kim' }] } }
    })
    await vi.advanceTimersByTimeAsync(MINUTE)
    expect(server.to(QUEUE)[1]?.body).toMatchObject({ ids: ['a', 'b'] })
    expect(held()).toEqual(['a'])
    expect(lost).toHaveBeenCalledExactlyOnceWith(['b'])
    expect(useClaimsStore().elsewhere.get('b')).toBe('kim')
    // A decision still says what it was made with.
    expect(useClaimsStore().tokenOf('b')).toBe('t-b')
  })

  it('stay when the server does not answer', async () => {
    const lost = vi.fn()
    hands.onLost(lost)
    server.on(RENEW, () => {
      throw new TypeError('Failed to fetch')
    })
    await vi.advanceTimersByTimeAsync(5 * MINUTE)
    expect(held()).toEqual(['a', 'b'])
    expect(lost).not.toHaveBeenCalled()
  })

  it('go back with the page, but for one with a text that is begun', () => {
    useDraftsStore().save('a', { text: 'Nine.', at: '2026-11-22T10:00:00Z' } as never)
    window.dispatchEvent(new Event('pagehide'))
    expect(server.to(RELEASE)[0]?.body).toMatchObject({ tokens: ['t-b'] })
  })

  it('that are not wanted go back at once', async () => {
    hands.keepOnly(new Set(['b']))
    await flushPromises()
    expect(server.to(RELEASE)[0]?.body).toMatchObject({ tokens: ['t-a'] })
    expect(held()).toEqual(['b'])
  })

  it('that are given back stay until others come, and are given back once', async () => {
    await hands.offerAllBut(new Set(['b']))
    expect(held()).toEqual(['a', 'b'])
    hands.keepOnly(new Set(['b']))
    await flushPromises()
    expect(server.to(RELEASE).map(({ body }) => body?.tokens)).toEqual([['t-a']])
    expect(held()).toEqual(['b'])
  })

  it('that nobody has are in no other hands any more', async () => {
    const answer = page([])({ body: { ids: [] } }).body
    server.on(QUEUE, { body: { ...answer, refused: [{ id: 'z', reviewer: 'kim' }] } })
    await hands.claimThese(['z'])
    expect(useClaimsStore().elsewhere.get('z')).toBe('kim')
    server.on(QUEUE, { body: answer })
    await hands.claimThese(['z'])
    expect(useClaimsStore().elsewhere.has('z')).toBe(false)
  })

  it('follow the reviewer to another name', async () => {
    useReviewerStore().rename('kim')
    await flushPromises()
    expect(server.to(RELEASE)[0]?.headers).not.toHaveProperty('X-Reviewer')
    expect(server.to(QUEUE).at(-1)?.headers['X-Reviewer']).toBe('kim')
    expect(server.to(QUEUE).at(-1)?.body).toMatchObject({ ids: ['a', 'b'] })
  })

  it('have one holder for the tabs of a browser', () => {
    const { holder } = useClaimsStore()
    freshPinia()
    expect(useClaimsStore().holder).toBe(holder)
  })
})
