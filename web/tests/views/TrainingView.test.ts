import { flushPromises, mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { Router } from 'vue-router'

import TrainingsView from '@/views/TrainingsView.vue'
import TrainingView from '@/views/TrainingView.vue'

import { comparisonOf, figuresOf } from '../comparing'
import { FakeSource, fakeServer, freshPinia, problem } from '../helpers'
import type { FakeServer } from '../helpers'
import { jobOf } from '../jobs'
import { detailsOf, evaluationOf, MODELS, pointOf, trainingOf } from '../training'

const LIST = 'GET /api/sft/trainings'
const ONE = 'GET /api/sft/trainings/v1'
const CURVE = 'GET /api/sft/trainings/v1/curve'
const LOG = 'GET /api/sft/trainings/v1/log'
const START = 'POST /api/sft/trainings'
const EVALUATE = 'POST /api/sft/evaluations'
const COMPARE = 'GET /api/sft/compare'

const exported = (name: string, format: string, rest: object = {}) => ({
  name,
  format,
  rows: 40,
  files: 3,
  created_at: '2026-11-22T09:00:00Z',
  created_by: '',
  contaminated: false,
  problem: null,
  ...rest,
})

let pinia = freshPinia()
beforeEach(() => {
  pinia = freshPinia()
  FakeSource.all = []
  vi.stubGlobal('EventSource', FakeSource)
})

function serverWith(routes: Parameters<typeof fakeServer>[0] = {}): FakeServer {
  return fakeServer({
    [LIST]: { body: { items: [] } },
    [ONE]: { body: detailsOf() },
    [CURVE]: { body: { points: [pointOf(10), pointOf(20)], stages: ['sft'] } },
    'GET /api/sft/models': { body: MODELS },
    'GET /api/sft/exports': {
      body: {
        items: [
          exported('empty', 'prompt_completion', { rows: 0 }),
          exported('rows', 'prompt_completion'),
          exported('pairs', 'preference'),
        ],
      },
    },
    [COMPARE]: { body: comparisonOf() },
    ...routes,
  })
}

async function open(address: string): Promise<{ wrapper: VueWrapper; router: Router }> {
  const empty = { render: () => null }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/training', component: TrainingsView },
      { path: '/training/:name', name: 'training', component: TrainingView },
      { path: '/exports/:name', name: 'export', component: empty },
      { path: '/:path(.*)*', component: empty },
    ],
  })
  await router.push(address)
  const wrapper = mount(
    { template: '<RouterView />' },
    { attachTo: document.body, global: { plugins: [pinia, router] } },
  )
  await flushPromises()
  return { wrapper: wrapper as VueWrapper, router }
}

const at = (wrapper: VueWrapper, testid: string) => wrapper.find(`[data-testid="${testid}"]`)

async function submit(wrapper: VueWrapper, form: string): Promise<void> {
  await at(wrapper, form).trigger('submit')
  await flushPromises()
}

describe('the Training page', () => {
  it('lists the trainings with how far they are', async () => {
    const finished = trainingOf({ name: 'v0', state: 'finished', loss: 0.04, method: 'dpo' })
    serverWith({ [LIST]: { body: { items: [trainingOf(), finished] } } })
    const { wrapper } = await open('/training')
    const row = at(wrapper, 'training-v1').text()
    expect(row).toContain('running')
    expect(row).toContain('40 corrections, 16 replayed passes')
    expect(row).toContain('12 of 60')
    expect(row).toContain('about 42 s left')
    expect(at(wrapper, 'training-v0').text()).toContain('0.04')
  })

  it('starts one with what fits, and leads to it', async () => {
    const server = serverWith({ [START]: { status: 202, body: jobOf() } })
    const { wrapper, router } = await open('/training')
    expect(at(wrapper, 'unable').exists()).toBe(false)
    expect(at(wrapper, 'train-on-empty').attributes('disabled')).toBeDefined()
    await at(wrapper, 'option-epochs').setValue('5')
    await submit(wrapper, 'training-form')
    expect(server.to(START)[0]?.body).toEqual({
      name: 'round-1',
      model: 'tiny',
      method: 'sft',
      exports: ['rows'],
      options: { epochs: 5 },
    })
    expect(router.currentRoute.value.path).toBe('/training/round-1')
  })

  it('needs one export of each format for both stages', async () => {
    const server = serverWith({ [START]: { status: 202, body: jobOf() } })
    const { wrapper } = await open('/training')
    await at(wrapper, 'method-sft-dpo').setValue(true)
    await at(wrapper, 'train-on-pairs').setValue(false)
    expect(at(wrapper, 'training-missing').text()).toContain('in the format preference')
    await submit(wrapper, 'training-form')
    expect(server.to(START)).toHaveLength(0)
    await at(wrapper, 'train-on-pairs').setValue(true)
    await submit(wrapper, 'training-form')
    expect(server.to(START)[0]?.body).toMatchObject({ exports: ['rows', 'pairs'] })
  })

  it('says what the server refuses, at its field, and keeps what was typed', async () => {
    const server = serverWith({
      [START]: problem(422, 'invalid_request', 'The request cannot be used.', {
        errors: [{ field: 'options.batch_size', message: 'too small', value: '0' }],
      }),
    })
    const { wrapper } = await open('/training')
    await at(wrapper, 'training-name').setValue('mine')
    await at(wrapper, 'option-batch_size').setValue('0')
    await submit(wrapper, 'training-form')
    expect(at(wrapper, 'training-error').text()).toContain('The request cannot be used.')
    const field = at(wrapper, 'option-batch_size')
    expect(field.attributes('aria-invalid')).toBe('true')
    expect((field.element as HTMLInputElement).value).toBe('0')
    expect(field.element.closest('details')?.open).toBe(true)
    expect((at(wrapper, 'training-name').element as HTMLInputElement).value).toBe('mine')

    server.on(LIST, { body: { items: [trainingOf({ name: 'mine' })] } })
    const again = await open('/training')
    expect((at(again.wrapper, 'option-batch_size').element as HTMLInputElement).value).toBe('0')
    expect((at(again.wrapper, 'training-name').element as HTMLInputElement).value).toBe('')
  })

  it('says what is missing, and what to do', async () => {
    const nothing = { ...MODELS, items: [], folder: null, missing: ['torch', 'trl'] }
    const server = serverWith({ 'GET /api/sft/models': { body: nothing } })
    const { wrapper } = await open('/training')
    expect(at(wrapper, 'missing-packages').text()).toContain('torch, trl')
    expect(at(wrapper, 'missing-packages').text()).toContain("pip install 'corrigenda[train]'")
    expect(at(wrapper, 'missing-packages').text()).toContain('CORRIGENDA_TRAIN_PYTHON')
    expect(at(wrapper, 'no-models-dir').text()).toContain('models_dir: /path/to/models')
    expect(at(wrapper, 'training-missing').text()).toBe('Choose a model.')
    server.on('GET /api/sft/models', { body: { ...nothing, folder: '/srv/models' } })
    expect(at((await open('/training')).wrapper, 'no-models').text()).toContain('/srv/models')
  })
})

describe('the page of a training', () => {
  it('shows how far it is, and its curves', async () => {
    const job = jobOf({ kind: 'train', params: { name: 'v1' }, attempts: 2 })
    const finding = { code: 'no_replay', message: 'No passes.', rows: [], count: 1 }
    serverWith({
      [ONE]: { body: detailsOf({ job, findings: [{ level: 'warning', ...finding }] }) },
    })
    const { wrapper } = await open('/training/v1')
    expect(at(wrapper, 'course').text()).toContain(
      '12 of 60 steps · loss 0.312 · 5,800 tokens/s · about 42 s left',
    )
    expect(at(wrapper, 'course').text()).toContain('taken up again')
    expect(at(wrapper, 'findings').text()).toContain('Warning: No passes.')
    const loss = at(wrapper, 'loss-curve').find('[role="slider"]')
    expect(loss.attributes('aria-valuetext')).toBe('Step 20 of 60: loss 0.1')
    await loss.trigger('focus')
    await loss.trigger('keydown', { key: 'ArrowLeft' })
    expect(loss.attributes('aria-valuetext')).toBe('Step 10 of 60: loss 0.2')
    expect(at(wrapper, 'loss-curve').text()).toContain('Step 10 of 60')
    expect(at(wrapper, 'second-curve').text()).toContain('How large are its steps?')
    expect(at(wrapper, 'card-link').exists()).toBe(false)
    expect(at(wrapper, 'not-yet').exists()).toBe(true)
  })

  it('shows the margins where it learns to prefer', async () => {
    const points = [pointOf(10, { stage: 'dpo', 'rewards/margins': 0.4 })]
    serverWith({ [CURVE]: { body: { points, stages: ['dpo'] } } })
    const { wrapper } = await open('/training/v1')
    expect(at(wrapper, 'second-curve').text()).toContain('Does it prefer the corrections?')
  })

  it('is stopped, and goes on', async () => {
    const job = jobOf({ kind: 'train', params: { name: 'v1' } })
    const server = serverWith({ [ONE]: { body: detailsOf({ job }) } })
    server.on('POST /api/sft/jobs/j1/cancel', { body: job })
    const { wrapper } = await open('/training/v1')
    await at(wrapper, 'stop-btn').trigger('click')
    await flushPromises()
    expect(at(wrapper, 'course').text()).toContain('stopping')
    const ended = { ...job, state: 'cancelled' as const }
    server.on(ONE, { body: detailsOf({ state: 'stopped', job: ended }) })
    server.on('POST /api/sft/trainings/v1/resume', problem(409, 'conflict', 'Somebody is at it.'))
    vi.useFakeTimers()
    FakeSource.all.at(-1)?.say('job', ended)
    await vi.advanceTimersByTimeAsync(2_000)
    vi.useRealTimers()
    expect(at(wrapper, 'course').text()).toContain('its checkpoint is kept')
    await at(wrapper, 'resume-btn').trigger('click')
    await flushPromises()
    expect(at(wrapper, 'action-error').text()).toContain('Somebody is at it.')
  })

  it('says why it could not be prepared', async () => {
    const job = jobOf({
      kind: 'train',
      state: 'failed',
      params: { name: 'v1' },
      error: 'The exports have no pairs.',
    })
    serverWith({
      [ONE]: problem(404, 'not_found', 'There is no training `v1`.'),
      'GET /api/sft/jobs': { body: { items: [job] } },
    })
    const { wrapper } = await open('/training/v1')
    expect(at(wrapper, 'never-began').text()).toContain('The exports have no pairs.')
  })

  it('asks both models, and keeps in sight what is refused', async () => {
    const server = serverWith({ [ONE]: { body: detailsOf({ state: 'finished' }) } })
    server.on(EVALUATE, ({ body }) =>
      body?.run_id === 'v1-base'
        ? { status: 202, body: jobOf() }
        : problem(409, 'conflict', '`v1-trained` is being worked on already.'),
    )
    const { wrapper } = await open('/training/v1')
    expect(at(wrapper, 'evaluate-btn').text()).toBe('Evaluate both')
    await submit(wrapper, 'evaluation-form')
    expect(server.to(EVALUATE).map(({ body }) => body?.model)).toEqual(['tiny', 'training:v1'])
    expect(at(wrapper, 'evaluation-error').text()).toContain('worked on already')
    expect(at(wrapper, 'evaluate-btn').text()).toBe('Evaluate')
    await submit(wrapper, 'evaluation-form')
    expect(server.to(EVALUATE)).toHaveLength(3)
  })

  it('compares what both have answered', async () => {
    const evaluations = [
      evaluationOf(),
      evaluationOf({ run_id: 'v1-trained', of: 'trained', passed: 140, failed: 4 }),
    ]
    const by_split = [{ name: 'held_out', ...figuresOf({ n: 120, fixed: 31 }) }]
    const server = serverWith({
      [ONE]: { body: detailsOf({ state: 'finished', evaluations }) },
      [COMPARE]: { body: comparisonOf({ raw: { total: figuresOf(), by_split } }) },
    })
    const { wrapper } = await open('/training/v1')
    expect(server.to(COMPARE)[0]?.url).toBe(
      '/api/sft/compare?a=v1-base&b=v1-trained&trained=corrections',
    )
    expect(at(wrapper, 'evaluation-v1-trained').text()).toContain('140 of 144 right')
    expect(at(wrapper, 'headline').text()).toContain('260 fixed, 88 regressed')
    const columns = at(wrapper, 'by-split').findAll('thead th')
    expect(columns.map((column) => column.text())).toEqual([
      'Name',
      'Prompts',
      'Fixed, of what A failed',
      'Same failure',
      'Different failure',
      'Regressed, of what A passed',
      'Kept, of what A passed',
      'B less A',
      'By chance alone',
    ])
    expect(at(wrapper, 'whole-comparison').attributes('href')).toBe(
      '/runs/compare?a=v1-base&b=v1-trained&trained=corrections',
    )
  })

  it('shows the log when it is unfolded', async () => {
    const server = serverWith()
    vi.stubGlobal(
      'fetch',
      ((others: typeof fetch) => (url: string, init?: RequestInit) =>
        url.endsWith('/log') ? Promise.resolve(new Response('loading …')) : others(url, init))(
        fetch,
      ),
    )
    const { wrapper } = await open('/training/v1')
    expect(server.to(LOG)).toHaveLength(0)
    const details = wrapper.find('.training-log')
    ;(details.element as HTMLDetailsElement).open = true
    await details.trigger('toggle')
    await flushPromises()
    expect(at(wrapper, 'log').text()).toBe('loading …')
  })
})
