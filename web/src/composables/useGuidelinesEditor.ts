import { computed, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'

import { getGuidelines, saveGuidelines } from '@/client/api'
import type { Guidelines } from '@/client/api'
import { ApiError } from '@/client/errors'
import { isRecord, tabShelf } from '@/stores/kept'
import { useNoticesStore } from '@/stores/notices'
import { useWorkspaceStore } from '@/stores/workspace'

export interface UseGuidelinesEditorReturn {
  /** What is being written. */
  text: Ref<string>
  /** The newest version as it was when this page last heard of it. */
  newest: Readonly<Ref<Guidelines | null>>
  changed: ComputedRef<boolean>
  busy: Readonly<Ref<boolean>>
  error: Readonly<Ref<unknown>>
  /** What somebody else has saved since; both texts stay until one is chosen. */
  theirs: Readonly<Ref<Guidelines | null>>
  /** An older version that is being looked at. */
  older: Readonly<Ref<Guidelines | null>>
  load: () => Promise<void>
  save: () => Promise<void>
  /** Saves what is written here as the version after theirs. */
  keepMine: () => Promise<void>
  takeTheirs: () => void
  /** Looks at a version; null closes it. */
  look: (version: number | null) => Promise<void>
  /** Goes on writing from the version that is being looked at. */
  startFromOlder: () => void
  reset: () => void
}

/** The guidelines as they are edited: every save is a new version on top of the newest. */
export function useGuidelinesEditor(): UseGuidelinesEditorReturn {
  const notices = useNoticesStore()
  const workspace = useWorkspaceStore()
  const text = ref('')
  const newest = shallowRef<Guidelines | null>(null)
  const theirs = shallowRef<Guidelines | null>(null)
  const older = shallowRef<Guidelines | null>(null)
  const busy = ref(false)
  const error = shallowRef<unknown>(null)
  let basedOn = 0

  const changed = computed(() => newest.value !== null && text.value !== newest.value.text)
  const shelfKey = (): string => `${workspace.prefix}guidelines-text`

  // What is written and not saved survives leaving the page and coming back.
  watch(text, () => {
    if (changed.value) tabShelf.put(shelfKey(), { text: text.value, basedOn })
    else tabShelf.drop(shelfKey())
  })

  async function load(): Promise<void> {
    await trying(async () => {
      newest.value = await getGuidelines()
      const kept = tabShelf.get(shelfKey())
      const unsaved = isRecord(kept) && typeof kept.text === 'string' ? kept : null
      basedOn = unsaved ? Number(unsaved.basedOn) : newest.value.version
      text.value = unsaved ? String(unsaved.text) : newest.value.text
    })
  }

  async function save(): Promise<void> {
    await trying(async () => {
      try {
        settle(await saveGuidelines(text.value, basedOn))
        notices.announce('The guidelines are saved.')
      } catch (failure) {
        if (!(failure instanceof ApiError) || failure.code !== 'guidelines_changed') throw failure
        theirs.value = await getGuidelines()
        notices.announce('Somebody else has saved the guidelines. Both texts are shown.')
      }
    })
  }

  async function keepMine(): Promise<void> {
    if (theirs.value) basedOn = theirs.value.version
    await save()
  }

  function takeTheirs(): void {
    if (theirs.value) settle(theirs.value)
  }

  function settle(saved: Guidelines): void {
    newest.value = saved
    theirs.value = null
    older.value = null
    basedOn = saved.version
    text.value = saved.text
    tabShelf.drop(shelfKey())
  }

  async function look(version: number | null): Promise<void> {
    if (version === null) older.value = null
    else await trying(async () => (older.value = await getGuidelines(version)))
  }

  function startFromOlder(): void {
    if (older.value) text.value = older.value.text
    older.value = null
  }

  function reset(): void {
    if (newest.value) settle(newest.value)
  }

  async function trying(work: () => Promise<unknown>): Promise<void> {
    busy.value = true
    error.value = null
    try {
      await work()
    } catch (failure) {
      error.value = failure
    } finally {
      busy.value = false
    }
  }

  return {
    text,
    newest,
    changed,
    busy,
    error,
    theirs,
    older,
    load,
    save,
    keepMine,
    takeTheirs,
    look,
    startFromOlder,
    reset,
  }
}
