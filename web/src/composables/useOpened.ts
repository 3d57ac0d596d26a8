import { computed, markRaw, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'

import { getCandidate, getHistory } from '@/client/api'
import type { DecisionEntry } from '@/client/api'
import { useDraftsStore } from '@/stores/drafts'
import { useSftStore } from '@/stores/sft'

import { isWaiting } from './useDecisions'

export interface UseOpenedReturn {
  /** The candidate that the address names, as `/?id=…`. */
  id: ComputedRef<string | null>
  opening: Readonly<Ref<boolean>>
  openError: Readonly<Ref<unknown>>
  /** The decision that stands on the current candidate, when it has one and it is known. */
  standing: Readonly<Ref<DecisionEntry | null>>
  open: (id: string) => Promise<void>
  /** Takes the candidate out of the address: the queue goes on. */
  close: () => void
}

/** Shows the candidate that the address names first, whatever its status. */
export function useOpened(): UseOpenedReturn {
  const route = useRoute()
  const router = useRouter()
  const sft = useSftStore()
  const drafts = useDraftsStore()
  const opening = ref(false)
  const openError = shallowRef<unknown>(null)
  const standing = shallowRef<DecisionEntry | null>(null)

  const id = computed(() => [route.query.id].flat()[0] ?? null)

  async function open(wanted: string): Promise<void> {
    opening.value = true
    openError.value = null
    try {
      const item = await getCandidate(wanted)
      if (id.value !== wanted) return
      sft.bringToFront(markRaw(item))
      if (!isWaiting(item)) drafts.removeIfOld(item.id)
    } catch (error) {
      if (id.value === wanted) openError.value = error
    } finally {
      opening.value = false
    }
  }

  function close(): void {
    openError.value = null
    if (id.value === null) return
    const query = { ...route.query }
    delete query.id
    void router.replace({ query })
  }

  watch(
    id,
    (wanted) => {
      if (wanted && sft.current?.id !== wanted) void open(wanted)
    },
    { immediate: true },
  )

  watch(
    () => sft.current,
    async (item, before) => {
      standing.value = null
      // Once it is decided or left, the address must not bring it back at a reload.
      if (before && before.id === id.value && item?.id !== before.id) close()
      if (!item || isWaiting(item)) return
      const decisions = await getHistory(item.id).catch(() => [])
      if (sft.current?.id === item.id) standing.value = decisions.at(-1) ?? null
    },
    { immediate: true },
  )

  return { id, opening, openError, standing, open, close }
}
