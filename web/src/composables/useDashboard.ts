import { ref, shallowRef, toValue, watch } from 'vue'
import type { MaybeRefOrGetter, Ref } from 'vue'

import { getDashboard } from '@/client/api'
import type { Dashboard } from '@/client/api'
import { queryOfFilter } from '@/client/filter'
import type { Filter } from '@/client/filter'

export interface UseDashboardReturn {
  /** What the server counted last; it stays while another filter is on its way. */
  dashboard: Readonly<Ref<Dashboard | null>>
  loading: Readonly<Ref<boolean>>
  /** Why the last request failed; null when it did not. */
  error: Readonly<Ref<unknown>>
  load: () => Promise<void>
}

/** The counts of the dashboard under a filter, fetched again when the filter changes. */
export function useDashboard(filter: MaybeRefOrGetter<Filter>): UseDashboardReturn {
  const dashboard = shallowRef<Dashboard | null>(null)
  const loading = ref(false)
  const error = shallowRef<unknown>(null)
  let asked = 0

  async function load(): Promise<void> {
    const question = ++asked
    loading.value = true
    try {
      const answer = await getDashboard(queryOfFilter(toValue(filter)))
      // Filters change faster than a large workspace is counted: only the last answer counts.
      if (question !== asked) return
      dashboard.value = answer
      error.value = null
    } catch (failure) {
      if (question === asked) error.value = failure
    } finally {
      if (question === asked) loading.value = false
    }
  }

  watch(() => toValue(filter), load, { immediate: true })

  return { dashboard, loading, error, load }
}
