import type { Decision } from '@/client/api'
import { ApiError } from '@/client/errors'
import type { OutboxEntry, Refusal } from '@/stores/outbox'

/** Somebody else has settled the candidate, or it is gone: sending again cannot help. */
const OVERTAKEN = new Set(['already_decided', 'unknown_candidate', 'decision_id_reused'])

export function refusalOf({ status, code, detail, extras }: ApiError): Refusal {
  return { status, code, detail, extras }
}

export const errorOf = ({ status, code, detail, extras }: Refusal): ApiError =>
  new ApiError(status, code, detail, extras)

const TAKEN_OVER = 'claim_taken_over'

export const isOvertaken = ({ refusal }: OutboxEntry): boolean =>
  OVERTAKEN.has(refusal?.code ?? '') || (refusal?.code === TAKEN_OVER && isDecided(refusal))

/** Somebody decided first, or has the card now: there are two to choose from. */
export const isConflict = (entry: OutboxEntry): boolean =>
  entry.kind === 'decision' &&
  (entry.refusal?.code === 'already_decided' || entry.refusal?.code === TAKEN_OVER)

/** Who has taken the card over and has not decided yet; null when that is not what happened. */
export function inHandsOf({ refusal }: OutboxEntry): string | null {
  if (refusal?.code !== TAKEN_OVER || isDecided(refusal)) return null
  const { claimed_by: who } = refusal.extras
  return typeof who === 'string' && who ? who : 'somebody else'
}

const isDecided = ({ extras }: Refusal): boolean =>
  Boolean(extras.decision) || typeof extras.decided_status === 'string'

const STATUS_AFTER: Readonly<Record<string, string>> = {
  correct: 'approved',
  amend: 'approved',
  discard: 'discarded',
  flag: 'model_rejected',
}

/** The decision that was first says the same, by the same reviewer: it is this one, arrived. */
export function isOwnEarlierTry(mine: Decision, { code, extras }: ApiError): boolean {
  if (code !== 'already_decided' || extras.decided_by !== mine.reviewer) return false
  const theirs = extras.decision
  if (typeof theirs !== 'object' || theirs === null) {
    return mine.corrected_response == null && extras.decided_status === STATUS_AFTER[mine.action]
  }
  const { action, corrected_response: text, failure_category: category } = theirs as Decision
  return (
    action === mine.action &&
    (text ?? null) === (mine.corrected_response ?? null) &&
    (category ?? null) === (mine.failure_category ?? null)
  )
}
