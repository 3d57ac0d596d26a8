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
