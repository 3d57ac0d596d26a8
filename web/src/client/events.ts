/** What the server tells every open page. */
import type { Job, Stats } from './api'

export interface ServerEvents {
  counts: Pick<Stats, 'total' | 'by_status'>
  /** At most a hundred of `n`; those `returned` wait for review again. */
  decided: { ids: string[]; n?: number; returned?: string[] }
  claimed: { ids: string[]; reviewer?: string }
  released: { ids: string[] }
  job: Job
  search: { indexed: number; total: number }
  /** So many candidates are new. */
  imported: { n?: number }
  /** Too much happened meanwhile to be told. */
  reset: object
}

export type ServerEventName = keyof ServerEvents

export const SERVER_EVENTS: readonly ServerEventName[] = [
  'counts',
  'decided',
  'claimed',
  'released',
  'job',
  'search',
  'imported',
  'reset',
]

export const EVENTS_ADDRESS = '/api/sft/events'

/** Null when it is not what it should be. */
export function readEvent(data: unknown): object | null {
  try {
    const value: unknown = JSON.parse(String(data))
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}
