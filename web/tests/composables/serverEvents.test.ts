import { beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import type { EffectScope } from 'vue'

import { lookAgain, useServerEvents } from '@/composables/useServerEvents'
import type { UseServerEventsReturn } from '@/composables/useServerEvents'

import { FakeSource } from '../helpers'

const MINUTE = 60_000

let scope: EffectScope
let events: UseServerEventsReturn
const source = (): FakeSource => FakeSource.all.at(-1)!

beforeEach(() => {
  vi.useFakeTimers()
  FakeSource.all = []
  vi.stubGlobal('EventSource', FakeSource)
  scope = effectScope()
  events = scope.run(() => useServerEvents())!
  return () => {
    scope.stop()
    vi.useRealTimers()
  }
})

const hear = (name: Parameters<UseServerEventsReturn['on']>[0]) => {
  const heard = vi.fn()
  scope.run(() => events.on(name, heard))
  return heard
}

describe('server events', () => {
  it('come over one connection, to whoever listens', () => {
    const heard = hear('decided')
    const other = effectScope()
    other.run(() => useServerEvents())
    expect(FakeSource.all).toHaveLength(1)
    expect(source().url).toBe('/api/sft/events')
    source().say('decided', { ids: ['a'] })
    expect(heard).toHaveBeenCalledExactlyOnceWith({ ids: ['a'] })
    other.stop()
    expect(source().readyState).toBe(1)
    scope.stop()
    expect(source().readyState).toBe(2)
  })

  it('that cannot be read are left out', () => {
    const heard = hear('decided')
    source().dispatchEvent(new MessageEvent('decided', { data: '{' }))
    expect(heard).not.toHaveBeenCalled()
  })

  it('make everybody look again, for nobody told what happened before', () => {
    const heard = hear('resync')
    source().dispatchEvent(new Event('open'))
    expect(events.live.value).toBe(true)
    expect(heard, 'the server may not listen yet').not.toHaveBeenCalled()
    source().say('counts', {})
    source().say('counts', {})
    expect(heard).toHaveBeenCalledTimes(1)
    source().dispatchEvent(new Event('error'))
    expect(events.live.value).toBe(false)
    source().dispatchEvent(new Event('open'))
    source().say('counts', {})
    expect(heard).toHaveBeenCalledTimes(2)
    source().say('reset', {})
    expect(heard).toHaveBeenCalledTimes(3)
  })

  it('that are refused are asked for again, less and less often; till then one looks', () => {
    const heard = hear('resync')
    const refuse = (): void => {
      source().readyState = 2
      source().dispatchEvent(new Event('error'))
    }
    refuse()
    vi.advanceTimersByTime(5_000)
    expect(FakeSource.all).toHaveLength(2)
    refuse()
    vi.advanceTimersByTime(5_000)
    expect(FakeSource.all).toHaveLength(2)
    vi.advanceTimersByTime(MINUTE)
    expect(FakeSource.all).toHaveLength(3)
    expect(heard).toHaveBeenCalledTimes(1)
  })

  it('need no connection where nobody looks', () => {
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
    document.dispatchEvent(new Event('visibilitychange'))
    expect(source().readyState).toBe(1)
    vi.advanceTimersByTime(20_000)
    expect(source().readyState).toBe(2)
    hidden.mockReturnValue(false)
    document.dispatchEvent(new Event('visibilitychange'))
    expect(FakeSource.all).toHaveLength(2)
  })

  it('are asked for at once after signing in', () => {
    const heard = hear('resync')
    source().readyState = 2
    source().dispatchEvent(new Event('error'))
    lookAgain()
    expect(FakeSource.all).toHaveLength(2)
    expect(heard).toHaveBeenCalledTimes(1)
  })
})
