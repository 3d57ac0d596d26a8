import { computed, nextTick, onScopeDispose, ref, shallowRef, toValue, watch } from 'vue'
import type { ComputedRef, MaybeRefOrGetter, Ref } from 'vue'

import { useReadingStore } from '@/stores/reading'

import { findAll, isSkipped, rangeOf, readPageText } from './findText'
import type { Match, PageText } from './findText'

/** So many matches are coloured at most; all are counted, and each is coloured when it is reached. */
const MOST_COLOURED = 1000
/** Unfolding may render a text anew; so long, in milliseconds, the match is followed where it goes. */
const SETTLING = 1500
/** A key stroke waits so long, in milliseconds, for the next one. */
const PAUSE = 60

export interface UseFindOptions {
  root: MaybeRefOrGetter<HTMLElement | null>
  active: MaybeRefOrGetter<boolean>
}

export interface UseFindReturn {
  query: Ref<string>
  count: ComputedRef<number>
  /** From 1; 0 when nothing is found. */
  current: ComputedRef<number>
  next: () => void
  previous: () => void
}

/**
 * Finds text under an element, colours it and goes from one place to the next. What hides a match
 * hears a `reveal` event from inside of it, and unfolds.
 */
export function useFind(options: UseFindOptions): UseFindReturn {
  const reading = useReadingStore()
  const query = ref('')
  const matches = shallowRef<readonly Match[]>([])
  const place = ref(0)
  let text: PageText | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let settledAt = 0
  let fresh = false
  const observer = new MutationObserver((changes) => {
    if (changes.every(({ target }) => isSkipped(target))) return
    text = null
    schedule(false)
  })

  function schedule(fromStart: boolean): void {
    clearTimeout(timer)
    // A change of the page right after a key stroke must not make the stroke forgotten.
    fresh ||= fromStart
    timer = setTimeout(() => search(fresh), PAUSE)
  }

  function search(fromStart: boolean): void {
    const root = toValue(options.root)
    if (!root || !toValue(options.active)) return
    fresh = false
    place.value = fromStart ? 0 : place.value
    findAgain(root)
    if (fromStart) void reveal()
    else if (performance.now() < settledAt) show()
  }

  function findAgain(root: HTMLElement): void {
    text ??= readPageText(root)
    matches.value = findAll(text, query.value)
    place.value = Math.min(place.value, Math.max(0, matches.value.length - 1))
    colour()
  }

  /** Unfolds what hides the current match, and goes there. */
  async function reveal(): Promise<void> {
    const holder = here()?.startContainer.parentElement
    if (!holder) return
    settledAt = performance.now() + SETTLING
    for (let at = holder.closest('details'); at; at = at.parentElement?.closest('details') ?? null)
      at.open = true
    holder.dispatchEvent(new CustomEvent('reveal', { bubbles: true }))
    await nextTick()
    const root = toValue(options.root)
    // The text is forgotten when unfolding has changed the page.
    if (!text && root && toValue(options.active)) findAgain(root)
    show()
  }

  function show(): void {
    const found = here()
    colourHere(found)
    if (!supportsHighlights()) select(found)
    found?.startContainer.parentElement?.scrollIntoView?.({ block: 'nearest' })
    scrollTo(found)
  }

  function here(): Range | null {
    const match = matches.value[place.value]
    return text && match ? rangeOf(text, match) : null
  }

  function colour(): void {
    if (!supportsHighlights() || !text) return
    const from = Math.max(0, place.value - MOST_COLOURED / 2)
    const near = matches.value.slice(from, from + MOST_COLOURED)
    const found = text
    const ranges = near.map((match) => rangeOf(found, match)).filter((range) => range !== null)
    CSS.highlights.set('found', new Highlight(...ranges))
    colourHere(here())
  }

  function go(by: number): void {
    clearTimeout(timer)
    if (!text) search(false)
    const total = matches.value.length
    if (total === 0) return
    place.value = (place.value + by + total) % total
    void reveal()
  }

  function stop(): void {
    clearTimeout(timer)
    observer.disconnect()
    text = null
    settledAt = 0
    matches.value = []
    reading.searching = false
    if (!supportsHighlights()) return
    CSS.highlights.delete('found')
    CSS.highlights.delete('found-here')
  }

  watch(query, () => schedule(true))
  watch(
    () => [toValue(options.active), toValue(options.root)] as const,
    async ([active, root]) => {
      stop()
      if (!active || !root) return
      reading.searching = true
      // What was folded away has to come into the page first.
      await nextTick()
      observer.observe(root, { childList: true, subtree: true, characterData: true })
      search(true)
    },
    { immediate: true, flush: 'post' },
  )
  onScopeDispose(stop)

  return {
    query,
    count: computed(() => matches.value.length),
    current: computed(() => (matches.value.length > 0 ? place.value + 1 : 0)),
    next: () => go(1),
    previous: () => go(-1),
  }
}

const supportsHighlights = (): boolean => typeof CSS !== 'undefined' && 'highlights' in CSS

function colourHere(range: Range | null): void {
  if (!supportsHighlights()) return
  const highlight = range ? new Highlight(range) : new Highlight()
  highlight.priority = 1
  CSS.highlights.set('found-here', highlight)
}

/** Without highlights the browser's own selection shows the place. */
function select(range: Range | null): void {
  const selection = getSelection()
  if (!range || !selection) return
  selection.removeAllRanges()
  selection.addRange(range)
}

/** An element may be higher than the window: the match itself has to be in sight. */
function scrollTo(range: Range | null): void {
  const box = range?.getBoundingClientRect?.()
  if (!box || (box.width === 0 && box.height === 0)) return
  const margin = innerHeight / 4
  if (box.top < margin) scrollBy({ top: box.top - margin })
  else if (box.bottom > innerHeight - margin) scrollBy({ top: box.bottom - innerHeight + margin })
}
