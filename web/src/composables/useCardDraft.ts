import { computed, shallowRef, watch } from 'vue'
import type { ComputedRef, WritableComputedRef } from 'vue'

import type { Candidate, FailureCategory } from '@/client/candidate'
import type { Draft } from '@/client/draft'

import { freshDraft, sourceOf } from './correctionSource'
import { approvedDraft } from './decisionContent'

export interface UseCardDraftOptions {
  item: () => Candidate
  /** What is kept for the candidate, when something is. */
  kept: () => Draft | undefined
  /** Runs at each change; what it is told is to be kept. */
  keep: (draft: Draft) => void
}

export interface UseCardDraftReturn {
  draft: ComputedRef<Draft>
  /** The marked turn; null: the response is what is corrected. */
  turn: ComputedRef<number | null>
  /** Its text is not the one that it began with. */
  touched: ComputedRef<boolean>
  note: WritableComputedRef<string>
  tags: WritableComputedRef<string[]>
  category: WritableComputedRef<FailureCategory | null>
  change: (change: Partial<Draft>) => void
  mark: (turn: number | null) => void
}

/** The draft of the card in front. It is fresh until something has been changed. */
export function useCardDraft({ item, kept, keep }: UseCardDraftOptions): UseCardDraftReturn {
  // A card that stands alone keeps its draft itself.
  const own = shallowRef<Draft | null>(null)
  const fresh = computed(() =>
    item().corrected_response ? approvedDraft(item()) : freshDraft(item()),
  )
  const draft = computed(() => own.value ?? kept() ?? fresh.value)
  const turn = computed(() => draft.value.parts.turn ?? null)

  const touched = computed(
    () =>
      draft.value.text !== sourceOf(item(), turn.value).text &&
      draft.value.text !== fresh.value.text,
  )

  function change(to: Partial<Draft>): void {
    own.value = { ...draft.value, ...to, at: new Date().toISOString() }
    keep(own.value)
  }

  /** The editor begins with the marked turn, unless something was written already. */
  function mark(to: number | null): void {
    const { parts, note, tags, category } = draft.value
    const said = { note, tags, category }
    if (!touched.value) return change({ ...freshDraft(item(), to), ...said })
    const marked = { ...parts, turn: to ?? undefined }
    if (to === null) delete marked.turn
    change({ parts: marked })
  }

  watch([() => item().id, kept], () => (own.value = null), { flush: 'sync' })

  const field = <Name extends 'note' | 'tags' | 'category'>(
    name: Name,
  ): WritableComputedRef<Draft[Name]> =>
    computed({
      get: () => draft.value[name],
      set: (value) => change({ [name]: value }),
    })

  return {
    draft,
    turn,
    touched,
    note: field('note'),
    tags: field('tags'),
    category: field('category'),
    change,
    mark,
  }
}
