import { LISTS } from '@/client/filter'
import type { Filter, ListDimension, Order } from '@/client/filter'

/** What the menu offers to filter by. */
export interface Dimension {
  name: Exclude<ListDimension, 'task' | 'exclude_category'> | 'score'
  label: string
}

export const DIMENSIONS: readonly Dimension[] = [
  { name: 'status', label: 'status' },
  { name: 'model', label: 'model' },
  { name: 'task_type', label: 'task type' },
  { name: 'run_id', label: 'run' },
  { name: 'category', label: 'category' },
  { name: 'tag', label: 'tag' },
  { name: 'reviewer', label: 'reviewer' },
  { name: 'score', label: 'score' },
]

export const STATUS_WORDS: Readonly<Record<string, string>> = {
  needs_review: 'to review',
  approved: 'corrected',
  discarded: 'discarded',
  model_rejected: 'flagged',
}

/** One part of a filter that is set. */
export interface FilterPart {
  key: string
  label: string
  words: string
  /** The dimension of the menu that changes it; null when only a link sets it. */
  dimension: Dimension['name'] | null
  /** What to set so that the part is gone. */
  without: Partial<Filter>
}

type LabelOf = (category: string) => string

/** A value of a dimension as people say it: `none` of the categories is `Uncategorised`. */
export function valueWords(dimension: string, value: string, labelOf: LabelOf): string {
  if (dimension === 'status') return STATUS_WORDS[value] ?? value
  if (dimension.endsWith('category')) return value === 'none' ? 'Uncategorised' : labelOf(value)
  return value
}

/** `0.5 … null` → `≤ 0.50`. */
export function scoreWords(min: number | null, max: number | null): string {
  if (min !== null && max !== null) {
    return min === max ? min.toFixed(2) : `${min.toFixed(2)} to ${max.toFixed(2)}`
  }
  return min !== null ? `≥ ${min.toFixed(2)}` : `≤ ${(max ?? 1).toFixed(2)}`
}

/**
 * What a filter says, in words, part by part; the text search has its own field and is no part.
 *
 *     {model: ['tutor-3b'], score_max: 0.5} → [{label: 'model', words: 'tutor-3b'}, {label: 'score', words: '≤ 0.50'}]
 */
export function filterParts(
  filter: Filter,
  labelOf: LabelOf,
  batchName: (id: number) => string = (id) => `no. ${id}`,
): FilterPart[] {
  const parts: FilterPart[] = LISTS.flatMap((name) => {
    const dimension = DIMENSIONS.find((known) => known.name === name)
    return filter[name].map((value) => ({
      key: `${name}:${value}`,
      label: dimension?.label ?? (name === 'exclude_category' ? 'without' : name),
      words: valueWords(name, value, labelOf),
      dimension: dimension?.name ?? null,
      without: { [name]: filter[name].filter((other) => other !== value) },
    }))
  })
  const single = (
    key: string,
    words: string,
    without: Partial<Filter>,
    dimension: FilterPart['dimension'] = null,
  ): void => void parts.push({ key, label: key, words, dimension, without })

  if (filter.score_min !== null || filter.score_max !== null) {
    const words = scoreWords(filter.score_min, filter.score_max)
    single('score', words, { score_min: null, score_max: null }, 'score')
  }
  if (filter.batch !== null) single('batch', batchName(filter.batch), { batch: null })
  if (filter.prompt !== null) single('prompt', 'the same as one card’s', { prompt: null })
  if (filter.lot !== null) single('bulk action', 'what one of them touched', { lot: null })
  const { decided_from: from, decided_until: until } = filter
  if (from) single('decided from', from, { decided_from: null })
  if (until) single('decided until', until, { decided_until: null })
  if (filter.held_back) single('export', 'held back', { held_back: false })
  return parts
}

export const ORDER_WORDS: Readonly<Record<Order, string>> = {
  arrival: 'as they arrived',
  lowest_score: 'lowest score first',
  newest_run: 'newest run first',
  similar_prompts: 'same prompts together',
  most_failing: 'most models failing first',
  batch: 'as drawn',
}
