import { defineStore } from 'pinia'
import { computed, ref, shallowReactive, shallowRef, watch } from 'vue'

import type { Decision, DecisionEntry, PutOff, Undo } from '@/client/api'

import { isRecord, localShelf, parsed } from './kept'
import { useSignInStore } from './signIn'
import { useWorkspaceStore } from './workspace'

/** What names a candidate to the reviewer; the record itself stays with the server. */
export interface CandidateGlimpse {
  id: string
  task_name?: string | null
  task_id?: string | null
  model_name?: string | null
  [key: string]: unknown
}

/** Why the server refused it; kept with the entry until the reviewer has dealt with it. */
export interface Refusal {
  status: number
  code: string
  detail: string
  extras: Readonly<Record<string, unknown>> & { decision?: DecisionEntry }
}

export type OutboxOperation =
  | { kind: 'decision'; body: Decision }
  | { kind: 'undo'; body: Undo }
  | { kind: 'put-off'; body: PutOff }

export type OutboxEntry = OutboxOperation & {
  /** Sorts by the time of the decision, across tabs. */
  key: string
  about: CandidateGlimpse
  /** When it was decided, ISO 8601. */
  at: string
  /** Who was signed in: nobody else sends it, where people sign in. Missing where nobody does. */
  by?: string
  /** How often it was sent; after the first time it may have arrived. */
  attempts: number
  refusal?: Refusal
  /** Theirs stands; the reviewer's text is kept until it is dismissed. */
  setAside?: boolean
}

/**
 * What the server has not acknowledged yet, oldest first. Every entry has a key of its own in the
 * browser's storage, so that a crash loses none and other tabs see them. Sends nothing: see
 * `useOutbox`.
 */
export const useOutboxStore = defineStore('outbox', () => {
  const workspace = useWorkspaceStore()
  const signIn = useSignInStore()
  const entries = shallowRef<readonly OutboxEntry[]>([])
  /** Entries that live in this page only, since the browser's storage refused them. */
  const unkept = shallowReactive(new Set<string>())
  /** Why the last try to send got no usable answer; null when all is well. */
  const failure = shallowRef<unknown>(null)
  const sending = ref(false)

  const prefix = (): string => `${workspace.prefix}outbox.`
  const waiting = computed(() => entries.value.filter((entry) => !entry.refusal))
  /**
   * What whoever is here may send: a decision is its writer's. Where nobody signs in (any more) it
   * goes out under the name that it carries.
   */
  const sendable = computed(() => waiting.value.filter(isOwn))
  /** Decisions of others who were signed in here. */
  const ofOthers = computed(() => waiting.value.filter((entry) => !isOwn(entry)))
  const refused = computed(() => entries.value.filter((entry) => entry.refusal && !entry.setAside))
  const setAside = computed(() => entries.value.filter((entry) => entry.setAside))
  /** Candidates with a decision under way: they are not in this reviewer's queue any more. */
  const decided = computed(() => {
    const ids = new Set<string>()
    for (const { kind, body } of sendable.value) {
      if (kind === 'decision') ids.add(body.id)
      else if (kind === 'undo') ids.delete(body.id)
    }
    return ids
  })

  const isOwn = ({ by }: OutboxEntry): boolean =>
    !by || by === signIn.reviewer || signIn.session?.by === 'open'

  function load(): void {
    const mine = entries.value.filter(({ key }) => unkept.has(key))
    const kept = localShelf.all(prefix()).map(([, value]) => entryFrom(value))
    entries.value = inOrder([...kept.filter((entry) => entry !== null), ...mine])
  }

  function add(operation: OutboxOperation, about: CandidateGlimpse): OutboxEntry {
    const last = entries.value.at(-1)?.key ?? ''
    const { id, task_name, task_id, model_name } = about
    const entry: OutboxEntry = {
      ...operation,
      key: keyAfter(last),
      about: { id, task_name, task_id, model_name },
      at: new Date().toISOString(),
      ...(signIn.reviewer === null ? {} : { by: signIn.reviewer }),
      attempts: 0,
    }
    entries.value = [...entries.value, entry]
    keep(entry)
    return entry
  }

  /** Null when it is gone: another tab has taken it back meanwhile. */
  function update(entry: OutboxEntry, change: Partial<OutboxEntry>): OutboxEntry | null {
    if (!isThere(entry.key)) {
      entries.value = entries.value.filter(({ key }) => key !== entry.key)
      return null
    }
    const changed = { ...entry, ...change } as OutboxEntry
    entries.value = entries.value.map((other) => (other.key === entry.key ? changed : other))
    keep(changed)
    return changed
  }

  /** Whether it was still there: another tab may have taken it back meanwhile. */
  function remove({ key }: Pick<OutboxEntry, 'key'>): boolean {
    const there = isThere(key)
    entries.value = entries.value.filter((entry) => entry.key !== key)
    unkept.delete(key)
    localShelf.drop(prefix() + key)
    return there
  }

  /** Takes a decision out that was never sent; false when it may have arrived. */
  function withdraw(decisionId: string): boolean {
    const entry = waiting.value.find(
      ({ kind, body }) => kind === 'decision' && body.decision_id === decisionId,
    )
    if (!entry || entry.attempts > 0) return false
    const kept = entryFrom(localShelf.get(prefix() + entry.key))
    if (!unkept.has(entry.key) && kept?.attempts !== 0) return false
    return remove(entry)
  }

  const isThere = (key: string): boolean =>
    unkept.has(key) || localShelf.get(prefix() + key) !== null

  function keep(entry: OutboxEntry): void {
    if (localShelf.put(prefix() + entry.key, entry)) unkept.delete(entry.key)
    else unkept.add(entry.key)
  }

  /** Another tab has added, sent or settled something. */
  function onStorage(event: StorageEvent): void {
    if (!event.key?.startsWith(prefix())) return
    const key = event.key.slice(prefix().length)
    const entry = entryFrom(parsed(event.newValue))
    const others = entries.value.filter((other) => other.key !== key)
    entries.value = entry ? inOrder([...others, entry]) : others
  }

  load()
  watch(() => workspace.prefix, load, { flush: 'sync' })

  return {
    entries,
    waiting,
    sendable,
    ofOthers,
    refused,
    setAside,
    decided,
    unkept,
    failure,
    sending,
    load,
    add,
    update,
    remove,
    withdraw,
    onStorage,
  }
})

/** Later than every key so far, also when the clock was put back. */
function keyAfter(last: string): string {
  const [before = ''] = last.split('-')
  const time = Math.max(Date.now(), before ? parseInt(before, 36) + 1 : 0)
  const tail = Math.floor(Math.random() * 36 ** 4)
  return `${time.toString(36).padStart(9, '0')}-${tail.toString(36).padStart(4, '0')}`
}

function inOrder(entries: OutboxEntry[]): OutboxEntry[] {
  return entries.toSorted((one, other) => (one.key < other.key ? -1 : 1))
}

const KINDS: readonly unknown[] = ['decision', 'undo', 'put-off']

function entryFrom(value: unknown): OutboxEntry | null {
  if (!isRecord(value) || !KINDS.includes(value.kind)) return null
  const { key, body, about } = value
  const sound = typeof key === 'string' && isRecord(body) && typeof body.id === 'string'
  return sound && isRecord(about) ? (value as unknown as OutboxEntry) : null
}
