import { describe, expect, it } from 'vitest'

import {
  byLocalDay,
  localDay,
  localMidnight,
  periodLabel,
  readablePeriods,
} from '@/composables/localDays'

const hour = (time: string, wrong_answer = 1) => ({ hour: time, counts: { wrong_answer } })
const days = (hours: ReturnType<typeof hour>[], timeZone: string) =>
  byLocalDay(hours, timeZone).map(({ from, counts }) => [from, counts.wrong_answer ?? 0])

describe('localDay', () => {
  it.each([
    ['2026-11-22T23:30:00Z', 'UTC', '2026-11-22'],
    ['2026-11-22T23:30:00Z', 'Europe/Berlin', '2026-11-23'],
    ['2026-11-22T07:00:00Z', 'America/Los_Angeles', '2026-11-21'],
    ['2026-11-22T18:30:00Z', 'Asia/Kolkata', '2026-11-23'],
    ['2026-11-22T18:29:00Z', 'Asia/Kolkata', '2026-11-22'],
    ['2026-11-22T10:00:00Z', 'Pacific/Kiritimati', '2026-11-23'],
  ])('%s in %s is %s', (time, zone, day) => expect(localDay(time, zone)).toBe(day))
})

describe('byLocalDay', () => {
  const around = [hour('2026-11-21T22:00:00Z'), hour('2026-11-21T23:00:00Z', 2)]

  it('puts the same hours into other days elsewhere', () => {
    expect(days(around, 'UTC')).toEqual([['2026-11-21', 3]])
    expect(days(around, 'Europe/Berlin')).toEqual([
      ['2026-11-21', 1],
      ['2026-11-22', 2],
    ])
    expect(days(around, 'Australia/Sydney')).toEqual([['2026-11-22', 3]])
  })

  it('keeps days of 23 and 25 hours whole', () => {
    // Berlin puts the clock forward on 29 March and back on 25 October 2026.
    expect(
      days([hour('2026-03-28T23:00:00Z'), hour('2026-03-29T21:00:00Z')], 'Europe/Berlin'),
    ).toEqual([['2026-03-29', 2]])
    expect(days([hour('2026-03-29T22:00:00Z')], 'Europe/Berlin')).toEqual([['2026-03-30', 1]])
    expect(
      days([hour('2026-10-24T22:00:00Z'), hour('2026-10-25T22:00:00Z')], 'Europe/Berlin'),
    ).toEqual([['2026-10-25', 2]])
  })

  it('leaves no gap, not even across a change of the clock', () => {
    expect(
      days([hour('2026-10-24T10:00:00Z'), hour('2026-10-27T10:00:00Z')], 'Europe/Berlin'),
    ).toEqual([
      ['2026-10-24', 1],
      ['2026-10-25', 0],
      ['2026-10-26', 0],
      ['2026-10-27', 1],
    ])
  })

  it('has nothing to say about nothing', () => expect(byLocalDay([], 'UTC')).toEqual([]))
})

describe('readablePeriods', () => {
  const span = (from: string, to: string) =>
    readablePeriods(byLocalDay([hour(`${from}T12:00:00Z`), hour(`${to}T12:00:00Z`, 2)], 'UTC'))

  it.each([
    ['2026-11-01', '2026-11-22', 'day', 22],
    ['2026-09-01', '2026-11-22', 'week', 12],
    ['2024-11-15', '2026-11-22', 'month', 25],
  ] as const)('%s to %s makes %ss', (from, to, kind, columns) => {
    const periods = span(from, to)
    expect(periods).toHaveLength(columns)
    expect(new Set(periods.map((period) => period.span))).toEqual(new Set([kind]))
    expect(periods.reduce((sum, { counts }) => sum + (counts.wrong_answer ?? 0), 0)).toBe(3)
  })

  it('begins a week on Monday and a month on its first', () => {
    expect(span('2026-09-01', '2026-11-22')[0]?.from).toBe('2026-08-31')
    expect(span('2024-11-15', '2026-11-22')[0]?.from).toBe('2024-11-01')
  })

  it('names the period', () => {
    expect(periodLabel({ span: 'week', from: '2026-11-16', counts: {} })).toMatch(/^week from/)
    expect(periodLabel({ span: 'month', from: '2026-11-01', counts: {} })).toContain('2026')
  })
})

it('localMidnight is the beginning of the day on the clock here', () => {
  const midnight = localMidnight(new Date(2026, 10, 22, 15, 30))
  expect([midnight.getDate(), midnight.getHours(), midnight.getMinutes()]).toEqual([22, 0, 0])
})
