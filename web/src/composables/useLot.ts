import { ref, shallowRef } from 'vue'
import type { Ref } from 'vue'

import { cancelJob, previewLot, startLot } from '@/client/api'
import type { Job } from '@/client/api'
import { ApiError } from '@/client/errors'
import type { LotPreview, LotRequest as LotBody } from '@/client/finding'
import { useNoticesStore } from '@/stores/notices'

import { newDecisionId } from './decisionId'
import { followJob } from './followJob'
import { lotDone } from './lotWords'

/** What is to be done, and to which candidates: those named, or all that a filter holds. */
export interface LotRequest extends LotBody {
  /** The heading of the dialog; else it follows from the action. */
  title?: string
}

/** What the person adds to the request. */
export interface LotChoice {
  /** One category for all; undefined: each candidate keeps its own. */
  category?: string | null
  note?: string
  /** These only, of those that the request names. */
  ids?: string[]
  expected: number
}

export interface UseLotReturn {
  preview: Readonly<Ref<LotPreview | null>>
  previewing: Readonly<Ref<boolean>>
  job: Readonly<Ref<Job | null>>
  running: Readonly<Ref<boolean>>
  /** The server does not answer at the moment; asking goes on. */
  stalled: Readonly<Ref<boolean>>
  error: Readonly<Ref<unknown>>
  /** The candidates changed between the preview and the action; the preview is a new one. */
  changed: Readonly<Ref<boolean>>
  /** Counts what it will touch; the category matters for giving one. */
  load: (category?: string | null) => Promise<void>
  /** Does it and waits for the end; null when it did not begin or broke off. */
  run: (choice: LotChoice) => Promise<Job | null>
  /** Stops after the candidates at hand; those that are done stay done. */
  stop: () => Promise<void>
}

/** One action on many candidates: the preview, the work, its end. */
export function useLot(request: LotRequest): UseLotReturn {
  const notices = useNoticesStore()
  const preview = shallowRef<LotPreview | null>(null)
  const previewing = ref(false)
  const job = shallowRef<Job | null>(null)
  const running = ref(false)
  const stalled = ref(false)
  const error = shallowRef<unknown>(null)
  const changed = ref(false)
  // Kept over retries: a lot whose answer was lost is not done twice.
  let lotId = newLotId()
  let latest = 0

  async function load(category?: string | null): Promise<void> {
    const mine = ++latest
    previewing.value = true
    try {
      const found = await previewLot(bodyOf(request, { category }))
      if (mine !== latest) return
      preview.value = found
      error.value = null
    } catch (reason) {
      if (mine === latest) error.value = reason
    } finally {
      if (mine === latest) previewing.value = false
    }
  }

  async function run(choice: LotChoice): Promise<Job | null> {
    running.value = true
    changed.value = false
    error.value = null
    try {
      job.value = await startLot({ ...bodyOf(request, choice), lot_id: lotId })
      const ended = await followJob(job.value, {
        onProgress: (now) => (job.value = now),
        onStalled: (now) => (stalled.value = now),
      })
      if (ended.state === 'failed') throw new Error(ended.error ?? 'No reason was given.')
      notices.announce(`${lotDone(request.action, touchedBy(ended))}.`)
      return ended
    } catch (reason) {
      // A lot that the server refused has not begun: the next try is another one.
      if (reason instanceof ApiError && reason.status < 500) lotId = newLotId()
      if (reason instanceof ApiError && reason.code === 'lot_changed') {
        await load(choice.category)
        changed.value = true
      } else {
        error.value = reason
      }
      return null
    } finally {
      running.value = false
    }
  }

  async function stop(): Promise<void> {
    if (job.value) await cancelJob(job.value.id).catch((reason) => (error.value = reason))
  }

  return { preview, previewing, job, running, stalled, error, changed, load, run, stop }
}

/** How many candidates the job has changed; one that was stopped has counted them as `done`. */
export function touchedBy(job: Job): number {
  const touched = (job.result as { touched?: unknown } | null)?.touched
  return typeof touched === 'number' ? touched : job.done
}

const newLotId = (): string => newDecisionId().replaceAll('-', '')

function bodyOf(asked: LotRequest, choice: Partial<LotChoice>): LotBody {
  const request = { ...asked }
  delete request.title
  return {
    ...request,
    ...(choice.ids ? { ids: choice.ids } : {}),
    ...(choice.category === undefined ? {} : { failure_category: choice.category }),
    ...(choice.note?.trim() ? { note: choice.note.trim() } : {}),
    ...(choice.expected === undefined ? {} : { expected: choice.expected }),
  }
}
