import { getJob } from '@/client/api'
import type { Job } from '@/client/api'
import { NetworkError } from '@/client/errors'

const POLL_MS = 150
const POLL_MAX_MS = 1_000
const GROWTH = 1.5

export interface FollowOptions {
  onProgress: (job: Job) => void
  /** Told true when the server does not answer, and false when it does again. */
  onStalled?: (stalled: boolean) => void
}

/**
 * Asks for a job, first often and then every second, until it has ended.
 *
 * @throws ApiError when the server no longer knows the job.
 */
export async function followJob(started: Job, options: FollowOptions): Promise<Job> {
  const { onProgress, onStalled } = options
  let job = started
  let wait = POLL_MS
  while (job.state === 'queued' || job.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, wait))
    wait = Math.min(wait * GROWTH, POLL_MAX_MS)
    try {
      job = await getJob(job.id)
      onStalled?.(false)
    } catch (error) {
      // The work goes on there whether or not it can be watched.
      if (!(error instanceof NetworkError)) throw error
      onStalled?.(true)
      continue
    }
    onProgress(job)
  }
  return job
}
