import { describe, expect, it } from 'vitest'

import { curveChart, curveTable } from '@/composables/charts/curveChart'

import { pointOf } from '../../training'

const LOSS = { key: 'loss', label: 'Loss' }
const VALIDATION = { key: 'eval_loss', label: 'Validation loss' }
const stageLabel = (stage: string): string => `stage ${stage}`
const options = { series: [LOSS, VALIDATION], total: 40, stageLabel }

describe('the chart of a curve', () => {
  it('is on the steps of the whole training, and begins at zero', () => {
    const { lines, stops, xTicks, yTicks } = curveChart([pointOf(10), pointOf(20)], options)
    expect(lines).toHaveLength(1)
    expect(lines[0]?.paths).toEqual(['M25,0L50,50'])
    expect(stops).toEqual([
      { x: 25, ys: [0], words: 'Step 10 of 40: loss 0.2' },
      { x: 50, ys: [50], words: 'Step 20 of 40: loss 0.1' },
    ])
    expect(xTicks.map(({ label }) => label)).toEqual(['0', '10', '20', '30', '40'])
    expect(yTicks.at(0)).toEqual({ at: 100, label: '0' })
  })

  it('has a second line where something else was measured, and gaps where nothing was', () => {
    const points = [pointOf(10), pointOf(20, { loss: null, eval_loss: 0.1 })]
    const { lines, stops } = curveChart(points, options)
    expect(lines.map(({ label }) => label)).toEqual(['Loss', 'Validation loss'])
    expect(stops[1]?.words).toBe('Step 20 of 40: validation loss 0.1')
  })

  it('begins a new line with a stage, and marks stages and attempts', () => {
    const points = [
      pointOf(10),
      pointOf(20, { attempt: 2 }),
      pointOf(30, { stage: 'dpo', step: 5, attempt: 2 }),
    ]
    const { lines, marks } = curveChart(points, options)
    expect(lines[0]?.paths).toHaveLength(2)
    expect(marks).toEqual([
      { at: 25, label: 'attempt 2', kind: 'attempt' },
      { at: 62.5, label: 'stage dpo', kind: 'stage' },
    ])
  })

  it('shows what is below zero', () => {
    const margins = [{ key: 'rewards/margins', label: 'Margin' }]
    const points = [pointOf(10, { 'rewards/margins': -1 }), pointOf(20, { 'rewards/margins': 1 })]
    const { stops } = curveChart(points, { ...options, series: margins })
    expect(stops.map(({ ys }) => ys)).toEqual([[100], [0]])
  })

  it('of nothing is empty', () => {
    const { lines, stops, marks } = curveChart([], { ...options, total: null })
    expect([lines, stops, marks]).toEqual([[], [], []])
  })

  it('is a table, too, the newest step first', () => {
    const { columns, rows } = curveTable([pointOf(10), pointOf(20)], [LOSS], stageLabel)
    expect(columns.map(({ label }) => label)).toEqual(['Step', 'Stage', 'Attempt', 'Loss'])
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['20', 'stage sft', '1', '0.1'],
      ['10', 'stage sft', '1', '0.2'],
    ])
  })
})
