import { beforeEach, describe, expect, it, vi } from 'vitest'

import type { Job } from '@/client/api'
import { useImportsStore } from '@/stores/imports'

import { fakeServer, freshPinia, problem, unreachable } from '../helpers'

function job(state: Job['state'], rest: Partial<Job> = {}): Job {
  return {
    id: 'j1',
    kind: 'import',
    state,
    params: { run_id: 'r1' },
    done: 0,
    total: 100,
    unit: 'bytes',
    result: null,
    error: null,
    created_at: '2026-11-22T10:00:00Z',
    started_at: null,
    finished_at: null,
    attempts: 0,
    ...rest,
  }
}

beforeEach(() => {
  freshPinia()
  vi.useFakeTimers()
  return () => vi.useRealTimers()
})

describe('useImportsStore', () => {
  it('follows an import to its end', async () => {
    const answers = [
      job('running', { done: 40 }),
      job('done', { result: { imported: 3, skipped: 1 } }),
    ]
    const server = fakeServer({
      'POST /api/sft/jobs': { status: 202, body: job('queued') },
      'GET /api/sft/jobs/j1': () => ({ body: answers.shift() }),
    })
    const store = useImportsStore()
    const ended = store.start('r1')
    await vi.advanceTimersByTimeAsync(350)
    expect(store.byRun.get('r1')?.job?.done).toBe(40)
    expect(store.active).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(350)
    await ended
    expect(store.byRun.get('r1')?.job?.result).toEqual({ imported: 3, skipped: 1 })
    expect(store.active).toHaveLength(0)
    expect(server.calls[0]?.body).toEqual({ kind: 'import', run_id: 'r1' })
  })

  it('keeps asking while the server does not answer', async () => {
    const server = fakeServer({
      'POST /api/sft/jobs': { status: 202, body: job('queued') },
      'GET /api/sft/jobs/j1': unreachable,
    })
    const store = useImportsStore()
    const ended = store.start('r1')
    await vi.advanceTimersByTimeAsync(400)
    expect(store.byRun.get('r1')?.stalled).toBe(true)
    server.on('GET /api/sft/jobs/j1', { body: job('done') })
    await vi.advanceTimersByTimeAsync(1000)
    await ended
    expect(store.byRun.get('r1')).toMatchObject({ stalled: false, error: null })
  })

  it('keeps the reason when the import is refused', async () => {
    fakeServer({ 'POST /api/sft/jobs': problem(404, 'unknown_run', 'No run `r1`.') })
    const store = useImportsStore()
    await store.start('r1')
    expect(store.byRun.get('r1')?.error).toMatchObject({ code: 'unknown_run' })
    expect(store.active).toHaveLength(0)
  })

  it('stops when the job is not known any more', async () => {
    fakeServer({
      'POST /api/sft/jobs': { status: 202, body: job('queued') },
      'GET /api/sft/jobs/j1': problem(404, 'unknown_job', 'No job `j1`.'),
    })
    const store = useImportsStore()
    const ended = store.start('r1')
    await vi.advanceTimersByTimeAsync(400)
    await ended
    expect(store.byRun.get('r1')?.error).toMatchObject({ code: 'unknown_job' })
  })

  it('takes up an import that was under way before', async () => {
    fakeServer({
      'GET /api/sft/jobs': {
        body: { items: [job('running'), job('done', { id: 'j0', params: { run_id: 'r0' } })] },
      },
      'GET /api/sft/jobs/j1': { body: job('done') },
    })
    const store = useImportsStore()
    const onEnd = vi.fn()
    const ended = store.resume(onEnd)
    await vi.advanceTimersByTimeAsync(400)
    await ended
    expect([...store.byRun.keys()]).toEqual(['r1'])
    expect(onEnd).toHaveBeenCalledOnce()
  })

  it('cancels', async () => {
    fakeServer({
      'POST /api/sft/jobs': { status: 202, body: job('queued') },
      'GET /api/sft/jobs/j1': { body: job('cancelled') },
      'POST /api/sft/jobs/j1/cancel': { body: job('cancelled') },
    })
    const store = useImportsStore()
    const ended = store.start('r1')
    await vi.advanceTimersByTimeAsync(10)
    await store.cancel('r1')
    await vi.advanceTimersByTimeAsync(400)
    await ended
    expect(store.byRun.get('r1')?.job?.state).toBe('cancelled')
  })
})
