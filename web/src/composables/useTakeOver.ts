import { computed, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'

import type { Sibling } from '@/client/api'
import type { FailureCategory } from '@/client/candidate'

import { decidedAlike } from './siblingAnswers'
import type { PendingAction } from './usePendingAction'

/** The editor, as far as it takes something over. What it held before can be brought back there. */
export interface TakingEditor {
  take?: (sibling: Sibling) => boolean
}

export interface UseTakeOverOptions {
  siblings: () => readonly Sibling[]
  /** There once the editor is open. */
  editor: Readonly<Ref<TakingEditor | null>>
  correct: () => void
  open: (action: PendingAction, category?: FailureCategory) => void
}

export interface UseTakeOverReturn {
  /** The same answer as this one, decided before. */
  alike: ComputedRef<Sibling | null>
  /** Opens the editor with a sibling's correction, or with its passing answer. */
  take: (sibling: Sibling) => void
  /** Begins what was done with the same answer before; only the reviewer ends it. */
  repeat: () => boolean
}

/** Uses what was done with other answers to the same prompt. */
export function useTakeOver(card: UseTakeOverOptions): UseTakeOverReturn {
  const alike = computed(() => decidedAlike(card.siblings()))
  const wanted = shallowRef<Sibling | null>(null)

  function take(sibling: Sibling): void {
    wanted.value = sibling
    if (!card.editor.value) card.correct()
  }

  watch(
    [wanted, card.editor],
    ([sibling, editor]) => {
      if (!sibling || !editor) return
      wanted.value = null
      editor.take?.(sibling)
    },
    { flush: 'post' },
  )

  function repeat(): boolean {
    const { status, failure_category: category } = alike.value ?? {}
    if (status === 'approved' && alike.value) take(alike.value)
    else if (status === 'discarded') card.open('discard', category ?? undefined)
    else if (status === 'model_rejected') card.open('flag', category ?? undefined)
    else return false
    return true
  }

  return { alike, take, repeat }
}
