/** What the page of two compared runs speaks of. */
import type { Page } from './api'
import type { Batch } from './finding'
import { get, request } from './http'
import type { Answer } from './http'

export type ComparableRun = Answer<'/api/sft/compare/runs', 'get'>['items'][number]
export type Comparison = Answer<'/api/sft/compare', 'get'>
export type ComparedRun = Comparison['a']
export type ComparisonTable = Comparison['raw']
export type Figures = ComparisonTable['total']
export type NamedFigures = NonNullable<ComparisonTable['by_split']>[number]
export type PromptRow = Answer<'/api/sft/compare/prompts', 'get'>['items'][number]
/** A prompt with the answers of both runs. */
export type PromptPair = Answer<'/api/sft/compare/prompt', 'get'>
export type ComparedSide = PromptPair['a']
export type ComparedAnswer = ComparedSide['answers'][number]
export type OutcomeName = PromptRow['outcome']
export type SplitName = PromptRow['split']

/** Which two runs, and the export that was trained on in between. */
export interface CompareQuestion {
  a: string
  b: string
  trained: string | null
}

/** Which of the prompts; null and false leave all in. */
export interface PromptFilter {
  outcome: string | null
  split: string | null
  category: string | null
  task_type: string | null
  task: string | null
  /** The outcomes with scoring artifacts counted as right. */
  adjusted: boolean
}

/** A million samples take minutes the first time. */
const TIMEOUT_MS = 600_000
const PER_PAGE = 20

export const getComparableRuns = async (): Promise<ComparableRun[]> =>
  (await get('/api/sft/compare/runs')).items

export const compareRuns = async (question: CompareQuestion): Promise<Comparison> =>
  (await ask(`/api/sft/compare?${queryOf(question)}`)).body as Comparison

/** A page of prompts, the first or the one that an earlier one named as its `next`. */
export async function getPrompts(
  from: { next: string } | { question: CompareQuestion; filter: PromptFilter },
): Promise<Page<PromptRow>> {
  const address = 'next' in from ? from.next : promptsAddress(from.question, from.filter)
  const { body, next } = await ask(address)
  const { items, total } = body as { items: PromptRow[]; total: number }
  return { items, total, atLeast: false, next }
}

export async function getPrompt(question: CompareQuestion, key: string): Promise<PromptPair> {
  const query = queryOf(question)
  query.set('prompt_key', key)
  return (await ask(`/api/sft/compare/prompt?${query}`)).body as PromptPair
}

/** A batch of what B still fails and nobody has looked at; null where there is nothing such. */
export const queueFailures = async (
  question: CompareQuestion,
  name: string,
): Promise<Batch | null> => {
  const asked = { ...question, name }
  const { body } = await request('POST', '/api/sft/compare/queue', asked, undefined, TIMEOUT_MS)
  return (body as { batch: Batch | null }).batch
}

/** Where the report is downloaded. */
export function reportAddress(question: CompareQuestion, format: 'markdown' | 'json'): string {
  const query = queryOf(question)
  query.set('format', format)
  return `/api/sft/compare/report?${query}`
}

function promptsAddress(question: CompareQuestion, { adjusted, ...filter }: PromptFilter): string {
  const query = queryOf(question)
  for (const [name, value] of Object.entries(filter)) if (value !== null) query.set(name, value)
  if (adjusted) query.set('adjusted', 'true')
  query.set('per_page', String(PER_PAGE))
  return `/api/sft/compare/prompts?${query}`
}

function queryOf({ a, b, trained }: CompareQuestion): URLSearchParams {
  return new URLSearchParams({ a, b, ...(trained ? { trained } : {}) })
}

const ask = (url: string): ReturnType<typeof request> =>
  request('GET', url, undefined, undefined, TIMEOUT_MS)
