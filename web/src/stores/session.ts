import { defineStore } from 'pinia'
import { computed, reactive, ref, shallowReactive } from 'vue'

import type { Candidate, FailureCategory } from '@/client/candidate'
import type { Draft } from '@/client/draft'

/** A decision of this visit, with what an undo brings back. */
export interface MadeDecision {
  decisionId: string
  action: 'correct' | 'discard' | 'flag' | 'amend'
  /** As it was before the decision. */
  item: Candidate
  category: FailureCategory | null
  written: Draft | null
}

/** More than this are undone from the history instead. */
const MOST_MADE = 100

/** What this visit has done. Ends with the page. */
export const useSessionStore = defineStore('session', () => {
  const done = ref(0)
  /** What can be undone, the latest last. */
  const made = shallowReactive<MadeDecision[]>([])
  /** Decided here, so that an answer of the queue which was on its way does not bring them back. */
  const decided = reactive(new Set<string>())
  /** Put off here; they stand at the end of the queue. */
  const putOff = reactive(new Set<string>())
  const latest = computed(() => made.at(-1) ?? null)

  function markDecided(decision: MadeDecision): void {
    made.push(decision)
    if (made.length > MOST_MADE) made.shift()
    decided.add(decision.item.id)
    putOff.delete(decision.item.id)
    // An amendment betters what is counted already.
    if (decision.action !== 'amend') done.value += 1
  }

  /**
   * The queue is asked while these are on their way to the server. What it knew to be decided and
   * hands out all the same was taken back elsewhere.
   */
  function expectOnly(sending: ReadonlySet<string>): void {
    decided.clear()
    for (const id of sending) decided.add(id)
  }

  /** It does not stand any more: taken back, or refused. */
  function markUndone(candidateId: string, decisionId?: string): MadeDecision | null {
    const index = made.findLastIndex(
      (decision) =>
        decision.item.id === candidateId &&
        (decisionId === undefined || decision.decisionId === decisionId),
    )
    decided.delete(candidateId)
    if (index < 0) return null
    done.value = Math.max(0, done.value - 1)
    return made.splice(index, 1)[0] ?? null
  }

  /** The record of a candidate decided in this visit, to be shown again without asking for it. */
  function recordOf(candidateId: string): Candidate | null {
    return made.findLast(({ item }) => item.id === candidateId)?.item ?? null
  }

  return { done, made, decided, putOff, latest, markDecided, expectOnly, markUndone, recordOf }
})
