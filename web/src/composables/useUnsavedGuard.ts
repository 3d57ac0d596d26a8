import { onMounted, onUnmounted, toValue } from 'vue'
import type { MaybeRefOrGetter } from 'vue'

/** Makes the browser ask before it throws away a text that is not submitted yet. */
export function useUnsavedGuard(unsaved: MaybeRefOrGetter<boolean>): void {
  function onBeforeUnload(event: BeforeUnloadEvent): void {
    if (toValue(unsaved)) event.preventDefault()
  }

  onMounted(() => window.addEventListener('beforeunload', onBeforeUnload))
  onUnmounted(() => window.removeEventListener('beforeunload', onBeforeUnload))
}
