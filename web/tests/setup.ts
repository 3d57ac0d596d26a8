import { afterEach, beforeEach } from 'vitest'
import { enableAutoUnmount } from '@vue/test-utils'

// A mounted card listens for keys on the whole window.
enableAutoUnmount(afterEach)

beforeEach(() => {
  localStorage.clear()
  document.body.replaceChildren()
  delete document.documentElement.dataset.theme
})
