import { computed, shallowRef } from 'vue'
import type { ComputedRef, Ref } from 'vue'

import type { LotRequest, Sibling } from '@/client/finding'
import type { Draft } from '@/client/draft'

import { plural } from './format'
import { hasParts } from './decisionContent'
import { undecided } from './siblingAnswers'

export interface UseOfferReturn {
  /** What the button says; null when there is nobody to offer it to. */
  words: ComputedRef<string | null>
  /** The lot to be previewed and confirmed; null when none is asked for. */
  request: Readonly<Ref<LotRequest | null>>
  /** Notes the correction that may be offered. */
  note: (draft: Draft | undefined, siblings: readonly Sibling[]) => void
  forget: () => void
  /** Asks for the lot. */
  ask: () => void
  close: () => void
}

/** Offers a correction to the undecided answers to the same prompt. */
export function useOffer(): UseOfferReturn {
  const offered = shallowRef<LotRequest | null>(null)
  const request = shallowRef<LotRequest | null>(null)

  const words = computed(() => {
    const count = offered.value?.ids?.length ?? 0
    return count ? `Offer to ${plural(count, 'sibling')}` : null
  })

  function note(draft: Draft | undefined, siblings: readonly Sibling[]): void {
    const ids = undecided(siblings).map(({ id }) => id)
    const fits = draft !== undefined && ids.length > 0 && draft.parts.turn === undefined
    offered.value = fits
      ? {
          action: 'correct',
          ids,
          corrected_response: draft.text,
          ...(hasParts(draft.parts) ? { corrected_parts: draft.parts } : {}),
        }
      : null
  }

  function forget(): void {
    offered.value = null
  }

  function ask(): void {
    request.value = offered.value
  }

  function close(): void {
    request.value = null
  }

  return { words, request, note, forget, ask, close }
}
