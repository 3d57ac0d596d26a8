import { ref, shallowRef } from 'vue'
import type { Ref, ShallowRef } from 'vue'

import { getExports } from '@/client/exports'
import type { ExportEntry } from '@/client/exports'

export interface UseExportsReturn {
  /** The exports made, the newest first. */
  exports: Readonly<ShallowRef<readonly ExportEntry[]>>
  /** Whether an answer has come yet. */
  loaded: Readonly<Ref<boolean>>
  error: Readonly<ShallowRef<unknown>>
  load: () => Promise<void>
}

/** The exports that were made and are kept. */
export function useExports(): UseExportsReturn {
  const exports = shallowRef<readonly ExportEntry[]>([])
  const loaded = ref(false)
  const error = shallowRef<unknown>(null)

  async function load(): Promise<void> {
    try {
      exports.value = await getExports()
      error.value = null
      loaded.value = true
    } catch (reason) {
      error.value = reason
    }
  }

  return { exports, loaded, error, load }
}
