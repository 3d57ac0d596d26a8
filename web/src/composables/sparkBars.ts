/** One hour of work: how many decisions fell into it. */
export interface HourCount {
  hour: string
  n: number
}

export interface SparkBar {
  hour: string
  n: number
  /** In pixels from the left and from the bottom. */
  x: number
  height: number
}

export interface Spark {
  bars: SparkBar[]
  width: number
  /** `Decisions by hour: 09:00 12, 10:00 15` */
  words: string
}

export const SPARK_HEIGHT = 18
const STEP = 5
const HOUR_MS = 3_600_000
/** An hour in which little was done is still seen. */
const LEAST = 2

/** A bar for each hour from the first with a decision to the last, those without one included. */
export function sparkBars(hours: readonly HourCount[], timeZone?: string): Spark {
  const counts = new Map(hours.map(({ hour, n }) => [Date.parse(hour), n]))
  const times = [...counts.keys()].filter((time) => !Number.isNaN(time))
  const first = Math.min(...times)
  const length = times.length ? (Math.max(...times) - first) / HOUR_MS + 1 : 0
  const most = Math.max(1, ...counts.values())
  const clock = new Intl.DateTimeFormat(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  })

  const bars = Array.from({ length }, (_, index) => {
    const time = first + index * HOUR_MS
    const n = counts.get(time) ?? 0
    return {
      hour: clock.format(time),
      n,
      x: index * STEP,
      height: n ? Math.max(LEAST, (n / most) * SPARK_HEIGHT) : 0,
    }
  })
  const told = bars.filter(({ n }) => n).map(({ hour, n }) => `${hour} ${n}`)
  return { bars, width: length * STEP, words: `Decisions by hour: ${told.join(', ') || 'none'}` }
}
