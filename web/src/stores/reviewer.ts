import { defineStore } from 'pinia'
import { ref } from 'vue'

import { setReviewerSource } from '@/client/http'

import { readSetting, writeSetting } from './settings'

/** Who reviews. The name goes with every decision; without one the server writes `local`. */
export const useReviewerStore = defineStore('reviewer', () => {
  const name = ref(readSetting('reviewer') ?? '')
  setReviewerSource(() => name.value)

  function rename(to: string): void {
    name.value = to.trim()
    writeSetting('reviewer', name.value || null)
  }

  return { name, rename }
})
