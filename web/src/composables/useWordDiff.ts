import { computed, onScopeDispose, shallowRef, toValue, watch } from 'vue'
import type { ComputedRef, MaybeRefOrGetter } from 'vue'

import type { Change, Grain } from './wordDiff'

export interface UseWordDiffOptions {
  before: MaybeRefOrGetter<string>
  after: MaybeRefOrGetter<string>
  /** Milliseconds of rest after a key before the texts are compared. */
  debounce?: number
}

export interface UseWordDiffReturn {
  /** null until the texts have been compared for the first time. */
  changes: ComputedRef<readonly Change[] | null>
  grain: ComputedRef<Grain>
}

/** Above this, comparing could be felt while writing: it waits until the browser is idle. */
const LONG_CHARACTERS = 20_000

/** Compares two texts, word by word, after the hand rests; the last proof stays until then. */
export function useWordDiff(options: UseWordDiffOptions): UseWordDiffReturn {
  const { before, after, debounce = 80 } = options
  const result = shallowRef<{ changes: readonly Change[]; grain: Grain } | null>(null)
  let cancelWaiting: (() => void) | undefined
  let turn = 0

  async function compare(): Promise<void> {
    const mine = ++turn
    const [old, now] = [toValue(before), toValue(after)]
    if (old === now) {
      result.value = { changes: old ? [{ kind: 'same', text: old }] : [], grain: 'words' }
      return
    }
    // Without the server there is no proof; the text that is written does not depend on it.
    const words = await import('./wordDiff').catch(() => null)
    if (words && mine === turn) result.value = words.compareWords(old, now)
  }

  watch(
    () => [toValue(before), toValue(after)] as const,
    ([old, now], previous) => {
      cancelWaiting?.()
      // Another text to compare with is shown at once; only typing waits.
      const pause = previous && previous[0] === old ? debounce : 0
      cancelWaiting = later(() => void compare(), pause, old.length + now.length > LONG_CHARACTERS)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    turn++
    cancelWaiting?.()
  })

  return {
    changes: computed(() => result.value?.changes ?? null),
    grain: computed(() => result.value?.grain ?? 'words'),
  }
}

/** Runs after the pause, and, for long work, when nothing else is to do. */
function later(run: () => void, pause: number, whenIdle: boolean): () => void {
  let idle: number | undefined
  const timer = setTimeout(() => {
    if (whenIdle && 'requestIdleCallback' in window) {
      idle = requestIdleCallback(run, { timeout: 1000 })
    } else run()
  }, pause)
  return () => {
    clearTimeout(timer)
    if (idle !== undefined) cancelIdleCallback(idle)
  }
}

/** A stretch of the proof. */
export type Stretch = Change | { kind: 'folded'; text: string }

/** Characters that stay in sight on either side of a fold. */
const KEPT = 160
/** Less than this is not worth a button. */
const WORTH_FOLDING = 400

/** Folds what stays the same in the middle of long stretches, at the ends of words. */
export function foldUnchanged(changes: readonly Change[]): Stretch[] {
  return changes.flatMap((part, index): Stretch[] => {
    if (part.kind !== 'same') return [part]
    const { text } = part
    const head = index === 0 ? 0 : endOfWord(text, KEPT)
    const tail = index === changes.length - 1 ? text.length : startOfWord(text, text.length - KEPT)
    if (changes.length === 1 || tail - head < WORTH_FOLDING) return [part]
    return [
      { kind: 'same', text: text.slice(0, head) },
      { kind: 'folded', text: text.slice(head, tail) },
      { kind: 'same', text: text.slice(tail) },
    ]
  })
}

/** Looks a little further for white space, so that no word (and no character) is cut in two. */
function endOfWord(text: string, at: number): number {
  const space = text.slice(at, at + 40).search(/\s/)
  return space < 0 ? whole(text, at) : at + space
}

function startOfWord(text: string, at: number): number {
  const space = text.slice(Math.max(0, at - 40), at).search(/\s\S*$/)
  return space < 0 ? whole(text, at) : Math.max(0, at - 40) + space + 1
}

const whole = (text: string, at: number): number =>
  /[\udc00-\udfff]/.test(text.charAt(at)) ? at + 1 : at
