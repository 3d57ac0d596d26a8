import type { Ancestor, Sibling, Siblings } from '@/client/finding'

import { isSetAside } from './decisionWords'

/** One answer, and everybody who gave it. */
export interface SiblingGroup {
  key: string
  /** The first of them stands for all: the one whose decision says most. */
  first: Sibling
  members: Sibling[]
}

const isPass = ({ kind }: Sibling): boolean => kind === 'pass'
const isCorrected = ({ status, corrected_response: text }: Sibling): boolean =>
  status === 'approved' && Boolean(text?.trim())

/** All answers to the same prompt, the ancestors first: what was decided on them counts most. */
export function together(found: Siblings | undefined): Sibling[] {
  if (!found) return []
  const above = found.ancestors.filter(({ same_prompt: same }) => same)
  const named = new Set(above.map(({ id }) => id))
  return [...above, ...found.items.filter(({ id }) => !named.has(id))]
}

export const isAncestor = (sibling: Sibling): sibling is Ancestor => 'decisions' in sibling

/** What taking a sibling over puts into the editor; null when there is nothing to take. */
export function textToTake(sibling: Sibling): string | null {
  if (isCorrected(sibling)) return sibling.corrected_response
  return isPass(sibling) && sibling.model_response?.trim() ? sibling.model_response : null
}

/**
 * An earlier correction: of the same answer, of the ancestor, or the newest; else a passing answer.
 * Null when there is neither.
 */
export function bestSibling(siblings: readonly Sibling[]): Sibling | null {
  const corrected = siblings.filter(isCorrected).toSorted(newestFirst)
  return (
    corrected.find(({ identical }) => identical) ??
    siblings.find((sibling) => isAncestor(sibling) && isCorrected(sibling)) ??
    corrected[0] ??
    siblings.find((sibling) => isPass(sibling) && textToTake(sibling) !== null) ??
    null
  )
}

/** The same answer as this card's, decided already; the newest decision first. */
export const decidedAlike = (siblings: readonly Sibling[]): Sibling | null =>
  siblings
    .filter((one) => one.identical && one.kind === 'candidate' && isDecided(one.status))
    .filter((one) => !isSetAside(one.decided_by))
    .toSorted(newestFirst)[0] ?? null

export const undecided = (siblings: readonly Sibling[]): Sibling[] =>
  siblings.filter(({ kind, status }) => kind === 'candidate' && !isDecided(status))

/** Passing answers first, then corrected ones, then the rest; the same answer stands once. */
export function groupAnswers(siblings: readonly Sibling[]): SiblingGroup[] {
  const groups = new Map<string, SiblingGroup>()
  for (const sibling of siblings.toSorted((a, b) => rank(a) - rank(b) || newestFirst(a, b))) {
    const key = JSON.stringify([sibling.kind, sibling.model_response?.trim(), sibling.tool_calls])
    const group = groups.get(key)
    if (group) group.members.push(sibling)
    else groups.set(key, { key, first: sibling, members: [sibling] })
  }
  return [...groups.values()]
}

const EXCERPT = 180

/** The beginning and the end of an answer, on one line: the end is where the result stands. */
export function excerptOf(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ')
  if (line.length <= EXCERPT) return line
  return `${line.slice(0, EXCERPT * 0.6).trimEnd()} … ${line.slice(-EXCERPT * 0.35).trimStart()}`
}

function isDecided(status: string | null): boolean {
  return status !== null && status !== 'needs_review'
}

function rank(sibling: Sibling): number {
  if (isPass(sibling)) return 0
  if (isCorrected(sibling)) return 1
  return isDecided(sibling.status) ? 2 : 3
}

function newestFirst(a: Sibling, b: Sibling): number {
  return (b.decided_at ?? '').localeCompare(a.decided_at ?? '')
}
