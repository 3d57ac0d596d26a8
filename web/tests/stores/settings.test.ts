import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import { request } from '@/client/http'
import { useNoticesStore } from '@/stores/notices'
import { useReviewerStore } from '@/stores/reviewer'
import { useTaxonomyStore } from '@/stores/taxonomy'
import { useThemeStore } from '@/stores/theme'

import { fakeServer, freshPinia, problem } from '../helpers'

beforeEach(freshPinia)

describe('useReviewerStore', () => {
  it('keeps the trimmed name and sends it along', async () => {
    const server = fakeServer({ 'GET /x': {} })
    useReviewerStore().rename('  Ada  ')
    await request('GET', '/x')
    expect(server.calls[0]?.headers['X-Reviewer']).toBe('Ada')
    freshPinia()
    expect(useReviewerStore().name).toBe('Ada')
  })

  it('forgets an emptied name', () => {
    useReviewerStore().rename('Ada')
    useReviewerStore().rename('')
    expect(localStorage.length).toBe(0)
  })

  it('works without storage', () => {
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError')
    })
    useReviewerStore().rename('Ada')
    expect(useReviewerStore().name).toBe('Ada')
  })
})

describe('useThemeStore', () => {
  it('follows the system until a theme is chosen, and again on wish', () => {
    const store = useThemeStore()
    expect(store.theme).toBe('system')
    store.choose('dark')
    expect(document.documentElement.dataset.theme).toBe('dark')
    freshPinia()
    expect(useThemeStore().theme).toBe('dark')
    useThemeStore().choose('system')
    expect(document.documentElement.dataset.theme).toBeUndefined()
    expect(localStorage.length).toBe(0)
  })

  it('ignores a stored theme that it does not know', () => {
    localStorage.setItem('corrigenda.theme', 'sepia')
    expect(useThemeStore().theme).toBe('system')
  })
})

describe('useTaxonomyStore', () => {
  const own = { name: 'unsafe', label: 'Unsafe', definition: '', example: '', built_in: false }

  it('has the six built-in categories, in the order of their keys', () => {
    expect(useTaxonomyStore().categories.map(({ name }) => name)).toEqual([
      'scoring_artifact',
      'style_violation',
      'partial_answer',
      'wrong_answer',
      'format_error',
      'hallucination',
    ])
  })

  it('takes the categories of the workspace', async () => {
    fakeServer({ 'GET /api/sft/taxonomy': { body: { categories: [own] } } })
    const store = useTaxonomyStore()
    await store.load()
    expect(store.categories).toEqual([own])
    expect(store.labelOf('unsafe')).toBe('Unsafe')
    expect(store.labelOf('gone')).toBe('gone')
  })

  it('keeps the built-in ones when the server fails', async () => {
    fakeServer({ 'GET /api/sft/taxonomy': problem(503, 'storage_unavailable', 'no') })
    const store = useTaxonomyStore()
    await expect(store.load()).rejects.toThrow('no')
    expect(store.categories).toHaveLength(6)
  })
})

describe('useNoticesStore', () => {
  it('speaks the same sentence twice', async () => {
    const store = useNoticesStore()
    store.announce('Discarded.')
    await flushPromises()
    expect(store.spoken).toBe('Discarded.')
    store.announce('Discarded.')
    expect(store.spoken).toBe('')
    await flushPromises()
    expect(store.spoken).toBe('Discarded.')
  })
})
