/** The differences between two texts, word by word. Loaded when the first is shown. */
import { diffArrays } from 'diff'

export interface Change {
  kind: 'same' | 'removed' | 'added'
  text: string
}

/** How finely two texts were compared. */
export type Grain = 'words' | 'lines' | 'whole'

export interface WordDiffResult {
  changes: Change[]
  grain: Grain
}

export interface WordDiffOptions {
  /** Milliseconds for the comparison by words, and again for the one by lines. */
  timeout?: number
}

const TIMEOUT_MS = 120
/** More changed words than this are no proof that a person reads. */
const MAX_EDITS = 4000

/**
 * Compares by words. Two texts that have little in common take long to compare: these are compared
 * by lines, and at last shown as one whole for the other.
 *
 *     compareWords('13 eggs left', '9 eggs left').changes
 *     → [{removed '13'}, {added '9'}, {same ' eggs left'}]
 */
export function compareWords(
  before: string,
  after: string,
  { timeout = TIMEOUT_MS }: WordDiffOptions = {},
): WordDiffResult {
  const { head, old, now, tail } = apart(before, after)
  const whole = (changes: readonly Change[]): Change[] =>
    tidy([change('same', head), ...changes, change('same', tail)])
  const words = compare(wordsOf(old), wordsOf(now), timeout)
  if (words) return { changes: whole(words), grain: 'words' }
  const lines = compare(linesOf(old), linesOf(now), timeout)
  if (lines) return { changes: whole(lines), grain: 'lines' }
  return { changes: whole([change('removed', old), change('added', now)]), grain: 'whole' }
}

/**
 * What both texts begin and end with need not be compared. Each part ends between white space and a
 * word, so that no word is cut.
 */
function apart(before: string, after: string): Record<'head' | 'old' | 'now' | 'tail', string> {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  if (start < before.length || start < after.length) {
    start--
    while (start > 0 && !(isSpace(before[start - 1]) && !isSpace(before[start]))) start--
  }
  start = Math.max(0, start)
  let end = 0
  while (end < shorter - start && fromEnd(before, end) === fromEnd(after, end)) end++
  end--
  while (end > 0 && !(isSpace(fromEnd(before, end - 1)) && !isSpace(fromEnd(before, end)))) end--
  end = Math.max(0, end)
  return {
    head: before.slice(0, start),
    old: before.slice(start, before.length - end),
    now: after.slice(start, after.length - end),
    tail: before.slice(before.length - end),
  }
}

const fromEnd = (text: string, place: number): string | undefined => text[text.length - 1 - place]

const isSpace = (character: string | undefined): boolean =>
  character !== undefined && /\s/.test(character)

function compare(before: string[], after: string[], timeout: number): Change[] | null {
  const found = diffArrays(before, after, { timeout, maxEditLength: MAX_EDITS })
  if (!found) return null
  return found.map(({ value, removed, added }) =>
    change(removed ? 'removed' : added ? 'added' : 'same', value.join('')),
  )
}

const change = (kind: Change['kind'], text: string): Change => ({ kind, text })

const segmenter =
  'Segmenter' in Intl ? new Intl.Segmenter(undefined, { granularity: 'word' }) : undefined
/** For browsers that know no segmenter: scripts without spaces are then compared by characters. */
const WORD = /\p{Script=Han}|[\p{L}\p{M}\p{N}_]+|\s|[^\s\p{L}\p{M}\p{N}_]/gu

/** The segmenter takes ever longer for each word of a long text; pieces end where words do. */
const PIECE = /[^\n]{1,1000}(?=[\s\p{P}]|$)|[^\n]{1,1000}|\n/gu

/**
 * Words, marks and white space, each for itself, in any script. Chinese and Japanese have no spaces
 * between words, so the language's own rules say where one ends.
 */
export function wordsOf(text: string): string[] {
  if (!segmenter) return text.match(WORD) ?? []
  return (text.match(PIECE) ?? []).flatMap((piece) =>
    Array.from(segmenter.segment(piece), ({ segment }) => segment),
  )
}

const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? []

/**
 * Makes the changes readable: what was removed comes before what replaces it, and a single space
 * that happens to be the same does not cut a changed phrase in pieces.
 */
function tidy(changes: readonly Change[]): Change[] {
  const out: Change[] = []
  let removed = ''
  let added = ''
  const flush = (): void => {
    if (removed) out.push(change('removed', removed))
    if (added) out.push(change('added', added))
    removed = added = ''
  }
  for (const [index, { kind, text }] of changes.entries()) {
    const joins = removed && added && /^[^\S\n]+$/.test(text) && isReplaced(changes, index + 1)
    if (kind === 'removed' || (kind === 'same' && joins)) removed += text
    if (kind === 'added' || (kind === 'same' && joins)) added += text
    if (kind === 'same' && !joins) {
      flush()
      if (text) out.push(change('same', text))
    }
  }
  flush()
  return out
}

/** Whether words are both removed and added from here on, before anything that stays. */
function isReplaced(changes: readonly Change[], from: number): boolean {
  const pair = changes.slice(from, from + 2)
  return pair.length === 2 && pair.every(({ kind }) => kind !== 'same')
}
