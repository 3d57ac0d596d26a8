import { flushPromises, mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { Router } from 'vue-router'

import { useExportsStore } from '@/stores/exports'
import ExportView from '@/views/ExportView.vue'
import ExportsView from '@/views/ExportsView.vue'

import { exportJob, FORMATS, previewOf, REPORT } from '../exports'
import { fakeServer, freshPinia, problem, unreachable } from '../helpers'
import type { FakeServer } from '../helpers'

const PREVIEW = 'POST /api/sft/exports/preview'
const MAKE = 'POST /api/sft/exports'
const LIST = 'GET /api/sft/exports'
const FORMATS_ROUTE = 'GET /api/sft/exports/formats'
const JOB = 'GET /api/sft/jobs/j1'

const entry = (name: string, contaminated = false) => ({
  name,
  created_at: '2026-11-22T10:00:00Z',
  created_by: 'ana',
  format: 'kto',
  rows: 8,
  files: 1,
  contaminated,
  problem: null,
})

let pinia = freshPinia()
beforeEach(() => {
  pinia = freshPinia()
  vi.useFakeTimers()
  return () => vi.useRealTimers()
})

function serverWith(routes: Parameters<typeof fakeServer>[0] = {}): FakeServer {
  return fakeServer({
    [FORMATS_ROUTE]: { body: FORMATS },
    [PREVIEW]: { body: previewOf() },
    [LIST]: { body: { items: [] } },
    [MAKE]: { status: 202, body: exportJob('queued') },
    [JOB]: { body: exportJob('running') },
    'GET /api/sft/jobs': { body: { items: [] } },
    ...routes,
  })
}

async function settle(ms = 400): Promise<void> {
  await flushPromises()
  await vi.advanceTimersByTimeAsync(ms)
  await flushPromises()
}

async function open(address = '/exports'): Promise<{ wrapper: VueWrapper; router: Router }> {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/exports/:name', name: 'export', component: { render: () => null } },
      { path: '/:path(.*)*', component: { render: () => null } },
    ],
  })
  await router.push(address)
  const view = address.startsWith('/exports/') ? ExportView : ExportsView
  const wrapper = mount(view, {
    attachTo: document.body,
    global: { plugins: [pinia, router], stubs: { FilterBar: true } },
  })
  await settle()
  return { wrapper, router }
}

const at = (wrapper: VueWrapper, testid: string) => wrapper.find(`[data-testid="${testid}"]`)
const recipes = (server: FakeServer) =>
  server.to(PREVIEW).map(({ body }) => body?.recipe as Record<string, unknown>)

describe('ExportsView', () => {
  it('starts without the scoring artifacts, and says so', async () => {
    const server = serverWith()
    const { wrapper, router } = await open()
    expect(router.currentRoute.value.query).toEqual({ exclude_category: 'scoring_artifact' })
    expect(recipes(server).at(-1)).toEqual({
      format: 'prompt_completion',
      filter: { exclude_category: ['scoring_artifact'] },
      deduplicate: true,
      near_duplicates: 0.95,
      secrets: 'list',
    })
    expect(at(wrapper, 'artifact-note').exists()).toBe(true)
    expect(at(wrapper, 'export-btn').text()).toBe('Export 8 rows')
    expect(at(wrapper, 'funnel').text()).toContain('− 2 not chosen by the filter')
    expect(wrapper.find('.trained-turn--learned').text()).toContain('4')
  })

  it('takes a filter from a link, and excludes what it does not speak of', async () => {
    serverWith()
    const { router } = await open('/exports?model=x')
    expect(router.currentRoute.value.query).toEqual({
      model: 'x',
      exclude_category: 'scoring_artifact',
    })
    const other = await open('/exports?category=wrong_answer')
    expect(other.router.currentRoute.value.query).toEqual({ category: 'wrong_answer' })
  })

  it('counts again with each choice', async () => {
    const server = serverWith()
    const { wrapper } = await open()
    await at(wrapper, 'category-none').setValue(false)
    await at(wrapper, 'split').setValue(true)
    await at(wrapper, 'share-test').setValue('20')
    await at(wrapper, 'cap-task').setValue('5')
    await at(wrapper, 'max-length').setValue('200')
    await at(wrapper, 'format-preference').setValue(true)
    await settle()
    expect(recipes(server).at(-1)).toMatchObject({
      format: 'preference',
      filter: { exclude_category: ['scoring_artifact', 'none'] },
      splits: [0.7, 0.1, 0.2],
      caps: { task: 5 },
      max_length: 200,
    })
    expect(at(wrapper, 'format-pairs').exists()).toBe(true)
    expect(at(wrapper, 'replay').exists()).toBe(false)
  })

  it('never asks for shares that leave nothing to train on', async () => {
    const server = serverWith()
    const { wrapper } = await open()
    await at(wrapper, 'split').setValue(true)
    await settle()
    await at(wrapper, 'share-test').setValue('95')
    await settle()
    expect(wrapper.text()).toContain('must leave something for training')
    expect(recipes(server).at(-1)?.splits).toEqual([0.8, 0.1, 0.1])
  })

  it('warns before protected prompts are let in', async () => {
    serverWith()
    const { wrapper } = await open()
    expect(at(wrapper, 'protected-warning').exists()).toBe(false)
    await at(wrapper, 'allow-protected').setValue(true)
    expect(at(wrapper, 'protected-warning').text()).toContain('contaminated')
  })

  it('does not offer to look for secrets where nothing can', async () => {
    const server = serverWith({ [FORMATS_ROUTE]: { body: { ...FORMATS, detectors: false } } })
    const { wrapper } = await open()
    expect(at(wrapper, 'no-detectors').exists()).toBe(true)
    expect(at(wrapper, 'secrets-list').attributes('disabled')).toBeDefined()
    expect(recipes(server).at(-1)).not.toHaveProperty('secrets')
  })

  it.each([
    ['nothing is approved', { stages: [{ name: 'approved', n: 0 }] }, 'none-approved'],
    [
      'nothing is left',
      {
        stages: [
          { name: 'approved', n: 3 },
          { name: 'chosen', n: 0 },
        ],
      },
      'no-rows',
    ],
    ['only a part was counted', { complete: false, total: 9000 }, 'partial'],
    ['there are conflicts', { conflicts: { n: 3, examples: [['a', 'b']] } }, 'conflicts'],
    ['there is something to know', { warnings: ['4 uncategorised are left out.'] }, 'warnings'],
  ])('says when %s', async (_, overrides, testid) => {
    serverWith({ [PREVIEW]: { body: previewOf(overrides) } })
    const { wrapper } = await open()
    expect(at(wrapper, testid).exists()).toBe(true)
  })

  it('says what went wrong, and lets it be tried again', async () => {
    const server = serverWith({ [PREVIEW]: problem(422, 'invalid_input', 'No category `x`.') })
    const { wrapper } = await open()
    expect(at(wrapper, 'preview-error').text()).toContain('No category `x`.')
    expect(at(wrapper, 'export-btn').attributes('disabled')).toBeDefined()
    server.on(PREVIEW, { body: previewOf() })
    await at(wrapper, 'preview-error').find('.button--strong').trigger('click')
    await settle()
    expect(at(wrapper, 'preview-error').exists()).toBe(false)
    expect(at(wrapper, 'export-btn').text()).toBe('Export 8 rows')
  })

  it('says when the formats cannot be had', async () => {
    const server = serverWith({ [FORMATS_ROUTE]: unreachable })
    const { wrapper } = await open()
    server.on(FORMATS_ROUTE, { body: FORMATS })
    await at(wrapper, 'formats-error').find('.button--strong').trigger('click')
    await settle()
    expect(at(wrapper, 'format-choice').exists()).toBe(true)
  })

  it('makes an export, with its progress, and lists it', async () => {
    const server = serverWith()
    const { wrapper } = await open()
    await at(wrapper, 'export-name').setValue('mine')
    await wrapper.find('form').trigger('submit')
    await settle(200)
    expect(server.to(MAKE)[0]?.body).toMatchObject({ name: 'mine' })
    expect(at(wrapper, 'export-progress').text()).toContain('3 of 12 done')
    server.on(JOB, { body: exportJob('done', { result: REPORT }) })
    server.on(LIST, { body: { items: [entry('mine', true)] } })
    await settle(1000)
    expect(at(wrapper, 'export-done').text()).toContain('mine is made: 8 rows')
    expect(at(wrapper, 'snapshot-mine').text()).toContain('contaminated')
    expect(at(wrapper, 'export-name').element).toMatchObject({ value: '' })
  })

  it.each([
    [{ [MAKE]: problem(409, 'export_exists', 'There is one.') }, 'There is one.'],
    [{ [JOB]: { body: exportJob('failed', { error: 'The disk is full.' }) } }, 'The disk is full.'],
  ])('says why an export was not made', async (routes, reason) => {
    serverWith(routes)
    const { wrapper } = await open()
    await wrapper.find('form').trigger('submit')
    await settle(1000)
    expect(at(wrapper, 'export-error').text()).toContain(reason)
    expect(at(wrapper, 'export-btn').exists()).toBe(true)
  })

  it('cancels, and takes up what was begun before', async () => {
    const server = serverWith({
      'GET /api/sft/jobs': { body: { items: [exportJob('running')] } },
      'POST /api/sft/jobs/j1/cancel': { body: exportJob('cancelled') },
    })
    const { wrapper } = await open()
    expect(at(wrapper, 'export-progress').exists()).toBe(true)
    server.on(JOB, { body: exportJob('cancelled') })
    await at(wrapper, 'cancel-job-btn').trigger('click')
    await settle(1000)
    expect(wrapper.text()).toContain('The export was cancelled')
  })

  it('keeps what was chosen while another page is shown', async () => {
    serverWith()
    const first = await open()
    await at(first.wrapper, 'format-preference').setValue(true)
    await at(first.wrapper, 'category-scoring_artifact').setValue(true)
    await settle()
    first.wrapper.unmount()
    expect(useExportsStore().query).toBe('')
    const { wrapper, router } = await open()
    expect(router.currentRoute.value.query).toEqual({})
    expect(at(wrapper, 'format-preference').element).toMatchObject({ checked: true })
  })
})

describe('ExportView', () => {
  const details = {
    ...entry('mine'),
    manifest: {
      recipe: { format: 'kto' },
      stages: [{ name: 'approved', n: 12 }],
      left_out: { duplicate: 1 },
      counts: { category: { none: 8 }, task: {}, model: {}, split: { all: 8 } },
      files: [{ name: 'data.jsonl', split: 'all', rows: 8, bytes: 90, sha256: 'ab'.repeat(32) }],
      warnings: [],
      runs: [],
      protected: [],
      contaminated: { sets: ['gsm8k'], rows: 1 },
      tokenizer: null,
      tool: { name: 'corrigenda', version: '1' },
    },
    files: [
      { name: 'README.md', bytes: 10 },
      { name: 'data.jsonl', bytes: 90 },
    ],
  }
  const routes = {
    'GET /api/sft/exports/mine': { body: details },
    'GET /api/sft/exports/mine/changes': {
      body: {
        same: 7,
        changed: [{ id: 'b', was: 1, now: 2, why: 'Somebody undid it.' }],
        changed_n: 1,
        new_n: 3,
      },
    },
    [LIST]: { body: { items: [entry('mine'), entry('other')] } },
    'GET /api/sft/exports/diff': {
      body: {
        same: 5,
        changed: 1,
        only_a: 2,
        only_b: 0,
        recipe: [{ key: 'format', a: 'kto', b: 'csv' }],
        examples: { changed: ['x'], only_a: ['y'], only_b: [] },
      },
    },
  }

  it('shows the files first to last, the manifest and what has changed', async () => {
    serverWith(routes)
    const { wrapper } = await open('/exports/mine')
    expect(wrapper.find('h1').text()).toContain('contaminated')
    expect(at(wrapper, 'made').text()).toContain('by ana')
    const links = at(wrapper, 'files').findAll('a')
    expect(links.map((link) => link.attributes('href'))).toEqual([
      '/api/sft/exports/mine/files/data.jsonl',
      '/api/sft/exports/mine/files/README.md',
    ])
    expect(at(wrapper, 'manifest').text()).toContain('Left out: 1 duplicate.')
    expect(at(wrapper, 'changes').text()).toContain('1 decision has changed')
    expect(at(wrapper, 'changes').text()).toContain('Somebody undid it.')
  })

  it('compares with another one, which the address keeps', async () => {
    const server = serverWith(routes)
    const { wrapper, router } = await open('/exports/mine')
    await at(wrapper, 'compare-with').setValue('other')
    await settle()
    expect(router.currentRoute.value.query).toEqual({ with: 'other' })
    expect(server.to('GET /api/sft/exports/diff')[0]?.url).toContain('a=mine&b=other')
    expect(at(wrapper, 'difference').text()).toContain('5 rows are the same')
    expect(at(wrapper, 'diff-only_a').text()).toContain('only in mine')
    expect(at(wrapper, 'diff-only_b').exists()).toBe(false)
    expect(at(wrapper, 'difference').text()).toContain('csv')
  })

  it('says when there is no such export', async () => {
    serverWith({
      ...routes,
      'GET /api/sft/exports/mine': problem(404, 'unknown_export', 'No export `mine`.'),
    })
    const { wrapper } = await open('/exports/mine')
    expect(at(wrapper, 'export-load-error').text()).toContain('No export `mine`.')
  })
})
