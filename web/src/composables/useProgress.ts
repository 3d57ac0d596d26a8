import { computed, onMounted, onUnmounted, shallowRef, toValue, watch } from 'vue'
import type { ComputedRef, MaybeRefOrGetter, Ref } from 'vue'

import { getProgress } from '@/client/api'
import type { Progress } from '@/client/api'

import { localMidnight } from './localDays'
import { useServerEvents } from './useServerEvents'

export interface UseProgressOptions {
  /** Narrows what remains; what was done today is counted as it is. */
  query?: MaybeRefOrGetter<URLSearchParams | undefined>
  /** Changes with each decision, for example their number in this visit. */
  decisions: MaybeRefOrGetter<unknown>
}

export interface UseProgressReturn {
  /** Null until the server has answered once. */
  progress: Readonly<Ref<Progress | null>>
  /** What remains by the last answer that no decision of ours has overtaken. */
  remaining: Readonly<Ref<Progress | null>>
  /** Decisions in an hour of active work today; null while there is too little to tell. */
  pace: ComputedRef<number | null>
  refresh: () => Promise<void>
}

/** Decisions come faster than anybody reads a counter. */
const AFTER_DECISION_MS = 1_500
/** Others decide all the time: their decisions are counted together. */
const AFTER_EVENT_MS = 3_000
/** With less work than this, a pace would say more about the first card than about the day. */
const ENOUGH_SECONDS = 120

/**
 * What remains, and what this reviewer has done since midnight on the reader's clock: asked for
 * again after decisions, and while the page is seen after those of others.
 */
export function useProgress({ query, decisions }: UseProgressOptions): UseProgressReturn {
  const events = useServerEvents()
  const progress = shallowRef<Progress | null>(null)
  const remaining = shallowRef<Progress | null>(null)
  let soon: ReturnType<typeof setTimeout> | undefined
  let others: ReturnType<typeof setTimeout> | undefined
  let asked = 0

  const pace = computed(() => {
    const { done = 0, seconds = 0 } = progress.value ?? {}
    return done > 0 && seconds >= ENOUGH_SECONDS ? Math.round((done / seconds) * 3600) : null
  })

  /** A counter that cannot be had is no error of the page: the last one stays. */
  async function refresh(): Promise<void> {
    const question = ++asked
    const decided = toValue(decisions)
    const answer = await getProgress(localMidnight().toISOString(), toValue(query)).catch(
      () => null,
    )
    if (!answer || question !== asked) return
    progress.value = answer
    if (decided === toValue(decisions)) remaining.value = answer
  }

  function refreshSoon(): void {
    others ??= setTimeout(() => {
      others = undefined
      refreshIfSeen()
    }, AFTER_EVENT_MS)
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
  events.on('counts', refreshSoon)
  events.on('resync', refreshSoon)
  onMounted(() => {
    void refresh()
    document.addEventListener('visibilitychange', refreshIfSeen)
  })
  onUnmounted(() => {
    clearTimeout(soon)
    clearTimeout(others)
    document.removeEventListener('visibilitychange', refreshIfSeen)
  })

  return { progress, remaining, pace, refresh }
}
