import { effectScope, onScopeDispose, watch } from 'vue'

import { claimCards, releaseClaims, renewClaims } from '@/client/claims'
import type { ClaimedPage } from '@/client/claims'
import { useClaimsStore } from '@/stores/claims'
import { useDraftsStore } from '@/stores/drafts'
import { useOutboxStore } from '@/stores/outbox'
import { useReviewerStore } from '@/stores/reviewer'

import { onServerEvent } from './useServerEvents'

/** In a lease: one answer may get lost. */
const BEATS = 3
/** Who has not touched anything for so long has gone, and the cards go back. */
const IDLE_MS = 15 * 60_000
const SIGNS_OF_LIFE = ['pointermove', 'pointerdown', 'keydown', 'wheel'] as const
/** Until what another tab gives back has arrived at the server. */
const OTHER_TAB_MS = 500
const MOST_AT_ONCE = 50

export interface UseClaimsReturn {
  /** Takes cards from the queue into this browser's hands. */
  claim: (asked: { n: number; query?: URLSearchParams }) => Promise<ClaimedPage>
  /** Takes these, as far as they are free. */
  claimThese: (ids: readonly string[]) => Promise<void>
  /** Gives back what is held beside these. */
  keepOnly: (ids: ReadonlySet<string>) => void
  /** As `keepOnly`, but here they stay until others have come. */
  offerAllBut: (ids: ReadonlySet<string>) => Promise<void>
  release: (ids: readonly string[]) => void
  /** Runs when cards were lost to somebody else, or decided elsewhere. */
  onLost: (listener: (ids: readonly string[]) => void) => void
}

type Claims = ReturnType<typeof useClaimsStore>

interface Keeper {
  users: number
  stop: () => void
  listeners: Set<(ids: readonly string[]) => void>
}

const keepers = new WeakMap<Claims, Keeper>()

/**
 * Holds cards for as long as a component uses it and somebody is at work, and gives them back when
 * the page goes away.
 */
export function useClaims(): UseClaimsReturn {
  const claims = useClaimsStore()
  const { holder } = claims
  const keeper = keepers.get(claims) ?? createKeeper(claims)
  keepers.set(claims, keeper)
  const own = new Set<(ids: readonly string[]) => void>()
  keeper.users += 1

  onScopeDispose(() => {
    for (const listener of own) keeper.listeners.delete(listener)
    keeper.users -= 1
    if (keeper.users > 0) return
    keeper.stop()
    keepers.delete(claims)
  })

  function release(ids: readonly string[]): void {
    void offer(ids)
    for (const id of ids) claims.forget(id)
  }

  async function offer(ids: readonly string[]): Promise<void> {
    // What does not arrive ends with its lease, and is not said again.
    const given = [...claims.held.values()].filter(
      ({ id, offered }) => !offered && ids.includes(id),
    )
    for (const claim of given) claims.held.set(claim.id, { ...claim, offered: true })
    const tokens = given.map(({ token }) => token)
    if (tokens.length) await releaseClaims({ holder, tokens })
  }

  const others = (ids: ReadonlySet<string>): string[] =>
    [...claims.held.keys()].filter((id) => !ids.has(id))

  return {
    claim: async (asked) => {
      const page = await claimCards({ ...asked, holder })
      claims.take(page)
      return page
    },
    claimThese: (ids) => claimThese(claims, ids),
    keepOnly: (ids) => release(others(ids)),
    offerAllBut: (ids) => offer(others(ids)),
    release,
    onLost: (listener) => {
      own.add(listener)
      keeper.listeners.add(listener)
    },
  }
}

async function claimThese(claims: Claims, ids: readonly string[]): Promise<void> {
  const { holder } = claims
  for (let at = 0; at < ids.length; at += MOST_AT_ONCE) {
    const some = ids.slice(at, at + MOST_AT_ONCE)
    claims.take(await claimCards({ n: some.length, holder, ids: some }), some)
  }
}

function createKeeper(claims: Claims): Keeper {
  const outbox = useOutboxStore()
  const drafts = useDraftsStore()
  const reviewer = useReviewerStore()
  const listeners: Keeper['listeners'] = new Set()
  const tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('corrigenda')
  let lastSign = Date.now()
  let lastBeat = Date.now()
  let beating = false
  let again = false
  let released: ReturnType<typeof setTimeout> | undefined

  const beatMs = (): number => (claims.leaseSeconds * 1000) / BEATS

  /** One at a time; what is asked for meanwhile comes after it. */
  async function beat(): Promise<void> {
    again = beating
    if (beating) return
    beating = true
    await renew().finally(() => (beating = false))
    if (again) void beat()
  }

  async function renew(): Promise<void> {
    const asked = new Map([...claims.held.values()].map(({ id, token }) => [id, token]))
    if (asked.size === 0 || Date.now() - lastSign > IDLE_MS) return
    lastBeat = Date.now()
    const tokens = [...asked.values()]
    // Without an answer the cards stay until somebody else takes them; the next beat asks again.
    const answer = await renewClaims({ holder: claims.holder, tokens }).catch(() => null)
    // What was taken anew meanwhile is ours.
    const lost = answer?.lost.filter((id) => claims.held.get(id)?.token === asked.get(id)) ?? []
    if (lost.length === 0) return
    for (const id of lost) claims.lose(id)
    await claimThese(claims, lost).catch(() => undefined)
    const gone = lost.filter((id) => !claims.held.has(id))
    if (gone.length) for (const listener of listeners) listener(gone)
  }

  function beatIfDue(): void {
    if (!document.hidden && Date.now() - lastBeat > beatMs()) void beat()
  }

  function onSign(): void {
    const idle = Date.now() - lastSign > IDLE_MS
    lastSign = Date.now()
    if (idle) void beat()
  }

  /** Also when it only may go away: what comes back takes its cards up again. */
  function onLeave(): void {
    const given = [...claims.held.values()].filter(
      // A text that is begun, and a decision on its way, keep their card for the lease.
      ({ id }) => !outbox.decided.has(id) && drafts.get(id) === undefined,
    )
    if (given.length === 0) return
    void releaseClaims({ holder: claims.holder, tokens: given.map(({ token }) => token) })
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has none
    tabs?.postMessage('released')
  }

  /** Cards are held under a name. Under another one they are taken anew. */
  async function onRename(_: string, before: string): Promise<void> {
    const held = [...claims.held.values()]
    if (held.length === 0) return
    const tokens = held.map(({ token }) => token)
    await releaseClaims({ holder: claims.holder, tokens }, before)
    const ids = held.map(({ id }) => id)
    await claimThese(claims, ids).catch(() => undefined)
  }

  const scope = effectScope(true)
  scope.run(() => watch(() => reviewer.name, onRename))
  let timer = setInterval(beat, beatMs())
  scope.run(() =>
    watch(beatMs, (ms) => {
      clearInterval(timer)
      timer = setInterval(beat, ms)
    }),
  )
  const onOnline = (): void => void beat()
  const onShow = (event: PageTransitionEvent): void => void (event.persisted && beat())
  const stopListening = onServerEvent('resync', beatIfDue)
  tabs?.addEventListener('message', () => {
    clearTimeout(released)
    released = setTimeout(beat, OTHER_TAB_MS)
  })
  for (const sign of SIGNS_OF_LIFE)
    window.addEventListener(sign, onSign, { passive: true, capture: true })
  document.addEventListener('visibilitychange', beatIfDue)
  window.addEventListener('online', onOnline)
  window.addEventListener('pageshow', onShow)
  window.addEventListener('pagehide', onLeave)

  function stop(): void {
    clearInterval(timer)
    clearTimeout(released)
    again = false
    scope.stop()
    stopListening()
    tabs?.close()
    for (const sign of SIGNS_OF_LIFE) window.removeEventListener(sign, onSign, { capture: true })
    document.removeEventListener('visibilitychange', beatIfDue)
    window.removeEventListener('online', onOnline)
    window.removeEventListener('pageshow', onShow)
    window.removeEventListener('pagehide', onLeave)
  }

  return { users: 0, stop, listeners }
}
