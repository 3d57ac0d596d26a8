/** The cards in a reviewer's hands: taken from the queue for a while, renewed, given back. */
import type { Page } from './api'
import type { Candidate } from './candidate'
import { post, postLast, request } from './http'
import type { Answer, Body } from './http'

/** Unless the server says otherwise. */
export const LEASE_SECONDS = 120

/** A card that this browser holds, and the proof of it that goes with the decision. */
export interface Claim {
  id: string
  token: string
  /** ISO 8601; after it the card may go to somebody else. */
  until: string
}

/** A card that was asked for and is in other hands. */
export interface ElsewhereClaim {
  id: string
  reviewer: string
}

export interface ClaimedPage extends Omit<Page<Candidate>, 'next'> {
  claims: Claim[]
  /** Of those that were asked for by id. */
  refused: ElsewhereClaim[]
  leaseSeconds: number
  /** So many are not yet searchable; 0 when all are, or when nothing was searched for. */
  searchBehind: number
}

export interface ClaimRequest {
  /** At most 50. What the holder has already comes first, and counts. */
  n: number
  /** Names this browser. */
  holder: string
  /** These, instead of the next ones. */
  ids?: readonly string[]
  /** The filter and order, as for the queue. */
  query?: URLSearchParams
}

/** What the holder has already, and then the next that nobody holds. */
export async function claimCards({ query, ...asked }: ClaimRequest): Promise<ClaimedPage> {
  const filter = query?.size ? `?${query}` : ''
  const { body } = await request('POST', `/api/sft/queue/claim${filter}`, asked)
  const found = body as Partial<Answer<'/api/sft/queue/claim', 'post'>>
  const items = (found.items ?? []) as Candidate[]
  return {
    items,
    total: found.total ?? items.length,
    atLeast: found.total_is_lower_bound ?? false,
    claims: found.claims ?? [],
    refused: found.refused ?? [],
    leaseSeconds: found.lease_seconds ?? LEASE_SECONDS,
    searchBehind: found.search_behind ?? 0,
  }
}

type Held = Body<'/api/sft/queue/renew', 'post'>

export const renewClaims = (held: Held): Promise<Answer<'/api/sft/queue/renew', 'post'>> =>
  post('/api/sft/queue/renew', held)

/** Gives cards back, also while the page goes away; as `name`, or else as who is at work. */
export const releaseClaims = (held: Held, name?: string): Promise<void> =>
  postLast('/api/sft/queue/release', held, name)
