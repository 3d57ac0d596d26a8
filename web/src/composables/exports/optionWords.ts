/** What the folded options say of themselves: the choices that stand, in a few words. */
import type { GroupBy, Recipe } from '@/client/exports'
import { formatCount } from '@/composables/format'

import { GROUP_WORDS } from './exportWords'

/** `0.95` → `95 %`; two places at most. */
export const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`

export const CONFLICT_WORDS = {
  list: 'keep all of them, and list them',
  latest: 'keep the one decided last',
  drop: 'leave all of them out',
} as const

export const SECRET_WORDS = {
  off: 'do not look for them',
  list: 'list them, and keep the rows',
  drop: 'leave the rows out',
  redact: 'put a placeholder in their place',
} as const

export function duplicateWords(recipe: Recipe): string {
  const near = recipe.near_duplicates
  const words = [
    ...(recipe.deduplicate ? ['the same once'] : []),
    ...(near ? [`alike from ${percent(near)} once`] : []),
  ]
  const conflicts = {
    list: '',
    latest: ', of conflicts the latest',
    drop: ', no conflicts',
  }[recipe.conflicts ?? 'list']
  return (words.join(', ') || 'all stay') + conflicts
}

export function balanceWords({ caps = {}, replay = 0 }: Recipe): string {
  const words = Object.entries(caps).map(([by, n]) => `at most ${formatCount(n)} per ${by}`)
  if (replay) words.push(`${percent(replay)} right answers`)
  return words.join(', ') || 'as it is'
}

/** What a recipe keeps together that does not say. */
export const USUAL_GROUPS: GroupBy[] = ['prompt', 'cluster', 'document']

export function splitWords({
  splits,
  group_by: by = USUAL_GROUPS,
  holdout_tasks: tasks = [],
}: Recipe): string {
  if (!splits) return 'one file'
  const shares = splits.map((share) => percent(share).replace(' %', '')).join(' / ')
  const together = by.filter((one) => one !== 'prompt').map((one) => GROUP_WORDS[one])
  return [
    `${shares} %`,
    ...(together.length ? [`${together.join(', ')} stay together`] : []),
    ...(tasks.length ? [`${tasks.join(', ')} in test`] : []),
  ].join('; ')
}

export function lengthWords({ max_length: most, keep_long: keep }: Recipe, unit: string): string {
  if (!most) return 'any length'
  return `${keep ? 'those over' : 'at most'} ${formatCount(most)} ${unit}${keep ? ' are listed' : ''}`
}

export function safetyWords(recipe: Recipe): string {
  const secrets = SECRET_WORDS[recipe.secrets ?? 'off']
  const benchmarks = recipe.allow_protected
    ? 'protected benchmarks let in'
    : 'protected benchmarks stay out'
  return `secrets: ${secrets}; ${benchmarks}`
}

/** A key of a recipe as people say it; what a manifest shows. */
const KEYS: Readonly<Record<string, string>> = {
  format: 'Format',
  filter: 'Filter',
  deduplicate: 'The same prompt and answer once',
  near_duplicates: 'Near-duplicates from',
  keep: 'Of duplicates stays the',
  conflicts: 'Conflicting corrections',
  format_pairs: 'Pairs that differ only in format',
  caps: 'At most',
  replay: 'Right answers mixed in',
  seed: 'Seed',
  splits: 'Train, validation, test',
  group_by: 'Kept together in one split',
  holdout_tasks: 'Tasks that are test only',
  allow_protected: 'Protected benchmarks let in',
  secrets: 'Secrets and personal data',
  max_length: 'Longest example',
  keep_long: 'Longer ones stay',
  strict: 'Refused when a row breaks a rule',
}

const FILTER_NAMES: Readonly<Record<string, string>> = {
  exclude_category: 'without',
  run_id: 'run',
  q: 'text',
}

export const keyWords = (key: string): string => KEYS[key] ?? key

/** A value of a recipe in plain words. */
export function recipeValue(key: string, value: unknown): string {
  if (value === null || value === undefined) return 'not set'
  if (value === true) return 'yes'
  if (value === false) return 'no'
  if (key === 'conflicts') return CONFLICT_WORDS[value as keyof typeof CONFLICT_WORDS] ?? `${value}`
  if (key === 'secrets') return SECRET_WORDS[value as keyof typeof SECRET_WORDS] ?? `${value}`
  if (key === 'near_duplicates' || key === 'replay') return percent(Number(value))
  if (key === 'splits') return (value as number[]).map(percent).join(' / ')
  if (Array.isArray(value)) {
    const words: Readonly<Record<string, string>> = key === 'group_by' ? GROUP_WORDS : {}
    return value.map((each) => words[String(each)] ?? String(each)).join(', ') || 'none'
  }
  if (typeof value === 'object') {
    return (
      Object.entries(value)
        .map(
          ([name, each]) =>
            `${FILTER_NAMES[name] ?? name.replaceAll('_', ' ')} ${[each].flat().join(', ')}`,
        )
        .join('; ') || 'everything'
    )
  }
  return typeof value === 'number' ? formatCount(value) : String(value)
}
