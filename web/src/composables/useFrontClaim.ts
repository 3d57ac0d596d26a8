import { computed, markRaw, watch } from 'vue'
import type { ComputedRef } from 'vue'

import { getCandidate } from '@/client/api'
import { useClaimsStore } from '@/stores/claims'
import { useOutboxStore } from '@/stores/outbox'
import { useSessionStore } from '@/stores/session'
import { useSftStore } from '@/stores/sft'

import { useClaims } from './useClaims'
import { isWaiting } from './useDecisions'
import { useOutbox } from './useOutbox'
import { useServerEvents } from './useServerEvents'

export interface UseFrontClaimOptions {
  /** Something is being written: the card must not change under it. */
  occupied: () => boolean
}

export interface UseFrontClaimReturn {
  /** Who has the card in front; null when it is ours, or nobody's. */
  elsewhere: ComputedRef<string | null>
  /** Asks for it once more. */
  look: () => Promise<void>
}

/**
 * Takes the card in front into this browser's hands where it did not come out of the queue: it was
 * opened by its address, came back by an undo, or was put off.
 */
export function useFrontClaim({ occupied }: UseFrontClaimOptions): UseFrontClaimReturn {
  const sft = useSftStore()
  const claims = useClaimsStore()
  const outbox = useOutboxStore()
  const session = useSessionStore()
  const hands = useClaims()
  const events = useServerEvents()

  const elsewhere = computed(() =>
    sft.current && isWaiting(sft.current) ? (claims.elsewhere.get(sft.current.id) ?? null) : null,
  )
  const unheld = computed(() => {
    const item = sft.current
    if (!item || !isWaiting(item) || claims.held.has(item.id)) return null
    // What is on its way to the server comes first; a refusal has its own ways on.
    return outbox.entries.some(({ body }) => body.id === item.id) ? null : item.id
  })

  async function look(): Promise<void> {
    const id = unheld.value
    if (!id) return
    try {
      await hands.claimThese([id])
    } catch {
      // It can be worked on all the same: a decision counts as long as nobody was first.
      return
    }
    if (sft.current?.id !== id || claims.held.has(id)) return
    if (claims.elsewhere.has(id)) {
      if (session.putOff.has(id)) sft.remove(id)
    } else if (!occupied()) await showAsItIs(id)
  }

  /** It can't be had and nobody has it: it is decided. */
  async function showAsItIs(id: string): Promise<void> {
    const item = await getCandidate(id).catch(() => null)
    const same = sft.current?.id === id && unheld.value === id && !occupied()
    if (item && same && !isWaiting(item)) sft.bringToFront(markRaw(item))
  }

  watch(unheld, look, { immediate: true })
  for (const name of ['released', 'decided'] as const) {
    events.on(name, ({ ids }) => {
      if (elsewhere.value !== null && ids.includes(unheld.value ?? '')) void look()
    })
  }
  events.on('resync', () => void look())
  useOutbox().onAcknowledged(({ entry }) => {
    // Others may have what this reviewer does not want yet.
    const off = entry.kind === 'put-off' && entry.body.put_off !== false
    if (off && sft.current?.id !== entry.body.id) hands.release([entry.body.id])
  })

  return { elsewhere, look }
}
