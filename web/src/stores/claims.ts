import { defineStore } from 'pinia'
import { ref, shallowReactive } from 'vue'

import { LEASE_SECONDS } from '@/client/claims'
import type { Claim, ClaimedPage } from '@/client/claims'

import { readSetting, writeSetting } from './settings'

export type TakenPage = Pick<ClaimedPage, 'claims' | 'refused' | 'leaseSeconds'>

export interface HeldClaim extends Claim {
  /** The server was told that it is given back; it stays until others have come. */
  offered?: boolean
}

/**
 * Which cards are in this browser's hands, and which that were asked for in somebody else's. The
 * tabs of one browser are one holder: they share cards as they share drafts. Talks to nobody: see
 * `useClaims`.
 */
export const useClaimsStore = defineStore('claims', () => {
  const holder = readSetting('holder') ?? newHolder()
  const held = shallowReactive(new Map<string, HeldClaim>())
  /** For how long a card stays without being renewed. */
  const leaseSeconds = ref(LEASE_SECONDS)
  /** The tokens of what was held: a decision still says what it was made with. */
  const lapsed = new Map<string, string>()
  /** The reviewer who holds a card instead. */
  const elsewhere = shallowReactive(new Map<string, string>())

  /** What came of a question, which may have been for these. */
  function take(page: TakenPage, asked: readonly string[] = []): void {
    const { claims, refused } = page
    leaseSeconds.value = page.leaseSeconds
    // What is neither given nor refused is in nobody's hands any more: it is decided.
    for (const id of asked) elsewhere.delete(id)
    for (const claim of claims) {
      held.set(claim.id, claim)
      elsewhere.delete(claim.id)
    }
    for (const { id, reviewer } of refused) {
      lose(id)
      elsewhere.set(id, reviewer)
    }
  }

  /** It is not ours any more, whoever has it now. */
  function lose(id: string): void {
    const token = held.get(id)?.token
    if (token) lapsed.set(id, token)
    held.delete(id)
  }

  /** It is decided or given back. */
  function forget(id: string): void {
    held.delete(id)
    lapsed.delete(id)
    elsewhere.delete(id)
  }

  const tokenOf = (id: string): string | undefined => held.get(id)?.token ?? lapsed.get(id)

  return { holder, held, leaseSeconds, elsewhere, take, lose, forget, tokenOf }
})

function newHolder(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  const holder = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  writeSetting('holder', holder)
  return holder
}
