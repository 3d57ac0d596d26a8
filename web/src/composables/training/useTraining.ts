import { computed, ref, shallowRef, toValue, watch } from 'vue'
import type { ComputedRef, MaybeRefOrGetter, Ref, ShallowRef } from 'vue'

import { cancelJob } from '@/client/api'
import type { Job } from '@/client/api'
import { ApiError } from '@/client/errors'
import { getNewestJobs } from '@/client/jobs'
import { getCurve, getTraining, resumeTraining } from '@/client/training'
import type { Curve, TrainingDetails } from '@/client/training'
import { isUnfinished } from '@/composables/jobs/jobWords'
import { useLiveReload } from '@/composables/useLiveReload'

import { isUnderWay } from './trainingWords'

export interface UseTrainingReturn {
  /** What the server said last; it stays while it is asked again. */
  training: Readonly<ShallowRef<TrainingDetails | null>>
  curve: Readonly<ShallowRef<Curve | null>>
  error: Readonly<ShallowRef<unknown>>
  /** The job that was to begin it and did not, where there is no training. */
  neverBegan: Readonly<ShallowRef<Job | null>>
  /** Why it could not be stopped, or go on. */
  actionError: Readonly<ShallowRef<unknown>>
  stopping: Readonly<Ref<boolean>>
  canStop: ComputedRef<boolean>
  load: () => Promise<void>
  stop: () => Promise<void>
  resume: () => Promise<void>
}

/** A training as it goes on: how it stands, its curve, and its evaluations. */
export function useTraining(name: MaybeRefOrGetter<string>): UseTrainingReturn {
  const training = shallowRef<TrainingDetails | null>(null)
  const curve = shallowRef<Curve | null>(null)
  const error = shallowRef<unknown>(null)
  const neverBegan = shallowRef<Job | null>(null)
  const actionError = shallowRef<unknown>(null)
  const stopping = ref(false)

  const canStop = computed(() => {
    const { job, state } = training.value ?? {}
    return !!job && isUnfinished(job) && state !== 'finished'
  })

  async function load(): Promise<void> {
    const wanted = toValue(name)
    try {
      const found = await getTraining(wanted)
      // Before its folder is there it has no curve.
      const drawn = found.step === null ? null : await getCurve(wanted)
      if (wanted !== toValue(name)) return
      training.value = found
      curve.value = drawn
      error.value = null
      neverBegan.value = null
      stopping.value &&= canStop.value
    } catch (reason) {
      if (wanted !== toValue(name)) return
      error.value = reason
      if (reason instanceof ApiError && reason.status === 404) await lookForItsJob(wanted)
    }
  }

  async function lookForItsJob(wanted: string): Promise<void> {
    training.value = null
    const jobs = await getNewestJobs(200).catch((): Job[] => [])
    neverBegan.value =
      jobs.find(({ kind, params }) => kind === 'train' && params.name === wanted) ?? null
  }

  async function act(work: () => Promise<unknown>): Promise<void> {
    actionError.value = null
    try {
      await work()
    } catch (reason) {
      stopping.value = false
      actionError.value = reason
    }
    await load()
  }

  async function stop(): Promise<void> {
    const job = training.value?.job
    if (!job) return
    stopping.value = true
    await act(() => cancelJob(job.id))
  }

  const resume = (): Promise<void> => act(() => resumeTraining(toValue(name)))

  watch(
    () => toValue(name),
    () => {
      training.value = curve.value = null
      stopping.value = false
      void load()
    },
    { immediate: true },
  )
  useLiveReload({
    load,
    concerns: ({ kind, params }) =>
      kind.startsWith('evaluate') || (kind === 'train' && params.name === toValue(name)),
    active: () =>
      !!training.value && (isUnderWay(training.value) || training.value.evaluations.some(isAsked)),
  })

  return {
    training,
    curve,
    error,
    neverBegan,
    actionError,
    stopping,
    canStop,
    load,
    stop,
    resume,
  }
}

const isAsked = ({ state }: TrainingDetails['evaluations'][number]): boolean =>
  state === 'queued' || state === 'running'
