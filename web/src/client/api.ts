/** The server's operations, one function each. */
import type { Candidate } from './candidate'
import { queryOfFilter } from './filter'
import type { Filter } from './filter'
import type {
  Batch,
  BatchBody,
  Dashboard,
  Facets,
  Lot,
  LotBody,
  LotPreview,
  LotRequest,
  NewBatch,
  Row,
  Siblings,
} from './finding'
import { address, get, post, request } from './http'
import type { FilePreview, FullOptions, ImportOptions } from './imports'
import type { Answer, Body } from './http'

export type * from './finding'
export type * from './imports'
export type * from './scoring'

export type Stats = Answer<'/api/sft/stats', 'get'>
export type Run = Answer<'/api/sft/runs', 'get'>[number]
export type Job = Answer<'/api/sft/jobs/{job_id}', 'get'>
export type Upload = FilePreview
export type Config = Answer<'/api/sft/config', 'get'>
export type Category = Answer<'/api/sft/taxonomy', 'get'>['categories'][number]
export type CategoryEdit = Body<'/api/sft/taxonomy', 'post'>['categories'][number]
export type Decision = Body<'/api/sft/submit', 'post'>
export type DecisionAnswer = Answer<'/api/sft/submit', 'post'>
export type Undo = Body<'/api/sft/undo', 'post'>
export type PutOff = Body<'/api/sft/put-off', 'post'>
/** One decision in a candidate's history. */
export type DecisionEntry = Answer<'/api/sft/candidate/history', 'get'>['decisions'][number]
export type Decided = Answer<'/api/sft/decisions', 'get'>['items'][number]
export type Progress = Answer<'/api/sft/progress', 'get'>
export type Preview = Answer<'/api/sft/preview', 'post'>
export type Remark = Preview['warnings'][number]
export type Workspace = Answer<'/api/sft/workspace', 'get'>
export type Guidelines = Answer<'/api/sft/guidelines', 'get'>
export type LotResult = Extract<NonNullable<Job['result']>, { touched: number }>
export type ImportReport = Answer<'/api/sft/import', 'post'>
export interface Page<T> {
  items: T[]
  total: number
  /** There are at least `total`. */
  atLeast: boolean
  /** Where the next page is; null on the last one. */
  next: string | null
  /** So many are not yet searchable. */
  searchBehind?: number
}

type From = { next: string } | { perPage: number; query?: URLSearchParams }

/** A page, the first or the one that an earlier one named as its `next`. */
async function getPage<T>(path: string, from: From): Promise<Page<T>> {
  const { body, next } = await request('GET', 'next' in from ? from.next : firstPage(path, from))
  const page = body as {
    items?: T[]
    total?: number
    total_is_lower_bound?: boolean
    search_behind?: number
  }
  const items = page.items ?? []
  const atLeast = page.total_is_lower_bound ?? false
  const total = page.total ?? items.length
  return { items, total, atLeast, next, searchBehind: page.search_behind ?? 0 }
}

function firstPage(path: string, from: { perPage: number; query?: URLSearchParams }): string {
  const query = new URLSearchParams(from.query)
  query.set('per_page', String(from.perPage))
  return `${path}?${query}`
}

export const getCandidates = (from: From): Promise<Page<Row>> =>
  getPage('/api/sft/candidates', from)

/** Decisions, newest first; `query` may have `reviewer` and `since`. */
export const getDecisions = (from: From): Promise<Page<Decided>> =>
  getPage('/api/sft/decisions', from)

export const getCandidate = async (id: string): Promise<Candidate> =>
  (await request('GET', address('/api/sft/candidate', { query: { id } }))).body as Candidate

export const getHistory = async (id: string): Promise<DecisionEntry[]> =>
  (await get('/api/sft/candidate/history', { query: { id } })).decisions

export const getSiblings = async (id: string): Promise<Siblings> =>
  (await get('/api/sft/candidate/siblings', { query: { id } })) as Siblings

export const submit = (decision: Decision): Promise<DecisionAnswer> =>
  post('/api/sft/submit', decision)

export const undo = (decision: Undo): Promise<DecisionAnswer> => post('/api/sft/undo', decision)

export const putOff = (id: string, off = true): Promise<Answer<'/api/sft/put-off', 'post'>> =>
  post('/api/sft/put-off', { id, put_off: off })

/** What a correction would be exported as, and what there is to say about it. */
export const preview = (
  correction: Body<'/api/sft/preview', 'post'>,
  signal?: AbortSignal,
): Promise<Preview> => post('/api/sft/preview', correction, { signal })

export const getFacets = async (query: URLSearchParams): Promise<Facets> =>
  (await request('GET', `/api/sft/facets?${query}`)).body as Facets

export const getDashboard = async (query: URLSearchParams): Promise<Dashboard> =>
  (await request('GET', `/api/sft/dashboard?${query}`)).body as Dashboard

/** What remains under a filter (`query`), and what this reviewer has done since. */
export async function getProgress(since: string, query?: URLSearchParams): Promise<Progress> {
  const wanted = new URLSearchParams(query)
  wanted.set('since', since)
  return (await request('GET', `/api/sft/progress?${wanted}`)).body as Progress
}

export const previewLot = (lot: LotRequest): Promise<LotPreview> =>
  post('/api/sft/lots/preview', lotBody(lot))

export const startLot = (lot: LotRequest): Promise<Job> => post('/api/sft/lots', lotBody(lot))

export const undoLot = (id: string): Promise<Job> =>
  post('/api/sft/lots/{lot_id}/undo', undefined, { path: { lot_id: id } })

export const getLots = async (): Promise<Lot[]> => (await get('/api/sft/lots')).items

export const getBatches = async (): Promise<Batch[]> => (await get('/api/sft/batches')).items

export const createBatch = (batch: NewBatch): Promise<Batch> =>
  post('/api/sft/batches', {
    ...batch,
    filter: batch.filter ? filterBody(batch.filter) : undefined,
  } as BatchBody)

export const deleteBatch = (id: number): Promise<{ id: number }> =>
  post('/api/sft/batches/{batch_id}/delete', undefined, { path: { batch_id: String(id) } })

export const getStats = (): Promise<Stats> => get('/api/sft/stats')

export const getRuns = (): Promise<Run[]> => get('/api/sft/runs')

export const startImport = (runId: string, options?: ImportOptions): Promise<Job> =>
  post('/api/sft/jobs', { kind: 'import', run_id: runId, ...given(options) })

export const importUpload = (uploadId: string, options?: ImportOptions): Promise<Job> =>
  post('/api/sft/jobs', { kind: 'import', upload_id: uploadId, ...given(options) })

const given = (options: ImportOptions = {}): { options?: FullOptions } =>
  Object.keys(options).length > 0 ? { options: options as FullOptions } : {}

export const uploadAddress = (name: string): string =>
  address('/api/sft/upload', { query: { name } })

export const getJob = (id: string): Promise<Job> =>
  get('/api/sft/jobs/{job_id}', { path: { job_id: id } })

export const listJobs = async (): Promise<Job[]> => (await get('/api/sft/jobs')).items

export const cancelJob = (id: string): Promise<Job> =>
  post('/api/sft/jobs/{job_id}/cancel', undefined, { path: { job_id: id } })

export const getWorkspace = (): Promise<Workspace> => get('/api/sft/workspace')

export const getConfig = (): Promise<Config> => get('/api/sft/config')

export const setConfig = (benchResultsDir: string): Promise<Config> =>
  post('/api/sft/config', { bench_results_dir: benchResultsDir })

export const getTaxonomy = async (): Promise<Category[]> =>
  (await get('/api/sft/taxonomy')).categories

export const setTaxonomy = async (categories: CategoryEdit[]): Promise<Category[]> =>
  (await post('/api/sft/taxonomy', { categories })).categories

export const getGuidelines = (version?: number): Promise<Guidelines> =>
  get('/api/sft/guidelines', { query: { version } })

export const saveGuidelines = (text: string, basedOn: number): Promise<Guidelines> =>
  post('/api/sft/guidelines', { text, based_on: basedOn })

/** The address of the approved corrections; no category means all of them. */
export function exportAddress(categories: readonly string[] = []): string {
  const query = new URLSearchParams({ format: 'messages' })
  for (const category of categories) query.append('include_category', category)
  return `/api/sft/export?${query}`
}

const lotBody = ({ filter, ...rest }: LotRequest): LotBody =>
  ({ ...rest, ...(filter ? { filter: filterBody(filter) } : {}) }) as LotBody

/** A filter as a body has it: what restricts nothing is left out, and so is the order. */
export function filterBody(filter: Filter): Record<string, unknown> {
  const body: Record<string, unknown> = {}
  for (const name of queryOfFilter({ ...filter, order: null }).keys())
    body[name] = filter[name as keyof Filter]
  return body
}
