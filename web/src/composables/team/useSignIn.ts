import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { Ref } from 'vue'

import { ApiError } from '@/client/errors'
import { signIn as sendToken, signOut as sendSignOut, tokenIn } from '@/client/team'
import { lookAgain } from '@/composables/useServerEvents'
import { useSignInStore } from '@/stores/signIn'

const LOOK_MS = 15_000
/** Written by the tab that signs in or out; the others look again. */
const MARK = 'corrigenda.signed-in'

export interface UseSignInReturn {
  busy: Readonly<Ref<boolean>>
  /** Why it did not work; null as long as nothing was wrong. */
  error: Readonly<Ref<unknown>>
  /** Signs in with an invitation's link or token; whether it worked. */
  open: (link: string) => Promise<boolean>
  signOut: () => Promise<void>
}

/** Signing in with what an invitation holds, and out. */
export function useSignIn(): UseSignInReturn {
  const busy = ref(false)
  const error = shallowRef<unknown>(null)

  async function open(link: string): Promise<boolean> {
    busy.value = true
    error.value = null
    try {
      await sendToken(tokenIn(link))
      tellOtherTabs()
      return true
    } catch (reason) {
      error.value = reason
      return false
    } finally {
      busy.value = false
    }
  }

  async function signOut(): Promise<void> {
    busy.value = true
    error.value = null
    try {
      await sendSignOut()
      tellOtherTabs()
      // Nothing of theirs stays on the screen for whoever comes next.
      window.location.assign('/')
    } catch (reason) {
      error.value = reason
      busy.value = false
    }
  }

  return { busy, error, open, signOut }
}

/** Looks whether somebody has signed in, in another tab or by a proxy, and goes on with the work. */
export function useSignInWatch(): void {
  const store = useSignInStore()
  const before = store.reviewer

  const look = (): void => {
    if (!document.hidden) void store.load()
  }
  const onStorage = (event: StorageEvent): void => {
    if (event.key === MARK) look()
  }
  const timer = setInterval(look, LOOK_MS)
  window.addEventListener('storage', onStorage)
  window.addEventListener('focus', look)
  document.addEventListener('visibilitychange', look)
  onScopeDispose(() => {
    clearInterval(timer)
    window.removeEventListener('storage', onStorage)
    window.removeEventListener('focus', look)
    document.removeEventListener('visibilitychange', look)
  })

  watch(
    () => store.needed,
    (needed) => {
      if (needed) return
      // What is on the page is somebody else's work.
      if (before !== null && store.reviewer !== before) window.location.reload()
      lookAgain()
    },
    { flush: 'sync' },
  )
}

/** What was wrong with an invitation, for whoever was sent it. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof ApiError)) return 'The server can’t be reached. Try again in a moment.'
  if (error.status === 429) return `Too many tries from here. ${error.detail}`
  if (error.status === 401 || error.status === 422)
    return 'This link opens nothing, or not any more. Ask a lead for a new one.'
  return error.detail
}

function tellOtherTabs(): void {
  try {
    localStorage.setItem(MARK, String(Date.now()))
  } catch {
    // They look again by themselves.
  }
}
