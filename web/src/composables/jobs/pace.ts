/** How fast a job goes, from what this page has seen of it. */
import { formatBytes, formatDuration, formatFigure } from '@/composables/format'

/** How far a job was at a moment, in milliseconds. */
export interface Sighting {
  at: number
  done: number
}

export interface Pace {
  perSecond: number
  /** Null where nobody knows how much there is. */
  secondsLeft: number | null
}

const WINDOW_MS = 60_000
/** A slow job may take a minute for each step: so many sightings stay, however old. */
const FEWEST = 4
const SHORTEST_MS = 2_000

/** Adds what is seen now; a job that begins again from the start is measured anew. */
export function withSighting(before: readonly Sighting[], now: Sighting): readonly Sighting[] {
  const last = before.at(-1)
  if (last && now.done === last.done) return before
  const kept = last && now.done < last.done ? [] : before
  const all = [...kept, now]
  const fresh = all.filter(({ at }) => now.at - at <= WINDOW_MS)
  return fresh.length >= FEWEST ? fresh : all.slice(-FEWEST)
}

/** Null until two sightings are far enough apart to say anything. */
export function paceOf(seen: readonly Sighting[], total: number | null): Pace | null {
  const [first, last] = [seen[0], seen.at(-1)]
  if (!first || !last || last.at - first.at < SHORTEST_MS) return null
  const perSecond = (last.done - first.done) / ((last.at - first.at) / 1000)
  const secondsLeft = total === null ? null : Math.max(0, total - last.done) / perSecond
  return { perSecond, secondsLeft }
}

/** `2.1 MB/s · about 40 s left`, `12 steps/min` */
export function paceWords({ perSecond, secondsLeft }: Pace, unit: string): string {
  const left = secondsLeft === null ? '' : `about ${formatDuration(secondsLeft)} left`
  return [speedWords(perSecond, unit), left].filter(Boolean).join(' · ')
}

function speedWords(perSecond: number, unit: string): string {
  if (unit === 'bytes') return `${formatBytes(perSecond)}/s`
  return perSecond >= 1
    ? `${formatFigure(perSecond)} ${unit}/s`
    : `${formatFigure(perSecond * 60)} ${unit}/min`
}
