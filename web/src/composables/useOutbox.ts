import { computed, onScopeDispose } from 'vue'
import type { ComputedRef, Ref } from 'vue'

import { putOff, submit, undo } from '@/client/api'
import type { DecisionAnswer } from '@/client/api'
import { ApiError } from '@/client/errors'
import { useClaimsStore } from '@/stores/claims'
import { useDraftsStore } from '@/stores/drafts'
import { useOutboxStore } from '@/stores/outbox'
import type { OutboxEntry } from '@/stores/outbox'
import { useWorkspaceStore } from '@/stores/workspace'

import { undoBody } from './decisionContent'
import { isOwnEarlierTry, refusalOf } from './refusals'
import { onServerEvent } from './useServerEvents'

const FIRST_WAIT_MS = 1_000
const LAST_WAIT_MS = 30_000
/** Refused for now, or for a reason that has nothing to do with this decision. */
const NOT_YET = new Set([401, 403, 408, 425, 429])

export interface Acknowledgement {
  entry: OutboxEntry
  answer: DecisionAnswer | null
}

export interface UseOutboxReturn {
  /** Decisions that the server does not have yet. */
  waiting: ComputedRef<number>
  /** Why they wait; null when the last try went well. */
  failure: Readonly<Ref<unknown>>
  sending: Readonly<Ref<boolean>>
  /** Sends what waits without a pause, once the page is painted. */
  flush: () => void
  /** Runs when the server has taken something; ends with the component. */
  onAcknowledged: (listener: (done: Acknowledgement) => void) => void
}

type Outbox = ReturnType<typeof useOutboxStore>

interface Sender {
  users: number
  wake: (delay: number) => void
  stop: () => void
  listeners: Set<(done: Acknowledgement) => void>
}

const senders = new WeakMap<Outbox, Sender>()

/** Sends what waits in the outbox, one after the other, for as long as a component uses it. */
export function useOutbox(): UseOutboxReturn {
  const outbox = useOutboxStore()
  let sender = senders.get(outbox)
  if (!sender) {
    sender = createSender(outbox)
    senders.set(outbox, sender)
  }
  const mine = sender
  const own = new Set<(done: Acknowledgement) => void>()
  mine.users += 1
  mine.wake(0)

  onScopeDispose(() => {
    for (const listener of own) mine.listeners.delete(listener)
    mine.users -= 1
    if (mine.users > 0) return
    mine.stop()
    senders.delete(outbox)
  })

  return {
    waiting: computed(() => outbox.waiting.length),
    failure: computed(() => outbox.failure),
    sending: computed(() => outbox.sending),
    flush: () => mine.wake(0),
    onAcknowledged: (listener) => {
      own.add(listener)
      mine.listeners.add(listener)
    },
  }
}

function createSender(outbox: Outbox): Sender {
  const workspace = useWorkspaceStore()
  const drafts = useDraftsStore()
  const claims = useClaimsStore()
  const listeners: Sender['listeners'] = new Set()
  let timer: ReturnType<typeof setTimeout> | undefined
  let wait = FIRST_WAIT_MS
  let stopped = false
  let busy = false
  let again = false

  const onOnline = (): void => wake(0)
  const onStorage = (event: StorageEvent): void => {
    outbox.onStorage(event)
    drafts.onStorage(event)
  }
  // What is kept in the browser belongs to a workspace: the sooner its name is known, the better.
  workspace.confirm().catch(() => undefined)
  window.addEventListener('online', onOnline)
  window.addEventListener('storage', onStorage)
  // The server is there again, or somebody has signed in.
  const stopListening = onServerEvent('resync', () => wake(0))

  /** A macrotask later at the earliest: the next card is painted before anything is sent. */
  function wake(delay: number): void {
    if (stopped) return
    clearTimeout(timer)
    timer = setTimeout(() => void run(), delay)
  }

  async function run(): Promise<void> {
    again = busy
    if (busy || outbox.sendable.length === 0) return
    busy = true
    const went = await inTurn(`${workspace.prefix}outbox`, sendAll).catch(() => false)
    busy = false
    if (stopped) return
    if (!went) {
      wake(wait)
      wait = Math.min(wait * 2, LAST_WAIT_MS)
    } else {
      wait = FIRST_WAIT_MS
      if (again || outbox.sendable.length > 0) wake(0)
    }
  }

  /** False when the server gave no usable answer. */
  async function sendAll(): Promise<boolean> {
    outbox.sending = true
    try {
      // It may serve another workspace by now; then these entries are not for it.
      await workspace.confirm()
      outbox.load()
      let [entry] = outbox.sendable
      while (entry) {
        await sendOne(entry)
        entry = stopped ? undefined : outbox.sendable[0]
      }
      outbox.failure = null
      return true
    } catch (error) {
      outbox.failure = error
      workspace.doubt()
      return false
    } finally {
      outbox.sending = false
    }
  }

  /** @throws whatever means "not now". */
  async function sendOne(waiting: OutboxEntry): Promise<void> {
    // Noted before it is sent: an answer that gets lost must not look like a first try.
    const entry = outbox.update(waiting, { attempts: waiting.attempts + 1 })
    if (!entry) return
    try {
      settle(entry, await post(entry))
    } catch (error) {
      if (!(error instanceof ApiError) || error.status >= 500 || NOT_YET.has(error.status)) {
        throw error
      }
      refuse(entry, error)
    }
  }

  function settle(entry: OutboxEntry, answer: DecisionAnswer | null): void {
    const there = outbox.remove(entry)
    if (entry.kind === 'decision') {
      claims.forget(entry.body.id)
      // Another tab took it back while it was on its way.
      if (!there) outbox.add({ kind: 'undo', body: undoBody(entry.body) }, entry.about)
      else forgetDraft(entry)
    }
    for (const listener of listeners) listener({ entry, answer })
  }

  /** The words are safe with the server, unless they were written anew meanwhile. */
  function forgetDraft(entry: OutboxEntry): void {
    const draft = drafts.get(entry.body.id)
    const reopened = outbox.waiting.some(({ body }) => body.id === entry.body.id)
    if (draft && draft.at <= entry.at && !reopened) drafts.remove(entry.body.id)
  }

  function refuse(entry: OutboxEntry, error: ApiError): void {
    if (isDoneAnyway(entry, error)) return settle(entry, null)
    const next = outbox.waiting.find(
      ({ key, body }) => key > entry.key && body.id === entry.body.id,
    )
    if (entry.kind === 'decision' && next?.kind === 'undo') {
      // It was taken back already, and there is nothing to take back: both are settled.
      outbox.remove(next)
      settle(entry, null)
      return
    }
    outbox.update(entry, { refusal: refusalOf(error) })
  }

  function stop(): void {
    stopped = true
    clearTimeout(timer)
    stopListening()
    window.removeEventListener('online', onOnline)
    window.removeEventListener('storage', onStorage)
  }

  return { users: 0, wake, stop, listeners }
}

async function post(entry: OutboxEntry): Promise<DecisionAnswer | null> {
  if (entry.kind === 'decision') return submit(entry.body)
  if (entry.kind === 'undo') return undo(entry.body)
  await putOff(entry.body.id, entry.body.put_off)
  return null
}

/** The refusal means that what was wanted is so. */
function isDoneAnyway(entry: OutboxEntry, error: ApiError): boolean {
  if (entry.kind === 'put-off') return true
  if (entry.kind === 'undo') return error.code === 'nothing_to_undo'
  return entry.attempts > 1 && isOwnEarlierTry(entry.body, error)
}

/** One tab at a time, where the browser can tell; elsewhere the decision ids keep it right. */
async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  const { locks } = navigator as Partial<Navigator>
  return locks ? await locks.request(name, work) : work()
}
