import { computed, toValue, watch } from 'vue'
import type { ComputedRef, MaybeRefOrGetter } from 'vue'

import type { Sibling } from '@/client/api'
import { useSiblingsStore } from '@/stores/siblings'

import { together } from './siblingAnswers'

export interface UseSiblingsReturn {
  /** The ancestors among them first. */
  siblings: ComputedRef<readonly Sibling[]>
  loading: ComputedRef<boolean>
  /** Why they could not be had; undefined when nothing went wrong. */
  error: ComputedRef<unknown>
  /** Fetches those of a card that comes next. */
  prefetch: (id: string) => void
  reload: () => void
}

/** The other answers to the prompt of one card. */
export function useSiblings(id: MaybeRefOrGetter<string | null | undefined>): UseSiblingsReturn {
  const store = useSiblingsStore()
  const card = computed(() => toValue(id) ?? null)
  const missing = computed(() => card.value !== null && !store.known.has(card.value))

  watch(
    [card, missing],
    ([name]) => {
      if (name !== null) void store.load(name)
    },
    { immediate: true },
  )

  return {
    siblings: computed(() =>
      together(card.value === null ? undefined : store.known.get(card.value)),
    ),
    loading: computed(() => card.value !== null && store.underway.has(card.value)),
    error: computed(() => (card.value === null ? undefined : store.errors.get(card.value))),
    prefetch: (next) => void store.load(next),
    reload: () => {
      if (card.value !== null) void store.load(card.value)
    },
  }
}
