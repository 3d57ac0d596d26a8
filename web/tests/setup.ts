import { afterEach, beforeEach, vi } from 'vitest'
import { enableAutoUnmount } from '@vue/test-utils'

// A mounted card listens for keys on the whole window.
enableAutoUnmount(afterEach)

beforeEach(() => {
  localStorage.clear()
  document.body.replaceChildren()
  delete document.documentElement.dataset.theme
  // A test that has no server of its own asks nobody.
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('there is no server')))
})
