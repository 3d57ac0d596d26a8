import { defineStore } from 'pinia'
import { ref } from 'vue'

import { readSetting, writeSetting } from './settings'

/** How texts are shown, on every card alike. */
export const useReadingStore = defineStore('reading', () => {
  /** Texts exactly as they were recorded, instead of rendered. */
  const raw = ref(readSetting('raw') === 'true')
  /** Nothing is folded. */
  const allOpen = ref(false)
  /** Somebody is searching: what is folded away has to be in the page to be found. */
  const searching = ref(false)

  function toggleRaw(): boolean {
    raw.value = !raw.value
    writeSetting('raw', raw.value ? 'true' : null)
    return raw.value
  }

  function toggleAll(): boolean {
    allOpen.value = !allOpen.value
    return allOpen.value
  }

  return { raw, allOpen, searching, toggleRaw, toggleAll }
})
