import { beforeEach, describe, expect, it, vi } from 'vitest'

import { useOutboxStore } from '@/stores/outbox'
import type { OutboxEntry } from '@/stores/outbox'
import { useSignInStore } from '@/stores/signIn'

import { fullStorage } from '../flow'
import { candidate, freshPinia } from '../helpers'

const discard = (id: string, decisionId = `d-${id}`) => ({
  kind: 'decision' as const,
  body: { id, action: 'discard' as const, decision_id: decisionId, failure_category: null },
})
const undo = (id: string) => ({ kind: 'undo' as const, body: { id, decision_id: `u-${id}` } })
const about = (id: string) => candidate({ id, model_response: 'x'.repeat(1000) })

const add = (id: string): OutboxEntry => useOutboxStore().add(discard(id), about(id))
const ids = (): string[] => useOutboxStore().waiting.map(({ body }) => body.id)

/** As the same thing looks in another tab. */
function elsewhere(entry: OutboxEntry, change: Partial<OutboxEntry> | null): void {
  const key = `corrigenda.workspace.outbox.${entry.key}`
  const newValue = change === null ? null : JSON.stringify({ ...entry, ...change })
  if (newValue === null) localStorage.removeItem(key)
  else localStorage.setItem(key, newValue)
  useOutboxStore().onStorage(new StorageEvent('storage', { key, newValue }))
}

beforeEach(() => void freshPinia())

describe('the outbox', () => {
  it('keeps the order of decisions over a reload, also when the clock is put back', () => {
    vi.useFakeTimers({ now: 2_000_000_000_000 })
    add('b')
    vi.setSystemTime(1_000_000_000_000)
    add('a')
    add('c')
    vi.useRealTimers()
    freshPinia()
    expect(ids()).toEqual(['b', 'a', 'c'])
  })

  it('keeps what is needed, not the record', () => {
    add('a')
    const [[, stored] = []] = Object.entries(localStorage)
    expect(stored).toContain('"task_name":"Eggs"')
    expect(stored).not.toContain('xxxx')
  })

  it('knows which candidates are decided, until they are taken back', () => {
    const outbox = useOutboxStore()
    add('a')
    add('b')
    outbox.add(undo('a'), about('a'))
    expect([...outbox.decided]).toEqual(['b'])
  })

  it('leaves each decision to its writer, as long as people sign in', () => {
    const signIn = useSignInStore()
    const outbox = useOutboxStore()
    const session = (reviewer: string | null, by: 'token' | 'open'): void => {
      signIn.session = { required: by === 'token', reviewer, lead: false, by }
    }
    const sendable = (): string[] => outbox.sendable.map(({ body }) => body.id)
    session('kim', 'token')
    add('a')
    session('ana', 'token')
    add('b')
    expect(sendable()).toEqual(['b'])
    // It may still be hers to decide.
    expect([...outbox.decided]).toEqual(['b'])
    expect(outbox.ofOthers.map(({ by }) => by)).toEqual(['kim'])
    session(null, 'token')
    expect(sendable()).toEqual([])
    session(null, 'open')
    expect(sendable()).toEqual(['a', 'b'])
    expect(outbox.ofOthers).toEqual([])
  })

  it('forgets nothing when the storage is full, but says so', () => {
    fullStorage()
    const outbox = useOutboxStore()
    const entry = add('a')
    outbox.load()
    expect(ids()).toEqual(['a'])
    expect(outbox.unkept.size).toBe(1)
    outbox.remove(entry)
    expect(outbox.unkept.size).toBe(0)
  })

  it('leaves out what can’t be read', () => {
    localStorage.setItem('corrigenda.workspace.outbox.1', '{"kind": "decision"}')
    localStorage.setItem('corrigenda.workspace.outbox.2', 'broken')
    expect(ids()).toEqual([])
  })

  it('sees what other tabs add, send and settle', () => {
    const first = add('a')
    freshPinia()
    const outbox = useOutboxStore()
    const second = add('b')
    elsewhere(
      { ...first, key: '000000000-0000', body: { ...first.body, id: 'z' } } as OutboxEntry,
      {},
    )
    expect(ids()).toEqual(['z', 'a', 'b'])
    elsewhere(second, { refusal: { status: 422, code: 'x', detail: 'No.', extras: {} } })
    expect(outbox.refused.map(({ key }) => key)).toEqual([second.key])
    elsewhere(first, null)
    expect(ids()).toEqual(['z'])
  })
})

describe('taking back', () => {
  it('drops a decision that was never sent', () => {
    const entry = add('a')
    expect(useOutboxStore().withdraw('d-a')).toBe(true)
    expect(ids()).toEqual([])
    expect(useOutboxStore().update(entry, { attempts: 1 })).toBeNull()
    expect(localStorage.length).toBe(0)
  })

  it.each([
    ['it was sent', () => void useOutboxStore().update(add('a'), { attempts: 1 })],
    [
      'another tab is sending it',
      () => {
        const entry = add('a')
        const key = `corrigenda.workspace.outbox.${entry.key}`
        localStorage.setItem(key, JSON.stringify({ ...entry, attempts: 1 }))
      },
    ],
    ['it is not there', () => undefined],
  ])('does not when %s', (_, prepare) => {
    prepare()
    expect(useOutboxStore().withdraw('d-a')).toBe(false)
  })
})
