import { ref, shallowRef } from 'vue'
import type { Ref } from 'vue'

import { undoLot } from '@/client/api'
import type { Job } from '@/client/api'
import { useNoticesStore } from '@/stores/notices'

import { followJob } from './followJob'
import { formatCount } from './format'
import { touchedBy } from './useLot'

export interface UseLotUndoReturn {
  /** The lot being undone. */
  undoing: Readonly<Ref<string | null>>
  job: Readonly<Ref<Job | null>>
  error: Readonly<Ref<unknown>>
  /** Gives every candidate of the lot its state from before; the job, or null when it failed. */
  undo: (lotId: string) => Promise<Job | null>
}

/** Takes a whole lot back. */
export function useLotUndo(): UseLotUndoReturn {
  const notices = useNoticesStore()
  const undoing = ref<string | null>(null)
  const job = shallowRef<Job | null>(null)
  const error = shallowRef<unknown>(null)

  async function undo(lotId: string): Promise<Job | null> {
    if (undoing.value) return null
    undoing.value = lotId
    error.value = null
    try {
      job.value = await undoLot(lotId)
      const ended = await followJob(job.value, { onProgress: (now) => (job.value = now) })
      if (ended.state === 'failed') throw new Error(ended.error ?? 'No reason was given.')
      notices.announce(`Undone: ${formatCount(touchedBy(ended))} are as before.`)
      return ended
    } catch (reason) {
      error.value = reason
      return null
    } finally {
      undoing.value = null
    }
  }

  return { undoing, job, error, undo }
}
