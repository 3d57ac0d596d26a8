import { shallowRef, ref } from 'vue'
import type { Ref } from 'vue'

import { getConfig, setConfig } from '@/client/api'
import type { Config } from '@/client/api'
import { useNoticesStore } from '@/stores/notices'

export interface UseBenchFolderReturn {
  config: Readonly<Ref<Config | null>>
  /** Why reading or setting the folder failed. */
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

  async function attempt(request: () => Promise<Config>): Promise<boolean> {
    busy.value = true
    try {
      config.value = await request()
      error.value = null
      return true
    } catch (failure) {
      error.value = failure
      return false
    } finally {
      busy.value = false
    }
  }

  async function load(): Promise<void> {
    await attempt(getConfig)
  }

  async function save(folder: string): Promise<void> {
    if (!(await attempt(() => setConfig(folder)))) return
    notices.announce('The benchmark folder is set.')
    options.onChanged()
  }

  return { config, error, busy, load, save }
}
