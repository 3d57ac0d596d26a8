import { computed, ref, shallowRef, toValue, watch } from 'vue'
import type { ComputedRef, MaybeRefOrGetter, Ref } from 'vue'

import { getDecisions } from '@/client/api'
import type { Decided } from '@/client/api'
import { useReviewerStore } from '@/stores/reviewer'

import { LOCAL_REVIEWER } from './decisionContent'
import { localDay } from './localDays'

const PAGE_SIZE = 50

/** The decisions of one local day. */
export interface HistoryDay {
  /** `2026-11-22` */
  day: string
  decisions: Decided[]
}

export interface UseHistoryOptions {
  /** Of every reviewer, instead of this one. */
  everybody: MaybeRefOrGetter<boolean>
}

export interface UseHistoryReturn {
  /** The latest day first. */
  days: ComputedRef<HistoryDay[]>
  loading: Readonly<Ref<boolean>>
  loaded: Readonly<Ref<boolean>>
  error: Readonly<Ref<unknown>>
  hasMore: ComputedRef<boolean>
  /** Starts again from the latest decision. */
  load: () => Promise<void>
  loadMore: () => Promise<void>
}

/** The decisions of this workspace, newest first. */
export function useHistory({ everybody }: UseHistoryOptions): UseHistoryReturn {
  const reviewer = useReviewerStore()
  const decisions = shallowRef<readonly Decided[]>([])
  const next = ref<string | null>(null)
  const loading = ref(false)
  const loaded = ref(false)
  const error = shallowRef<unknown>(null)
  let asked = 0

  async function fetchPage(
    from: Parameters<typeof getDecisions>[0],
    before: readonly Decided[],
  ): Promise<void> {
    const mine = ++asked
    loading.value = true
    error.value = null
    try {
      const page = await getDecisions(from)
      if (mine !== asked) return
      const known = new Set(before.map(({ decision_id: id }) => id))
      decisions.value = [...before, ...page.items.filter((one) => !known.has(one.decision_id))]
      next.value = page.next
      loaded.value = true
    } catch (reason) {
      if (mine === asked) error.value = reason
    } finally {
      if (mine === asked) loading.value = false
    }
  }

  function load(): Promise<void> {
    const query = new URLSearchParams()
    if (!toValue(everybody)) query.set('reviewer', reviewer.name || LOCAL_REVIEWER)
    return fetchPage({ perPage: PAGE_SIZE, query }, [])
  }

  async function loadMore(): Promise<void> {
    if (next.value && !loading.value) await fetchPage({ next: next.value }, decisions.value)
  }

  const days = computed(() => {
    const groups = new Map<string, Decided[]>()
    for (const decision of decisions.value) {
      const day = localDay(decision.decided_at)
      groups.set(day, [...(groups.get(day) ?? []), decision])
    }
    return [...groups].map(([day, list]) => ({ day, decisions: list }))
  })

  watch(
    () => [toValue(everybody), reviewer.name],
    () => void load(),
  )

  return {
    days,
    loading,
    loaded,
    error,
    hasMore: computed(() => next.value !== null),
    load,
    loadMore,
  }
}
