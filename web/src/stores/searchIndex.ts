import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'

/** How far the search has got with what was imported: it follows in the background. */
export const useSearchIndexStore = defineStore('searchIndex', () => {
  const progress = shallowRef<{ indexed: number; total: number } | null>(null)
  const noted = ref(0)

  /** Candidates that a search does not find yet. */
  const behind = computed(() =>
    progress.value ? Math.max(0, progress.value.total - progress.value.indexed) : noted.value,
  )
  /** From 0 to 1; null when only the rest is known. */
  const share = computed(() => {
    const { indexed, total } = progress.value ?? { indexed: 0, total: 0 }
    return total > 0 ? Math.min(1, indexed / total) : null
  })

  /** As the server tells it by itself. */
  function follow(told: { indexed: number; total: number }): void {
    progress.value = told
  }

  /** As an answer to a search said it. */
  function note(rest: number): void {
    noted.value = rest
    // An answer that misses nothing is newer than what was told before.
    if (rest === 0) progress.value = null
  }

  return { behind, share, follow, note }
})
