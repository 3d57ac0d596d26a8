import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'

import { setSignInHandler } from '@/client/http'
import { getSession } from '@/client/team'
import type { Session } from '@/client/team'

/** Who is signed in, and whether the server wants to know. Where nobody is invited, nobody has to. */
export const useSignInStore = defineStore('signIn', () => {
  const session = shallowRef<Session | null>(null)
  /** The server answers nothing else until somebody is signed in. */
  const needed = ref(false)
  /** The server has said who is signed in, or could not be asked. */
  const settled = ref(false)
  /** Somebody was signed in in this page, or nobody had to be: there is work to go on with. */
  const began = ref(false)
  setSignInHandler(() => (needed.value = true))

  /** Null where nobody signs in: then the name is what each browser says. */
  const reviewer = computed(() => (isOpen.value ? null : (session.value?.reviewer ?? null)))
  const isOpen = computed(() => (session.value?.by ?? 'open') === 'open')
  /** May import, export, configure and invite. */
  const lead = computed(() => isOpen.value || session.value?.lead === true)

  /** Asks the server; when it does not answer, the last answer stands. */
  async function load(): Promise<void> {
    try {
      session.value = await getSession()
      needed.value = session.value.required && session.value.reviewer === null
      began.value ||= !needed.value
    } catch {
      // What the page asks for next says what is wrong.
      began.value ||= !settled.value
    } finally {
      settled.value = true
    }
  }

  return { session, needed, settled, began, reviewer, isOpen, lead, load }
})
