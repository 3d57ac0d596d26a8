import { formatCount } from './format'

/** `3,275`, or `10,000+` where the server stopped counting. */
export function formatTotal(total: number, isLowerBound: boolean | null | undefined): string {
  return isLowerBound ? `${formatCount(total)}+` : formatCount(total)
}
