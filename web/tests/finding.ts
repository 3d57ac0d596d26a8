/** What the pages for finding candidates are tested with. */
import { flushPromises, mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { vi } from 'vitest'
import type { Component } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { Router } from 'vue-router'

import type { Facets, Row } from '@/client/finding'

// Loaded here, so that the first test to open a panel does not wait for it.
import '@/components/batch/BatchDialog.vue'
import '@/components/batch/BatchMenu.vue'
import '@/components/filter/FilterMenu.vue'
import '@/components/filter/PopoverPanel.vue'

import { freshPinia } from './helpers'

export const row = (id: string, overrides: Partial<Row> = {}): Row => ({
  id,
  status: 'needs_review',
  task: 'gsm8k',
  task_id: `gsm8k/${id}`,
  task_name: `Eggs ${id}`,
  task_type: 'math',
  model_name: 'tutor-3b',
  model_id: 'org/tutor-3b',
  benchmark_run_id: 'run-1',
  timestamp: '2026-11-18T09:12:03Z',
  quality_score: 0.2,
  failure_category: null,
  failure_reason: 'final answer 13, expected 9',
  excerpt: 'There are 13 eggs left.',
  corrected_excerpt: null,
  decided_by: null,
  decided_at: null,
  revision: 0,
  tags: [],
  prompt_key: 'ab12',
  held_back: false,
  ...overrides,
})

export const FACETS: Facets = {
  total: 40,
  facets: {
    status: [
      { value: 'needs_review', n: 30 },
      { value: 'approved', n: 10 },
    ],
    model: [
      { value: 'tutor-3b', n: 25 },
      { value: 'tutor-7b', n: 15 },
    ],
    task_type: [{ value: 'math', n: 40 }],
    run_id: Array.from({ length: 12 }, (_, index) => ({ value: `run-${index}`, n: 12 - index })),
    category: [
      { value: 'none', n: 20 },
      { value: 'wrong_answer', n: 9 },
    ],
    tag: [],
    reviewer: [{ value: 'ann', n: 3 }],
    score: Array.from({ length: 10 }, (_, index) => ({
      from: index / 10,
      to: (index + 1) / 10,
      n: 10 - index,
    })),
  },
}

export const job = (state: string, rest: object = {}) => ({
  id: 'j1',
  kind: 'lot',
  state,
  params: { lot_id: 'l1', action: 'discard' },
  done: 0,
  total: 3,
  unit: 'candidates',
  result: null,
  error: null,
  created_at: '2026-11-22T10:00:00Z',
  started_at: null,
  finished_at: null,
  attempts: 0,
  ...rest,
})

export const lotDone = (touched: number, rest: object = {}) =>
  job('done', { done: touched, result: { touched, skipped: [] }, ...rest })

export interface Opened {
  wrapper: VueWrapper
  router: Router
  /** Anywhere in the page, also in panels and dialogs outside of the component. */
  find: (testid: string) => HTMLElement | null
  press: (testid: string) => Promise<void>
  write: (testid: string, value: string) => Promise<void>
}

/** Mounts a component at an address, with a router and stores of its own. */
export async function openAt(
  address: string,
  component: Component,
  props: Record<string, unknown> = {},
): Promise<Opened> {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:path(.*)*', component: { render: () => null } }],
  })
  await router.push(address)
  const wrapper = mount(component, {
    props,
    attachTo: document.body,
    global: { plugins: [freshPinia(), router] },
  })
  await settle()
  const find = (testid: string): HTMLElement | null =>
    document.querySelector(`[data-testid="${testid}"]`)
  return {
    wrapper,
    router,
    find,
    press: async (testid) => {
      found(find(testid), testid).click()
      await settle()
    },
    write: async (testid, value) => {
      const field = found(find(testid), testid) as HTMLInputElement
      field.value = value
      field.dispatchEvent(new Event('input', { bubbles: true }))
      field.dispatchEvent(new Event('change', { bubbles: true }))
      await settle()
    },
  }
}

function found(element: HTMLElement | null, testid: string): HTMLElement {
  if (!element) throw new Error(`no element with data-testid="${testid}"`)
  return element
}

/** Lets parts that are loaded on demand, requests and routes come to their end. */
export async function settle(): Promise<void> {
  await flushPromises()
  await vi.dynamicImportSettled()
  await flushPromises()
}
