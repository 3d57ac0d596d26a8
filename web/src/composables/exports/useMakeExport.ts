import { cancelJob, listJobs } from '@/client/api'
import type { Job } from '@/client/api'
import { startExport } from '@/client/exports'
import type { Recipe } from '@/client/exports'
import { followJob } from '@/composables/followJob'
import { plural } from '@/composables/format'
import { isMaking, reportOf, useExportsStore } from '@/stores/exports'
import type { Making } from '@/stores/exports'
import { useNoticesStore } from '@/stores/notices'

export interface UseMakeExportReturn {
  /** Makes an export and waits for its end, whichever it is. Never throws: see the store. */
  make: (name: string, recipe: Recipe) => Promise<void>
  cancel: () => Promise<void>
  /** Takes up an export that was begun before the page was loaded. */
  resume: () => Promise<void>
}

/** Making an export: it goes on while another page is shown. */
export function useMakeExport(onMade: () => void): UseMakeExportReturn {
  const store = useExportsStore()
  const notices = useNoticesStore()

  const note = (change: Partial<Making>): void => {
    if (store.making) store.making = { ...store.making, ...change }
  }

  async function make(name: string, recipe: Recipe): Promise<void> {
    store.making = { name, job: null, error: null, stalled: false }
    try {
      await follow(await startExport(name, recipe))
    } catch (error) {
      note({ error })
      notices.announce(`The export ${name} was not made.`)
    }
  }

  async function follow(started: Job): Promise<void> {
    note({ job: started })
    const ended = await followJob(started, {
      onProgress: (job) => note({ job }),
      onStalled: (stalled) => note({ stalled }),
    })
    note({ job: ended, stalled: false })
    const report = reportOf(store.making)
    if (!report) return
    store.name = ''
    notices.announce(`The export ${report.name} is made: ${plural(report.rows, 'row')}.`)
    onMade()
  }

  async function cancel(): Promise<void> {
    const job = store.making?.job
    if (!job) return
    await cancelJob(job.id).then(
      (now) => note({ job: now }),
      (error: unknown) => note({ error }),
    )
  }

  async function resume(): Promise<void> {
    if (isMaking(store.making)) return
    const jobs = await listJobs().catch((): Job[] => [])
    const job = jobs.find(
      ({ kind, state }) => kind === 'export' && (state === 'queued' || state === 'running'),
    )
    if (!job || isMaking(store.making)) return
    const name = (job.params as { name?: unknown }).name
    store.making = { name: String(name ?? ''), job, error: null, stalled: false }
    await follow(job).catch((error: unknown) => note({ error }))
  }

  return { make, cancel, resume }
}
