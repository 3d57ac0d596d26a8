import { ref, shallowRef } from 'vue'
import type { Ref, ShallowRef } from 'vue'

import { getComparableRuns } from '@/client/comparing'
import type { ComparableRun } from '@/client/comparing'
import { getExports } from '@/client/exports'
import { useSignInStore } from '@/stores/signIn'

export interface UseComparableRunsReturn {
  runs: Readonly<ShallowRef<readonly ComparableRun[]>>
  /** The names of the exports that may have been trained on; null for those who may not know. */
  exports: Readonly<ShallowRef<readonly string[] | null>>
  /** Whether an answer has come yet. */
  loaded: Readonly<Ref<boolean>>
  error: Readonly<ShallowRef<unknown>>
  load: () => Promise<void>
}

/** The runs that can be compared, and the exports that can have been trained on. */
export function useComparableRuns(): UseComparableRunsReturn {
  const signIn = useSignInStore()
  const runs = shallowRef<readonly ComparableRun[]>([])
  const exports = shallowRef<readonly string[] | null>(null)
  const loaded = ref(false)
  const error = shallowRef<unknown>(null)

  async function load(): Promise<void> {
    try {
      const [found, made] = await Promise.all([
        getComparableRuns(),
        signIn.lead ? getExports() : null,
      ])
      runs.value = found
      // Whole candidates are not what a model is trained on.
      const named = made?.filter(({ format }) => format !== 'candidates')
      exports.value = named?.map(({ name }) => name) ?? null
      error.value = null
      loaded.value = true
    } catch (reason) {
      error.value = reason
    }
  }

  return { runs, exports, loaded, error, load }
}
