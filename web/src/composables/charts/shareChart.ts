/** Shares with their 95 % interval: scoring artifacts by task, flagged answers by model. */
import { scaleLinear } from 'd3-scale'

import { formatCount } from '@/composables/format'
import { formatInterval, formatShare, formatShareWithInterval } from '@/composables/shares'
import type { Interval } from '@/composables/shares'

import { browseLink } from './chart'
import type { BrowseLink, ChartTable, Query } from './chart'

export interface CountedShare extends Interval {
  value: string | null
  reviewed: number
  /** How many of the reviewed the share counts. */
  n: number
}

export interface ShareRow {
  key: string
  label: string
  interval: Interval
  n: number
  reviewed: number
  /** In percent of the chart's width. */
  length: number
  low: number
  high: number
  /** `gsm8k: 12 of 40 reviewed, 30 % (18–45 %)` */
  words: string
  link: BrowseLink | null
}

export interface ShareChart {
  rows: ShareRow[]
  /** Where the scale has its lines: `{ at: 50, label: '20 %' }`. */
  ticks: { at: number; label: string }[]
}

export interface ShareOptions {
  dimension: string
  /** What else the candidates behind a bar have in common, such as their category. */
  narrowed: Query
  filter: Query
}

/**
 * The bars in the order of the server: by the lower end of the interval, so that one of one does
 * not lead.
 */
export function shareChart(
  counted: readonly CountedShare[],
  { dimension, narrowed, filter }: ShareOptions,
): ShareChart {
  const known = counted.filter(({ reviewed }) => reviewed > 0)
  const top = Math.max(0.1, ...known.map(({ high }) => high))
  const scale = scaleLinear()
    .domain([0, Math.min(1, top)])
    .nice(4)
    .range([0, 100])
  const rows = known.map(({ value, reviewed, n, share, low, high }) => {
    const label = value || 'not known'
    const interval = { share, low, high }
    return {
      key: value ?? '',
      label,
      interval,
      n,
      reviewed,
      length: scale(share),
      low: scale(low),
      high: scale(high),
      words: `${label}: ${formatCount(n)} of ${formatCount(reviewed)} reviewed, ${formatShareWithInterval(interval)}`,
      link: value ? browseLink(filter, { [dimension]: [value], ...narrowed }) : null,
    }
  })
  const ticks = scale.ticks(4).map((tick) => ({ at: scale(tick), label: formatShare(tick) }))
  return { rows, ticks }
}

export function shareTable(rows: readonly ShareRow[], what: string, counted: string): ChartTable {
  return {
    columns: [
      { label: what },
      { label: counted, number: true },
      { label: 'Reviewed', number: true },
      { label: 'Share', number: true },
      { label: '95 % interval', number: true },
    ],
    rows: rows.map(({ key, label, link, n, reviewed, interval }) => ({
      key,
      link,
      cells: [
        label,
        formatCount(n),
        formatCount(reviewed),
        formatShare(interval.share),
        formatInterval(interval),
      ],
    })),
  }
}
