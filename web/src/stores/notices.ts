import { defineStore } from 'pinia'
import { nextTick, ref } from 'vue'

/** What a screen reader is told; one live region in the page speaks it. */
export const useNoticesStore = defineStore('notices', () => {
  const spoken = ref('')

  function announce(text: string): void {
    // Emptied first, so that the same sentence twice is spoken twice.
    spoken.value = ''
    void nextTick(() => {
      spoken.value = text
    })
  }

  return { spoken, announce }
})
