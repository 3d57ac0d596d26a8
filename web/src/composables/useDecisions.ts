import { computed, ref, shallowRef } from 'vue'
import type { ComputedRef, Ref } from 'vue'

import { submit, undo as undoOnServer } from '@/client/api'
import type { Decision, DecisionAnswer } from '@/client/api'
import { ApiError, NetworkError } from '@/client/errors'
import { useNoticesStore } from '@/stores/notices'
import { useReviewerStore } from '@/stores/reviewer'
import { useSessionStore } from '@/stores/session'
import { useSftStore } from '@/stores/sft'
import type { SftFailureCategory, SftLastAction, SftQueueItem } from '@/stores/sft'

import { newDecisionId } from './decisionId'
import { plural } from './format'

export type Action = SftLastAction['type']

/** A request that did not go through, with everything needed to send the very same again. */
export type Setback =
  | { kind: 'decision'; item: SftQueueItem; decision: Decision; error: unknown }
  | { kind: 'undo'; action: SftLastAction; decisionId: string; error: unknown }

export interface UseDecisionsOptions {
  /** Seconds of work on the current card. */
  seconds: () => number
  /** Runs after the queue has changed. */
  onSettled?: () => void
}

export interface UseDecisionsReturn {
  /** A request is under way; no second decision is taken meanwhile. */
  busy: Readonly<Ref<boolean>>
  setback: Readonly<Ref<Setback | null>>
  /** The candidate can't be decided any more: somebody else was first, or it is gone. */
  overtaken: ComputedRef<boolean>
  /** The decision that was first may be an earlier try of this reviewer, whose answer got lost. */
  maybeOwn: ComputedRef<boolean>
  /** What the server remarked on the last decision, such as an unchanged text. */
  warning: Readonly<Ref<string | null>>
  decide: (action: Action, category: SftFailureCategory | null, text?: string) => Promise<void>
  retry: () => Promise<void>
  dismiss: () => void
  /** Leaves an overtaken candidate behind and shows the next one. */
  moveOn: () => void
  undo: () => Promise<void>
}

const OVERTAKEN = new Set(['already_decided', 'unknown_candidate', 'decision_id_reused'])
/** Whom the server names when no name was sent. */
const LOCAL_REVIEWER = 'local'
const DONE: Readonly<Record<Action, string>> = {
  correct: 'Corrected.',
  discard: 'Discarded.',
  flag: 'Flagged.',
}

/** Sends decisions on the current candidate, and takes the last one back. */
export function useDecisions({ seconds, onSettled }: UseDecisionsOptions): UseDecisionsReturn {
  const sft = useSftStore()
  const session = useSessionStore()
  const notices = useNoticesStore()
  const reviewer = useReviewerStore()
  const busy = ref(false)
  const setback = shallowRef<Setback | null>(null)
  /** A try on the current candidate got no answer: nobody knows whether it arrived. */
  const uncertain = ref(false)
  const warning = ref<string | null>(null)

  const overtaken = computed(
    () =>
      setback.value?.kind === 'decision' &&
      setback.value.error instanceof ApiError &&
      OVERTAKEN.has(setback.value.error.code),
  )

  const maybeOwn = computed(() => {
    const error = setback.value?.error
    if (!overtaken.value || !uncertain.value || !(error instanceof ApiError)) return false
    return error.extras.decided_by === (reviewer.name || LOCAL_REVIEWER)
  })

  async function decide(
    action: Action,
    category: SftFailureCategory | null,
    text?: string,
  ): Promise<void> {
    const item = sft.current
    if (!item || busy.value) return
    const decision: Decision = {
      id: item.id,
      action,
      ...(text === undefined ? {} : { corrected_response: text }),
      failure_category: category,
      decision_id: newDecisionId(),
      seconds: seconds(),
    }
    // After a failure, the same again is a retry: a new id could decide the candidate twice.
    const failed = setback.value?.kind === 'decision' ? setback.value.decision : null
    await send(item, failed && isSame(failed, decision) ? failed : decision)
  }

  async function send(item: SftQueueItem, decision: Decision): Promise<void> {
    const answer = await attempt(
      () => submit(decision),
      (error) => ({ kind: 'decision', item, decision, error }),
    )
    if (!answer) return
    warning.value = answer.warnings?.[0]?.message ?? null
    const text = decision.corrected_response
    leave(item)
    session.markDecided(item.id)
    if (text) session.corrections.set(item.id, text)
    sft.setLastAction(decision.action, item, decision.failure_category ?? null)
    notices.announce(
      `${DONE[decision.action]} ${plural(sft.totalRemaining, 'candidate')} to review.`,
    )
    onSettled?.()
  }

  async function undo(): Promise<void> {
    if (!sft.lastAction || busy.value) return
    await sendUndo(sft.lastAction, newDecisionId())
  }

  async function sendUndo(action: SftLastAction, decisionId: string): Promise<void> {
    const { item } = action
    const answer = await attempt(
      () => undoOnServer({ id: item.id, decision_id: decisionId }),
      (error) => ({ kind: 'undo', action, decisionId, error }),
    )
    if (!answer) {
      if (isCode(setback.value?.error, 'nothing_to_undo')) sft.clearLastAction()
      return
    }
    const written = session.corrections.get(item.id)
    if (action.type === 'correct' && written) session.drafts.set(item.id, written)
    session.markUndone(item.id)
    sft.restoreItem(item)
    sft.totalRemaining += 1
    notices.announce('Undone. The candidate is back.')
    onSettled?.()
  }

  /** Runs a request; on failure keeps what is needed to send it again. */
  async function attempt(
    run: () => Promise<DecisionAnswer>,
    asSetback: (error: unknown) => Setback,
  ): Promise<DecisionAnswer | null> {
    busy.value = true
    try {
      const answer = await run()
      setback.value = null
      uncertain.value = false
      return answer
    } catch (error) {
      setback.value = asSetback(error)
      uncertain.value ||= error instanceof NetworkError
      return null
    } finally {
      busy.value = false
    }
  }

  async function retry(): Promise<void> {
    const failed = setback.value
    if (!failed || busy.value) return
    if (failed.kind === 'undo') await sendUndo(failed.action, failed.decisionId)
    else await send(failed.item, failed.decision)
  }

  function dismiss(): void {
    setback.value = null
  }

  function moveOn(): void {
    if (setback.value?.kind !== 'decision') return
    const { item } = setback.value
    dismiss()
    uncertain.value = false
    session.decided.add(item.id)
    leave(item)
    onSettled?.()
  }

  function leave(item: SftQueueItem): void {
    session.drafts.delete(item.id)
    if (sft.current?.id === item.id) sft.removeCurrentFromQueue()
    sft.totalRemaining = Math.max(0, sft.totalRemaining - 1)
  }

  return { busy, setback, overtaken, maybeOwn, warning, decide, retry, dismiss, moveOn, undo }
}

function isSame(one: Decision, other: Decision): boolean {
  return (
    one.id === other.id &&
    one.action === other.action &&
    one.corrected_response === other.corrected_response &&
    one.failure_category === other.failure_category
  )
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof ApiError && error.code === code
}
