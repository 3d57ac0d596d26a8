import { defineStore } from 'pinia'
import { ref } from 'vue'

/** Where one was in the list of all candidates, for coming back from one of them. */
export const useBrowseStore = defineStore('browse', () => {
  /** The filter and page size that the pages belong to. */
  const list = ref('')
  /** The addresses of the pages seen; the first page has none. */
  const pages = ref<(string | null)[]>([null])
  const page = ref(0)

  function begin(of: string): void {
    list.value = of
    pages.value = [null]
    page.value = 0
  }

  return { list, pages, page, begin }
})
