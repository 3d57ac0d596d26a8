import type { Decision, DecisionEntry, Undo } from '@/client/api'
import type { Candidate, FailureCategory } from '@/client/candidate'
import type { CorrectedParts, Draft } from '@/client/draft'

import { freshDraft } from './correctionSource'
import { newDecisionId } from './decisionId'

export type Action = 'correct' | 'discard' | 'flag' | 'amend'

/** Whom the server names when no name is sent. */
export const LOCAL_REVIEWER = 'local'

/** What a reviewer says with a decision. */
export interface DecisionContent {
  category: FailureCategory | null
  text?: string
  parts?: CorrectedParts
  note?: string
  tags?: readonly string[]
  artifactKind?: string | null
}

/** What a decision says beside its text and its category. */
export type Said = Pick<DecisionContent, 'parts' | 'note' | 'tags' | 'artifactKind'>

/** Undefined when there is nothing to say. */
export function saidWith(draft: Partial<Draft>): Said | undefined {
  const { parts, note, tags, artifactKind } = draft
  const said: Said = {
    ...(hasParts(parts) ? { parts } : {}),
    ...(note?.trim() ? { note } : {}),
    ...(tags?.length ? { tags } : {}),
    ...(artifactKind ? { artifactKind } : {}),
  }
  return Object.keys(said).length > 0 ? said : undefined
}

export interface DecisionContext {
  seconds: number
  reviewer: string
  guidelinesVersion?: number
  /** The proof that the card was in the reviewer's hands. */
  claim?: string
}

/** The request for a decision. It names the reviewer, who may be another one when it is sent. */
export function decisionBody(
  item: Candidate,
  action: Action,
  content: DecisionContent,
  { seconds, reviewer, guidelinesVersion, claim }: DecisionContext,
): Decision {
  const { text, parts, category, note, tags, artifactKind } = content
  const isArtifact = category === 'scoring_artifact' && artifactKind
  return {
    id: item.id,
    action,
    ...(text === undefined ? {} : { corrected_response: text }),
    ...(hasParts(parts) ? { corrected_parts: parts } : {}),
    failure_category: category,
    ...(isArtifact ? { artifact_kind: artifactKind } : {}),
    ...(note?.trim() ? { note } : {}),
    ...(tags?.length ? { tags: [...tags] } : {}),
    decision_id: newDecisionId(),
    seconds,
    reviewer: reviewer || LOCAL_REVIEWER,
    ...(guidelinesVersion === undefined ? {} : { guidelines_version: guidelinesVersion }),
    ...(claim === undefined ? {} : { claim }),
  } as Decision
}

export const undoBody = ({ id, reviewer }: Pick<Decision, 'id' | 'reviewer'>): Undo => ({
  id,
  decision_id: newDecisionId(),
  reviewer: reviewer ?? LOCAL_REVIEWER,
})

/** What was written with a decision, as a draft again; null when nothing was. */
export function writtenWith(
  item: Candidate,
  said: Partial<
    Pick<
      DecisionEntry,
      'corrected_response' | 'failure_category' | 'artifact_kind' | 'note' | 'tags'
    >
  > & {
    corrected_parts?: unknown
  },
): Draft | null {
  const { corrected_response: text, corrected_parts: parts, failure_category: category } = said
  const spoken =
    typeof text === 'string' || Boolean(said.note?.trim()) || Boolean(said.tags?.length)
  if (!spoken) return null
  const fresh = freshDraft(item)
  return {
    ...fresh,
    ...(typeof text === 'string' ? { text, parts: partsFrom(parts), startedFrom: 'earlier' } : {}),
    category: category ?? null,
    ...(said.artifact_kind ? { artifactKind: said.artifact_kind } : {}),
    note: said.note ?? '',
    tags: [...(said.tags ?? [])],
  }
}

/** The draft that an approved candidate is amended with: what was approved. */
export function approvedDraft(item: Candidate): Draft {
  const { corrected_response: text, corrected_parts: parts, failure_category: category } = item
  return {
    ...freshDraft(item),
    ...(text ? { text, startedFrom: 'earlier' } : {}),
    ...(parts ? { parts: partsFrom(parts) } : {}),
    category: category ?? null,
  }
}

function partsFrom(value: unknown): CorrectedParts {
  return typeof value === 'object' && value !== null ? (value as CorrectedParts) : {}
}

export const hasParts = (parts: CorrectedParts | undefined): boolean =>
  parts !== undefined && Object.keys(parts).length > 0
