import { computed, onMounted, onUnmounted, shallowRef, toValue, watch } from 'vue'
import type { ComputedRef, MaybeRefOrGetter, Ref } from 'vue'

import { getProgress } from '@/client/api'
import type { Progress } from '@/client/api'

import { localMidnight } from './localDays'

export interface UseProgressOptions {
  /** Narrows what remains; what was done today is counted as it is. */
  query?: MaybeRefOrGetter<URLSearchParams | undefined>
  /** Changes with each decision, for example their number in this visit. */
  decisions: MaybeRefOrGetter<unknown>
}

export interface UseProgressReturn {
  /** Null until the server has answered once. */
  progress: Readonly<Ref<Progress | null>>
  /** Decisions in an hour of active work today; null while there is too little to tell. */
  pace: ComputedRef<number | null>
  refresh: () => Promise<void>
}

const EVERY_MS = 60_000
/** Decisions come faster than anybody reads a counter. */
const AFTER_DECISION_MS = 1_500
/** With less work than this, a pace would say more about the first card than about the day. */
const ENOUGH_SECONDS = 120

/**
 * What remains, and what this reviewer has done since midnight on the reader's clock: asked for
 * again after decisions, and every minute while the page is seen.
 */
export function useProgress({ query, decisions }: UseProgressOptions): UseProgressReturn {
  const progress = shallowRef<Progress | null>(null)
  let soon: ReturnType<typeof setTimeout> | undefined
  let clock: ReturnType<typeof setInterval> | undefined
  let asked = 0

  const pace = computed(() => {
    const { done = 0, seconds = 0 } = progress.value ?? {}
    return done > 0 && seconds >= ENOUGH_SECONDS ? Math.round((done / seconds) * 3600) : null
  })

  /** A counter that cannot be had is no error of the page: the last one stays. */
  async function refresh(): Promise<void> {
    const question = ++asked
    const answer = await getProgress(localMidnight().toISOString(), toValue(query)).catch(
      () => null,
    )
    if (answer && question === asked) progress.value = answer
  }

  function refreshIfSeen(): void {
    if (!document.hidden) void refresh()
  }

  watch(
    () => toValue(decisions),
    () => {
      clearTimeout(soon)
      soon = setTimeout(refresh, AFTER_DECISION_MS)
    },
  )
  watch(() => String(toValue(query) ?? ''), refresh)
  onMounted(() => {
    void refresh()
    clock = setInterval(refreshIfSeen, EVERY_MS)
    document.addEventListener('visibilitychange', refreshIfSeen)
  })
  onUnmounted(() => {
    clearTimeout(soon)
    clearInterval(clock)
    document.removeEventListener('visibilitychange', refreshIfSeen)
  })

  return { progress, pace, refresh }
}
