/** What the pages for finding candidates speak of: rows, facets, siblings, samples, lots. */
import type { CorrectedParts } from './draft'
import type { Filter } from './filter'
import type { Answer, Body } from './http'

export type Row = Answer<'/api/sft/candidates', 'get'>['items'][number]
export type Facets = Answer<'/api/sft/facets', 'get'>
export type ValueCount = Facets['facets']['model'][number]
export type Dashboard = Answer<'/api/sft/dashboard', 'get'>
export type Batch = Answer<'/api/sft/batches', 'get'>['items'][number]
export type BatchBody = Body<'/api/sft/batches', 'post'>
export type Lot = Answer<'/api/sft/lots', 'get'>['items'][number]
export type LotPreview = Answer<'/api/sft/lots/preview', 'post'>
/** A sample to be drawn. */
export type NewBatch = Omit<BatchBody, 'filter'> & { filter?: Filter }
type SiblingsAnswer = Answer<'/api/sft/candidate/siblings', 'get'>
type SiblingAnswer = SiblingsAnswer['items'][number]
/** Another answer to the same prompt: a candidate, or one that the model got right. */
export type Sibling = Omit<SiblingAnswer, 'corrected_parts'> & {
  corrected_parts: CorrectedParts | null
}
/** The candidate that another names as its `parent_id`, or that one's, with its decisions. */
export type Ancestor = Sibling &
  Pick<SiblingsAnswer['ancestors'][number], 'same_prompt' | 'decisions'>
export interface Siblings {
  items: readonly Sibling[]
  /** The nearest first. */
  ancestors: readonly Ancestor[]
}

export type LotAction = LotRequest['action']
export type LotBody = Body<'/api/sft/lots', 'post'>

/** A bulk action on the candidates named, or on those that a filter finds. */
export interface LotRequest {
  action: 'correct' | 'discard' | 'flag' | 'undo' | 'categorise'
  ids?: string[]
  filter?: Filter
  corrected_response?: string
  corrected_parts?: CorrectedParts
  from_reference?: boolean
  /** For all of them; absent: each keeps its own. */
  failure_category?: string | null
  note?: string
  tags?: string[]
  /** How many the preview said. */
  expected?: number
  lot_id?: string
}
