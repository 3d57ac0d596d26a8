/** Days as the reader's clock has them: the server counts by UTC hour, the page makes days of it. */

export type Counts = Readonly<Record<string, number>>

export interface HourCounts {
  /** The start of a UTC hour: `2026-11-22T20:00:00Z`. */
  hour: string
  counts: Counts
}

export type Span = 'day' | 'week' | 'month'

/** What happened in one day, in one week (from its Monday) or in one month (from its first). */
export interface Period {
  span: Span
  /** Its first local day, `2026-11-22`. */
  from: string
  counts: Counts
}

/** With more days than this, weeks are shown; with more weeks, months. */
const MOST_COLUMNS = 45
const DAY_MS = 86_400_000

/**
 * The local date of an instant, `2026-11-22`.
 *
 * @param timeZone An IANA name such as `Asia/Kolkata`; without one, the browser's own.
 */
export function localDay(time: string | Date, timeZone?: string): string {
  return dateParts(timeZone).format(new Date(time))
}

/** Midnight at the beginning of the reader's day. */
export function localMidnight(now = new Date()): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate())
}

/**
 * Adds up hours by local day, without gaps: a day on which nothing happened has empty counts.
 *
 * An hour counts for the day in which it begins, also where midnight falls into the middle of a
 * UTC hour. A day of 23 or 25 hours is one day like any other.
 */
export function byLocalDay(hours: readonly HourCounts[], timeZone?: string): Period[] {
  const days = new Map<string, Record<string, number>>()
  for (const { hour, counts } of hours) add(days, localDay(hour, timeZone), counts)
  const [first, ...later] = [...days.keys()].toSorted()
  if (!first) return []
  return daysBetween(first, later.at(-1) ?? first).map((day) => ({
    span: 'day',
    from: day,
    counts: days.get(day) ?? {},
  }))
}

/** Days while they fit, else weeks, else months. */
export function readablePeriods(days: readonly Period[]): Period[] {
  if (days.length <= MOST_COLUMNS) return [...days]
  const weeks = merge(days, 'week', mondayOf)
  return weeks.length <= MOST_COLUMNS
    ? weeks
    : merge(days, 'month', (day) => `${day.slice(0, 7)}-01`)
}

/** `22 Nov 2026`, `week from 16 Nov 2026` or `November 2026`, in the reader's language. */
export function periodLabel({ span, from }: Period): string {
  const date = new Date(`${from}T00:00:00Z`)
  if (span === 'month') return words({ month: 'long', year: 'numeric' }).format(date)
  const day = words({ dateStyle: 'medium' }).format(date)
  return span === 'week' ? `week from ${day}` : day
}

/** The same for the narrow space under a column: `22 Nov`, `Nov 2026`. */
export function shortPeriodLabel({ span, from }: Period): string {
  const form =
    span === 'month'
      ? words({ month: 'short', year: 'numeric' })
      : words({ day: 'numeric', month: 'short' })
  return form.format(new Date(`${from}T00:00:00Z`))
}

function merge(days: readonly Period[], span: Span, startOf: (day: string) => string): Period[] {
  const groups = new Map<string, Record<string, number>>()
  for (const { from, counts } of days) add(groups, startOf(from), counts)
  return [...groups].map(([from, counts]) => ({ span, from, counts }))
}

function add(to: Map<string, Record<string, number>>, key: string, counts: Counts): void {
  const sums = to.get(key) ?? {}
  for (const [name, n] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + n
  to.set(key, sums)
}

// Dates without a clock are reckoned in UTC, where every day has 24 hours.
function shift(day: string, by: number): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + by)
  return date.toISOString().slice(0, 10)
}

function daysBetween(first: string, last: string): string[] {
  const count = (Date.parse(last) - Date.parse(first)) / DAY_MS + 1
  return Array.from({ length: count }, (_, index) => shift(first, index))
}

function mondayOf(day: string): string {
  return shift(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7))
}

function words(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(undefined, { ...options, timeZone: 'UTC' })
}

function dateParts(timeZone: string | undefined): { format: (date: Date) => string } {
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeZone })
}
