import { shallowRef, ref } from 'vue'
import type { Ref } from 'vue'

import { getFacets } from '@/client/api'
import type { Facets } from '@/client/finding'

/** The server names so many choices of a dimension at most, the most frequent ones. */
const MOST = 100

export interface UseFacetsReturn {
  /** The counts last fetched; null before the first answer. */
  facets: Readonly<Ref<Facets['facets'] | null>>
  loading: Readonly<Ref<boolean>>
  error: Readonly<Ref<unknown>>
  /** Whether all choices of the dimension are there. */
  complete: (dimension: keyof Facets['facets']) => boolean
  load: () => Promise<void>
}

/** How many candidates each choice of each dimension has, under the rest of the filter. */
export function useFacets(query: () => URLSearchParams): UseFacetsReturn {
  const facets = shallowRef<Facets['facets'] | null>(null)
  const loading = ref(false)
  const error = shallowRef<unknown>(null)
  let latest = 0

  async function load(): Promise<void> {
    const mine = ++latest
    loading.value = true
    try {
      const answer = await getFacets(withoutOrder(query()))
      // A slower answer to an earlier question is no longer wanted.
      if (mine !== latest) return
      facets.value = answer.facets
      error.value = null
    } catch (reason) {
      if (mine === latest) error.value = reason
    } finally {
      if (mine === latest) loading.value = false
    }
  }

  const complete: UseFacetsReturn['complete'] = (dimension) =>
    (facets.value?.[dimension]?.length ?? 0) < MOST

  return { facets, loading, error, complete, load }
}

function withoutOrder(query: URLSearchParams): URLSearchParams {
  const copy = new URLSearchParams(query)
  copy.delete('order')
  return copy
}
