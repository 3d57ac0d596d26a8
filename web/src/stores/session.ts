import { defineStore } from 'pinia'
import { reactive, ref } from 'vue'

/** What this visit has done, and what it has not finished yet. Ends with the page. */
export const useSessionStore = defineStore('session', () => {
  const done = ref(0)
  /** Corrections begun and not submitted, by candidate. */
  const drafts = reactive(new Map<string, string>())
  /** Corrections submitted in this visit, so that an undo brings the text back. */
  const corrections = reactive(new Map<string, string>())
  /** Decided here, so that a queue page fetched a moment earlier does not bring them back. */
  const decided = reactive(new Set<string>())

  function markDecided(id: string): void {
    decided.add(id)
    done.value += 1
  }

  function markUndone(id: string): void {
    decided.delete(id)
    done.value = Math.max(0, done.value - 1)
  }

  return { done, drafts, corrections, decided, markDecided, markUndone }
})
