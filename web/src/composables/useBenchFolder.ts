import { shallowRef, ref } from 'vue'
import type { Ref } from 'vue'

import { getConfig, setConfig } from '@/client/api'
import type { Config } from '@/client/api'
import { useNoticesStore } from '@/stores/notices'

export interface UseBenchFolderReturn {
  config: Readonly<Ref<Config | null>>
  /** Why setting the folder failed. */
  error: Readonly<Ref<unknown>>
  busy: Readonly<Ref<boolean>>
  load: () => Promise<void>
  save: (folder: string) => Promise<void>
}

/** The folder in which the server looks for benchmark runs. */
export function useBenchFolder(options: { onChanged: () => void }): UseBenchFolderReturn {
  const notices = useNoticesStore()
  const config = shallowRef<Config | null>(null)
  const error = shallowRef<unknown>(null)
  const busy = ref(false)

  /** A configuration that cannot be read shows up as a list of runs that cannot be had. */
  async function load(): Promise<void> {
    config.value = await getConfig().catch(() => null)
  }

  async function save(folder: string): Promise<void> {
    busy.value = true
    try {
      config.value = await setConfig(folder)
      error.value = null
    } catch (failure) {
      error.value = failure
      return
    } finally {
      busy.value = false
    }
    notices.announce('The benchmark folder is set.')
    options.onChanged()
  }

  return { config, error, busy, load, save }
}
