import { defineStore } from 'pinia'
import { ref } from 'vue'

import { getTaxonomy } from '@/client/api'
import type { Category } from '@/client/api'

import { BUILT_IN_CATEGORIES } from './categories'

/** The failure categories of the workspace. */
export const useTaxonomyStore = defineStore('taxonomy', () => {
  const categories = ref<readonly Category[]>(BUILT_IN_CATEGORIES)

  /** The built-in six serve until the server has answered, and when it cannot. */
  async function load(): Promise<void> {
    const loaded = await getTaxonomy()
    if (Array.isArray(loaded) && loaded.length) categories.value = loaded
  }

  function labelOf(name: string): string {
    return categories.value.find((category) => category.name === name)?.label ?? name
  }

  return { categories, load, labelOf }
})
