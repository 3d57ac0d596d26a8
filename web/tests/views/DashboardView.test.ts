import { flushPromises, mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { Router } from 'vue-router'

import DashboardView from '@/views/DashboardView.vue'

import { fakeServer, freshPinia, press, problem } from '../helpers'

const DASHBOARD = 'GET /api/sft/dashboard'
const BASE = {
  total: 40,
  remaining: 30,
  reviewed: 10,
  by_status: { needs_review: 30, approved: 6, discarded: 3, model_rejected: 1 },
  export_ready: 5,
  held_back: 1,
  categories: ['scoring_artifact', 'wrong_answer'],
  by_model: [
    {
      value: 'tutor-3b',
      total: 30,
      reviewed: 8,
      counts: { wrong_answer: 5, scoring_artifact: 2, none: 1 },
    },
    { value: 'tutor-7b', total: 10, reviewed: 2, counts: { scoring_artifact: 2 } },
  ],
  by_task_type: [{ value: 'math', total: 40, reviewed: 10, counts: { wrong_answer: 10 } }],
  by_run: [],
  artifacts_by_task: [
    { value: 'Eggs', reviewed: 4, artifacts: 3, share: 0.75, low: 0.3, high: 0.95 },
  ],
  flagged_by_model: [
    { value: 'tutor-3b', reviewed: 8, flagged: 1, share: 0.125, low: 0.02, high: 0.47 },
  ],
  over_time: [{ hour: '2026-11-22T10:00:00Z', counts: { wrong_answer: 10 } }],
  sample: null,
  drawn_at_random: false,
  basis: 'not_random',
}

let pinia = freshPinia()
let router: Router
beforeEach(() => {
  pinia = freshPinia()
  const page = { template: '<p />' }
  router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:page(.*)*', component: page }],
  })
})

async function open(path = '/dashboard'): Promise<VueWrapper> {
  await router.push(path)
  const wrapper = mount(DashboardView, {
    attachTo: document.body,
    global: { plugins: [pinia, router], stubs: { FilterBar: true, BatchDialog: true } },
  })
  await flushPromises()
  return wrapper
}

const at = (wrapper: VueWrapper, testid: string) => wrapper.find(`[data-testid="${testid}"]`)
const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')

describe('DashboardView', () => {
  it('asks under the filter of the address and leads back to the candidates', async () => {
    const server = fakeServer({ [DASHBOARD]: { body: BASE } })
    const wrapper = await open('/dashboard?task_type=math&order=lowest_score')
    expect(server.to(DASHBOARD)[0]?.url).toContain('task_type=math')
    const marks = at(wrapper, 'by_model').findAll('a.chart-mark')
    expect(marks).toHaveLength(4)
    const wrong = marks.find((mark) => mark.attributes('aria-label')?.includes('Wrong answer'))
    expect(plain(wrong?.attributes('aria-label') ?? '')).toBe(
      'tutor-3b: Wrong answer, 5 of 8 reviewed (63 %)',
    )
    const address = new URL(wrong?.attributes('href') ?? '', 'http://x')
    expect(address.pathname).toBe('/browse')
    expect(address.searchParams.getAll('status')).toHaveLength(3)
    expect(Object.fromEntries(address.searchParams)).toMatchObject({
      task_type: 'math',
      model: 'tutor-3b',
      category: 'wrong_answer',
    })
    expect(address.searchParams.has('order')).toBe(false)
  })

  it('says every chart as a table, too, and shows it on demand', async () => {
    fakeServer({ [DASHBOARD]: { body: BASE } })
    const wrapper = await open()
    const card = at(wrapper, 'artifacts_by_task')
    expect(card.find('.visually-hidden table').text()).toContain('Eggs')
    expect(card.findAll('.visually-hidden a')).toHaveLength(0)
    const button = at(wrapper, 'artifacts_by_task').find('[data-testid="as-table-btn"]')
    await button.trigger('click')
    expect(button.attributes('aria-pressed')).toBe('true')
    expect(card.find('svg').exists()).toBe(false)
    expect(card.findAll('table')).toHaveLength(1)
    expect(card.find('tbody a').attributes('href')).toContain('task=Eggs')
    expect(plain(card.find('tbody').text())).toContain('75 %')
  })

  it('is one stop of the Tab key, and the arrow keys go from mark to mark', async () => {
    fakeServer({ [DASHBOARD]: { body: BASE } })
    const wrapper = await open()
    const card = at(wrapper, 'by_model')
    const stops = () => card.findAll('[tabindex="0"]')
    expect(stops()).toHaveLength(1)
    stops()[0]!.element.dispatchEvent(new FocusEvent('focusin', { bubbles: true }))
    const steps = ['ArrowRight', 'ArrowRight', 'ArrowDown', 'Home', 'End']
    const seen: (string | undefined)[] = []
    for (const key of steps) {
      press(key, {}, stops()[0]!.element)
      await flushPromises()
      seen.push(stops()[0]!.attributes('data-mark'))
      expect(document.activeElement).toBe(stops()[0]!.element)
    }
    expect(seen).toEqual(['0-1', '0-2', '1-1', '0-0', '1-1'])
  })

  it('reads out what is pointed at', async () => {
    fakeServer({ [DASHBOARD]: { body: BASE } })
    const wrapper = await open()
    const card = at(wrapper, 'flagged_by_model')
    await card.find('.chart-mark').trigger('mouseenter')
    expect(plain(card.find('.readout').text())).toBe('tutor-3b: 1 of 8 reviewed, 13 % (2–47 %)')
  })

  it('says what was held back and why, and where it is', async () => {
    fakeServer({ [DASHBOARD]: { body: BASE } })
    const wrapper = await open()
    expect(at(wrapper, 'export-ready').text()).toContain('5 corrections are ready')
    expect(at(wrapper, 'held-back').text()).toContain('1 approved correction is held back')
    expect(at(wrapper, 'held-back').find('a').attributes('href')).toBe(
      '/browse?status=approved&held_back=true',
    )
    expect(at(wrapper, 'status-discarded').attributes('href')).toBe('/browse?status=discarded')
    expect(at(wrapper, 'reviewed-meter').text()).toContain('10 of 40')
  })

  it('says when what was reviewed was not drawn at random', async () => {
    const server = fakeServer({ [DASHBOARD]: { body: BASE } })
    const wrapper = await open()
    expect(at(wrapper, 'basis-note').text()).toContain('describe only what was reviewed')
    await at(wrapper, 'draw-sample').trigger('click')
    await flushPromises()
    expect(wrapper.findComponent({ name: 'BatchDialog' }).exists()).toBe(true)
    server.on(DASHBOARD, { body: { ...BASE, basis: 'all' } })
    await router.push('/dashboard?model=tutor-7b')
    await flushPromises()
    expect(at(wrapper, 'basis-note').exists()).toBe(false)
  })

  it('extrapolates from a batch, with the interval', async () => {
    const sample = {
      batch: 3,
      name: 'first look',
      population: 3275,
      size: 300,
      reviewed: 200,
      estimates: [
        { category: 'wrong_answer', share: 0.1, low: 0.06, high: 0.15, expected: 328 },
        { category: 'scoring_artifact', share: 0.18, low: 0.14, high: 0.23, expected: 590 },
      ],
    }
    const server = fakeServer({ [DASHBOARD]: { body: { ...BASE, sample, basis: 'random' } } })
    const wrapper = await open('/dashboard?batch=3')
    const estimates = at(wrapper, 'sample-estimate').findAll('li')
    expect(plain(estimates[0]!.text())).toContain('18 % (14–23 %) of 3,275 ≈ 590')
    expect(at(wrapper, 'sample-estimate').text()).toContain('300 of 3,275')
    expect(at(wrapper, 'basis-note').exists()).toBe(false)
    expect(at(wrapper, 'picked-note').exists()).toBe(false)
    server.on(DASHBOARD, { body: { ...BASE, sample } })
    await router.push('/dashboard?batch=3&order=batch')
    await flushPromises()
    expect(at(wrapper, 'picked-note').text()).toContain('the estimate may be off')
  })

  it.each([
    ['imported', { total: 0, reviewed: 0 }, '/dashboard', 'Nothing to correct yet'],
    ['matching', { total: 0, reviewed: 0 }, '/dashboard?model=x', 'Nothing matches this filter'],
    ['reviewed', { reviewed: 0 }, '/dashboard', 'Nothing is reviewed yet'],
  ])('nothing %s says so, and what to do', async (_, change, path, words) => {
    fakeServer({ [DASHBOARD]: { body: { ...BASE, ...change } } })
    const wrapper = await open(path)
    expect(wrapper.text()).toContain(words)
    expect(wrapper.find('.chart-grid').exists()).toBe(false)
    expect(wrapper.findAll('a.button').length).toBeGreaterThan(0)
  })

  it('says why it could not be counted, and tries again', async () => {
    const server = fakeServer({ [DASHBOARD]: problem(503, 'storage_unavailable', 'No database.') })
    const wrapper = await open()
    expect(at(wrapper, 'dashboard-error').text()).toContain('No database.')
    server.on(DASHBOARD, { body: BASE })
    await at(wrapper, 'dashboard-error').find('.button--strong').trigger('click')
    await flushPromises()
    expect(at(wrapper, 'dashboard-error').exists()).toBe(false)
    expect(at(wrapper, 'by_model').exists()).toBe(true)
  })

  it('shows the last filter’s numbers, whichever answer comes last', async () => {
    let answerFirst: (reply: { body: unknown }) => void = () => undefined
    const first = new Promise<{ body: unknown }>((resolve) => (answerFirst = resolve))
    fakeServer({
      [DASHBOARD]: ({ url }) =>
        url.includes('slow') ? first : { body: { ...BASE, total: 77, reviewed: 7 } },
    })
    const wrapper = await open('/dashboard?model=slow')
    await router.push('/dashboard?model=quick')
    await flushPromises()
    answerFirst({ body: BASE })
    await flushPromises()
    expect(at(wrapper, 'reviewed-meter').text()).toContain('7 of 77')
  })
})
