import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

import type { CompareQuestion, PromptFilter } from '@/client/comparing'

export type CompareQuery = Record<string, string | undefined>

export interface UseCompareQueryReturn {
  a: ComputedRef<string | null>
  b: ComputedRef<string | null>
  trained: ComputedRef<string | null>
  /** Null until two runs are chosen. */
  question: ComputedRef<CompareQuestion | null>
  filter: ComputedRef<PromptFilter>
  isFiltered: ComputedRef<boolean>
  /** The address with some of it changed; undefined takes a part out. */
  linkTo: (changes: CompareQuery) => { path: string; query: CompareQuery }
  change: (changes: CompareQuery) => void
}

const FILTERS = ['outcome', 'split', 'category', 'task_type', 'task'] as const
/** What no longer means anything when other runs are compared. */
export const UNFILTERED: CompareQuery = Object.fromEntries(FILTERS.map((name) => [name, undefined]))

/** Which runs are compared and which of their prompts are shown: all of it is in the address. */
export function useCompareQuery(): UseCompareQueryReturn {
  const route = useRoute()
  const router = useRouter()

  const one = (name: string): string | null => {
    const value = route.query[name]
    return typeof value === 'string' && value ? value : null
  }
  const a = computed(() => one('a'))
  const b = computed(() => one('b'))
  const trained = computed(() => one('trained'))
  const question = computed(() =>
    a.value && b.value ? { a: a.value, b: b.value, trained: trained.value } : null,
  )
  const filter = computed<PromptFilter>(() => ({
    outcome: one('outcome'),
    split: one('split'),
    category: one('category'),
    task_type: one('task_type'),
    task: one('task'),
    adjusted: one('figures') === 'adjusted',
  }))
  const isFiltered = computed(() => FILTERS.some((name) => filter.value[name] !== null))

  function linkTo(changes: CompareQuery): { path: string; query: CompareQuery } {
    const here = Object.fromEntries(
      Object.keys(route.query).map((name) => [name, one(name) ?? undefined]),
    )
    const query = Object.entries({ ...here, ...changes }).filter(([, value]) => value)
    return { path: route.path, query: Object.fromEntries(query) }
  }
  const change = (changes: CompareQuery): void => void router.replace(linkTo(changes))

  return { a, b, trained, question, filter, isFiltered, linkTo, change }
}
