import { onScopeDispose, readonly, ref, shallowRef, toValue, watch } from 'vue'
import type { MaybeRefOrGetter, Ref, ShallowRef } from 'vue'

import { previewExport } from '@/client/exports'
import type { ExportPreview, Recipe } from '@/client/exports'

export interface UseExportPreviewOptions {
  /** Null while it is not known yet; nothing is asked for then. */
  recipe: MaybeRefOrGetter<Recipe | null>
  /** Milliseconds of rest before the server is asked. */
  debounce?: number
}

export interface UseExportPreviewReturn {
  /** What the server counted last; it stays while another recipe is on its way. */
  preview: Readonly<ShallowRef<ExportPreview | null>>
  /** The numbers are not yet those of the recipe. */
  loading: Readonly<Ref<boolean>>
  /** Why the last request failed; null when it did not. */
  error: Readonly<ShallowRef<unknown>>
  load: () => Promise<void>
}

/** What a recipe would give, counted again when the recipe has come to rest. */
export function useExportPreview(options: UseExportPreviewOptions): UseExportPreviewReturn {
  const { recipe, debounce = 300 } = options
  const preview = shallowRef<ExportPreview | null>(null)
  const loading = ref(false)
  const error = shallowRef<unknown>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked: AbortController | undefined

  function giveUp(): void {
    clearTimeout(timer)
    asked?.abort()
    asked = undefined
  }

  async function load(): Promise<void> {
    const wanted = toValue(recipe)
    giveUp()
    if (!wanted) return
    const mine = (asked = new AbortController())
    loading.value = true
    try {
      const answer = await previewExport(wanted, mine.signal)
      // A slower answer to an earlier question is no longer wanted.
      if (mine !== asked) return
      preview.value = answer
      error.value = null
    } catch (reason) {
      if (mine === asked) error.value = reason
    } finally {
      if (mine === asked) loading.value = false
    }
  }

  watch(
    () => JSON.stringify(toValue(recipe)),
    (now, before) => {
      giveUp()
      if (now === 'null') return
      loading.value = true
      // The first one is not being typed.
      const rest = before === undefined || before === 'null' ? 0 : debounce
      timer = setTimeout(() => void load(), rest)
    },
    { immediate: true },
  )
  onScopeDispose(giveUp)

  return { preview, loading: readonly(loading), error, load }
}
