import { computed, markRaw } from 'vue'
import type { ComputedRef } from 'vue'

import type { DecisionEntry } from '@/client/api'
import type { Candidate } from '@/client/candidate'
import { useClaimsStore } from '@/stores/claims'
import { useDraftsStore } from '@/stores/drafts'
import { useNoticesStore } from '@/stores/notices'
import { useOutboxStore } from '@/stores/outbox'
import { useReviewerStore } from '@/stores/reviewer'
import { useSessionStore } from '@/stores/session'
import type { MadeDecision } from '@/stores/session'
import { useSftStore } from '@/stores/sft'
import { useWorkspaceStore } from '@/stores/workspace'

import { decisionBody, LOCAL_REVIEWER, undoBody, writtenWith } from './decisionContent'
import type { Action, DecisionContent } from './decisionContent'
import { plural } from './format'

export interface UseDecisionsOptions {
  /** Seconds of work on the current card. */
  seconds: () => number
  /** Runs after the queue has changed: something waits to be sent, and there is one card less. */
  onSettled?: () => void
}

export interface UseDecisionsReturn {
  /** The decision that `undo` takes back; null when there is none in this visit. */
  undoable: ComputedRef<MadeDecision | null>
  /** Decides on the current candidate; the next one is current at once. */
  decide: (action: Action, content: DecisionContent) => void
  undo: () => void
  /** Takes back any decision, of any time; what was written comes back as a draft. */
  reopen: (item: Candidate, said: Partial<DecisionEntry>) => void
  /** Puts the current candidate at the end of this reviewer's queue. */
  putOff: () => void
  /** Leaves the current candidate as it is. */
  moveOn: () => void
}

const DONE: Readonly<Record<Action, string>> = {
  correct: 'Corrected.',
  discard: 'Discarded.',
  flag: 'Flagged.',
  amend: 'Amended.',
}

export const isWaiting = (item: Candidate): boolean =>
  !item.status || item.status === 'needs_review'

/**
 * Decides on the current candidate, and takes decisions back. Nothing here waits for the server:
 * what is to be sent goes into the outbox.
 */
export function useDecisions({ seconds, onSettled }: UseDecisionsOptions): UseDecisionsReturn {
  const sft = useSftStore()
  const session = useSessionStore()
  const drafts = useDraftsStore()
  const outbox = useOutboxStore()
  const notices = useNoticesStore()
  const reviewer = useReviewerStore()
  const workspace = useWorkspaceStore()
  const claims = useClaimsStore()

  function decide(action: Action, content: DecisionContent): void {
    const item = sft.current
    if (!item) return
    const body = decisionBody(item, action, content, {
      seconds: seconds(),
      reviewer: reviewer.name,
      guidelinesVersion: workspace.info?.guidelines_version,
      claim: isWaiting(item) ? claims.tokenOf(item.id) : undefined,
    })
    outbox.add({ kind: 'decision', body }, item)
    session.markDecided({
      decisionId: String(body.decision_id),
      action,
      item,
      category: content.category,
      written: drafts.get(item.id) ?? writtenWith(item, body),
    })
    sft.setLastAction(action, item, content.category)
    leave(item)
    notices.announce(`${DONE[action]} ${plural(sft.totalRemaining, 'candidate')} to review.`)
    onSettled?.()
  }

  function undo(): void {
    const last = session.latest
    if (!last) return
    const item = takeBack(last.item, last.decisionId)
    if (last.written) drafts.save(last.item.id, { ...last.written, at: now() })
    bringBack(item)
  }

  function reopen(item: Candidate, said: Partial<DecisionEntry>): void {
    const back = takeBack(item, said.decision_id)
    const written = writtenWith(item, said)
    // Something newer that is being written on the same candidate is not overwritten.
    if (written && !drafts.get(item.id)) drafts.save(item.id, { ...written, at: now() })
    bringBack(back)
  }

  /**
   * A decision that was never sent just drops out; any other is taken back on the server, after
   * which the candidate waits for review. Returns the candidate as it is then.
   */
  function takeBack(item: Candidate, decisionId: string | undefined): Candidate {
    session.markUndone(item.id, decisionId)
    if (decisionId && outbox.withdraw(decisionId)) return item
    const by = { id: item.id, reviewer: reviewer.name || LOCAL_REVIEWER }
    outbox.add({ kind: 'undo', body: undoBody(by) }, item)
    if (isWaiting(item)) return item
    return markRaw({ ...item, status: 'needs_review', corrected_response: null })
  }

  function bringBack(item: Candidate): void {
    sft.restoreItem(item)
    if (isWaiting(item)) sft.totalRemaining += 1
    notices.announce('Undone. The candidate is back.')
    onSettled?.()
  }

  function putOff(): void {
    const item = sft.current
    if (!item) return
    outbox.add({ kind: 'put-off', body: { id: item.id, put_off: true } }, item)
    session.putOff.add(item.id)
    sft.putCurrentLast()
    notices.announce('Put off: it comes again at the end of your queue.')
    onSettled?.()
  }

  function moveOn(): void {
    const item = sft.current
    if (!item) return
    sft.removeCurrentFromQueue()
    onSettled?.()
  }

  function leave(item: Candidate): void {
    if (sft.current?.id === item.id) sft.removeCurrentFromQueue()
    if (isWaiting(item)) sft.totalRemaining = Math.max(0, sft.totalRemaining - 1)
  }

  return {
    undoable: computed(() => session.latest),
    decide,
    undo,
    reopen,
    putOff,
    moveOn,
  }
}

const now = (): string => new Date().toISOString()
