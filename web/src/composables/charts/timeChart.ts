/** "What was decided when?": a column for each of the reader's days, made of failure categories. */
import { scaleLinear } from 'd3-scale'
import { stack } from 'd3-shape'

import type { CategoryLook } from '@/composables/categoryLook'
import { formatCount, plural } from '@/composables/format'
import { periodLabel, shortPeriodLabel } from '@/composables/localDays'
import type { Period } from '@/composables/localDays'

import type { ChartTable } from './chart'

export interface Block {
  look: CategoryLook
  n: number
  /** From the bottom of the chart, in percent of its height. */
  from: number
  length: number
  /** `22 Nov 2026: Wrong answer, 12 of 40 decisions` */
  words: string
}

export interface Column {
  key: string
  /** In percent of the width. */
  from: number
  width: number
  total: number
  /** Under the column; empty where it would run into its neighbour's. */
  label: string
  blocks: Block[]
}

export interface TimeChart {
  columns: Column[]
  ticks: { at: number; label: string }[]
}

const LABELS = 6
/** One day alone is a column, not a wall. */
const WIDEST = 12

export function timeChart(periods: readonly Period[], looks: readonly CategoryLook[]): TimeChart {
  const totals = periods.map(({ counts }) => sum(Object.values(counts)))
  const height = scaleLinear()
    .domain([0, Math.max(1, ...totals)])
    .nice(4)
    .range([0, 100])
  const layers = stack<Period>()
    .keys(looks.map(({ name }) => name))
    .value(({ counts }, name) => counts[name] ?? 0)([...periods])
  const step = 100 / Math.max(1, periods.length)
  const width = Math.min(step, WIDEST)
  const everyNth = Math.ceil(periods.length / LABELS)

  const columns = periods.map((period, index) => {
    const total = totals[index] ?? 0
    const label = periodLabel(period)
    return {
      key: period.from,
      from: index * width,
      width,
      total,
      label: index % everyNth === 0 ? shortPeriodLabel(period) : '',
      blocks: looks.flatMap((look, position): Block[] => {
        const [start, end] = layers[position]?.[index] ?? [0, 0]
        const n = end - start
        if (n === 0) return []
        const words = `${label}: ${look.label}, ${formatCount(n)} of ${plural(total, 'decision')}`
        return [{ look, n, from: height(start), length: height(n), words }]
      }),
    }
  })
  const ticks = height
    .ticks(4)
    .filter((tick) => Number.isInteger(tick))
    .map((tick) => ({ at: height(tick), label: formatCount(tick) }))
  return { columns, ticks }
}

/** The days on which something was decided, the newest first. */
export function timeTable(periods: readonly Period[], looks: readonly CategoryLook[]): ChartTable {
  const busy = periods.filter(({ counts }) => sum(Object.values(counts)) > 0).toReversed()
  return {
    columns: [
      { label: 'When' },
      { label: 'Decisions', number: true },
      ...looks.map(({ label }) => ({ label, number: true })),
    ],
    rows: busy.map((period) => ({
      key: period.from,
      cells: [
        periodLabel(period),
        formatCount(sum(Object.values(period.counts))),
        ...looks.map(({ name }) => formatCount(period.counts[name] ?? 0)),
      ],
    })),
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0)
}
