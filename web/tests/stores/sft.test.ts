import { beforeEach, describe, expect, it } from 'vitest'

import { useSftStore } from '@/stores/sft'

import { candidate, freshPinia } from '../helpers'

beforeEach(freshPinia)

describe('useSftStore', () => {
  it('starts empty', () => {
    const store = useSftStore()
    expect(store.queue).toEqual([])
    expect(store.totalRemaining).toBe(0)
    expect(store.lastAction).toBeNull()
    expect(store.current).toBeNull()
  })

  it('has the first of the queue as its current candidate', () => {
    const store = useSftStore()
    store.queue = [candidate({ id: 'a' }), candidate({ id: 'b' })]
    expect(store.current?.id).toBe('a')
    store.removeCurrentFromQueue()
    expect(store.current?.id).toBe('b')
  })

  it('keeps the last action with its category', () => {
    const store = useSftStore()
    const item = candidate()
    store.setLastAction('discard', item, 'scoring_artifact')
    expect(store.lastAction).toEqual({
      type: 'discard',
      item,
      failure_category: 'scoring_artifact',
    })
    store.setLastAction('flag', item)
    expect(store.lastAction?.failure_category).toBeNull()
    store.clearLastAction()
    expect(store.lastAction).toBeNull()
  })

  it('puts a restored candidate in front and forgets the action', () => {
    const store = useSftStore()
    store.queue = [candidate({ id: 'b' })]
    store.setLastAction('correct', candidate({ id: 'a' }))
    store.restoreItem(candidate({ id: 'a' }))
    expect(store.queue.map(({ id }) => id)).toEqual(['a', 'b'])
    expect(store.lastAction).toBeNull()
  })

  it('does nothing when an empty queue is shifted', () => {
    const store = useSftStore()
    store.removeCurrentFromQueue()
    expect(store.queue).toEqual([])
  })
})
