import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'

import type { Job } from '@/client/api'
import { getFormats } from '@/client/exports'
import type { ExportFormats, ExportReport, Recipe } from '@/client/exports'

/** An export that is being made, or was. */
export interface Making {
  name: string
  /** Null until the server has accepted the job. */
  job: Job | null
  /** Why it was not made; the words of the server where it has begun and failed. */
  error: unknown
  /** The server does not answer at the moment; asking goes on. */
  stalled: boolean
}

/** What is being put together on the Exports page; it stays while another page is shown. */
export const useExportsStore = defineStore('exports', () => {
  const formats = shallowRef<ExportFormats | null>(null)
  const formatsError = shallowRef<unknown>(null)
  /** All of it but the filter, which lives in the address. */
  const recipe = shallowRef<Recipe>({})
  /** The query of the filter that the page was left with; null before it was first opened. */
  const query = ref<string | null>(null)
  /** The name that was typed; empty: one is proposed. */
  const name = ref('')
  const making = shallowRef<Making | null>(null)

  /** Asks for the formats once; what was chosen before stays. Never throws: see `formatsError`. */
  async function load(): Promise<void> {
    if (formats.value) return
    try {
      const found = await getFormats()
      formatsError.value = null
      recipe.value = { ...startOf(found), ...recipe.value }
      formats.value = found
    } catch (error) {
      formatsError.value = error
    }
  }

  /** A value of `undefined` takes the key away. */
  function change(part: Partial<Recipe>): void {
    recipe.value = { ...recipe.value, ...part }
  }

  /** Everything as it was when the page was first opened, but the filter. */
  function reset(): void {
    if (formats.value) recipe.value = startOf(formats.value)
  }

  return { formats, formatsError, recipe, query, name, making, load, change, reset }
})

const startOf = ({ start, max_length: most }: ExportFormats): Recipe => ({
  max_length: most ?? undefined,
  ...(start as Recipe),
  filter: undefined,
})

/** What an export has become; null until it is done. */
export function reportOf(making: Making | null): ExportReport | null {
  if (making?.job?.state !== 'done') return null
  return making.job.result as ExportReport | null
}

export function isMaking(making: Making | null): boolean {
  if (!making || making.error) return false
  return making.job === null || making.job.state === 'queued' || making.job.state === 'running'
}
