import { computed, ref, shallowRef } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'

import { getGuidelines } from '@/client/api'
import type { Guidelines } from '@/client/api'
import { useReviewerStore } from '@/stores/reviewer'
import { readSetting, writeSetting } from '@/stores/settings'
import { useWorkspaceStore } from '@/stores/workspace'

export interface UseGuidelinesReturn {
  guidelines: ShallowRef<Guidelines | null>
  loading: Readonly<Ref<boolean>>
  error: ShallowRef<unknown>
  /** The version that this reviewer had read before this time; null when none. */
  readBefore: Readonly<Ref<number | null>>
  /** There is a newer version than the one that this reviewer has read. */
  changed: ComputedRef<boolean>
  /** Loads the newest version, and notes that it is being read. */
  read: () => Promise<void>
}

/** The workspace's guidelines, and which version of them this reviewer knows. */
export function useGuidelines(): UseGuidelinesReturn {
  const reviewer = useReviewerStore()
  const workspace = useWorkspaceStore()
  const guidelines = shallowRef<Guidelines | null>(null)
  const loading = ref(false)
  const error = shallowRef<unknown>(null)
  const readBefore = ref<number | null>(null)

  async function read(): Promise<void> {
    if (loading.value) return
    loading.value = true
    error.value = null
    try {
      const newest = await getGuidelines()
      readBefore.value = versionRead(workspace.id, reviewer.name)
      guidelines.value = newest
      writeSetting(settingOf(workspace.id, reviewer.name), String(newest.version))
    } catch (reason) {
      error.value = reason
    } finally {
      loading.value = false
    }
  }

  const changed = computed(
    () =>
      guidelines.value !== null &&
      readBefore.value !== null &&
      guidelines.value.version > readBefore.value,
  )

  return { guidelines, loading, error, readBefore, changed, read }
}

const settingOf = (workspace: string, name: string): string =>
  `guidelines-read.${encodeURIComponent(workspace)}.${name}`

/** The version that somebody has read last in this browser; null when none. */
export function versionRead(workspace: string, name: string): number | null {
  const kept = readSetting(settingOf(workspace, name))
  const version = Number(kept)
  return kept !== null && Number.isInteger(version) ? version : null
}
