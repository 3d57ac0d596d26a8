/** What the tests of the review page share. */
import { flushPromises, mount } from '@vue/test-utils'
import type { DOMWrapper, VueWrapper } from '@vue/test-utils'
import type { Pinia } from 'pinia'
import { vi } from 'vitest'
import { defineComponent, h, onMounted } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { Router } from 'vue-router'

import type { Candidate } from '@/client/candidate'
import type { Draft } from '@/client/draft'
import type { Ancestor, Sibling } from '@/client/finding'
import { sourceOf } from '@/composables/correctionSource'
import { textToTake } from '@/composables/siblingAnswers'
import CorrectionsView from '@/views/CorrectionsView.vue'

import { candidate, fakeServer, press } from './helpers'
import type { Call, FakeServer } from './helpers'

export const QUEUE = 'POST /api/sft/queue/claim'
export const RENEW = 'POST /api/sft/queue/renew'
export const RELEASE = 'POST /api/sft/queue/release'
export const SUBMIT = 'POST /api/sft/submit'
export const UNDO = 'POST /api/sft/undo'
export const PUT_OFF = 'POST /api/sft/put-off'
export const STATS = 'GET /api/sft/stats'
export const WORKSPACE = 'GET /api/sft/workspace'
export const CANDIDATE = 'GET /api/sft/candidate'
export const HISTORY = 'GET /api/sft/candidate/history'
export const SIBLINGS = 'GET /api/sft/candidate/siblings'
export const DECISIONS = 'GET /api/sft/decisions'
export const PROGRESS = 'GET /api/sft/progress'

/** Storage that refuses what is written to it, so many times. */
export function fullStorage(times = Infinity): void {
  const real = localStorage
  let left = times
  vi.stubGlobal('localStorage', {
    get length() {
      return real.length
    },
    key: (index: number) => real.key(index),
    getItem: (key: string) => real.getItem(key),
    removeItem: (key: string) => real.removeItem(key),
    clear: () => real.clear(),
    setItem: (key: string, value: string) => {
      if (left-- > 0) throw new DOMException('full', 'QuotaExceededError')
      real.setItem(key, value)
    },
  })
}

/** Stands in for the editor, whose real one needs a browser. */
export const PlainEditor = defineComponent({
  name: 'PlainEditor',
  props: {
    item: { type: Object as () => Candidate, required: true },
    draft: { type: Object as () => Draft, required: true },
    siblings: { type: Array as () => Sibling[], default: () => [] },
  },
  emits: ['update:draft', 'submit', 'cancel'],
  setup(props, { emit, slots, expose }) {
    const write = (change: Partial<Draft>): void =>
      emit('update:draft', { ...props.draft, ...change })
    const focus = (): void =>
      document.querySelector<HTMLElement>('[data-testid="correction-text"]')?.focus()
    onMounted(focus)
    expose({
      focus,
      take: (taken: Sibling) => write({ text: textToTake(taken) ?? '' }),
    })
    return () =>
      h(
        'form',
        {
          'data-testid': 'correction-area',
          onSubmit: (event: Event) => {
            event.preventDefault()
            emit('submit')
          },
        },
        [
          h('textarea', {
            'data-testid': 'correction-text',
            value: props.draft.text,
            onInput: (event: Event) => write({ text: (event.target as HTMLTextAreaElement).value }),
          }),
          h('span', { class: 'source' }, sourceOf(props.item, props.draft.parts.turn).text),
          slots.notice?.(),
          slots.default?.(),
          h('button', {
            type: 'button',
            'data-testid': 'cancel-btn',
            onClick: () => emit('cancel'),
          }),
        ],
      )
  },
})

export function items(...ids: string[]): Candidate[] {
  return ids.map((id) => candidate({ id, task_name: `Task ${id}` }))
}

export const claimOf = (id: string) => ({ id, token: `t-${id}`, until: '2026-11-22T10:02:00Z' })

/** Hands these out, or what is asked for by id. */
export const page =
  (list: Candidate[], total = list.length) =>
  ({ body }: Pick<Call, 'body'>) => {
    const ids = body?.ids as string[] | undefined
    const given = ids ? list.filter(({ id }) => ids.includes(id)) : list
    const claims = (ids ?? list.map(({ id }) => id)).map(claimOf)
    return { body: { items: given, claims, total, lease_seconds: 120 } }
  }

/** Hands out the first `n` that wait and are not decided. */
export function pool(...ids: string[]): FakeServer {
  const waiting = items(...ids)
  const server = serverWith(waiting)
  server.on(QUEUE, (call) => {
    const sent = new Set(server.to(SUBMIT).map(({ body }) => body?.id))
    const left = waiting.filter(({ id }) => !sent.has(id))
    return page(left.slice(0, Number(call.body?.n)), left.length)(call)
  })
  return server
}

export function sibling(overrides: Partial<Sibling> = {}): Sibling {
  return {
    id: 's1',
    kind: 'candidate',
    status: 'needs_review',
    model_name: 'tutor-7b',
    model_id: 'org/tutor-7b',
    benchmark_run_id: 'run-1',
    timestamp: null,
    quality_score: 0,
    model_response: 'There are 14 eggs left.',
    reasoning: null,
    tool_calls: null,
    corrected_response: null,
    corrected_parts: null,
    failure_category: null,
    decided_by: null,
    decided_at: null,
    identical: false,
    ...overrides,
  } as Sibling
}

/** The earlier candidate that one names as its `parent_id`. */
export const ancestor = (overrides: Partial<Ancestor> = {}): Ancestor => ({
  ...sibling({ id: 'before' }),
  same_prompt: true,
  decisions: [],
  ...overrides,
})

export function serverWith(queue: Candidate[], total = queue.length): FakeServer {
  return fakeServer({
    [QUEUE]: page(queue, total),
    [RENEW]: { body: { renewed: [], lost: [], until: '2026-11-22T10:02:00Z' } },
    [RELEASE]: { body: { released: 1 } },
    [SUBMIT]: (call) => ({
      body: { id: call.body?.id, status: 'x', revision: 1, decision_id: call.body?.decision_id },
    }),
    [UNDO]: { body: { id: 'a', status: 'needs_review', revision: 2, decision_id: 'd' } },
    [PUT_OFF]: (call) => ({ body: call.body }),
    [STATS]: { body: { total: 9, by_status: { approved: 5 }, export_ready: 5 } },
    [WORKSPACE]: { body: { id: 'w1', guidelines_version: 3 } },
    [SIBLINGS]: { body: { prompt_key: 'k', items: [], ancestors: [] } },
    [PROGRESS]: { body: { remaining: total, done: 0, seconds: 0, by_hour: [] } },
    [DECISIONS]: { body: { items: [] } },
    [HISTORY]: { body: { id: 'a', decisions: [] } },
  })
}

export interface OpenPage {
  wrapper: VueWrapper
  router: Router
}

/** The review page at an address, with the plain editor. */
export async function openPage(pinia: Pinia, address = '/'): Promise<OpenPage> {
  // The stand-in takes its place when the real one has been fetched.
  await import('@/components/SftCorrectionArea.vue')
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:path(.*)*', component: { render: () => null } }],
  })
  await router.push(address)
  const wrapper = mount(CorrectionsView, {
    attachTo: document.body,
    global: {
      plugins: [pinia, router],
      stubs: { SftCorrectionArea: PlainEditor, FilterBar: true, SiblingsPanel: true },
    },
  })
  await settle()
  return { wrapper, router }
}

/** Until what was asked for has come and what waits to be sent has gone. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await flushPromises()
    if (vi.isFakeTimers()) await vi.advanceTimersByTimeAsync(1)
    else await new Promise((resolve) => setTimeout(resolve))
  }
  await flushPromises()
}

export const at = (wrapper: VueWrapper, testid: string): DOMWrapper<Element> =>
  wrapper.find(`[data-testid="${testid}"]`)

export async function click(wrapper: VueWrapper, ...testids: string[]): Promise<void> {
  for (const testid of testids) {
    await at(wrapper, testid).trigger('click')
    await settle()
  }
}

export async function keys(...pressed: string[]): Promise<void> {
  for (const key of pressed) {
    press(key)
    await settle()
  }
}

export async function correct(wrapper: VueWrapper, text: string): Promise<void> {
  await keys('c')
  await wrapper.find('textarea').setValue(text)
  await wrapper.find('textarea').trigger('keydown', { key: 'Enter', ctrlKey: true })
  await settle()
}

export const title = (wrapper: VueWrapper): string => wrapper.find('.sft-card h2').text()
