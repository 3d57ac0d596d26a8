import { ref, shallowRef } from 'vue'
import type { Ref, ShallowRef } from 'vue'

import { getTrainings } from '@/client/training'
import type { Training } from '@/client/training'
import { useLiveReload } from '@/composables/useLiveReload'

import { isUnderWay } from './trainingWords'

export interface UseTrainingsReturn {
  /** The newest first. */
  trainings: Readonly<ShallowRef<readonly Training[]>>
  loaded: Readonly<Ref<boolean>>
  error: Readonly<ShallowRef<unknown>>
  load: () => Promise<void>
}

/** The trainings of the workspace, as they go on. */
export function useTrainings(): UseTrainingsReturn {
  const trainings = shallowRef<readonly Training[]>([])
  const loaded = ref(false)
  const error = shallowRef<unknown>(null)

  async function load(): Promise<void> {
    try {
      trainings.value = await getTrainings()
      loaded.value = true
      error.value = null
    } catch (reason) {
      error.value = reason
    }
  }

  useLiveReload({
    load,
    concerns: ({ kind }) => kind === 'train',
    active: () => trainings.value.some(isUnderWay),
  })

  return { trainings, loaded, error, load }
}
