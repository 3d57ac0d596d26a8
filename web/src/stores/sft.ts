import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

import type { Candidate, FailureCategory } from '@/client/candidate'

export type SftFailureCategory = FailureCategory

export type SftQueueItem = Candidate

export interface SftLastAction {
  type: 'correct' | 'discard' | 'flag'
  item: SftQueueItem
  failure_category: SftFailureCategory | null
}

/** The candidates at hand, in the order of review. Talks to nobody: see `useReview`. */
export const useSftStore = defineStore('sft', () => {
  const queue = ref<SftQueueItem[]>([])
  const totalRemaining = ref(0)
  const lastAction = ref<SftLastAction | null>(null)

  const current = computed(() => queue.value[0] ?? null)

  function removeCurrentFromQueue(): void {
    queue.value.shift()
  }

  function setLastAction(
    type: SftLastAction['type'],
    item: SftQueueItem,
    category: SftFailureCategory | null = null,
  ): void {
    lastAction.value = { type, item, failure_category: category }
  }

  function clearLastAction(): void {
    lastAction.value = null
  }

  /** Puts a candidate back in front, as after an undo. */
  function restoreItem(item: SftQueueItem): void {
    queue.value.unshift(item)
    lastAction.value = null
  }

  return {
    queue,
    totalRemaining,
    lastAction,
    current,
    removeCurrentFromQueue,
    setLastAction,
    clearLastAction,
    restoreItem,
  }
})
