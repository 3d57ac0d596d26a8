import { computed, ref, shallowRef, toValue, watch } from 'vue'
import type { ComputedRef, MaybeRefOrGetter, Ref, ShallowRef } from 'vue'

import { getPrompts } from '@/client/comparing'
import type { CompareQuestion, PromptFilter, PromptRow } from '@/client/comparing'

export interface UseComparedPromptsOptions {
  question: MaybeRefOrGetter<CompareQuestion>
  filter: MaybeRefOrGetter<PromptFilter>
}

export interface UseComparedPromptsReturn {
  prompts: Readonly<ShallowRef<readonly PromptRow[]>>
  /** Null until it is known. */
  total: Readonly<Ref<number | null>>
  loading: Readonly<Ref<boolean>>
  error: Readonly<ShallowRef<unknown>>
  more: ComputedRef<boolean>
  loadMore: () => Promise<void>
  load: () => Promise<void>
}

/** The prompts of a comparison that a filter finds, page after page. */
export function useComparedPrompts(options: UseComparedPromptsOptions): UseComparedPromptsReturn {
  const prompts = shallowRef<readonly PromptRow[]>([])
  const total = ref<number | null>(null)
  const next = ref<string | null>(null)
  const loading = ref(false)
  const error = shallowRef<unknown>(null)
  let asked = 0

  async function fetchPage(from: Parameters<typeof getPrompts>[0]): Promise<void> {
    const mine = ++asked
    loading.value = true
    error.value = null
    try {
      const page = await getPrompts(from)
      if (mine !== asked) return
      prompts.value = 'next' in from ? [...prompts.value, ...page.items] : page.items
      total.value = page.total
      next.value = page.next
    } catch (reason) {
      if (mine === asked) error.value = reason
    } finally {
      if (mine === asked) loading.value = false
    }
  }

  const load = (): Promise<void> =>
    fetchPage({ question: toValue(options.question), filter: toValue(options.filter) })

  async function loadMore(): Promise<void> {
    if (next.value && !loading.value) await fetchPage({ next: next.value })
  }

  watch(() => JSON.stringify([toValue(options.question), toValue(options.filter)]), load, {
    immediate: true,
  })

  const more = computed(() => next.value !== null)
  return { prompts, total, loading, error, more, loadMore, load }
}
