import { onScopeDispose, readonly, ref, shallowRef, toValue, watch } from 'vue'
import type { MaybeRefOrGetter, Ref, ShallowRef } from 'vue'

import { preview as requestPreview } from '@/client/api'
import type { Preview } from '@/client/api'
import type { CorrectedParts } from '@/client/draft'

export interface UseTrainingPreviewOptions {
  id: MaybeRefOrGetter<string>
  text: MaybeRefOrGetter<string>
  parts: MaybeRefOrGetter<CorrectedParts>
  /** Nothing is asked for while it is false: the correction can't go out as it is, or nobody looks. */
  enabled: MaybeRefOrGetter<boolean>
  /** Milliseconds of rest before the server is asked. */
  debounce?: number
}

export interface UseTrainingPreviewReturn {
  /** The last answer; null until there is one, and while the server can't give any. */
  preview: Readonly<ShallowRef<Preview | null>>
  /** The answer is for what stands in the editor now. */
  fresh: Readonly<Ref<boolean>>
  /** The last request got no answer. */
  failed: Readonly<Ref<boolean>>
}

/**
 * What the correction being written would be exported as, and what there is to say about it. It
 * helps and is never needed: without an answer there is none, and nothing is said of it.
 */
export function useTrainingPreview(options: UseTrainingPreviewOptions): UseTrainingPreviewReturn {
  const { id, text, parts, enabled, debounce = 400 } = options
  const preview = shallowRef<Preview | null>(null)
  const fresh = ref(false)
  const failed = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked: AbortController | undefined

  async function ask(): Promise<void> {
    const mine = (asked = new AbortController())
    const correction: unknown = {
      id: toValue(id),
      corrected_response: toValue(text),
      corrected_parts: toValue(parts),
      format: 'messages',
    }
    try {
      const answer = await requestPreview(
        correction as Parameters<typeof requestPreview>[0],
        mine.signal,
      )
      if (mine !== asked) return
      preview.value = answer
      fresh.value = true
      failed.value = false
    } catch {
      if (mine !== asked) return
      preview.value = null
      failed.value = true
    }
  }

  watch(
    () => [toValue(id), toValue(text), toValue(parts), toValue(enabled)] as const,
    ([now, , , on], before) => {
      clearTimeout(timer)
      asked?.abort()
      asked = undefined
      fresh.value = false
      if (before && before[0] !== now) preview.value = null
      if (on) timer = setTimeout(() => void ask(), debounce)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
    asked?.abort()
    asked = undefined
  })

  return { preview, fresh: readonly(fresh), failed: readonly(failed) }
}
