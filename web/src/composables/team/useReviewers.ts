import { ref, shallowRef } from 'vue'
import type { Ref } from 'vue'

import {
  getReviewers,
  inviteReviewer,
  renewReviewer,
  revokeReviewer,
  signIn as sendToken,
  tokenIn,
} from '@/client/team'
import type { Invitation, Member } from '@/client/team'
import { useSignInStore } from '@/stores/signIn'

export interface UseReviewersReturn {
  reviewers: Readonly<Ref<readonly Member[]>>
  loaded: Readonly<Ref<boolean>>
  busy: Readonly<Ref<boolean>>
  error: Readonly<Ref<unknown>>
  /** The invitation made last: its link is told only now. */
  invitation: Readonly<Ref<Invitation | null>>
  load: () => Promise<void>
  invite: (name: string, lead: boolean) => Promise<boolean>
  renew: (name: string) => Promise<boolean>
  revoke: (name: string) => Promise<boolean>
  forgetInvitation: () => void
}

/** The people who review here, for a lead. */
export function useReviewers(): UseReviewersReturn {
  const session = useSignInStore()
  const reviewers = shallowRef<readonly Member[]>([])
  const loaded = ref(false)
  const busy = ref(false)
  const error = shallowRef<unknown>(null)
  const invitation = shallowRef<Invitation | null>(null)

  async function load(): Promise<void> {
    await during(async () => {
      reviewers.value = await getReviewers()
      loaded.value = true
    })
  }

  /** Whether it worked. */
  async function during(work: () => Promise<void>): Promise<boolean> {
    busy.value = true
    error.value = null
    try {
      await work()
      return true
    } catch (reason) {
      error.value = reason
      return false
    } finally {
      busy.value = false
    }
  }

  const invite = (name: string, lead: boolean): Promise<boolean> =>
    during(async () => {
      const first = session.isOpen
      invitation.value = await inviteReviewer(name, lead)
      if (first) {
        // From now on everybody has to be signed in, and the one who invites is the first.
        await sendToken(tokenIn(invitation.value.link))
        await session.load()
      }
      reviewers.value = await getReviewers()
    })

  const renew = (name: string): Promise<boolean> =>
    during(async () => {
      invitation.value = await renewReviewer(name)
      if (name === session.reviewer) await sendToken(tokenIn(invitation.value.link))
      reviewers.value = await getReviewers()
    })

  const revoke = (name: string): Promise<boolean> =>
    during(async () => {
      await revokeReviewer(name)
      if (invitation.value?.name === name) invitation.value = null
      reviewers.value = await getReviewers()
    })

  const forgetInvitation = (): void => void (invitation.value = null)

  return {
    reviewers,
    loaded,
    busy,
    error,
    invitation,
    load,
    invite,
    renew,
    revoke,
    forgetInvitation,
  }
}
