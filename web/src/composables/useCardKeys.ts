import type { Ref } from 'vue'

import type { FailureCategory } from '@/client/candidate'

import { useKeys } from './useKeys'
import type { UseKeysReturn } from './useKeys'
import type { PendingAction } from './usePendingAction'

export interface UseCardKeysOptions {
  correcting: Readonly<Ref<boolean>>
  busy: Readonly<Ref<boolean>>
  pending: Readonly<Ref<PendingAction | null>>
  category: Ref<FailureCategory | null>
  /** In the order of their keys. */
  categories: Readonly<Ref<readonly { name: string }[]>>
  correct: () => void
  open: (action: PendingAction, category?: FailureCategory) => void
  confirm: () => void
  submit: () => void
  leave: () => void
}

/** What the keys do on a card, by its state: reading, pending or correcting. */
export function useCardKeys(card: UseCardKeysOptions): UseKeysReturn {
  /** Runs only while reading or pending, and not while an answer is awaited. */
  const whileChoosing = (run: () => void) => () => {
    if (card.correcting.value || card.busy.value) return false
    run()
    return true
  }

  return useKeys({
    correct: whileChoosing(card.correct),
    fine: whileChoosing(() => card.open('discard', 'scoring_artifact')),
    discard: whileChoosing(() => card.open('discard')),
    flag: whileChoosing(() => card.open('flag')),
    category: (digit) => {
      const chosen = card.categories.value[(digit ?? 0) - 1]
      if (!chosen || !(card.correcting.value || card.pending.value)) return false
      card.category.value = card.category.value === chosen.name ? null : chosen.name
      return true
    },
    confirm: () => {
      if (!card.pending.value || card.busy.value) return false
      card.confirm()
      return true
    },
    submit: () => {
      if (!card.correcting.value) return false
      card.submit()
      return true
    },
    cancel: () => {
      if (!card.correcting.value && !card.pending.value) return false
      card.leave()
      return true
    },
  })
}
