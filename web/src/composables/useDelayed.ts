import { onScopeDispose, readonly, ref, toValue, watch } from 'vue'
import type { MaybeRefOrGetter, Ref } from 'vue'

/** True once the source has been true for `ms`; quick work shows no sign of waiting. */
export function useDelayed(source: MaybeRefOrGetter<boolean>, ms = 200): Readonly<Ref<boolean>> {
  const delayed = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  watch(
    () => toValue(source),
    (on) => {
      clearTimeout(timer)
      delayed.value = false
      if (on) timer = setTimeout(() => (delayed.value = true), ms)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))

  return readonly(delayed)
}
