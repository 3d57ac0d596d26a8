/** What every chart of the dashboard has: marks that lead somewhere, and the same as a table. */
import { UNCATEGORISED } from '@/composables/categoryLook'

export type Query = Record<string, string | string[]>

/** Where the candidates behind a mark are listed. */
export interface BrowseLink {
  path: '/browse'
  query: Query
}

export interface ChartColumn {
  label: string
  number?: boolean
}

export interface ChartRow {
  key: string
  /** One for each column; the first names the row. */
  cells: string[]
  link?: BrowseLink | null
}

export interface ChartTable {
  columns: ChartColumn[]
  rows: ChartRow[]
}

/** A candidate is reviewed in any status but `needs_review`. */
export const REVIEWED = ['approved', 'discarded', 'model_rejected']

/** The filter that the page has, narrowed to what a mark stands for. */
export function browseLink(filter: Query, narrowed: Query): BrowseLink {
  return { path: '/browse', query: { ...filter, ...narrowed } }
}

/** The categories of a chart: those of the taxonomy, then any that it no longer has, `none` last. */
export function categoryNames(
  taxonomy: readonly string[],
  counts: readonly Readonly<Record<string, number>>[],
): string[] {
  const counted = counts.flatMap((one) => Object.keys(one).filter((name) => one[name]))
  const named = [...new Set([...taxonomy, ...counted])].filter((name) => name !== UNCATEGORISED)
  return counted.includes(UNCATEGORISED) ? [...named, UNCATEGORISED] : named
}
