/** What the pages of long work are tested with. */
import type { Job } from '@/client/api'

export function jobOf(overrides: Partial<Job> = {}): Job {
  return {
    id: 'j1',
    kind: 'import',
    state: 'running',
    params: { run_id: 'r1' },
    done: 0,
    total: 100,
    unit: 'bytes',
    result: null,
    error: null,
    created_at: '2026-11-22T10:00:00Z',
    started_at: '2026-11-22T10:00:01Z',
    finished_at: null,
    attempts: 1,
    ...overrides,
  }
}
