import { onScopeDispose, readonly, ref, toValue, watch } from 'vue'
import type { MaybeRefOrGetter, Ref } from 'vue'

/** False while a new subject is on its way to the screen, true once it has been painted. */
export function usePainted(subject: MaybeRefOrGetter<unknown>): Readonly<Ref<boolean>> {
  const painted = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let frame: number | undefined

  function forget(): void {
    clearTimeout(timer)
    if (frame !== undefined) cancelAnimationFrame(frame)
  }

  watch(
    () => toValue(subject),
    () => {
      forget()
      painted.value = false
      // The frame draws it; a task after the frame is what may take its time.
      frame = requestAnimationFrame(() => {
        timer = setTimeout(() => (painted.value = true))
      })
    },
    { immediate: true },
  )
  onScopeDispose(forget)

  return readonly(painted)
}
