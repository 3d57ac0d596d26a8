import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { LocationQuery } from 'vue-router'

import { FILTER_PARAMETERS, filterFromQuery, NO_FILTER, queryOfFilter } from '@/client/filter'
import type { Filter } from '@/client/filter'

import { STATUS_WORDS } from './filterWords'

export interface SetOptions {
  /** Takes the place of the present address, as while typing: Back then leads to before it. */
  replace?: boolean
}

export interface UseFilterReturn {
  /** The same object for as long as it says the same. */
  filter: ComputedRef<Filter>
  /** The same as a query for the server. */
  query: ComputedRef<URLSearchParams>
  /** What the address holds and cannot mean anything, for example `score_min=low`. */
  dropped: ComputedRef<string[]>
  set: (change: Partial<Filter>, options?: SetOptions) => void
  /** Takes every restriction away; the order stays. */
  clear: () => void
}

/** The filter and order, which live in the address: a link opens the same queue. */
export function useFilter(): UseFilterReturn {
  const route = useRoute()
  const router = useRouter()

  const filter = computed<Filter>((before) => {
    const now = filterFromQuery(paramsOf(route.query))
    // An unknown status would be refused by the server, and with it the whole list.
    now.status = now.status.filter((status) => status in STATUS_WORDS)
    const same = before && String(queryOfFilter(before)) === String(queryOfFilter(now))
    return same ? before : now
  })
  const query = computed(() => queryOfFilter(filter.value))
  const dropped = computed(() => meaningless(paramsOf(route.query), query.value))

  function set(change: Partial<Filter>, { replace = false }: SetOptions = {}): void {
    const wanted = { ...filter.value, ...change }
    // Without a batch there is no rank in it to order by.
    if (wanted.batch === null && wanted.order === 'batch') wanted.order = null
    const others = Object.entries(route.query).filter(([name]) => !FILTER_PARAMETERS.includes(name))
    const params = queryOfFilter(wanted)
    const ours = [...new Set(params.keys())].map((name) => {
      const [first, ...rest] = params.getAll(name)
      return [name, rest.length ? [first, ...rest] : first] as const
    })
    void router.push({ query: Object.fromEntries([...others, ...ours]), replace })
  }

  const clear = (): void => set({ ...NO_FILTER, order: filter.value.order })

  return { filter, query, dropped, set, clear }
}

function paramsOf(query: LocationQuery): URLSearchParams {
  const params = new URLSearchParams()
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values].flat()) if (value) params.append(name, value)
  }
  return params
}

function meaningless(given: URLSearchParams, understood: URLSearchParams): string[] {
  return [...given]
    .filter(([name, value]) => FILTER_PARAMETERS.includes(name) && !isUnderstood(name, value))
    .map(([name, value]) => `${name}=${value}`)

  function isUnderstood(name: string, value: string): boolean {
    if (name === 'held_back' && value === 'false') return true
    return understood
      .getAll(name)
      .some((kept) => kept === value.trim() || Number(kept) === Number(value))
  }
}
