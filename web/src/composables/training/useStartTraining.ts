import { computed, ref, shallowRef } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'

import type { ExportEntry } from '@/client/exports'
import { getModels, startTraining } from '@/client/training'
import type { Models } from '@/client/training'
import { useTrainingStore } from '@/stores/training'

import { refusedField, requestOf } from './trainingForm'
import type { TrainingDraft } from './trainingForm'
import { METHODS } from './trainingWords'

export interface UseStartTrainingReturn {
  models: Readonly<ShallowRef<Models | null>>
  modelsError: Readonly<ShallowRef<unknown>>
  draft: ComputedRef<TrainingDraft>
  starting: Readonly<Ref<boolean>>
  /** Why it was not started. */
  error: Readonly<ShallowRef<unknown>>
  /** The option that the server has refused. */
  refused: ComputedRef<string | null>
  change: (part: Partial<TrainingDraft>) => void
  /** Asks for the models, and chooses one where none is chosen. */
  loadModels: () => Promise<void>
  /** Chooses the newest export of each format, where none is chosen. */
  choose: (made: readonly ExportEntry[]) => void
  /** Starts it under the name that was typed, or the proposed one; null when it was refused. */
  start: (proposed: string, made: readonly ExportEntry[]) => Promise<string | null>
}

/** The form of a new training: nothing typed is lost, whatever the server says. */
export function useStartTraining(): UseStartTrainingReturn {
  const store = useTrainingStore()
  const models = shallowRef<Models | null>(null)
  const modelsError = shallowRef<unknown>(null)
  const starting = ref(false)
  const error = shallowRef<unknown>(null)

  const draft = computed<TrainingDraft>(() => {
    const { name, model, method, exports, lora, merge, options } = store
    return { name, model, method, exports, lora, merge, options }
  })
  const refused = computed(() => refusedField(error.value))

  async function loadModels(): Promise<void> {
    try {
      const found = await getModels()
      models.value = found
      modelsError.value = null
      const known = found.items.some(({ name }) => name === store.model)
      if (!known) store.model = found.items[0]?.name ?? ''
    } catch (reason) {
      modelsError.value = reason
    }
  }

  function choose(made: readonly ExportEntry[]): void {
    for (const format of new Set(Object.values(METHODS).flatMap(({ needs }) => needs))) {
      const fitting = made.filter((one) => one.format === format && one.rows && !one.contaminated)
      const [newest] = fitting
      const known = made.some((one) => one.format === format && store.exports.includes(one.name))
      if (newest && !known) store.exports = [...store.exports, newest.name]
    }
  }

  async function start(proposed: string, made: readonly ExportEntry[]): Promise<string | null> {
    const request = requestOf(draft.value, proposed, METHODS[store.method].needs, made)
    starting.value = true
    error.value = null
    try {
      await startTraining(request)
      return request.name
    } catch (reason) {
      error.value = reason
      return null
    } finally {
      starting.value = false
    }
  }

  return {
    models,
    modelsError,
    draft,
    starting,
    error,
    refused,
    change: (part) => store.$patch(part as Partial<typeof store.$state>),
    loadModels,
    choose,
    start,
  }
}
