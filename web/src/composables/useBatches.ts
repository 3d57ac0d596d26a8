import { ref, shallowRef } from 'vue'
import type { Ref } from 'vue'

import { createBatch, deleteBatch, getBatches } from '@/client/api'
import type { Batch, NewBatch } from '@/client/finding'
import { useNoticesStore } from '@/stores/notices'

export interface UseBatchesReturn {
  batches: Readonly<Ref<readonly Batch[]>>
  loaded: Readonly<Ref<boolean>>
  error: Readonly<Ref<unknown>>
  load: () => Promise<void>
  /**
   * Draws a sample.
   *
   * @throws RequestError when the server refuses or cannot be reached.
   */
  create: (batch: NewBatch) => Promise<Batch>
  remove: (id: number) => Promise<void>
  nameOf: (id: number) => string
}

/** The random samples of the workspace. */
export function useBatches(): UseBatchesReturn {
  const notices = useNoticesStore()
  const batches = shallowRef<readonly Batch[]>([])
  const loaded = ref(false)
  const error = shallowRef<unknown>(null)

  async function load(): Promise<void> {
    try {
      batches.value = await getBatches()
      loaded.value = true
      error.value = null
    } catch (reason) {
      error.value = reason
    }
  }

  async function create(batch: NewBatch): Promise<Batch> {
    const made = await createBatch(batch)
    batches.value = [made, ...batches.value]
    notices.announce(`The batch ${made.name} is drawn.`)
    return made
  }

  async function remove(id: number): Promise<void> {
    const name = nameOf(id)
    try {
      await deleteBatch(id)
      batches.value = batches.value.filter((batch) => batch.id !== id)
      notices.announce(`The batch ${name} is deleted.`)
    } catch (reason) {
      error.value = reason
    }
  }

  const nameOf = (id: number): string =>
    batches.value.find((batch) => batch.id === id)?.name ?? `no. ${id}`

  return { batches, loaded, error, load, create, remove, nameOf }
}
