import { computed, onScopeDispose, reactive, ref, shallowRef } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'

import { cancelJob } from '@/client/api'
import type { Job } from '@/client/api'
import { getNewestJobs } from '@/client/jobs'
import { useServerEvents } from '@/composables/useServerEvents'

import { isUnfinished } from './jobWords'
import { paceOf, withSighting } from './pace'
import type { Pace, Sighting } from './pace'

export interface UseJobsReturn {
  /** The newest jobs, newest first. */
  jobs: Readonly<ShallowRef<readonly Job[]>>
  loaded: Readonly<Ref<boolean>>
  error: Readonly<ShallowRef<unknown>>
  /** Older ones may be there, and can be asked for. */
  more: ComputedRef<boolean>
  /** Those that were asked to stop, and have not yet. */
  stopping: ReadonlySet<string>
  /** Why a job could not be asked to stop. */
  cancelError: Readonly<ShallowRef<unknown>>
  paceOf: (job: Job) => Pace | null
  load: () => Promise<void>
  showMore: () => Promise<void>
  cancel: (job: Job) => Promise<void>
}

const FIRST = 50
/** As many as the server names at once. */
const MOST = 200
const POLL_MS = 2_000

/** The jobs as they go on: by what the server tells, or by asking while it tells nothing. */
export function useJobs(): UseJobsReturn {
  const events = useServerEvents()
  const jobs = shallowRef<readonly Job[]>([])
  const loaded = ref(false)
  const error = shallowRef<unknown>(null)
  const cancelError = shallowRef<unknown>(null)
  const limit = ref(FIRST)
  const stopping = reactive(new Set<string>())
  const seen = new Map<string, readonly Sighting[]>()

  const more = computed(() => jobs.value.length >= limit.value && limit.value < MOST)

  async function load(): Promise<void> {
    try {
      const found = await getNewestJobs(limit.value)
      found.forEach(notice)
      jobs.value = found.map(kept)
      loaded.value = true
      error.value = null
    } catch (reason) {
      error.value = reason
    }
  }

  async function showMore(): Promise<void> {
    limit.value = MOST
    await load()
  }

  /** What is over stays so: an answer may be older than what was told meanwhile. */
  function kept(job: Job): Job {
    const known = jobs.value.find(({ id }) => id === job.id)
    return known && !isUnfinished(known) ? known : job
  }

  function take(job: Job): void {
    notice(job)
    const known = jobs.value.some(({ id }) => id === job.id)
    jobs.value = known
      ? jobs.value.map((one) => (one.id === job.id ? job : one))
      : [job, ...jobs.value]
  }

  function notice(job: Job): void {
    if (!isUnfinished(job)) {
      stopping.delete(job.id)
      seen.delete(job.id)
    } else if (job.state === 'running') {
      const now = { at: Date.now(), done: job.done }
      seen.set(job.id, withSighting(seen.get(job.id) ?? [], now))
    }
  }

  async function cancel(job: Job): Promise<void> {
    stopping.add(job.id)
    cancelError.value = null
    try {
      take(await cancelJob(job.id))
    } catch (reason) {
      stopping.delete(job.id)
      cancelError.value = reason
    }
  }

  events.on('job', take)
  events.on('resync', () => void load())
  const timer = setInterval(() => {
    if (!events.live.value && !document.hidden && jobs.value.some(isUnfinished)) void load()
  }, POLL_MS)
  onScopeDispose(() => clearInterval(timer))

  return {
    jobs,
    loaded,
    error,
    more,
    stopping,
    cancelError,
    paceOf: ({ id, total }) => paceOf(seen.get(id) ?? [], total),
    load,
    showMore,
    cancel,
  }
}
