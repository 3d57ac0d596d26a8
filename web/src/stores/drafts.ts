import { defineStore } from 'pinia'
import { ref, shallowReactive, watch } from 'vue'

import type { CorrectedParts, Draft } from '@/client/draft'

import { isRecord, localShelf, parsed, tabShelf } from './kept'
import type { Shelf } from './kept'
import { readSetting, writeSetting } from './settings'
import { useWorkspaceStore } from './workspace'

/** The setting for shared computers: drafts end with the tab. */
export const FORGET_DRAFTS = 'forget-drafts'
const OLD_MS = 60 * 24 * 3600 * 1000

/**
 * What is being written, one draft for each candidate. A draft is kept at each change, before
 * anything else happens, and goes only when the server has acknowledged its decision.
 */
export const useDraftsStore = defineStore('drafts', () => {
  const workspace = useWorkspaceStore()
  const drafts = shallowReactive(new Map<string, Draft>())
  const forgetAtEnd = ref(isOn(readSetting(FORGET_DRAFTS)))
  /** Candidates whose draft lives in this page only, since the browser's storage refused it. */
  const unkept = shallowReactive(new Set<string>())
  /** The candidate whose draft is open in the editor: no other tab takes it away. */
  const held = ref<string | null>(null)
  /** How many old drafts made room for a new one; said once. */
  const pruned = ref(0)

  const prefix = (): string => `${workspace.prefix}draft.`
  const shelf = (): Shelf => (forgetAtEnd.value ? tabShelf : localShelf)

  function load(): void {
    drafts.clear()
    // A draft that was begun before the setting changed in another tab is still found.
    for (const from of [localShelf, tabShelf]) {
      for (const [key, value] of from.all(prefix())) {
        const draft = draftFrom(value)
        if (draft) drafts.set(key.slice(prefix().length), draft)
      }
    }
  }

  const get = (id: string): Draft | undefined => drafts.get(id)

  function save(id: string, draft: Draft): void {
    drafts.set(id, draft)
    followSetting()
    const key = prefix() + id
    const kept = shelf().put(key, draft) || (makeRoom(id) && shelf().put(key, draft))
    if (kept) unkept.delete(id)
    else unkept.add(id)
  }

  function remove(id: string): void {
    drafts.delete(id)
    unkept.delete(id)
    localShelf.drop(prefix() + id)
    tabShelf.drop(prefix() + id)
  }

  /** The candidate was decided elsewhere: only a draft from long ago goes. */
  function removeIfOld(id: string): void {
    const draft = drafts.get(id)
    if (draft && isOld(draft)) remove(id)
  }

  /** Storage is full: drafts that nobody has touched for long are the first to go. */
  function makeRoom(except: string): boolean {
    const old = [...drafts].filter(([id, draft]) => id !== except && isOld(draft))
    for (const [id] of old) remove(id)
    pruned.value += old.length
    return old.length > 0
  }

  function setForgetAtEnd(on: boolean): void {
    writeSetting(FORGET_DRAFTS, on ? 'true' : null)
    forgetAtEnd.value = on
    // Nothing stays behind in the place that was left, whichever workspace it belongs to.
    const left = on ? localShelf : tabShelf
    for (const [key] of left.all('corrigenda.')) if (key.includes('.draft.')) left.drop(key)
    for (const [id, draft] of drafts) if (!shelf().put(prefix() + id, draft)) unkept.add(id)
  }

  /** The settings page, here or in another tab, writes the setting alone. */
  function followSetting(): void {
    const on = isOn(readSetting(FORGET_DRAFTS))
    if (on !== forgetAtEnd.value) setForgetAtEnd(on)
  }

  /** Another tab has written. */
  function onStorage(event: StorageEvent): void {
    if (event.key === `corrigenda.${FORGET_DRAFTS}`) followSetting()
    if (forgetAtEnd.value || !event.key?.startsWith(prefix())) return
    const id = event.key.slice(prefix().length)
    const draft = draftFrom(parsed(event.newValue))
    const mine = drafts.get(id)
    if (draft) drafts.set(id, draft)
    else if (id === held.value && mine) shelf().put(event.key, mine)
    else drafts.delete(id)
  }

  load()
  watch(() => workspace.prefix, load, { flush: 'sync' })

  return {
    forgetAtEnd,
    unkept,
    held,
    pruned,
    get,
    save,
    remove,
    removeIfOld,
    setForgetAtEnd,
    onStorage,
  }
})

const isOn = (setting: string | null): boolean => setting !== null && setting !== 'false'

const isOld = (draft: Draft): boolean => Date.now() - Date.parse(draft.at) > OLD_MS

/** Reads what an earlier version of the page, or somebody else, has left. */
function draftFrom(value: unknown): Draft | null {
  if (!isRecord(value) || typeof value.text !== 'string') return null
  const { parts, category, note, tags, startedFrom, at } = value
  return {
    // What the editor keeps beside the text stays with it.
    ...value,
    text: value.text,
    parts: isRecord(parts) ? (parts as CorrectedParts) : {},
    category: typeof category === 'string' ? category : null,
    note: typeof note === 'string' ? note : '',
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
    startedFrom:
      typeof startedFrom === 'string' ? (startedFrom as Draft['startedFrom']) : 'response',
    at: typeof at === 'string' ? at : new Date(0).toISOString(),
  }
}
