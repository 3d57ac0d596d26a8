import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { nextTick } from 'vue'

import SearchBehind from '@/components/filter/SearchBehind.vue'
import { useSearchIndexStore } from '@/stores/searchIndex'

import { freshPinia } from '../helpers'

it('says how much the search does not find yet, as long as that is so', async () => {
  const wrapper = mount(SearchBehind, { global: { plugins: [freshPinia()] } })
  const index = useSearchIndexStore()
  const words = (): string | null => {
    const found = wrapper.find('[data-testid="search-behind"]')
    return found.exists() ? (found.element.firstChild?.textContent?.trim() ?? '') : null
  }
  expect(words()).toBeNull()
  index.note(12)
  await nextTick()
  expect(words()).toBe('12 not searchable yet')
  index.follow({ indexed: 499, total: 1000 })
  await nextTick()
  expect(words()).toBe('49 % searchable')
  index.note(0)
  await nextTick()
  expect(words()).toBeNull()
})
