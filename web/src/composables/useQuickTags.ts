import { ref, watch } from 'vue'
import type { Ref } from 'vue'

import { localShelf } from '@/stores/kept'
import { useWorkspaceStore } from '@/stores/workspace'

const MOST = 12

export interface UseQuickTagsReturn {
  /** The tags that were used in this browser before, the latest first. */
  quickTags: Readonly<Ref<readonly string[]>>
  /** Remembers the tags of a decision. */
  remember: (tags: readonly string[]) => void
}

/** The tags at hand for one press. */
export function useQuickTags(): UseQuickTagsReturn {
  const workspace = useWorkspaceStore()
  const quickTags = ref<readonly string[]>([])
  const key = (): string => `${workspace.prefix}tags`

  function load(): void {
    const kept = localShelf.get(key())
    quickTags.value = Array.isArray(kept)
      ? kept.filter((tag): tag is string => typeof tag === 'string').slice(0, MOST)
      : []
  }

  function remember(tags: readonly string[]): void {
    if (tags.length === 0) return
    quickTags.value = [...new Set([...tags, ...quickTags.value])].slice(0, MOST)
    localShelf.put(key(), quickTags.value)
  }

  load()
  watch(() => workspace.prefix, load)

  return { quickTags, remember }
}
