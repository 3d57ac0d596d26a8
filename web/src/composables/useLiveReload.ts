import { onScopeDispose } from 'vue'

import type { Job } from '@/client/api'

import { useServerEvents } from './useServerEvents'

export interface UseLiveReloadOptions {
  load: () => Promise<void>
  /** Whether news of this job may have changed what is shown. */
  concerns: (job: Job) => boolean
  /** Whether something goes on that no job may tell of, such as work that a command began. */
  active: () => boolean
}

/** Between two questions that news has led to. */
const GAP_MS = 1_000
const POLL_MS = 3_000

/** Asks again when the server tells of a job, and now and then while something goes on. */
export function useLiveReload({ load, concerns, active }: UseLiveReloadOptions): void {
  const events = useServerEvents()
  let asked = 0
  let asking = false
  let again = false
  let timer: ReturnType<typeof setTimeout> | undefined

  function soon(): void {
    timer ??= setTimeout(ask, Math.max(0, asked + GAP_MS - Date.now()))
  }

  async function ask(): Promise<void> {
    timer = undefined
    if (asking) {
      again = true
      return
    }
    asking = true
    await load()
    asking = false
    asked = Date.now()
    if (again) soon()
    again = false
  }

  events.on('job', (job) => {
    if (concerns(job)) soon()
  })
  events.on('resync', soon)
  const clock = setInterval(() => {
    if (active() && !document.hidden && Date.now() - asked >= POLL_MS) soon()
  }, POLL_MS)
  onScopeDispose(() => {
    clearTimeout(timer)
    clearInterval(clock)
  })
}
