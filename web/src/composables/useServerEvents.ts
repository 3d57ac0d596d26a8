import { onScopeDispose, ref } from 'vue'
import type { Ref } from 'vue'

import { EVENTS_ADDRESS, readEvent, SERVER_EVENTS } from '@/client/events'
import type { ServerEvents } from '@/client/events'

/** What may be listened to; `resync` says that anything may have happened meanwhile. */
export interface Heard extends ServerEvents {
  resync: null
}

type Listener = (event: never) => void

/** A page that nobody looks at needs no connection, of which a browser has but a few. */
const HIDDEN_MS = 20_000
/** Without a connection the listeners look by themselves, so often. */
const POLL_MS = 60_000
const FIRST_WAIT_MS = 5_000
const LAST_WAIT_MS = 60_000

const listeners = new Map<keyof Heard, Set<Listener>>()
const live = ref(false)
let users = 0
let connection: { open: () => void; stop: () => void } | null = null

/** Listens; returns the way to stop. */
export function onServerEvent<Name extends keyof Heard>(
  name: Name,
  listener: (event: Heard[Name]) => void,
): () => void {
  const those = listeners.get(name) ?? new Set()
  listeners.set(name, those.add(listener))
  return () => those.delete(listener)
}

function tell<Name extends keyof Heard>(name: Name, event: Heard[Name]): void {
  for (const listener of listeners.get(name) ?? []) listener(event as never)
}

/** Everybody looks again, as after signing in. */
export function lookAgain(): void {
  connection?.open()
  tell('resync', null)
}

export interface UseServerEventsReturn {
  /** The server tells what happens; else the page asks now and then. */
  live: Readonly<Ref<boolean>>
  /** Listens until the component ends. */
  on: <Name extends keyof Heard>(name: Name, listener: (event: Heard[Name]) => void) => void
}

/** What happens on the server, for as long as a component uses it: one connection for the page. */
export function useServerEvents(): UseServerEventsReturn {
  users += 1
  connection ??= connect()
  onScopeDispose(() => {
    users -= 1
    if (users > 0) return
    connection?.stop()
    connection = null
  })
  return { live, on: (name, listener) => onScopeDispose(onServerEvent(name, listener)) }
}

function connect(): { open: () => void; stop: () => void } {
  let source: EventSource | null = null
  let hiding: ReturnType<typeof setTimeout> | undefined
  let again: ReturnType<typeof setTimeout> | undefined
  let wait = FIRST_WAIT_MS

  function open(): void {
    clearTimeout(again)
    if (source || document.hidden || typeof EventSource === 'undefined') return
    const mine = new EventSource(EVENTS_ADDRESS)
    let isFirst = true
    source = mine
    mine.addEventListener('open', () => {
      live.value = true
      wait = FIRST_WAIT_MS
      isFirst = true
    })
    mine.addEventListener('error', () => {
      live.value = false
      // The browser tries again by itself, unless the server has said no.
      if (mine.readyState !== EventSource.CLOSED) return
      close()
      again = setTimeout(open, wait)
      wait = Math.min(wait * 2, LAST_WAIT_MS)
    })
    for (const name of SERVER_EVENTS) {
      mine.addEventListener(name, ({ data }) => {
        const event = readEvent(data)
        // What happened before is not told, also between the page's first question and now. With
        // the first event the server listens: at `open` it may not yet.
        if (isFirst || name === 'reset') tell('resync', null)
        isFirst = false
        if (event && name !== 'reset') tell(name, event as never)
      })
    }
  }

  function close(): void {
    source?.close()
    source = null
    live.value = false
  }

  function onVisibility(): void {
    clearTimeout(hiding)
    if (document.hidden) hiding = setTimeout(close, HIDDEN_MS)
    else open()
  }

  const timer = setInterval(() => {
    if (!live.value && !document.hidden) tell('resync', null)
  }, POLL_MS)
  document.addEventListener('visibilitychange', onVisibility)
  window.addEventListener('pagehide', close)
  window.addEventListener('pageshow', open)
  open()

  function stop(): void {
    close()
    clearTimeout(hiding)
    clearTimeout(again)
    clearInterval(timer)
    document.removeEventListener('visibilitychange', onVisibility)
    window.removeEventListener('pagehide', close)
    window.removeEventListener('pageshow', open)
  }

  return { open, stop }
}
