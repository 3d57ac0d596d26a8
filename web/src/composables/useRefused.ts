import { computed, markRaw, shallowRef, watch } from 'vue'
import type { ComputedRef } from 'vue'

import { getCandidate } from '@/client/api'
import type { Candidate } from '@/client/candidate'
import { useDraftsStore } from '@/stores/drafts'
import { useNoticesStore } from '@/stores/notices'
import { useOutboxStore } from '@/stores/outbox'
import type { OutboxEntry } from '@/stores/outbox'
import { useSessionStore } from '@/stores/session'
import { useSftStore } from '@/stores/sft'

import { titleOf } from './candidateText'
import { undoBody, writtenWith } from './decisionContent'
import { newDecisionId } from './decisionId'
import { inHandsOf, isOvertaken } from './refusals'

export interface UseRefusedOptions {
  /** Something is being written or about to be confirmed: the card must not change under it. */
  occupied: () => boolean
  /** Runs after the queue has changed. */
  onSettled: () => void
}

export interface UseRefusedReturn {
  /** The refusal of the decision on the current candidate. */
  onCard: ComputedRef<OutboxEntry | null>
  /** Refusals whose card is not in front (yet). */
  others: ComputedRef<OutboxEntry[]>
  /** Refusals whose candidate can't be had any more: there is no card to bring back. */
  cardless: ComputedRef<OutboxEntry[]>
  /** Shows the refused candidate again; its text is the draft. */
  bringBack: (entry: OutboxEntry) => Promise<void>
  /** Theirs stands; my text is kept aside until it is dismissed. */
  keepTheirs: (entry: OutboxEntry) => void
  /** Takes theirs back, if they have decided, and decides as I did. */
  putMine: (entry: OutboxEntry) => void
  /** Goes on with the draft, as if it had not been submitted. */
  editAgain: (entry: OutboxEntry) => void
  /** Forgets it, with its text. */
  dismiss: (entry: OutboxEntry) => void
}

/** Decisions that the server refused: each comes back in front, with what was written. */
export function useRefused({ occupied, onSettled }: UseRefusedOptions): UseRefusedReturn {
  const sft = useSftStore()
  const session = useSessionStore()
  const drafts = useDraftsStore()
  const outbox = useOutboxStore()
  const notices = useNoticesStore()
  /** The keys of those whose candidate can't be had any more. */
  const lost = shallowRef<ReadonlySet<string>>(new Set())
  const taken = new Set<string>()

  const onCard = computed(
    () => outbox.refused.find(({ body }) => body.id === sft.current?.id) ?? null,
  )
  const others = computed(() => outbox.refused.filter((entry) => entry !== onCard.value))

  /** Done once for each refusal: it was counted as decided, and isn't. */
  function takeIn(entry: OutboxEntry): Candidate | null {
    if (taken.has(entry.key)) return null
    taken.add(entry.key)
    const record = session.recordOf(entry.body.id)
    if (entry.kind !== 'decision') return record
    const made = session.markUndone(entry.body.id, entry.body.decision_id ?? undefined)
    if (sft.lastAction?.item.id === entry.body.id) sft.clearLastAction()
    if (made && !isOvertaken(entry)) sft.totalRemaining += 1
    const written = made?.written ?? writtenWith(entry.about, entry.body)
    if (written && !drafts.get(entry.body.id)) drafts.save(entry.body.id, written)
    return record
  }

  async function bringBack(entry: OutboxEntry): Promise<void> {
    const { id } = entry.body
    const atHand = takeIn(entry) ?? sft.queue.find((item) => item.id === id)
    const item = atHand ?? (await getCandidate(id).catch(() => null))
    if (!item) lost.value = new Set([...lost.value, entry.key])
    else if (sft.current?.id !== id) sft.bringToFront(markRaw(item))
    notices.announce(`${titleOf(entry.about)} is back: the server did not take the decision.`)
  }

  function keepTheirs(entry: OutboxEntry): void {
    const text = entry.kind === 'decision' && entry.body.corrected_response
    if (text) outbox.update(entry, { setAside: true })
    else dismiss(entry)
    leave(entry.body.id)
  }

  function putMine(entry: OutboxEntry): void {
    if (entry.kind !== 'decision') return
    const { body, about } = entry
    const item = sft.current
    outbox.remove(entry)
    if (inHandsOf(entry) === null) outbox.add({ kind: 'undo', body: undoBody(body) }, about)
    const mine = { ...body, decision_id: newDecisionId() }
    // It was said with a claim that is not ours any more, and is meant all the same.
    delete mine.claim
    outbox.add({ kind: 'decision', body: mine }, about)
    if (item?.id === body.id && mine.action !== 'categorise') {
      session.markDecided({
        decisionId: mine.decision_id,
        action: mine.action,
        item,
        category: mine.failure_category ?? null,
        written: drafts.get(body.id) ?? writtenWith(item, mine),
      })
      sft.setLastAction(mine.action, item, mine.failure_category ?? null)
    }
    leave(body.id)
  }

  function editAgain(entry: OutboxEntry): void {
    outbox.remove(entry)
  }

  function dismiss(entry: OutboxEntry): void {
    outbox.remove(entry)
    drafts.remove(entry.body.id)
  }

  function leave(id: string): void {
    if (isCurrent(id)) session.decided.add(id)
    sft.remove(id)
    onSettled()
  }

  const isCurrent = (id: string): boolean => sft.current?.id === id

  watch(
    () => {
      const first = others.value.find(({ key }) => !lost.value.has(key))
      return occupied() || onCard.value ? null : (first ?? null)
    },
    (entry) => {
      if (entry) void bringBack(entry)
    },
    { immediate: true },
  )

  const cardless = computed(() => outbox.refused.filter(({ key }) => lost.value.has(key)))

  return { onCard, others, cardless, bringBack, keepTheirs, putMine, editAgain, dismiss }
}
