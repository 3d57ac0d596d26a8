import { markRaw, onScopeDispose, ref, shallowRef, toValue, watch } from 'vue'
import type { MaybeRefOrGetter, Ref } from 'vue'

import type { ClaimedPage } from '@/client/claims'
import type { Candidate } from '@/client/candidate'
import { NetworkError } from '@/client/errors'
import { useClaimsStore } from '@/stores/claims'
import { useOutboxStore } from '@/stores/outbox'
import { useSearchIndexStore } from '@/stores/searchIndex'
import { useSessionStore } from '@/stores/session'
import { useSftStore } from '@/stores/sft'
import { useSignInStore } from '@/stores/signIn'

import { useClaims } from './useClaims'
import { useServerEvents } from './useServerEvents'

/** At the end of a queue each takes few, so that something is left for the others. */
const FEWEST = 2
/** Where nobody has to sign in there are hardly any others, and a server that is away is likelier. */
const FEWEST_ALONE = 5
const MOST = 20
const SHARE = 20
const MOST_AT_ONCE = 50
/** So long the cards of another filter are waited for, and then until they are given back. */
const PATIENCE_MS = 3_000
/** Many pages hear of the same event: they don't all ask in the same moment. */
const SPREAD_MS = 1_000

export interface UseQueueOptions {
  /** The filter and order, as the server takes them. */
  query?: MaybeRefOrGetter<URLSearchParams | null>
  /** Whether the current card stays in front when the queue starts again. */
  holds?: () => boolean
}

export interface UseQueueReturn {
  loading: Readonly<Ref<boolean>>
  /** Why the last loading failed; null when it did not. */
  loadError: Readonly<Ref<unknown>>
  /** Whether an answer has come yet: only then does an empty queue mean that nothing is left. */
  loaded: Readonly<Ref<boolean>>
  /** Starts again from the front of the queue. */
  refresh: () => Promise<void>
  /** Fetches more when few candidates are left. */
  topUp: () => Promise<void>
}

/** Keeps the queue of the `sft` store filled with cards that are in this browser's hands. */
export function useQueue({ query, holds }: UseQueueOptions = {}): UseQueueReturn {
  const sft = useSftStore()
  const session = useSessionStore()
  const outbox = useOutboxStore()
  const claims = useClaimsStore()
  const index = useSearchIndexStore()
  const signIn = useSignInStore()
  const hands = useClaims()
  const events = useServerEvents()
  const loading = ref(false)
  const loadError = shallowRef<unknown>(null)
  const loaded = ref(false)
  let more = false
  let asked = 0
  let refreshes = 0
  let claiming: Promise<unknown> = Promise.resolve()
  /** The queue that the cards at hand came from; null while they are being given back. */
  let shown: string | null = null
  let soon: ReturnType<typeof setTimeout> | undefined

  /** Null when it failed, or when another queue was asked for meanwhile. */
  async function fetchCards(n: number): Promise<ClaimedPage | null> {
    const mine = ++asked
    loading.value = true
    loadError.value = null
    session.expectOnly(outbox.decided)
    const doneBefore = session.done
    const waitingBefore = outbox.decided.size
    try {
      const claim = hands.claim({ n, query: toValue(query) ?? undefined })
      claiming = claim.catch(() => undefined)
      const page = await claim
      if (mine !== asked) return null
      // A total from about the time of a decision of ours may or may not count it.
      const settled = session.done === doneBefore && outbox.decided.size === waitingBefore
      const total = settled || !loaded.value ? page.total - waitingBefore : sft.totalRemaining
      return { ...page, total: Math.max(0, total), items: page.items.map((item) => markRaw(item)) }
    } catch (error) {
      if (mine === asked) loadError.value = error
      return null
    } finally {
      if (mine === asked) loading.value = false
    }
  }

  async function refresh(): Promise<void> {
    const mine = ++refreshes
    // What is held comes first in the answer, and would hide the front of another queue.
    if (loaded.value && shown !== queueName()) {
      shown = null
      // Of what was asked for before nothing is shown, and nothing is added to it.
      asked += 1
      loading.value = true
      // What is being claimed just now can be given back only when it is here.
      await Promise.race([claiming, sleep(PATIENCE_MS)])
      if (mine !== refreshes) return
      const given = hands.offerAllBut(idsOf(holds?.() ? sft.queue.slice(0, 1) : []))
      await Promise.race([given, sleep(PATIENCE_MS)])
      if (mine !== refreshes) return
    }
    shown = queueName()
    const page = await fetchCards(loaded.value ? wanted() : fewest())
    if (!page) return
    const held = holds?.() ? sft.current : null
    const open = page.items.filter((item) => isOpen(item) && item.id !== held?.id)
    sft.queue = held ? [held, ...open] : open
    noteEnd(page)
    loaded.value = true
    await topUp()
  }

  async function topUp(): Promise<void> {
    if (loading.value) return
    // What was left, or is of another queue, goes back.
    hands.keepOnly(idsOf(sft.queue))
    const ahead = sft.queue.filter(({ id }) => !session.putOff.has(id)).length - 1
    if (sft.queue.length > 0 && (ahead >= wanted() / 2 || !more)) return
    // What is held comes first in the answer, also what is decided and not yet sent.
    const n = claims.held.size + wanted() - Math.max(0, ahead)
    const page = await fetchCards(Math.min(n, MOST_AT_ONCE))
    if (!page) return
    const known = new Set(sft.queue.map(({ id }) => id))
    const fresh = page.items.filter((item) => !known.has(item.id) && isOpen(item))
    append(fresh)
    noteEnd(page)
    // The others are in other hands.
    if (fresh.length === 0) more = false
  }

  const queueName = (): string => String(toValue(query) ?? '')

  /** Of these, and of what is decided and not yet sent. */
  const idsOf = (cards: readonly Candidate[]): ReadonlySet<string> =>
    new Set([...cards.map(({ id }) => id), ...outbox.decided])

  /** What was put off in this visit stays behind what comes now. */
  function append(fresh: Candidate[]): void {
    const end = sft.queue.findLastIndex(({ id }) => !session.putOff.has(id)) + 1
    sft.queue.splice(end, 0, ...fresh)
  }

  const isOpen = ({ id }: Candidate): boolean => !session.decided.has(id) && !outbox.decided.has(id)

  const fewest = (): number => (signIn.isOpen ? FEWEST_ALONE : FEWEST)
  const wanted = (): number =>
    Math.min(MOST, Math.max(fewest(), Math.ceil(sft.totalRemaining / SHARE)))

  function noteEnd(page: ClaimedPage): void {
    sft.totalRemaining = page.total
    sft.totalIsLowerBound = page.atLeast
    if (toValue(query)?.has('q')) index.note(page.searchBehind)
    more = page.total > sft.queue.length
  }

  /** The cards behind the one at hand leave; that one is left alone. Whether any was there. */
  function drop(ids: ReadonlySet<string>): boolean {
    const stay = sft.queue.filter(({ id }, place) => place === 0 || !ids.has(id))
    if (stay.length === sft.queue.length) return false
    sft.queue = stay
    return true
  }

  /** There may be cards where there were none. */
  function lookSoon(): void {
    clearTimeout(soon)
    if (loaded.value) soon = setTimeout(look, Math.random() * SPREAD_MS)
  }

  function look(): void {
    // An answer that is on its way may be from before.
    if (loading.value) return lookSoon()
    more = true
    void topUp()
  }

  hands.onLost((ids) => {
    drop(new Set(ids))
    lookSoon()
  })
  events.on('decided', ({ ids, returned = [] }) => {
    const dropped = drop(new Set(ids.filter((id) => !returned.includes(id))))
    if (returned.length) lookSoon()
    else if (dropped) void topUp()
    // Nothing became free; an empty desk makes sure of it now and then.
    else if (sft.queue.length === 0) lookSoon()
  })
  for (const name of ['released', 'imported', 'resync'] as const) events.on(name, lookSoon)
  events.on('search', () => {
    // What was searched for may have become searchable.
    if (sft.queue.length === 0 && toValue(query)?.has('q')) lookSoon()
  })
  onScopeDispose(() => clearTimeout(soon))

  // What another tab has decided need not be looked at here.
  watch(
    () => outbox.decided,
    (ids) => void drop(ids),
  )
  watch(queueName, () => void refresh())

  return { loading, loadError, loaded, refresh, topUp }
}

/** Nothing is lost and nothing is wrong: the server is away. */
export const isAway = (error: unknown): boolean => error instanceof NetworkError

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
