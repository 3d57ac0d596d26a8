import { computed, ref } from 'vue'
import type { ComputedRef, Ref } from 'vue'

/** The server takes so many named candidates in one request. */
export const MOST_NAMED = 1000

export interface UseSelectionReturn {
  /** Those chosen one by one, also on other pages. */
  ids: Readonly<Ref<ReadonlySet<string>>>
  /** Everything that the filter finds is chosen, whatever the page. */
  all: Readonly<Ref<boolean>>
  has: (id: string) => boolean
  page: ComputedRef<'none' | 'some' | 'all'>
  /** Chooses or drops one; with `range`, all between it and the one before like it. */
  toggle: (id: string, options?: { range?: boolean }) => void
  /** Chooses the whole page, or drops it when it is chosen already. */
  togglePage: () => void
  chooseAll: () => void
  clear: () => void
}

/** Which candidates of a list are chosen; `listed` are the ids of the page shown. */
export function useSelection(listed: () => readonly string[]): UseSelectionReturn {
  const ids = ref<ReadonlySet<string>>(new Set())
  const all = ref(false)
  let anchor: string | null = null

  const has = (id: string): boolean => all.value || ids.value.has(id)

  const page = computed(() => {
    const chosen = listed().filter(has).length
    if (chosen === 0) return 'none'
    return chosen === listed().length ? 'all' : 'some'
  })

  function toggle(id: string, { range = false } = {}): void {
    const choose = !has(id)
    const chosen = new Set(all.value ? listed() : ids.value)
    for (const one of range ? between(anchor, id) : [id]) {
      if (choose) chosen.add(one)
      else chosen.delete(one)
    }
    all.value = false
    ids.value = chosen
    anchor = id
  }

  function between(from: string | null, to: string): readonly string[] {
    const list = listed()
    const ends = [from === null ? -1 : list.indexOf(from), list.indexOf(to)]
    if (ends.includes(-1)) return [to]
    return list.slice(Math.min(...ends), Math.max(...ends) + 1)
  }

  function togglePage(): void {
    const wholePage = page.value === 'all'
    const chosen = new Set(all.value ? [] : ids.value)
    for (const id of listed()) {
      if (wholePage) chosen.delete(id)
      else chosen.add(id)
    }
    all.value = false
    ids.value = chosen
  }

  function chooseAll(): void {
    all.value = true
    ids.value = new Set()
  }

  function clear(): void {
    all.value = false
    ids.value = new Set()
    anchor = null
  }

  return { ids, all, has, page, toggle, togglePage, chooseAll, clear }
}
