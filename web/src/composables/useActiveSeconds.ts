import { onMounted, onUnmounted, toValue, watch } from 'vue'
import type { MaybeRefOrGetter } from 'vue'

/** Without a sign of life for this long, the reviewer has stopped working on the card. */
const IDLE_MS = 60_000
const SIGNS_OF_LIFE = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'scroll'] as const

export interface UseActiveSecondsReturn {
  /** Seconds of work on the present subject so far, to a tenth. */
  seconds: () => number
}

/**
 * Measures how long somebody works on a subject. It starts anew when the subject changes, and
 * neither a hidden page nor an idle one counts.
 */
export function useActiveSeconds(subject: MaybeRefOrGetter<unknown>): UseActiveSecondsReturn {
  let worked = 0
  let since = performance.now()
  let hidden = document.hidden

  function settle(): void {
    const now = performance.now()
    if (!hidden) worked += Math.min(now - since, IDLE_MS)
    since = now
  }

  function onVisibility(): void {
    settle()
    hidden = document.hidden
  }

  function seconds(): number {
    settle()
    return Math.round(worked / 100) / 10
  }

  watch(
    () => toValue(subject),
    () => {
      worked = 0
      since = performance.now()
    },
    { flush: 'sync' },
  )

  onMounted(() => {
    for (const sign of SIGNS_OF_LIFE) {
      window.addEventListener(sign, settle, { passive: true, capture: true })
    }
    document.addEventListener('visibilitychange', onVisibility)
  })
  onUnmounted(() => {
    for (const sign of SIGNS_OF_LIFE) window.removeEventListener(sign, settle, { capture: true })
    document.removeEventListener('visibilitychange', onVisibility)
  })

  return { seconds }
}
