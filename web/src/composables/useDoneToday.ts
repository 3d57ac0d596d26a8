import { computed, ref, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'

import type { Progress } from '@/client/api'
import { useOutboxStore } from '@/stores/outbox'
import { useSessionStore } from '@/stores/session'

/**
 * Decisions of this reviewer since local midnight: what the server has counted, what it does not
 * have yet, and what was decided since it was asked.
 */
export function useDoneToday(progress: Readonly<Ref<Progress | null>>): ComputedRef<number> {
  const session = useSessionStore()
  const outbox = useOutboxStore()
  const unseen = ref(0)
  const doneThen = ref(0)

  watch(progress, () => {
    unseen.value = outbox.decided.size
    doneThen.value = session.done
  })

  return computed(() =>
    progress.value
      ? Math.max(0, progress.value.done + unseen.value + session.done - doneThen.value)
      : session.done,
  )
}
