/**
 * Which candidates, and in which order: as the server's query and as the page's address, which are
 * the same.
 */
export const ORDERS = [
  'arrival',
  'lowest_score',
  'newest_run',
  'similar_prompts',
  'most_failing',
  'batch',
] as const
export type Order = (typeof ORDERS)[number]

/** The dimensions that hold a list of values: any of them matches. */
export const LISTS = [
  'status',
  'model',
  'task_type',
  'task',
  'run_id',
  'category',
  'exclude_category',
  'tag',
  'reviewer',
] as const
export type ListDimension = (typeof LISTS)[number]

export interface Filter extends Record<ListDimension, string[]> {
  score_min: number | null
  score_max: number | null
  q: string
  batch: number | null
  prompt: string | null
  lot: string | null
  held_back: boolean
  /** Days such as `2026-11-01`, both included. */
  decided_from: string | null
  decided_until: string | null
  /** null: the server's own, which is arrival, or the batch's rank. */
  order: Order | null
}

export const NO_FILTER: Readonly<Filter> = {
  status: [],
  model: [],
  task_type: [],
  task: [],
  run_id: [],
  category: [],
  exclude_category: [],
  tag: [],
  reviewer: [],
  score_min: null,
  score_max: null,
  q: '',
  batch: null,
  prompt: null,
  lot: null,
  held_back: false,
  decided_from: null,
  decided_until: null,
  order: null,
}

/** Reads a query; what cannot be a value is left out. */
export function filterFromQuery(query: URLSearchParams): Filter {
  const filter: Filter = { ...NO_FILTER }
  for (const name of LISTS) filter[name] = [...new Set(query.getAll(name).filter(Boolean))]
  filter.score_min = scoreOf(query.get('score_min'))
  filter.score_max = scoreOf(query.get('score_max'))
  filter.q = query.get('q')?.trim() ?? ''
  const batch = Number(query.get('batch') ?? Number.NaN)
  filter.batch = Number.isSafeInteger(batch) && batch > 0 ? batch : null
  filter.prompt = query.get('prompt') || null
  filter.lot = query.get('lot') || null
  filter.held_back = query.get('held_back') === 'true'
  filter.decided_from = dayOf(query.get('decided_from'))
  filter.decided_until = dayOf(query.get('decided_until'))
  const order = query.get('order')
  filter.order = ORDERS.find((known) => known === order) ?? null
  return filter
}

/** Writes a query, the parameters in a fixed order. */
export function queryOfFilter(filter: Filter): URLSearchParams {
  const query = new URLSearchParams()
  for (const name of LISTS) for (const value of filter[name]) query.append(name, value)
  if (filter.score_min !== null) query.set('score_min', String(filter.score_min))
  if (filter.score_max !== null) query.set('score_max', String(filter.score_max))
  if (filter.q) query.set('q', filter.q)
  if (filter.batch !== null) query.set('batch', String(filter.batch))
  if (filter.prompt) query.set('prompt', filter.prompt)
  if (filter.lot) query.set('lot', filter.lot)
  if (filter.held_back) query.set('held_back', 'true')
  if (filter.decided_from) query.set('decided_from', filter.decided_from)
  if (filter.decided_until) query.set('decided_until', filter.decided_until)
  if (filter.order) query.set('order', filter.order)
  return query
}

/** The names of all parameters that a filter uses. */
export const FILTER_PARAMETERS: readonly string[] = [
  ...LISTS,
  'score_min',
  'score_max',
  'q',
  'batch',
  'prompt',
  'lot',
  'held_back',
  'decided_from',
  'decided_until',
  'order',
]

/** Whether anything is restricted; an order restricts nothing. */
export const isFiltered = (filter: Filter): boolean =>
  queryOfFilter({ ...filter, order: null }).size > 0

function scoreOf(text: string | null): number | null {
  const score = text === null || text.trim() === '' ? Number.NaN : Number(text)
  return score >= 0 && score <= 1 ? score : null
}

function dayOf(text: string | null): string | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(text ?? '')) return null
  const day = new Date(`${text}T00:00:00Z`)
  // A day that no month has, such as 30 February, is read as another one.
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text ?? '') ? text : null
}
