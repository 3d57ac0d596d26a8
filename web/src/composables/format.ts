/** Numbers and times in the reader's own language. */
const wholeNumbers = new Intl.NumberFormat()
const times = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

export const formatCount = (count: number): string => wholeNumbers.format(count)

/** `2 candidates`, `1 candidate`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** An ISO time for people; anything else comes back as it is. */
export function formatTime(time: string | null | undefined): string {
  if (!time) return ''
  const parsed = new Date(time)
  return Number.isNaN(parsed.getTime()) ? time : times.format(parsed)
}

/** `1536` → `1.5 kB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${value.toFixed(unit > 0 && value < 10 ? 1 : 0)} ${units[unit]}`
}

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Seconds for people: `40 s`, `3 min`, `1 h 20 min`, `2 d 3 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < MINUTE) return `${Math.max(1, Math.round(seconds))} s`
  if (seconds < HOUR) return `${Math.round(seconds / MINUTE)} min`
  const [unit, name, part, partName] =
    seconds < DAY ? ([HOUR, 'h', MINUTE, 'min'] as const) : ([DAY, 'd', HOUR, 'h'] as const)
  const parts = Math.round(seconds / part)
  const perUnit = unit / part
  const rest = parts % perUnit
  const whole = `${formatCount(Math.floor(parts / perUnit))} ${name}`
  return rest ? `${whole} ${rest} ${partName}` : whole
}

const figures = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 })

/** A measured number, to three digits: `0.312`, `41.7`, `12,300`. */
export const formatFigure = (value: number): string => figures.format(value)
