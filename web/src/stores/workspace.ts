import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'

import { getWorkspace } from '@/client/api'
import type { Workspace } from '@/client/api'
import { ApiError } from '@/client/errors'

import { localShelf, tabShelf } from './kept'
import { readSetting, writeSetting } from './settings'

/** Stands for the workspace until the server has named it for the first time. */
const UNNAMED = 'workspace'

/**
 * Which workspace the server serves. Drafts and unsent decisions are kept under its id, since
 * another workspace may be served at the same address tomorrow.
 */
export const useWorkspaceStore = defineStore('workspace', () => {
  const id = ref(readSetting('workspace') ?? UNNAMED)
  const info = shallowRef<Workspace | null>(null)
  /** The server has said, since it last went away, that it serves this workspace. */
  const confirmed = ref(false)
  let asking: Promise<void> | null = null

  /** Where this workspace's things lie in the browser's storage. */
  const prefix = computed(() => prefixOf(id.value))

  /**
   * Asks the server once, and again after `doubt`.
   *
   * @throws RequestError when it does not answer.
   */
  function confirm(): Promise<void> {
    if (confirmed.value) return Promise.resolve()
    asking ??= ask().finally(() => (asking = null))
    return asking
  }

  async function ask(): Promise<void> {
    try {
      info.value = await getWorkspace()
      if (info.value?.id) name(String(info.value.id))
    } catch (error) {
      // A server without names has one workspace.
      if (!(error instanceof ApiError) || error.status !== 404) throw error
    }
    confirmed.value = true
  }

  function name(to: string): void {
    if (to === id.value) return
    // What was begun before the workspace had a name belongs to it.
    if (id.value === UNNAMED) moveKeys(prefixOf(UNNAMED), prefixOf(to))
    id.value = to
    writeSetting('workspace', to)
  }

  /** The server went away; what comes back may serve another workspace. */
  function doubt(): void {
    confirmed.value = false
  }

  return { id, info, confirmed, prefix, confirm, doubt }
})

const prefixOf = (id: string): string => `corrigenda.${encodeURIComponent(id)}.`

function moveKeys(from: string, to: string): void {
  for (const shelf of [localShelf, tabShelf]) {
    for (const [key, value] of shelf.all(from)) {
      if (shelf.put(to + key.slice(from.length), value)) shelf.drop(key)
    }
  }
}
