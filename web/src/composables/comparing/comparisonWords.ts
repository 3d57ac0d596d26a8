/** What the parts of a comparison are called, and its figures in words. */
import type { ComparedRun, Figures, OutcomeName, SplitName } from '@/client/comparing'
import { formatCount, plural } from '@/composables/format'
import { formatShareWithInterval } from '@/composables/shares'
import type { Interval } from '@/composables/shares'

interface OutcomeWords {
  label: string
  /** Beside the word, so that colour is never alone. */
  sign: string
  meaning: string
}

export const OUTCOMES: Readonly<Record<OutcomeName, OutcomeWords>> = {
  fixed: { label: 'fixed', sign: '✓', meaning: 'A was wrong, B is right' },
  same_failure: { label: 'same failure', sign: '=', meaning: 'both wrong, with the same answer' },
  different_failure: {
    label: 'different failure',
    sign: '≠',
    meaning: 'both wrong, with different answers',
  },
  regressed: { label: 'regressed', sign: '✕', meaning: 'A was right, B is wrong' },
  kept: { label: 'kept', sign: '·', meaning: 'both right' },
  flaky: {
    label: 'flaky',
    sign: '~',
    meaning: 'right in some repeats of one run, and wrong in others',
  },
  only_a: { label: 'only in A', sign: 'A', meaning: 'B has no answer: not compared' },
  only_b: { label: 'only in B', sign: 'B', meaning: 'A has no answer: not compared' },
}

export const SPLITS: Readonly<Record<SplitName, { label: string; meaning: string }>> = {
  trained: { label: 'trained on', meaning: 'A correction of the prompt is in the training rows.' },
  replayed: { label: 'replayed', meaning: 'Only a right answer of it is trained on.' },
  held_out: { label: 'held out', meaning: 'Kept away from training: this is what counts.' },
  contaminated: {
    label: 'contaminated',
    meaning: 'Held out, but in the training rows all the same: it measures nothing.',
  },
  neither: { label: 'neither', meaning: 'Not trained on, and not held out on purpose.' },
}

/** `same failure`; an unknown name as it is. */
export const outcomeLabel = (name: string): string =>
  OUTCOMES[name as OutcomeName]?.label ?? name.replaceAll('_', ' ')

export const splitLabel = (name: string): string =>
  SPLITS[name as SplitName]?.label ?? name.replaceAll('_', ' ')

/** `+13.0 points (+10.3 to +15.7)` */
export function formatPoints({ share, low, high }: Interval): string {
  return `${signed(share)} points (${signed(low)} to ${signed(high)})`
}

/** With a minus that is as wide as a plus. */
function signed(share: number): string {
  const text = (share * 100).toFixed(1)
  if (Number(text) === 0) return '0.0'
  return share < 0 ? text.replace('-', '−') : `+${text}`
}

export const formatRate = (rate: Interval | null): string =>
  rate ? formatShareWithInterval(rate) : '–'

const RARE = 0.001
const LIKELY = 0.5
/** What is said to be more than chance. */
const LIMIT = 0.05

/** `7.5e-21`, `0.031` */
export const formatP = (p: number): string => (p >= RARE ? p.toFixed(3) : p.toExponential(1))

/** How often chance alone would do it: `less than once in 1,000 times`. */
export function howOften(p: number): string {
  if (p < RARE) return `less than once in ${formatCount(1 / RARE)} times`
  if (p <= LIKELY) return `about once in ${formatCount(Math.round(1 / p))} times`
  return 'more often than not'
}

/** The same for a column: `< 1 in 1,000`, `1 in 22`, `likely`. */
export function shortChance(test: Figures['mcnemar']): string {
  if (!test) return '–'
  if (test.exact_p < RARE) return `< 1 in ${formatCount(1 / RARE)}`
  return test.exact_p <= LIKELY ? `1 in ${formatCount(Math.round(1 / test.exact_p))}` : 'likely'
}

/** McNemar's test for people. */
export function chanceWords({ mcnemar, fixed, regressed }: Figures): string {
  if (!mcnemar) {
    return (
      'A passed none of these prompts, or all of them, so nothing can be tested: what was chosen ' +
      'for its result comes out otherwise the second time by chance alone.'
    )
  }
  if (fixed + regressed === 0) return 'No prompt went from wrong to right, or from right to wrong.'
  const p = mcnemar.exact_p
  const often = howOften(p)
  const test = `(McNemar’s exact test, p = ${formatP(p)})`
  return p < LIMIT
    ? `This is more than chance: were both runs equally good, a difference this large would come up ${often} ${test}.`
    : `This may be chance: were both runs equally good, a difference this large would come up ${often} ${test}.`
}

/** `260 fixed, 88 regressed of 1,319 prompts` */
export function headline(figures: Figures): string {
  const { fixed, regressed, n } = figures
  return `${formatCount(fixed)} fixed, ${formatCount(regressed)} regressed of ${plural(n, 'prompt')}`
}

/** `B gets 35 % (32–37 %) right, A 22 % (20–24 %): +13.0 points (+10.3 to +15.7).` */
export function rateWords({ rates, difference }: Figures): string {
  if (!rates.pass_rate_a || !rates.pass_rate_b) return ''
  const [a, b] = [rates.pass_rate_a, rates.pass_rate_b].map(formatShareWithInterval)
  return `B gets ${b} right, A ${a}${difference ? `: ${formatPoints(difference)}` : ''}.`
}

/** Whether scoring artifacts change anything. */
export const differs = (raw: Figures, adjusted: Figures): boolean =>
  (Object.keys(OUTCOMES) as OutcomeName[]).some(
    (name) => name in raw && raw[name as keyof Figures] !== adjusted[name as keyof Figures],
  )

/** `458 samples passed, 861 failed` */
export const runWords = ({ passes, candidates }: Pick<ComparedRun, 'passes' | 'candidates'>) =>
  `${formatCount(passes)} passed, ${formatCount(candidates)} failed`
