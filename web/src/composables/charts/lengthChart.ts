/** "How long are the examples?": a column for each range of lengths. */
import type { Lengths } from '@/client/exports'
import { formatCount, plural } from '@/composables/format'

import type { ChartTable } from './chart'

export interface LengthColumn {
  key: string
  /** In percent of the width and of the height. */
  from: number
  width: number
  height: number
  /** It begins above the limit: these would be cut off. */
  over: boolean
  words: string
}

export interface LengthChart {
  columns: LengthColumn[]
  /** Of the axis below: `{ at: 50, label: '1,024' }`. */
  ticks: { at: number; label: string }[]
  /** Where the limit is, in percent of the width; null where it is off the chart, or none is set. */
  limit: number | null
}

const LABELS = 6

/** The ranges grow with the lengths, so each has the same room: 64 to 95 as much as 2,048 to 3,071. */
export function lengthChart({ bins, unit }: Lengths, most: number | undefined): LengthChart {
  const highest = Math.max(1, ...bins.map(({ n }) => n))
  const width = 100 / Math.max(1, bins.length)
  const columns = bins.map(({ from, to, n }, index) => {
    const over = most !== undefined && from > most
    const words = `${rangeWords(from, to)} ${unit}: ${plural(n, 'example')}`
    return {
      key: String(from),
      from: index * width,
      width,
      // What is there can be seen, however little it is.
      height: n === 0 ? 0 : Math.max(2, (n / highest) * 100),
      over,
      words: over && n ? `${words}, longer than the limit` : words,
    }
  })
  const everyNth = Math.ceil(bins.length / LABELS)
  const ticks = bins.flatMap(({ from }, index) =>
    index % everyNth === 0 ? [{ at: index * width, label: formatCount(from) }] : [],
  )
  return { columns, ticks, limit: placeOf(most, bins, width) }
}

function placeOf(most: number | undefined, bins: Lengths['bins'], width: number): number | null {
  if (most === undefined) return null
  const index = bins.findIndex(({ from, to }) => from <= most && most < to)
  const bin = bins[index]
  return bin ? (index + (most - bin.from) / (bin.to - bin.from)) * width : null
}

/** From `from` up to, but without, `to`. */
const rangeWords = (from: number, to: number): string =>
  to - from > 1 ? `${formatCount(from)} to ${formatCount(to - 1)}` : formatCount(from)

export function lengthTable({ bins, unit }: Lengths): ChartTable {
  const name = unit.charAt(0).toUpperCase() + unit.slice(1)
  return {
    columns: [{ label: name }, { label: 'Examples', number: true }],
    rows: bins.map(({ from, to, n }) => ({
      key: String(from),
      cells: [rangeWords(from, to), formatCount(n)],
    })),
  }
}
