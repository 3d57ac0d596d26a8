import { createPinia, setActivePinia } from 'pinia'

import { useNoticesStore } from '@/stores/notices'

/** A component that is shown outside of the app brings the stores that its parts use. */
export function useOwnStores(): void {
  try {
    useNoticesStore()
  } catch {
    setActivePinia(createPinia())
  }
}
