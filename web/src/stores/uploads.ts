import { defineStore } from 'pinia'
import { computed, reactive } from 'vue'

import type { Upload } from '@/client/api'
import { MOST_BYTES, uploadFile } from '@/client/upload'

import { useImportsStore } from './imports'
import type { RunImport } from './imports'

export interface UploadItem {
  key: number
  name: string
  bytes: number
  sent: number
  /** `found`: the server has the file and has looked into it; from there on it is an import. */
  state: 'waiting' | 'sending' | 'found' | 'refused' | 'stopped'
  found: Upload | null
  /** Why the server does not take it. */
  error: unknown
  /** Why it is not even sent, in a sentence. */
  refusal: string | null
}

/** Files on their way to the server, one after the other; they go on while another page is shown. */
export const useUploadsStore = defineStore('uploads', () => {
  const imports = useImportsStore()
  const items = reactive<UploadItem[]>([])
  const files = new Map<number, File>()
  const stops = new Map<number, AbortController>()
  let keys = 0
  let sending = false

  /** What waits to be imported. */
  const ready = computed(() => items.filter((item) => isReady(item, importOf(item))))
  /** Imports of uploads that this page did not make, or had made before a reload. */
  const resumed = computed(() => {
    const own = new Set(items.map(({ found }) => found?.upload_id))
    return [...imports.byRun.values()].filter(
      ({ job, runId }) => job !== null && 'upload_id' in job.params && !own.has(runId),
    )
  })

  function add(chosen: readonly File[]): void {
    for (const file of chosen) {
      const key = ++keys
      const refusal = refusalOf(file)
      if (!refusal) files.set(key, file)
      items.unshift({
        key,
        name: file.name,
        bytes: file.size,
        sent: 0,
        state: refusal ? 'refused' : 'waiting',
        found: null,
        error: null,
        refusal,
      })
    }
    void sendAll()
  }

  async function sendAll(): Promise<void> {
    if (sending) return
    sending = true
    let next: UploadItem | undefined
    while ((next = items.findLast(({ state }) => state === 'waiting'))) await send(next)
    sending = false
  }

  async function send(item: UploadItem): Promise<void> {
    const controller = new AbortController()
    stops.set(item.key, controller)
    item.state = 'sending'
    try {
      item.found = await uploadFile(files.get(item.key) as File, {
        onProgress: (sent) => (item.sent = sent),
        signal: controller.signal,
      })
      item.state = 'found'
    } catch (error) {
      item.error = error
      item.state = controller.signal.aborted ? 'stopped' : 'refused'
    } finally {
      stops.delete(item.key)
      if (item.state === 'found') files.delete(item.key)
    }
  }

  /** Sends a file again that did not arrive. */
  function retry(item: UploadItem): void {
    Object.assign(item, { state: 'waiting', sent: 0, error: null })
    void sendAll()
  }

  function stop(item: UploadItem): void {
    if (item.state === 'waiting') item.state = 'stopped'
    stops.get(item.key)?.abort()
  }

  function remove(item: UploadItem): void {
    stop(item)
    files.delete(item.key)
    items.splice(items.indexOf(item), 1)
  }

  function importOf(item: UploadItem): RunImport | undefined {
    return item.found ? imports.byRun.get(item.found.upload_id) : undefined
  }

  const canRetry = (item: UploadItem): boolean => files.has(item.key)

  return { items, ready, resumed, add, retry, stop, remove, importOf, canRetry }
})

/** Why a file is not sent at all; null when it is. */
export function refusalOf({ name, size }: Pick<File, 'name' | 'size'>): string | null {
  if (size === 0) return `${name} is empty.`
  if (size > MOST_BYTES) {
    return `${name} is larger than 2 GiB. Put it into the benchmark folder, or import it with corrigenda import.`
  }
  return null
}

function isReady(item: UploadItem, started: RunImport | undefined): boolean {
  return item.state === 'found' && started === undefined && countOf(item) > 0
}

/** How many candidates the server has found in a file. */
export function countOf({ found }: UploadItem): number {
  return found?.runs.reduce((sum, run) => sum + run.candidate_count, 0) ?? 0
}
