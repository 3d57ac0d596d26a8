import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

import type { Candidate, FailureCategory } from '@/client/candidate'

export type SftFailureCategory = FailureCategory

export type SftQueueItem = Candidate

export interface SftLastAction {
  type: 'correct' | 'discard' | 'flag' | 'amend'
  item: SftQueueItem
  failure_category: SftFailureCategory | null
}

/** The candidates at hand, in the order of review. Talks to nobody: see `useDecisions`. */
export const useSftStore = defineStore('sft', () => {
  const queue = ref<SftQueueItem[]>([])
  const totalRemaining = ref(0)
  const totalIsLowerBound = ref(false)
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
    bringToFront(item)
    lastAction.value = null
  }

  /** The candidate comes first, wherever it was before. */
  function bringToFront(item: SftQueueItem): void {
    const index = queue.value.findIndex(({ id }) => id === item.id)
    if (index >= 0) queue.value.splice(index, 1)
    queue.value.unshift(item)
  }

  /** The current candidate becomes the last one. */
  function putCurrentLast(): void {
    const item = queue.value.shift()
    if (item) queue.value.push(item)
  }

  function remove(candidateId: string): void {
    const index = queue.value.findIndex(({ id }) => id === candidateId)
    if (index >= 0) queue.value.splice(index, 1)
  }

  return {
    queue,
    totalRemaining,
    totalIsLowerBound,
    lastAction,
    current,
    removeCurrentFromQueue,
    setLastAction,
    clearLastAction,
    restoreItem,
    bringToFront,
    putCurrentLast,
    remove,
  }
})
