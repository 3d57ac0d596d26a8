import { mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick, ref } from 'vue'

import { useActiveSeconds } from '@/composables/useActiveSeconds'
import { useDelayed } from '@/composables/useDelayed'

function inComponent<T>(setup: () => T): T {
  let result!: T
  mount(
    defineComponent({
      setup() {
        result = setup()
        return () => h('div')
      },
    }),
  )
  return result
}

beforeEach(() => {
  vi.useFakeTimers()
  return () => vi.useRealTimers()
})

describe('useActiveSeconds', () => {
  it('counts from zero for each subject', () => {
    const subject = ref('a')
    const { seconds } = inComponent(() => useActiveSeconds(subject))
    vi.advanceTimersByTime(4200)
    expect(seconds()).toBe(4.2)
    subject.value = 'b'
    vi.advanceTimersByTime(1000)
    expect(seconds()).toBe(1)
  })

  it('stops counting a minute after the last sign of life', () => {
    const { seconds } = inComponent(() => useActiveSeconds('a'))
    vi.advanceTimersByTime(600_000)
    window.dispatchEvent(new Event('pointermove'))
    vi.advanceTimersByTime(5_000)
    expect(seconds()).toBe(65)
  })

  it('does not count a hidden page', () => {
    const { seconds } = inComponent(() => useActiveSeconds('a'))
    const hidden = vi.spyOn(document, 'hidden', 'get')
    vi.advanceTimersByTime(2_000)
    hidden.mockReturnValue(true)
    document.dispatchEvent(new Event('visibilitychange'))
    vi.advanceTimersByTime(30_000)
    hidden.mockReturnValue(false)
    document.dispatchEvent(new Event('visibilitychange'))
    vi.advanceTimersByTime(3_000)
    expect(seconds()).toBe(5)
  })
})

describe('useDelayed', () => {
  it('is true only after the delay', async () => {
    const source = ref(true)
    const delayed = inComponent(() => useDelayed(source, 200))
    vi.advanceTimersByTime(199)
    expect(delayed.value).toBe(false)
    vi.advanceTimersByTime(1)
    expect(delayed.value).toBe(true)
    source.value = false
    await nextTick()
    expect(delayed.value).toBe(false)
  })

  it('stays false for quick work', async () => {
    const source = ref(true)
    const delayed = inComponent(() => useDelayed(source, 200))
    vi.advanceTimersByTime(100)
    source.value = false
    await nextTick()
    vi.advanceTimersByTime(500)
    expect(delayed.value).toBe(false)
  })
})
