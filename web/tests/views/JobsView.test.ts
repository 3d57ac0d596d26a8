import { flushPromises, mount, RouterLinkStub } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import type { Job } from '@/client/api'
import JobsView from '@/views/JobsView.vue'

import { FakeSource, fakeServer, freshPinia, problem } from '../helpers'
import { jobOf } from '../jobs'

const JOBS = 'GET /api/sft/jobs'
const CANCEL = 'POST /api/sft/jobs/j1/cancel'

let pinia = freshPinia()
beforeEach(() => {
  pinia = freshPinia()
  FakeSource.all = []
  vi.stubGlobal('EventSource', FakeSource)
})

async function open(): Promise<VueWrapper> {
  const wrapper = mount(JobsView, {
    attachTo: document.body,
    global: { plugins: [pinia], stubs: { RouterLink: RouterLinkStub } },
  })
  await flushPromises()
  return wrapper
}

async function say(name: string, data: unknown): Promise<void> {
  FakeSource.all.at(-1)?.say(name, data)
  await flushPromises()
}

const serverWith = (...items: Job[]) => fakeServer({ [JOBS]: { body: { items } } })
const rows = (wrapper: VueWrapper) => wrapper.findAll('tbody tr').map((row) => row.text())

describe('JobsView', () => {
  it('lists the newest jobs in words', async () => {
    serverWith(
      jobOf({ done: 40, attempts: 2 }),
      jobOf({
        id: 'j0',
        kind: 'export',
        state: 'failed',
        params: { name: 'mine', reviewer: 'ana' },
        error: 'The disk is full.',
        finished_at: '2026-11-22T10:01:01Z',
      }),
    )
    const wrapper = await open()
    const [first, second] = rows(wrapper)
    expect(first).toContain('Import of r1')
    expect(first).toContain('taken up again')
    expect(first).toContain('40 B of 100 B read')
    expect(second).toContain('failed')
    expect(second).toContain('The disk is full.')
    expect(second).toContain('by ana')
    expect(second).toContain('took 1 min')
    expect(wrapper.findAll('[data-testid="cancel-job-btn"]')).toHaveLength(1)
  })

  it('follows what the server tells, and how fast it goes', async () => {
    vi.useFakeTimers({ now: 0 })
    try {
      serverWith(jobOf())
      const wrapper = await open()
      await say('job', jobOf({ done: 20 }))
      vi.setSystemTime(10_000)
      await say('job', jobOf({ done: 60 }))
      expect(rows(wrapper)[0]).toContain('6 B/s · about 7 s left')
      await say('job', jobOf({ id: 'j2', params: { run_id: 'r2' } }))
      expect(rows(wrapper)[0]).toContain('r2')
      const result = { imported: 3, skipped: 0 }
      await say('job', jobOf({ state: 'done', result, finished_at: '2026-11-22T10:00:09Z' }))
      expect(rows(wrapper)[1]).toContain('3 candidates imported.')
      expect(rows(wrapper)).toHaveLength(2)
    } finally {
      vi.useRealTimers()
    }
  })

  it('asks by itself while the server tells nothing', async () => {
    vi.useFakeTimers()
    try {
      const server = serverWith(jobOf())
      await open()
      await vi.advanceTimersByTimeAsync(4_500)
      expect(server.to(JOBS)).toHaveLength(3)
      server.on(JOBS, { body: { items: [jobOf({ state: 'done' })] } })
      await vi.advanceTimersByTimeAsync(8_000)
      expect(server.to(JOBS)).toHaveLength(4)
    } finally {
      vi.useRealTimers()
    }
  })

  it('stops a job', async () => {
    const server = serverWith(jobOf())
    server.on(CANCEL, { body: jobOf() })
    const wrapper = await open()
    await wrapper.find('[data-testid="cancel-job-btn"]').trigger('click')
    await flushPromises()
    expect(rows(wrapper)[0]).toContain('stopping')
    expect(wrapper.find('[data-testid="cancel-job-btn"]').exists()).toBe(false)
    await say('job', jobOf({ state: 'cancelled' }))
    expect(rows(wrapper)[0]).toContain('cancelled')
  })

  it('says so where it could not be stopped', async () => {
    const server = serverWith(jobOf())
    server.on(CANCEL, problem(404, 'unknown_job', 'No job `j1`.'))
    const wrapper = await open()
    await wrapper.find('[data-testid="cancel-job-btn"]').trigger('click')
    await flushPromises()
    expect(wrapper.text()).toContain('No job `j1`.')
    expect(wrapper.find('[data-testid="cancel-job-btn"]').exists()).toBe(true)
  })

  it('shows older ones when asked to', async () => {
    const many = Array.from({ length: 50 }, (_, n) => jobOf({ id: `j${n}`, state: 'done' }))
    const server = serverWith(...many)
    const wrapper = await open()
    await wrapper.find('[data-testid="more-jobs-btn"]').trigger('click')
    await flushPromises()
    expect(server.to(JOBS).map(({ url }) => url.split('?')[1])).toEqual(['limit=50', 'limit=200'])
    expect(wrapper.find('[data-testid="more-jobs-btn"]').exists()).toBe(false)
  })

  it('is empty at first, and says what is wrong', async () => {
    const server = serverWith()
    expect((await open()).find('[data-testid="no-jobs"]').exists()).toBe(true)
    server.on(JOBS, problem(503, 'storage_unavailable', 'It is away.'))
    const wrapper = await open()
    expect(wrapper.find('[data-testid="jobs-error"]').text()).toContain('It is away.')
    expect(wrapper.find('[data-testid="no-jobs"]').exists()).toBe(false)
  })
})
