/** "What was wrong, by …?": one bar for each model, task type or run, made of failure categories. */
import { scaleLinear } from 'd3-scale'
import { stack } from 'd3-shape'

import type { CategoryLook } from '@/composables/categoryLook'
import { formatCount } from '@/composables/format'
import { formatShare } from '@/composables/shares'

import { REVIEWED, browseLink } from './chart'
import type { BrowseLink, ChartTable, Query } from './chart'

/** One bar as the server counts it: only what is reviewed has a category to count. */
export interface CountedGroup {
  value: string | null
  timestamp?: string | null
  total: number
  reviewed: number
  counts: Readonly<Record<string, number>>
}

export interface Segment {
  look: CategoryLook
  n: number
  share: number
  /** Where it begins, and how long it is, in percent of the bar. */
  from: number
  length: number
  /** `tutor-3b: Wrong answer, 12 of 40 reviewed (30 %)` */
  words: string
  link: BrowseLink | null
}

export interface StackRow {
  key: string
  label: string
  /** `40 of 120 reviewed`, and when the run was. */
  note: string
  link: BrowseLink | null
  reviewed: number
  counts: CountedGroup['counts']
  segments: Segment[]
}

export interface StackOptions {
  /** The dimension's name in a filter: `model`, `task_type`, `run_id`. */
  dimension: string
  looks: readonly CategoryLook[]
  filter: Query
}

/** The bars in the order of the server; groups of which nothing is reviewed are left out. */
export function stackRows(groups: readonly CountedGroup[], options: StackOptions): StackRow[] {
  return groups.filter(({ reviewed }) => reviewed > 0).map((group) => stackRow(group, options))
}

function stackRow(group: CountedGroup, { dimension, looks, filter }: StackOptions): StackRow {
  const { value, reviewed, total, counts, timestamp } = group
  const label = value || 'not known'
  const percent = scaleLinear().domain([0, reviewed]).range([0, 100])
  const layers = stack<CountedGroup['counts']>()
    .keys(looks.map(({ name }) => name))
    .value((of, name) => of[name] ?? 0)([counts])
  // What has no value cannot be asked for by a filter.
  const linkTo = (narrowed: Query): BrowseLink | null =>
    value ? browseLink(filter, { [dimension]: [value], status: REVIEWED, ...narrowed }) : null

  const segments = layers.flatMap((layer, index): Segment[] => {
    const [start, end] = layer[0] ?? [0, 0]
    const look = looks[index]
    const n = end - start
    if (!look || n === 0) return []
    const share = n / reviewed
    return [
      {
        look,
        n,
        share,
        from: percent(start),
        length: percent(n),
        words: `${label}: ${look.label}, ${formatCount(n)} of ${formatCount(reviewed)} reviewed (${formatShare(share)})`,
        link: linkTo({ category: [look.name] }),
      },
    ]
  })
  const progress = `${formatCount(reviewed)} of ${formatCount(total)} reviewed`
  return {
    key: value ?? '',
    label,
    note: [dateOf(timestamp), progress].filter(Boolean).join(' · '),
    link: linkTo({}),
    reviewed,
    counts,
    segments,
  }
}

/** The same as a table: a row for each bar, a column for each category. */
export function stackTable(
  rows: readonly StackRow[],
  looks: readonly CategoryLook[],
  what: string,
): ChartTable {
  return {
    columns: [
      { label: what },
      { label: 'Reviewed', number: true },
      ...looks.map(({ label }) => ({ label, number: true })),
    ],
    rows: rows.map(({ key, label, link, reviewed, counts }) => ({
      key,
      link,
      cells: [
        label,
        formatCount(reviewed),
        ...looks.map(({ name }) => withShare(counts[name] ?? 0, reviewed)),
      ],
    })),
  }
}

function withShare(n: number, of: number): string {
  return n ? `${formatCount(n)} (${formatShare(n / of)})` : '0'
}

/** The day of a run; its hour matters to nobody here. */
function dateOf(time: string | null | undefined): string {
  const parsed = new Date(time ?? Number.NaN)
  return Number.isNaN(parsed.getTime())
    ? ''
    : new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }).format(parsed)
}
