import { markRaw, ref, shallowRef, toValue, watch } from 'vue'
import type { MaybeRefOrGetter, Ref } from 'vue'

import { getQueue } from '@/client/api'
import type { QueuePage } from '@/client/api'
import type { Candidate } from '@/client/candidate'
import { NetworkError } from '@/client/errors'
import { useOutboxStore } from '@/stores/outbox'
import { useSessionStore } from '@/stores/session'
import { useSftStore } from '@/stores/sft'

const PAGE_SIZE = 20
const MAX_PAGE_SIZE = 200
/** With fewer candidates than this ahead of the current one, the next page is fetched. */
const AHEAD = 10

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

/** Keeps the queue of the `sft` store filled from the server. */
export function useQueue({ query, holds }: UseQueueOptions = {}): UseQueueReturn {
  const sft = useSftStore()
  const session = useSessionStore()
  const outbox = useOutboxStore()
  const loading = ref(false)
  const loadError = shallowRef<unknown>(null)
  const loaded = ref(false)
  let next: string | null = null
  let more = false
  let asked = 0

  /** Null when it failed, or when another queue was asked for meanwhile. */
  async function fetchPage(from: Parameters<typeof getQueue>[0]): Promise<QueuePage | null> {
    const mine = ++asked
    loading.value = true
    loadError.value = null
    const doneBefore = session.done
    const waitingBefore = outbox.decided.size
    try {
      const page = await getQueue(from)
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
    const page = await fetchPage({ perPage: PAGE_SIZE, query: toValue(query) ?? undefined })
    if (!page) return
    const held = holds?.() ? sft.current : null
    const open = page.items.filter((item) => isOpen(item) && item.id !== held?.id)
    sft.queue = held ? [held, ...open] : open
    noteEnd(page)
    loaded.value = true
    if (sft.queue.length === 0 && next) await topUp()
  }

  async function topUp(): Promise<void> {
    if (loading.value) return
    if (sft.queue.length === 0 && !next) return refresh()
    const ahead = sft.queue.filter(({ id }) => !session.putOff.has(id)).length - 1
    if (ahead >= AHEAD || !more) return
    // Without a cursor the first page is fetched again, large enough to reach beyond what is here.
    const perPage = Math.min(sft.queue.length + PAGE_SIZE, MAX_PAGE_SIZE)
    const page = await fetchPage(next ? { next } : { perPage, query: toValue(query) ?? undefined })
    if (!page) return
    const known = new Set(sft.queue.map(({ id }) => id))
    const fresh = page.items.filter((item) => !known.has(item.id) && isOpen(item))
    append(fresh)
    noteEnd(page)
    if (fresh.length === 0 && !next) more = false
    // A page of what is decided already, or the last decision emptied the queue meanwhile.
    if (sft.queue.length === 0 || (fresh.length === 0 && next)) await topUp()
  }

  /** What was put off in this visit stays behind what comes now. */
  function append(fresh: Candidate[]): void {
    const end = sft.queue.findLastIndex(({ id }) => !session.putOff.has(id)) + 1
    sft.queue.splice(end, 0, ...fresh)
  }

  const isOpen = ({ id }: Candidate): boolean => !session.decided.has(id) && !outbox.decided.has(id)

  function noteEnd(page: QueuePage): void {
    sft.totalRemaining = page.total
    sft.totalIsLowerBound = page.atLeast
    next = page.next
    more = next !== null || page.total > sft.queue.length
  }

  // What another tab has decided need not be looked at here; the card at hand is left alone.
  watch(
    () => outbox.decided,
    (ids) => {
      if (!sft.queue.some(({ id }, index) => index > 0 && ids.has(id))) return
      sft.queue = sft.queue.filter(({ id }, index) => index === 0 || !ids.has(id))
    },
  )
  watch(
    () => String(toValue(query) ?? ''),
    () => void refresh(),
  )

  return { loading, loadError, loaded, refresh, topUp }
}

/** Nothing is lost and nothing is wrong: the server is away. */
export const isAway = (error: unknown): boolean => error instanceof NetworkError
