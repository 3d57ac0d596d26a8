import { ref } from 'vue'
import type { Ref } from 'vue'

import { useDraftsStore } from '@/stores/drafts'
import { localShelf, tabShelf } from '@/stores/kept'
import { useNoticesStore } from '@/stores/notices'
import { useWorkspaceStore } from '@/stores/workspace'

import { plural } from './format'

export interface UseKeptDraftsReturn {
  /** How many corrections are begun and not submitted, as this browser keeps them. */
  count: Readonly<Ref<number>>
  recount: () => void
  forgetAll: () => void
}

/** The drafts of this workspace that this browser keeps. */
export function useKeptDrafts(): UseKeptDraftsReturn {
  const drafts = useDraftsStore()
  const workspace = useWorkspaceStore()
  const notices = useNoticesStore()
  const count = ref(0)

  function ids(): string[] {
    const prefix = `${workspace.prefix}draft.`
    const kept = [...localShelf.all(prefix), ...tabShelf.all(prefix)]
    return [...new Set(kept.map(([key]) => key.slice(prefix.length)))]
  }

  function recount(): void {
    count.value = ids().length
  }

  function forgetAll(): void {
    const all = ids()
    for (const id of all) drafts.remove(id)
    recount()
    notices.announce(`${plural(all.length, 'draft')} forgotten.`)
  }

  recount()

  return { count, recount, forgetAll }
}
