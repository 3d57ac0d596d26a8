/** Shares and estimates in words. */
import { formatCount } from './format'

/** A share with its 95 % interval, each from 0 to 1. */
export interface Interval {
  share: number
  low: number
  high: number
}

/** `18 %`; what is not quite nothing or everything says so. The space does not break. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.005) return '< 1 %'
  if (share < 1 && share > 0.995) return '> 99 %'
  return `${Math.round(share * 100)} %`
}

/** `14–23 %` */
export function formatInterval({ low, high }: Interval): string {
  const from = Math.round(low * 100)
  const to = Math.round(high * 100)
  return from === to ? formatShare(low) : `${from}–${to} %`
}

/** `18 % (14–23 %)` */
export function formatShareWithInterval(interval: Interval): string {
  return `${formatShare(interval.share)} (${formatInterval(interval)})`
}

/** What a sample says about the whole: `18 % (14–23 %) of 3,275 ≈ 590`. */
export function formatEstimate(
  estimate: Interval & { expected: number },
  population: number,
): string {
  return `${formatShareWithInterval(estimate)} of ${formatCount(population)} ≈ ${formatCount(estimate.expected)}`
}
