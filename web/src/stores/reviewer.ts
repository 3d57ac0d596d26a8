import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

import { setReviewerSource } from '@/client/http'

import { readSetting, writeSetting } from './settings'
import { useSignInStore } from './signIn'

/**
 * Who reviews: who is signed in, or else the name that this browser keeps. It goes with every
 * decision; without one the server writes `local`.
 */
export const useReviewerStore = defineStore('reviewer', () => {
  const signIn = useSignInStore()
  const own = ref(readSetting('reviewer') ?? '')
  const name = computed(() => signIn.reviewer ?? own.value)
  // Of somebody who is signed in the server knows the name, and asks nobody else.
  setReviewerSource(() => (signIn.reviewer === null ? own.value : ''))

  function rename(to: string): void {
    own.value = to.trim()
    writeSetting('reviewer', own.value || null)
  }

  return { name, rename }
})
