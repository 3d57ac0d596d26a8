/** The server's operations, one function each. */
import type { Candidate } from './candidate'
import { address, get, post, request } from './http'
import type { Answer, Body } from './http'

export type Stats = Answer<'/api/sft/stats', 'get'>
export type Run = Answer<'/api/sft/runs', 'get'>[number]
export type Job = Answer<'/api/sft/jobs/{job_id}', 'get'>
export type ImportReport = NonNullable<Job['result']>
export type Config = Answer<'/api/sft/config', 'get'>
export type Category = Answer<'/api/sft/taxonomy', 'get'>['categories'][number]
export type Decision = Body<'/api/sft/submit', 'post'>
export type DecisionAnswer = Answer<'/api/sft/submit', 'post'>

export interface QueuePage {
  items: Candidate[]
  total: number
  /** Where the next page is; null on the last one. */
  next: string | null
}

/** The first page of the queue, or the page that an earlier one named as its `next`. */
export async function getQueue(from: { next: string } | { perPage: number }): Promise<QueuePage> {
  const url =
    'next' in from ? from.next : address('/api/sft/queue', { query: { per_page: from.perPage } })
  const { body, next } = await request('GET', url)
  const page = body as { items?: Candidate[]; total?: number }
  const items = page.items ?? []
  return { items, total: page.total ?? items.length, next }
}

export const submit = (decision: Decision): Promise<DecisionAnswer> =>
  post('/api/sft/submit', decision)

export const undo = (decision: Body<'/api/sft/undo', 'post'>): Promise<DecisionAnswer> =>
  post('/api/sft/undo', decision)

export const getStats = (): Promise<Stats> => get('/api/sft/stats')

export const getRuns = (): Promise<Run[]> => get('/api/sft/runs')

export const startImport = (runId: string): Promise<Job> =>
  post('/api/sft/jobs', { kind: 'import', run_id: runId })

export const getJob = (id: string): Promise<Job> =>
  get('/api/sft/jobs/{job_id}', { path: { job_id: id } })

export const listJobs = async (): Promise<Job[]> => (await get('/api/sft/jobs')).items

export const cancelJob = (id: string): Promise<Job> =>
  post('/api/sft/jobs/{job_id}/cancel', undefined, { path: { job_id: id } })

export const getConfig = (): Promise<Config> => get('/api/sft/config')

export const setConfig = (benchResultsDir: string): Promise<Config> =>
  post('/api/sft/config', { bench_results_dir: benchResultsDir })

export const getTaxonomy = async (): Promise<Category[]> =>
  (await get('/api/sft/taxonomy')).categories

/** The address of the approved corrections; no category means all of them. */
export function exportAddress(categories: readonly string[] = []): string {
  const query = new URLSearchParams({ format: 'messages' })
  for (const category of categories) query.append('include_category', category)
  return `/api/sft/export?${query}`
}
