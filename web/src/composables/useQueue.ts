import { ref } from 'vue'
import type { Ref } from 'vue'

import { getQueue } from '@/client/api'
import type { QueuePage } from '@/client/api'
import { useSessionStore } from '@/stores/session'
import { useSftStore } from '@/stores/sft'

const PAGE_SIZE = 20
const MAX_PAGE_SIZE = 200
/** With fewer candidates than this at hand, the next page is fetched. */
const LOW_WATER = 6

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
export function useQueue(): UseQueueReturn {
  const sft = useSftStore()
  const session = useSessionStore()
  const loading = ref(false)
  const loadError = ref<unknown>(null)
  const loaded = ref(false)
  let next: string | null = null
  let more = false

  async function fetchPage(from: Parameters<typeof getQueue>[0]): Promise<QueuePage | null> {
    loading.value = true
    loadError.value = null
    const doneBefore = session.done
    try {
      const page = await getQueue(from)
      // A total from before a decision of ours would bring back what was already counted off.
      return session.done === doneBefore ? page : { ...page, total: sft.totalRemaining }
    } catch (error) {
      loadError.value = error
      return null
    } finally {
      loading.value = false
    }
  }

  async function refresh(): Promise<void> {
    if (loading.value) return
    const page = await fetchPage({ perPage: PAGE_SIZE })
    if (!page) return
    sft.queue = page.items
    noteEnd(page)
    loaded.value = true
  }

  async function topUp(): Promise<void> {
    if (loading.value) return
    if (sft.queue.length === 0) return refresh()
    if (sft.queue.length >= LOW_WATER || !more) return
    // Without a cursor the first page is fetched again, large enough to reach beyond what is here.
    const perPage = Math.min(sft.queue.length + PAGE_SIZE, MAX_PAGE_SIZE)
    const page = await fetchPage(next ? { next } : { perPage })
    if (!page) return
    const known = new Set(sft.queue.map((item) => item.id))
    const fresh = page.items.filter(({ id }) => !known.has(id) && !session.decided.has(id))
    sft.queue.push(...fresh)
    noteEnd(page)
    if (fresh.length === 0 && !next) more = false
    // The last decision may have emptied the queue while this page was on its way.
    if (sft.queue.length === 0) await refresh()
  }

  function noteEnd(page: QueuePage): void {
    sft.totalRemaining = page.total
    next = page.next
    more = next !== null || page.total > sft.queue.length
  }

  return { loading, loadError, loaded, refresh, topUp }
}
