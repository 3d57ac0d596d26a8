import { formatTime } from './format'

/** What a decision did, for people. */
const ACTION_WORDS: Readonly<Record<string, string>> = {
  correct: 'Corrected',
  discard: 'Discarded',
  flag: 'Flagged',
  amend: 'Amended',
  categorise: 'Categorised',
  undo: 'Reopened',
}

const STATUS_WORDS: Readonly<Record<string, string>> = {
  approved: 'Corrected',
  discarded: 'Discarded',
  model_rejected: 'Flagged',
}

const NOT_SAVED: Readonly<Record<string, string>> = {
  correct: 'Your correction was not saved.',
  discard: 'The discard was not saved.',
  flag: 'The flag was not saved.',
  amend: 'Your amendment was not saved.',
  undo: 'The decision was not undone.',
}

/** By whom is "decided" what was only asked again to compare models. Nobody has this name. */
const EVALUATED = 'evaluate'

export const isSetAside = (who: unknown): boolean => who === EVALUATED

export const actionWord = (action: string): string => ACTION_WORDS[action] ?? action

export const statusWord = (status: unknown): string => STATUS_WORDS[String(status)] ?? 'Decided'

export const notSaved = (action: string): string => NOT_SAVED[action] ?? 'It was not saved.'

/** ` by kim, 22 Nov 2026, 10:00`, as far as it is known. */
export function byWhomWhen(who: unknown, when: unknown): string {
  const by = typeof who === 'string' && who ? ` by ${who}` : ''
  const at = typeof when === 'string' && when ? `, ${formatTime(when)}` : ''
  return by + at
}
