import { toValue } from 'vue'
import type { MaybeRefOrGetter } from 'vue'

import { useDraftsStore } from '@/stores/drafts'
import { useOutboxStore } from '@/stores/outbox'

import { useUnsavedGuard } from './useUnsavedGuard'

/**
 * Makes the browser ask before it throws away what lives in this page only. What is kept in its
 * storage comes back by itself, except where drafts end with the tab.
 */
export function useUnkeptGuard(writing: MaybeRefOrGetter<boolean>): void {
  const drafts = useDraftsStore()
  const outbox = useOutboxStore()

  useUnsavedGuard(() => {
    if (drafts.unkept.size > 0 || outbox.unkept.size > 0) return true
    return drafts.forgetAtEnd && (toValue(writing) || outbox.waiting.length > 0)
  })
}
