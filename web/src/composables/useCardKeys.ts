import type { Ref } from 'vue'

import type { FailureCategory } from '@/client/candidate'

import { categoryDigits } from './categoryKeys'
import { useKeys } from './useKeys'
import type { UseKeysReturn } from './useKeys'
import type { PendingAction } from './usePendingAction'

export interface UseCardKeysOptions {
  correcting: Readonly<Ref<boolean>>
  /** It is decided already: nothing on it can be decided by a key. */
  settled: Readonly<Ref<boolean>>
  pending: Readonly<Ref<PendingAction | null>>
  /** In the order of their keys. */
  categories: Readonly<Ref<readonly { name: string; key?: string | null }[]>>
  correct: () => void
  open: (action: PendingAction, category?: FailureCategory) => void
  later: () => void
  choose: (category: FailureCategory) => void
  confirm: () => void
  submit: () => void
  leave: () => void
  note: () => void
  siblings: () => void
  find: () => void
  /** Does what was done with the same answer before; false when there is none. */
  repeat: () => boolean
}

const when = (applies: () => unknown, run: () => unknown) => () =>
  applies() ? run() !== false : false

/** What the keys do on a card, by its state: reading, pending or correcting. */
export function useCardKeys(card: UseCardKeysOptions): UseKeysReturn {
  const choosing = (): boolean => !card.correcting.value && !card.settled.value
  const correcting = (): boolean => card.correcting.value

  return useKeys({
    correct: when(choosing, card.correct),
    fine: when(choosing, () => card.open('discard', 'scoring_artifact')),
    discard: when(choosing, () => card.open('discard')),
    flag: when(choosing, () => card.open('flag')),
    later: when(() => choosing() && !card.pending.value, card.later),
    category: (digit) => {
      if (!correcting() && !card.pending.value) return false
      const digits = categoryDigits(card.categories.value)
      const chosen = card.categories.value.find(({ name }) => digits.get(name) === digit)
      if (chosen) card.choose(chosen.name)
      return chosen !== undefined
    },
    confirm: when(() => card.pending.value, card.confirm),
    submit: when(correcting, card.submit),
    cancel: when(() => correcting() || card.pending.value, card.leave),
    note: when(() => correcting() || choosing(), card.note),
    siblings: card.siblings,
    find: card.find,
    take: when(choosing, card.repeat),
  })
}
