import { flushPromises, mount, RouterLinkStub } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import RunsView from '@/views/RunsView.vue'

import { fakeServer, freshPinia, problem, unreachable } from '../helpers'
import type { FakeServer } from '../helpers'

const RUNS = 'GET /api/sft/runs'
const CONFIG = 'GET /api/sft/config'
const run = (run_id: string, already_imported = false) => ({
  run_id,
  timestamp: '2026-11-18T09:00:00Z',
  candidate_count: 12,
  already_imported,
})
const job = (state: string, rest: object = {}) => ({
  id: 'j1',
  kind: 'import',
  state,
  params: { run_id: 'r1' },
  done: 50,
  total: 100,
  unit: 'bytes',
  result: null,
  error: null,
  created_at: '2026-11-22T10:00:00Z',
  ...rest,
})

let pinia = freshPinia()
beforeEach(() => {
  pinia = freshPinia()
  vi.useFakeTimers()
  return () => vi.useRealTimers()
})

function serverWith(routes: Parameters<typeof fakeServer>[0] = {}): FakeServer {
  return fakeServer({
    [RUNS]: { body: [run('r1'), run('r0', true)] },
    [CONFIG]: { body: { bench_results_dir: '/srv/bench', roots: ['/srv'] } },
    'GET /api/sft/jobs': { body: { items: [] } },
    'POST /api/sft/jobs': { status: 202, body: job('queued') },
    ...routes,
  })
}

async function open(): Promise<VueWrapper> {
  const wrapper = mount(RunsView, {
    global: { plugins: [pinia], stubs: { RouterLink: RouterLinkStub } },
  })
  await flushPromises()
  return wrapper
}

const at = (wrapper: VueWrapper, testid: string) => wrapper.find(`[data-testid="${testid}"]`)

async function startImport(wrapper: VueWrapper): Promise<void> {
  await at(wrapper, 'run-r1').find('[data-testid="import-btn"]').trigger('click')
  await flushPromises()
}

describe('RunsView', () => {
  it('lists the runs with their time, size and state', async () => {
    serverWith()
    const wrapper = await open()
    expect(at(wrapper, 'run-count').text()).toBe('2 runs found')
    expect(at(wrapper, 'run-r1').text()).toContain('12')
    expect(at(wrapper, 'run-r1').find('[data-testid="import-btn"]').text()).toBe('Import')
    expect(at(wrapper, 'run-r0').text()).toContain('Imported')
  })

  it('imports with progress and tells the result', async () => {
    const server = serverWith({ 'GET /api/sft/jobs/j1': { body: job('running') } })
    const wrapper = await open()
    await startImport(wrapper)
    await vi.advanceTimersByTimeAsync(350)
    expect(at(wrapper, 'run-r1').find('progress').attributes()).toMatchObject({
      value: '50',
      max: '100',
    })
    server.on('GET /api/sft/jobs/j1', {
      body: job('done', { result: { imported: 11, skipped: 1 } }),
    })
    server.on(RUNS, { body: [run('r1', true)] })
    await vi.advanceTimersByTimeAsync(350)
    await flushPromises()
    expect(at(wrapper, 'import-result').text()).toContain('11 candidates imported')
    expect(at(wrapper, 'import-result').text()).toContain('1 skipped')
    expect(at(wrapper, 'run-r1').text()).toContain('Imported')
  })

  it.each([
    [
      'refused',
      { 'POST /api/sft/jobs': problem(404, 'unknown_run', 'No run `r1`.') },
      'No run `r1`.',
    ],
    ['not heard', { 'POST /api/sft/jobs': unreachable }, 'The server can’t be reached.'],
    [
      'failed',
      { 'GET /api/sft/jobs/j1': { body: job('failed', { error: 'The disk is full.' }) } },
      'The disk is full.',
    ],
  ])('an import that is %s says why and can be repeated', async (_, routes, reason) => {
    serverWith(routes)
    const wrapper = await open()
    await startImport(wrapper)
    await vi.advanceTimersByTimeAsync(400)
    expect(at(wrapper, 'run-r1').find('[role="alert"]').text()).toContain(reason)
    expect(at(wrapper, 'run-r1').find('[data-testid="import-btn"]').exists()).toBe(true)
  })

  it('cancels an import', async () => {
    const server = serverWith({
      'GET /api/sft/jobs/j1': { body: job('running') },
      'POST /api/sft/jobs/j1/cancel': { body: job('cancelled') },
    })
    const wrapper = await open()
    await startImport(wrapper)
    server.on('GET /api/sft/jobs/j1', { body: job('cancelled') })
    await at(wrapper, 'cancel-job-btn').trigger('click')
    await vi.advanceTimersByTimeAsync(400)
    expect(at(wrapper, 'run-r1').text()).toContain('Cancelled.')
  })

  it('imports all that wait, oldest first', async () => {
    const server = serverWith({
      [RUNS]: { body: [run('new'), run('old')] },
      'POST /api/sft/jobs': (call) => ({
        status: 202,
        body: job('done', {
          params: { run_id: call.body?.run_id },
          result: { imported: 1, skipped: 0 },
        }),
      }),
    })
    const wrapper = await open()
    await at(wrapper, 'import-all-btn').trigger('click')
    await flushPromises()
    expect(server.to('POST /api/sft/jobs').map((call) => call.body?.run_id)).toEqual(['old', 'new'])
  })

  it('shows a broken configuration once and lets it be mended', async () => {
    const broken = problem(422, 'config_error', '`label_tool.yaml`, line 3: not YAML.')
    const server = serverWith({ [RUNS]: broken, [CONFIG]: broken })
    const wrapper = await open()
    expect(wrapper.findAll('[role="alert"]')).toHaveLength(1)
    expect(at(wrapper, 'runs-error').text()).toContain('line 3')
    server.on(RUNS, { body: [run('r1')] })
    server.on(CONFIG, { body: { bench_results_dir: '/srv/bench', roots: ['/srv'] } })
    await at(wrapper, 'runs-error').find('.button--strong').trigger('click')
    await flushPromises()
    expect(at(wrapper, 'runs-error').exists()).toBe(false)
    expect(at(wrapper, 'run-r1').exists()).toBe(true)
    expect(at(wrapper, 'bench-folder').element).toMatchObject({ value: '/srv/bench' })
  })

  it('sets the benchmark folder and looks again', async () => {
    const server = serverWith({
      [RUNS]: { body: [] },
      [CONFIG]: { body: { bench_results_dir: null, roots: ['/srv'] } },
      'POST /api/sft/config': { body: { bench_results_dir: '/srv/b', roots: ['/srv'] } },
    })
    const wrapper = await open()
    expect(at(wrapper, 'no-runs').text()).toContain('Say above')
    server.on(RUNS, { body: [run('r1')] })
    await at(wrapper, 'bench-folder').setValue('/srv/b')
    await wrapper.find('form').trigger('submit')
    await flushPromises()
    expect(server.to('POST /api/sft/config')[0]?.body).toEqual({ bench_results_dir: '/srv/b' })
    expect(at(wrapper, 'run-r1').exists()).toBe(true)
  })

  it('shows why a folder is refused', async () => {
    serverWith({ 'POST /api/sft/config': problem(422, 'config_error', '`/etc` is outside.') })
    const wrapper = await open()
    await at(wrapper, 'bench-folder').setValue('/etc')
    await wrapper.find('form').trigger('submit')
    await flushPromises()
    expect(at(wrapper, 'folder-error').text()).toContain('`/etc` is outside.')
  })
})
