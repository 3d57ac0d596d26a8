/** "Does it learn?": what was logged at each step, as lines. */
import { scaleLinear } from 'd3-scale'
import { line } from 'd3-shape'

import type { CurvePoint } from '@/client/training'
import { formatCount, formatFigure } from '@/composables/format'

import type { ChartTable } from './chart'

export interface CurveSeries {
  /** Its name in a point. */
  key: string
  label: string
}

export interface CurveLine extends CurveSeries {
  /** A path for each stage, on a square of 100 by 100. */
  paths: string[]
}

/** A step at which something was logged. */
export interface CurveStop {
  /** From the left, in percent. */
  x: number
  /** From the top, in percent; for each line that has a value here. */
  ys: number[]
  words: string
}

export interface CurveChart {
  lines: CurveLine[]
  stops: CurveStop[]
  xTicks: { at: number; label: string }[]
  yTicks: { at: number; label: string }[]
  /** Where another stage begins, or another attempt went on. */
  marks: { at: number; label: string; kind: 'stage' | 'attempt' }[]
}

export interface CurveOptions {
  series: readonly CurveSeries[]
  /** The steps of all stages; null while that is not known. */
  total: number | null
  stageLabel: (stage: string) => string
}

const TICKS = 4

export const valueOf = (point: CurvePoint, key: string): number | null => {
  const value = point[key as keyof CurvePoint] as unknown
  return typeof value === 'number' ? value : null
}

export function curveChart(points: readonly CurvePoint[], options: CurveOptions): CurveChart {
  const { series, total, stageLabel } = options
  const values = points.flatMap((point) => series.map(({ key }) => valueOf(point, key)))
  const known = values.filter((value) => value !== null)
  const steps = Math.max(1, total ?? 0, ...points.map(({ at }) => at))
  const x = scaleLinear().domain([0, steps]).range([0, 100])
  // From zero, so that a small change looks small.
  const y = scaleLinear()
    .domain([Math.min(0, ...known), Math.max(0, ...known) || 1])
    .nice(TICKS)
    .range([100, 0])

  const used = series.filter(({ key }) => points.some((point) => valueOf(point, key) !== null))
  const lines = used.map((one) => ({
    ...one,
    paths: byStage(points).flatMap((part) => {
      const drawn = part.filter((point) => valueOf(point, one.key) !== null)
      const path = line<CurvePoint>(
        ({ at }) => x(at),
        (point) => y(valueOf(point, one.key) ?? 0),
      )(drawn)
      return path ? [path] : []
    }),
  }))
  const stops = points.flatMap((point): CurveStop[] => {
    const here = used.flatMap(({ key, label }) => {
      const value = valueOf(point, key)
      return value === null ? [] : [{ label, value }]
    })
    if (here.length === 0) return []
    const said = here.map(({ label, value }) => `${label.toLowerCase()} ${formatFigure(value)}`)
    return [
      {
        x: x(point.at),
        ys: here.map(({ value }) => y(value)),
        words: `Step ${formatCount(point.at)} of ${formatCount(steps)}: ${said.join(', ')}`,
      },
    ]
  })
  return {
    lines,
    stops,
    xTicks: x
      .ticks(TICKS)
      .filter(Number.isInteger)
      .map((tick) => ({ at: x(tick), label: formatCount(tick) })),
    yTicks: y.ticks(TICKS).map((tick) => ({ at: y(tick), label: formatFigure(tick) })),
    marks: marksOf(points, stageLabel).map(({ at, ...mark }) => ({ ...mark, at: x(at) })),
  }
}

function byStage(points: readonly CurvePoint[]): CurvePoint[][] {
  const parts = new Map<string, CurvePoint[]>()
  for (const point of points) parts.set(point.stage, [...(parts.get(point.stage) ?? []), point])
  return [...parts.values()]
}

function marksOf(
  points: readonly CurvePoint[],
  stageLabel: CurveOptions['stageLabel'],
): CurveChart['marks'] {
  return points.flatMap((point, index): CurveChart['marks'] => {
    const before = points[index - 1]
    if (!before) return []
    if (before.stage !== point.stage) {
      // The step before its first one.
      return [{ at: point.at - point.step, label: stageLabel(point.stage), kind: 'stage' }]
    }
    if (before.attempt === point.attempt) return []
    return [{ at: before.at, label: `attempt ${point.attempt}`, kind: 'attempt' }]
  })
}

/** The same as a table, the newest step first. */
export function curveTable(
  points: readonly CurvePoint[],
  series: readonly CurveSeries[],
  stageLabel: CurveOptions['stageLabel'],
): ChartTable {
  const rows = points.filter((point) => series.some(({ key }) => valueOf(point, key) !== null))
  return {
    columns: [
      { label: 'Step', number: true },
      { label: 'Stage' },
      { label: 'Attempt', number: true },
      ...series.map(({ label }) => ({ label, number: true })),
    ],
    rows: rows.toReversed().map((point) => ({
      key: `${point.at}-${point.attempt}`,
      cells: [
        formatCount(point.at),
        stageLabel(point.stage),
        String(point.attempt),
        ...series.map(({ key }) => {
          const value = valueOf(point, key)
          return value === null ? '–' : formatFigure(value)
        }),
      ],
    })),
  }
}
