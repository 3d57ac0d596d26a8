import { ref, shallowRef, toValue, watch } from 'vue'
import type { MaybeRefOrGetter, Ref, ShallowRef } from 'vue'

export interface UseAnswerReturn<T> {
  /** Null before there is one, and while another question is under way. */
  answer: Readonly<ShallowRef<T | null>>
  loading: Readonly<Ref<boolean>>
  error: Readonly<ShallowRef<unknown>>
  ask: () => Promise<void>
}

/** The answer to a question, asked again whenever the question is another one; null asks nothing. */
export function useAnswer<Q, T>(
  question: MaybeRefOrGetter<Q | null>,
  fetchIt: (question: Q) => Promise<T>,
): UseAnswerReturn<T> {
  const answer = shallowRef<T | null>(null)
  const loading = ref(false)
  const error = shallowRef<unknown>(null)
  let asked = 0

  async function ask(): Promise<void> {
    const mine = ++asked
    const wanted = toValue(question)
    answer.value = null
    error.value = null
    loading.value = wanted !== null
    if (wanted === null) return
    try {
      const found = await fetchIt(wanted)
      if (mine === asked) answer.value = found
    } catch (reason) {
      if (mine === asked) error.value = reason
    } finally {
      if (mine === asked) loading.value = false
    }
  }

  watch(() => JSON.stringify(toValue(question)), ask, { immediate: true })

  return { answer, loading, error, ask }
}
