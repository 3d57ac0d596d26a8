import type { LotAction } from '@/client/finding'

import { formatCount } from './format'

/** One action on many candidates, as buttons and sentences name it. */
interface Words {
  verb: string
  done: string
}

const WORDS: Readonly<Record<LotAction, Words>> = {
  correct: { verb: 'Correct', done: 'corrected' },
  discard: { verb: 'Discard', done: 'discarded' },
  flag: { verb: 'Flag', done: 'flagged' },
  undo: { verb: 'Reopen', done: 'reopened' },
  categorise: { verb: 'Categorise', done: 'categorised' },
}

export const lotVerb = (action: LotAction): string => WORDS[action]?.verb ?? action

/** `discarded`; an action of a later version keeps its own name. */
export const lotPast = (action: string): string => WORDS[action as LotAction]?.done ?? action

/** `412 discarded`. */
export const lotDone = (action: string, n: number): string => `${formatCount(n)} ${lotPast(action)}`

const REASONS: Readonly<Record<string, string>> = {
  'not decided': 'not decided yet',
  'same category': 'in this category already',
  'no reference': 'without a reference answer',
  'blank reference': 'with an empty reference answer',
  'does not fit': 'with a conversation that it does not fit',
  'not found': 'no longer there',
  'decided since': 'decided again since',
}

/** Why candidates stay as they are: `not decided` → `not decided yet`. */
export const skipWords = (reason: string): string => REASONS[reason] ?? reason
