import { ref, toValue, watch } from 'vue'
import type { MaybeRefOrGetter, Ref } from 'vue'

import type { FailureCategory } from '@/client/candidate'

export type PendingAction = 'discard' | 'flag'

export interface UsePendingActionOptions {
  /** What is decided on; when it changes, nothing is pending any more. */
  subject: MaybeRefOrGetter<unknown>
  category: Ref<FailureCategory | null>
  decide: (action: PendingAction, category: FailureCategory | null) => void
}

export interface UsePendingActionReturn {
  pending: Ref<PendingAction | null>
  open: (action: PendingAction, category?: FailureCategory) => void
  confirm: () => void
  cancel: () => void
}

/** A discard or flag in two steps: asked for first, done only when confirmed. */
export function usePendingAction(options: UsePendingActionOptions): UsePendingActionReturn {
  const { subject, category, decide } = options
  const pending = ref<PendingAction | null>(null)

  /** A category chosen before stays when only the action changes. */
  function open(action: PendingAction, chosen?: FailureCategory): void {
    pending.value = action
    if (chosen) category.value = chosen
  }

  /** Closes before it decides, so that a second press finds nothing to confirm. */
  function confirm(): void {
    const action = pending.value
    const chosen = category.value
    cancel()
    if (action) decide(action, chosen)
  }

  function cancel(): void {
    pending.value = null
    category.value = null
  }

  watch(() => toValue(subject), cancel)

  return { pending, open, confirm, cancel }
}
