import { flushPromises, mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { Router } from 'vue-router'

import CompareRuns from '@/components/compare/CompareRuns.vue'
import CompareView from '@/views/CompareView.vue'

import { comparisonOf, figuresOf, pairOf, promptOf } from '../comparing'
import { fakeServer, freshPinia, problem } from '../helpers'
import type { FakeServer } from '../helpers'

const COMPARE = 'GET /api/sft/compare'
const RUNS = 'GET /api/sft/compare/runs'
const PROMPTS = 'GET /api/sft/compare/prompts'
const PROMPT = 'GET /api/sft/compare/prompt'
const QUEUE = 'POST /api/sft/compare/queue'
const EXPORTS = 'GET /api/sft/exports'
const HERE = '/runs/compare?a=before&b=after'

const run = (id: string) => ({ run_id: id, candidates: 12, passes: 30, imported_at: null })

let pinia = freshPinia()
beforeEach(() => {
  pinia = freshPinia()
})

function serverWith(routes: Parameters<typeof fakeServer>[0] = {}): FakeServer {
  return fakeServer({
    [RUNS]: { body: { items: [run('after'), run('before')] } },
    [EXPORTS]: { body: { items: [{ name: 'sums-1', format: 'kto' }] } },
    [COMPARE]: { body: comparisonOf() },
    [PROMPTS]: { body: { items: [promptOf('k1'), promptOf('k2')], total: 2 } },
    [PROMPT]: { body: pairOf('k1') },
    ...routes,
  })
}

async function open(
  address = HERE,
  view: typeof CompareView | typeof CompareRuns = CompareView,
): Promise<{ wrapper: VueWrapper; router: Router }> {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:path(.*)*', component: { render: () => null } }],
  })
  await router.push(address)
  const wrapper = mount(view, {
    attachTo: document.body,
    global: { plugins: [pinia, router] },
  })
  await flushPromises()
  return { wrapper: wrapper as VueWrapper, router }
}

const at = (wrapper: VueWrapper, testid: string) => wrapper.find(`[data-testid="${testid}"]`)
const queries = (server: FakeServer, route: string) =>
  server.to(route).map(({ url }) => Object.fromEntries(new URLSearchParams(url.split('?')[1])))

describe('CompareView', () => {
  it('says first what changed, and whether that is more than chance', async () => {
    const server = serverWith()
    const { wrapper } = await open(`${HERE}&trained=sums-1`)
    expect(at(wrapper, 'headline').text()).toBe('260 fixed, 88 regressed of 1,319 prompts')
    expect(wrapper.text()).toContain('This is more than chance')
    expect(at(wrapper, 'outcome-regressed').text()).toContain('88')
    expect(at(wrapper, 'contaminated').exists()).toBe(false)
    expect(at(wrapper, 'adjusted-toggle').exists()).toBe(false)
    expect(wrapper.text()).toContain('no review has changed them')
    expect(queries(server, COMPARE)).toEqual([{ a: 'before', b: 'after', trained: 'sums-1' }])
  })

  it('shows what was held out and what is contaminated', async () => {
    const by_split = [
      { name: 'held_out', ...figuresOf({ n: 120, fixed: 31, regressed: 2 }) },
      { name: 'contaminated', ...figuresOf({ n: 3 }) },
    ]
    const total = figuresOf()
    serverWith({
      [COMPARE]: {
        body: comparisonOf({ contaminated: 3, raw: { total, by_split } }),
      },
    })
    const { wrapper } = await open()
    expect(at(wrapper, 'held-out-words').text()).toContain('31 fixed, 2 regressed of 120 prompts')
    expect(at(wrapper, 'contaminated-words').text()).toContain('3 held out prompts are')
    expect(at(wrapper, 'split-contaminated').find('[data-testid="contaminated"]').exists()).toBe(
      true,
    )
  })

  it('shows adjusted figures beside the others where they differ', async () => {
    const artifacts = { ...comparisonOf().b, artifacts: 4 }
    const adjusted = { total: figuresOf({ fixed: 263, different_failure: 709 }) }
    const server = serverWith({
      [COMPARE]: { body: comparisonOf({ b: artifacts, adjusted }) },
    })
    const { wrapper, router } = await open()
    expect(at(wrapper, 'adjusted-words').text()).toContain('263 fixed')
    expect(at(wrapper, 'outcome-fixed').text()).toMatch(/260.*263/)
    await at(wrapper, 'adjusted-toggle').setValue(true)
    await flushPromises()
    expect(router.currentRoute.value.query.figures).toBe('adjusted')
    expect(queries(server, PROMPTS).at(-1)).toMatchObject({ adjusted: 'true' })
  })

  it('filters the prompts, page after page, and keeps the filter in the address', async () => {
    const server = serverWith({
      [PROMPTS]: ({ url }) =>
        url.includes('cursor')
          ? { body: { items: [promptOf('k3')], total: 3 } }
          : {
              body: { items: [promptOf('k1'), promptOf('k2')], total: 3 },
              link: '</api/sft/compare/prompts?a=before&b=after&cursor=k2>; rel="next"',
            },
    })
    const { wrapper, router } = await open()
    await at(wrapper, 'more-btn').trigger('click')
    await flushPromises()
    expect(wrapper.findAll('[data-testid="prompt-item"]')).toHaveLength(3)
    expect(at(wrapper, 'more-btn').exists()).toBe(false)
    await at(wrapper, 'filter-regressed').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.query).toEqual({
      a: 'before',
      b: 'after',
      outcome: 'regressed',
    })
    expect(queries(server, PROMPTS).at(-1)).toMatchObject({ outcome: 'regressed' })
    expect(wrapper.findAll('[data-testid="prompt-item"]')).toHaveLength(2)
    await at(wrapper, 'clear-filter').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.query).toEqual({ a: 'before', b: 'after' })
  })

  it('unfolds a prompt to both answers, and to their difference', async () => {
    const server = serverWith()
    const { wrapper } = await open()
    expect(server.to(PROMPT)).toHaveLength(0)
    await at(wrapper, 'unfold-btn').trigger('click')
    await flushPromises()
    expect(queries(server, PROMPT)).toEqual([{ a: 'before', b: 'after', prompt_key: 'k1' }])
    expect(at(wrapper, 'answer-A').text()).toContain('scored as wrong')
    expect(at(wrapper, 'answer-B').text()).toContain('right')
    expect(at(wrapper, 'answer-pair').text()).toContain('18')
    expect(at(wrapper, 'review-link').attributes('href')).toBe('/?id=a-k1')
    await at(wrapper, 'diff-btn').trigger('click')
    expect(at(wrapper, 'diff-btn').attributes('aria-pressed')).toBe('true')
  })

  it('makes a batch of what still fails, and leads to it', async () => {
    const server = serverWith({ [QUEUE]: { body: { batch: { id: 7 } } } })
    const { wrapper, router } = await open()
    await at(wrapper, 'queue-open-btn').trigger('click')
    await at(wrapper, 'queue-dialog').find('form').trigger('submit')
    await flushPromises()
    expect(server.to(QUEUE)[0]?.body).toEqual({
      a: 'before',
      b: 'after',
      trained: null,
      name: 'Still wrong in after',
    })
    expect(router.currentRoute.value.fullPath).toBe('/?batch=7')
  })

  it('says so where nothing waits, and where the name is taken', async () => {
    const server = serverWith({ [QUEUE]: { body: { batch: null } } })
    const { wrapper } = await open()
    await at(wrapper, 'queue-open-btn').trigger('click')
    await at(wrapper, 'queue-dialog').find('form').trigger('submit')
    await flushPromises()
    expect(at(wrapper, 'nothing-waits').exists()).toBe(true)
    server.on(QUEUE, problem(422, 'invalid_request', 'There is a batch `x` already.'))
    await at(wrapper, 'queue-dialog').find('form').trigger('submit')
    await flushPromises()
    expect(at(wrapper, 'queue-dialog').text()).toContain('There is a batch')
  })

  it('compares other runs without the filter of the old ones', async () => {
    const server = serverWith()
    const { wrapper, router } = await open(`${HERE}&outcome=fixed`)
    await at(wrapper, 'swap-btn').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.query).toEqual({ a: 'after', b: 'before' })
    await at(wrapper, 'trained-on').setValue('sums-1')
    await flushPromises()
    expect(queries(server, COMPARE).at(-1)).toEqual({ a: 'after', b: 'before', trained: 'sums-1' })
  })

  it('offers the report as files', async () => {
    serverWith()
    const { wrapper } = await open(`${HERE}&trained=sums-1`)
    const links = wrapper.findAll('a[download]').map((link) => link.attributes('href'))
    expect(links).toEqual(
      ['markdown', 'json'].map(
        (format) => `/api/sft/compare/report?a=before&b=after&trained=sums-1&format=${format}`,
      ),
    )
  })

  it('says what is missing before there is anything to compare', async () => {
    const server = serverWith()
    expect(at((await open('/runs/compare')).wrapper, 'choose-two').exists()).toBe(true)
    server.on(RUNS, { body: { items: [run('after')] } })
    expect(at((await open('/runs/compare')).wrapper, 'too-few').exists()).toBe(true)
    const remarks = ['The runs have no prompt in common, so there is nothing to compare.']
    server.on(COMPARE, { body: comparisonOf({ n: 0, remarks }) })
    const { wrapper } = await open()
    expect(at(wrapper, 'nothing-in-common').text()).toContain('no prompt in common')
    expect(at(wrapper, 'prompt-count').exists()).toBe(false)
  })

  it('says what is wrong, and asks again', async () => {
    const server = serverWith({
      [COMPARE]: problem(404, 'unknown_run', 'There is no run `before` with samples here.'),
    })
    const { wrapper } = await open()
    expect(at(wrapper, 'compare-error').text()).toContain('There is no run `before`')
    server.on(COMPARE, { body: comparisonOf() })
    await at(wrapper, 'compare-error').find('.ways-out button').trigger('click')
    await flushPromises()
    expect(at(wrapper, 'headline').exists()).toBe(true)
  })
})

describe('CompareRuns', () => {
  it('leads from the Runs page to the comparison of the two newest', async () => {
    serverWith()
    const { wrapper } = await open('/runs', CompareRuns)
    expect(at(wrapper, 'compare-link').attributes('href')).toBe('/runs/compare?a=before&b=after')
    await at(wrapper, 'trained-on').setValue('sums-1')
    expect(at(wrapper, 'compare-link').attributes('href')).toBe(
      '/runs/compare?a=before&b=after&trained=sums-1',
    )
  })

  it('is not there where there are no two runs', async () => {
    serverWith({ [RUNS]: { body: { items: [run('after')] } } })
    const { wrapper } = await open('/runs', CompareRuns)
    expect(at(wrapper, 'compare-runs').exists()).toBe(false)
  })
})
