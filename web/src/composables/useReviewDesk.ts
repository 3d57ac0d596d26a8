import { computed, ref, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'

import { getCandidate } from '@/client/api'
import type { DecisionEntry } from '@/client/api'
import type { Candidate, FailureCategory } from '@/client/candidate'
import type { Draft } from '@/client/draft'
import { useClaimsStore } from '@/stores/claims'
import { useDraftsStore } from '@/stores/drafts'
import { useNoticesStore } from '@/stores/notices'
import { useSessionStore } from '@/stores/session'
import { useSftStore } from '@/stores/sft'

import { approvedDraft } from './decisionContent'
import type { Action, Said } from './decisionContent'
import { useActiveSeconds } from './useActiveSeconds'
import { isWaiting, useDecisions } from './useDecisions'
import type { UseDecisionsReturn } from './useDecisions'
import { useQuickTags } from './useQuickTags'
import { isConflict } from './refusals'
import { useRefused } from './useRefused'
import type { UseRefusedReturn } from './useRefused'

export interface UseReviewDeskOptions {
  /** Runs after the queue has changed. */
  onSettled: () => void
  /** Runs before a decision leaves the desk. */
  onDecide?: (action: Action, draft: Draft | undefined) => void
}

export interface UseReviewDeskReturn extends Omit<UseDecisionsReturn, 'decide' | 'reopen'> {
  correcting: Ref<boolean>
  /** A discard or flag waits for its confirmation. */
  pending: Ref<boolean>
  /** The current candidate can't be decided: it is, or is in other hands, or somebody was first. */
  settled: ComputedRef<boolean>
  draft: ComputedRef<Draft | undefined>
  quickTags: Readonly<Ref<readonly string[]>>
  refused: UseRefusedReturn
  keepDraft: (draft: Draft) => void
  decide: (action: Action, category: FailureCategory | null, said?: Said, text?: string) => void
  /** Takes a decision back, of any candidate; false when the candidate can't be shown now. */
  reopen: (id: string, said: Partial<DecisionEntry>) => Promise<boolean>
  reopenCurrent: (standing: DecisionEntry | null) => void
  /** Opens the editor with what was approved, unless a better text was begun before. */
  amend: () => void
}

/** What a reviewer does with the card in front. */
export function useReviewDesk(options: UseReviewDeskOptions): UseReviewDeskReturn {
  const { onSettled, onDecide } = options
  const sft = useSftStore()
  const session = useSessionStore()
  const drafts = useDraftsStore()
  const notices = useNoticesStore()
  const claims = useClaimsStore()
  const correcting = ref(false)
  const pending = ref(false)

  const { seconds } = useActiveSeconds(() => sft.current?.id)
  const { quickTags, remember } = useQuickTags()
  const { decide: send, reopen: takeBack, ...others } = useDecisions({ seconds, onSettled })
  const refused = useRefused({ occupied: () => correcting.value || pending.value, onSettled })

  const draft = computed(() => (sft.current ? drafts.get(sft.current.id) : undefined))
  const settled = computed(() => {
    const entry = refused.onCard.value
    return (
      (sft.current !== null &&
        !(isWaiting(sft.current) && !claims.elsewhere.has(sft.current.id))) ||
      (entry !== null && isConflict(entry))
    )
  })

  function keepDraft(changed: Draft): void {
    if (sft.current) drafts.save(sft.current.id, changed)
  }

  function decide(
    action: Action,
    category: FailureCategory | null,
    said: Said = {},
    text?: string,
  ): void {
    // What was refused before is decided anew.
    if (refused.onCard.value) refused.editAgain(refused.onCard.value)
    remember(said.tags ?? [])
    onDecide?.(action, draft.value)
    send(action, { category, text, ...said })
  }

  async function reopen(id: string, said: Partial<DecisionEntry>): Promise<boolean> {
    const atHand = session.recordOf(id) ?? sft.queue.find((item) => item.id === id)
    const item: Candidate | null = atHand ?? (await getCandidate(id).catch(() => null))
    if (item) takeBack(item, said)
    else notices.announce('The candidate can’t be shown now. Its decision stays as it is.')
    return item !== null
  }

  function reopenCurrent(standing: DecisionEntry | null): void {
    const item = sft.current
    if (!item) return
    const { corrected_response, corrected_parts, failure_category } = item
    const said = { corrected_response, corrected_parts, failure_category } as Partial<DecisionEntry>
    takeBack(item, { ...said, ...standing })
  }

  function amend(): void {
    if (!sft.current) return
    if (!draft.value) drafts.save(sft.current.id, approvedDraft(sft.current))
    correcting.value = true
  }

  watch(
    () => sft.current?.id,
    () => (correcting.value = pending.value = false),
  )

  watch(
    () => (correcting.value ? (sft.current?.id ?? null) : null),
    (id) => (drafts.held = id),
    { flush: 'sync' },
  )

  return {
    ...others,
    correcting,
    pending,
    settled,
    draft,
    quickTags,
    refused,
    keepDraft,
    decide,
    reopen,
    reopenCurrent,
    amend,
  }
}
