/** What the Exports page speaks of: recipes, what they would give, and what was made of them. */
import type { Job } from './api'
import { address, get, post, request } from './http'
import type { Answer, Body } from './http'

export type ExportFormats = Answer<'/api/sft/exports/formats', 'get'>
export type ExportFormat = ExportFormats['items'][number]
export type FormatKind = ExportFormat['kind']

type FullRecipe = Body<'/api/sft/exports', 'post'>['recipe']
export type GroupBy = NonNullable<FullRecipe['group_by']>[number]
export type CapBy = keyof NonNullable<FullRecipe['caps']>
type Given = Omit<{ [Key in keyof FullRecipe]: NonNullable<FullRecipe[Key]> }, 'filter' | 'caps'>

/** Everything that decides what an export contains; a key left out changes nothing. */
export interface Recipe extends Partial<Given> {
  filter?: Record<string, unknown>
  caps?: Partial<Record<CapBy, number>>
}

/** What a recipe would give: the funnel, what is left out, counts, lengths, the first rows. */
export type ExportPreview = Answer<'/api/sft/exports/preview', 'post'>
/** A step of the funnel, and how many are left after it. */
export type ExportStage = ExportPreview['stages'][number]
export type LeftOut = ExportPreview['left_out'][number]
export type ExportExample = ExportPreview['examples'][number]
/** How long the rows are; a bin is from `from` up to, but without, `to`. */
export type Lengths = NonNullable<ExportPreview['lengths']>
export type Counts = Record<string, number>

/** A snapshot as the list has it. */
export type ExportEntry = Answer<'/api/sft/exports', 'get'>['items'][number]
export type ExportDetails = Answer<'/api/sft/exports/{name}', 'get'>
export type Manifest = ExportDetails['manifest']
/** A file; the manifest says more of it than the folder. */
export type ExportFile = ExportDetails['files'][number] & Partial<Manifest['files'][number]>
/** What the job of an export has made. */
export type ExportReport = Extract<NonNullable<Job['result']>, { contaminated: unknown }>

/** What has become of the decisions that went into an export. */
export type ExportChanges = Answer<'/api/sft/exports/{name}/changes', 'get'>
export type ExportDifference = Answer<'/api/sft/exports/diff', 'get'>
/** Why a candidate could not be exported, were it corrected. */
export type Obstacle = Answer<'/api/sft/candidate/obstacles', 'get'>['obstacles'][number]

/** The first count waits until what looks for secrets is loaded. */
const PREVIEW_TIMEOUT_MS = 120_000

export const getFormats = (): Promise<ExportFormats> => get('/api/sft/exports/formats')

/** What a recipe would give, without making it. */
export async function previewExport(recipe: Recipe, signal?: AbortSignal): Promise<ExportPreview> {
  const url = '/api/sft/exports/preview'
  return (await request('POST', url, { recipe }, signal, PREVIEW_TIMEOUT_MS)).body as ExportPreview
}

export const startExport = (name: string, recipe: Recipe): Promise<Job> =>
  post('/api/sft/exports', { name, recipe: recipe as FullRecipe })

/** The exports made, the newest first. */
export const getExports = async (): Promise<ExportEntry[]> => (await get('/api/sft/exports')).items

export const getExport = (name: string): Promise<ExportDetails> =>
  get('/api/sft/exports/{name}', { path: { name } })

export const getChanges = (name: string): Promise<ExportChanges> =>
  get('/api/sft/exports/{name}/changes', { path: { name } })

export const compareExports = (a: string, b: string): Promise<ExportDifference> =>
  get('/api/sft/exports/diff', { query: { a, b } })

/** Where a file of an export is downloaded. */
export const exportFileAddress = (name: string, file: string): string =>
  address('/api/sft/exports/{name}/files/{file}', { path: { name, file } })

export const getObstacles = async (id: string): Promise<Obstacle[]> =>
  (await get('/api/sft/candidate/obstacles', { query: { id } })).obstacles
