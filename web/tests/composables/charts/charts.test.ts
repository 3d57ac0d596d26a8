import { describe, expect, it } from 'vitest'

import { looksOf } from '@/composables/categoryLook'
import { categoryNames } from '@/composables/charts/chart'
import { shareChart, shareTable } from '@/composables/charts/shareChart'
import { stackRows, stackTable } from '@/composables/charts/stackChart'
import { timeChart, timeTable } from '@/composables/charts/timeChart'
import type { Period } from '@/composables/localDays'
import { BUILT_IN_CATEGORIES } from '@/stores/categories'

const names = ['scoring_artifact', 'wrong_answer', 'none']
const looks = looksOf(BUILT_IN_CATEGORIES, names)
const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')

describe('categoryNames', () => {
  it('keeps the taxonomy’s order, then what it no longer has, then none', () => {
    const counts: Record<string, number>[] = [
      { gone: 1, none: 2 },
      { wrong_answer: 3, empty: 0 },
    ]
    expect(categoryNames(['scoring_artifact', 'wrong_answer'], counts)).toEqual([
      'scoring_artifact',
      'wrong_answer',
      'gone',
      'none',
    ])
  })

  it('leaves none out where everything has a category', () => {
    expect(categoryNames(['wrong_answer'], [{ wrong_answer: 1 }])).toEqual(['wrong_answer'])
  })
})

describe('stackRows', () => {
  const group = {
    value: 'tutor-3b',
    total: 12,
    reviewed: 10,
    counts: { wrong_answer: 6, scoring_artifact: 3, none: 1 },
  }
  const options = { dimension: 'model', looks, filter: { task_type: ['math'] } }
  const rows = stackRows([group, { ...group, value: 'idle', reviewed: 0, counts: {} }], options)

  it('lays the categories end to end in the order of the taxonomy', () => {
    expect(rows).toHaveLength(1)
    expect(
      rows[0]!.segments.map(({ look, n, from, length }) => [look.name, n, from, length]),
    ).toEqual([
      ['scoring_artifact', 3, 0, 30],
      ['wrong_answer', 6, 30, 60],
      ['none', 1, 90, 10],
    ])
    expect(rows[0]!.note).toBe('10 of 12 reviewed')
  })

  it('says what a segment is, and leads to what it counts', () => {
    const { words, link } = rows[0]!.segments[1]!
    expect(plain(words)).toBe('tutor-3b: Wrong answer, 6 of 10 reviewed (60 %)')
    expect(link).toEqual({
      path: '/browse',
      query: {
        task_type: ['math'],
        model: ['tutor-3b'],
        status: ['approved', 'discarded', 'model_rejected'],
        category: ['wrong_answer'],
      },
    })
  })

  it('does not lead to what no filter can ask for', () => {
    const [row] = stackRows([{ ...group, value: '' }], options)
    expect(row!.label).toBe('not known')
    expect(row!.link).toBeNull()
  })

  it('dates a run', () => {
    const [row] = stackRows(
      [{ ...group, reviewed: 12, timestamp: '2026-11-18T09:00:00Z' }],
      options,
    )
    expect(row!.note).toMatch(/2026 · 12 of 12 reviewed$/)
  })

  it('is a table with the same numbers', () => {
    const table = stackTable(rows, looks, 'Model')
    expect(table.columns.map(({ label }) => label)).toEqual([
      'Model',
      'Reviewed',
      'Scoring artifact',
      'Wrong answer',
      'No category',
    ])
    expect(table.rows[0]!.cells.map(plain)).toEqual([
      'tutor-3b',
      '10',
      '3 (30 %)',
      '6 (60 %)',
      '1 (10 %)',
    ])
  })
})

describe('shareChart', () => {
  const share = (value: string, n: number, reviewed: number, low: number, high: number) => ({
    value,
    n,
    reviewed,
    share: n / reviewed,
    low,
    high,
  })
  const chart = shareChart(
    [
      share('many', 8, 20, 0.2, 0.6),
      share('few', 1, 10, 0.02, 0.4),
      share('unreviewed', 0, 1, 0, 0.8),
    ].map((row) => (row.value === 'unreviewed' ? { ...row, reviewed: 0 } : row)),
    { dimension: 'task', narrowed: { category: ['scoring_artifact'] }, filter: {} },
  )

  it('keeps the server’s order, and each whisker inside the scale', () => {
    expect(chart.rows.map(({ label }) => label)).toEqual(['many', 'few'])
    for (const { low, length, high } of chart.rows) {
      expect(low).toBeLessThan(length)
      expect(high).toBeGreaterThan(length)
      expect(high).toBeLessThanOrEqual(100)
    }
    expect(chart.ticks[0]).toMatchObject({ at: 0 })
  })

  it('says the interval and how much it rests on', () => {
    expect(plain(chart.rows[0]!.words)).toBe('many: 8 of 20 reviewed, 40 % (20–60 %)')
    expect(chart.rows[0]!.link?.query).toEqual({
      task: ['many'],
      category: ['scoring_artifact'],
    })
    expect(shareTable(chart.rows, 'Task', 'Artifacts').rows[0]!.cells.map(plain)).toEqual([
      'many',
      '8',
      '20',
      '40 %',
      '20–60 %',
    ])
  })

  it('draws nothing of nothing', () => {
    expect(shareChart([], { dimension: 'task', narrowed: {}, filter: {} }).rows).toEqual([])
  })
})

describe('timeChart', () => {
  const periods: Period[] = [
    { span: 'day', from: '2026-11-20', counts: { wrong_answer: 3, none: 1 } },
    { span: 'day', from: '2026-11-21', counts: {} },
    { span: 'day', from: '2026-11-22', counts: { scoring_artifact: 2 } },
  ]

  it('stacks a day’s categories from the bottom, and leaves an idle day empty', () => {
    const { columns } = timeChart(periods, looks)
    expect(columns.map(({ total }) => total)).toEqual([4, 0, 2])
    expect(columns[0]!.blocks.map(({ look, from, length }) => [look.name, from, length])).toEqual([
      ['wrong_answer', 0, 75],
      ['none', 75, 25],
    ])
    expect(columns[1]!.blocks).toEqual([])
    expect(columns[2]!.blocks[0]!.words).toContain('Scoring artifact, 2 of 2 decisions')
  })

  it('is a table of the days on which something was decided, the newest first', () => {
    const { rows } = timeTable(periods, looks)
    expect(rows.map(({ key, cells }) => [key, ...cells.slice(1)])).toEqual([
      ['2026-11-22', '2', '2', '0', '0'],
      ['2026-11-20', '4', '0', '3', '1'],
    ])
  })

  it('labels only as many columns as there is room for', () => {
    const many = Array.from({ length: 40 }, (_, index) => ({
      span: 'day' as const,
      from: `2026-10-${String((index % 30) + 1).padStart(2, '0')}`,
      counts: {},
    }))
    expect(timeChart(many, looks).columns.filter(({ label }) => label).length).toBeLessThan(8)
  })
})
