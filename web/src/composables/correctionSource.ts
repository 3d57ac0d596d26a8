import type { Candidate, PromptMessage } from '@/client/candidate'
import type { CorrectedParts, Draft, ToolCall } from '@/client/draft'

import { messagesOf, textOf } from './candidateText'
import { splitReasoning } from './reasoning'
import { sameCalls, toolCallsOf } from './toolCalls'
import { isRecord } from './values'

/** What the model wrote, in the turn that is corrected. */
export interface CorrectionSource {
  /** The answer alone. */
  text: string
  reasoning: string | null
  toolCalls: ToolCall[]
}

/** The marked turn of the conversation, or the response when none is marked. */
export function sourceOf(item: Candidate, turn?: number | null): CorrectionSource {
  const message = turn === null || turn === undefined ? undefined : messagesOf(item)[turn]
  if (message) return sourceOfMessage(message)
  return thought(textOf(item.model_response), item.reasoning, item.tool_calls)
}

function sourceOfMessage(message: PromptMessage): CorrectionSource {
  const { content, reasoning_content: long, reasoning } = message
  return thought(contentText(content), long || reasoning, message.tool_calls)
}

function thought(text: string, apart: unknown, calls: unknown): CorrectionSource {
  const { reasoning, answer } = splitReasoning(text)
  const stated = typeof apart === 'string' ? apart.trim() : ''
  return { text: answer, reasoning: stated || reasoning, toolCalls: toolCallsOf(calls) }
}

/** The text of a message: its text parts, one after the other. */
function contentText(content: unknown): string {
  if (!Array.isArray(content)) return typeof content === 'string' ? content : ''
  return content
    .map((part: unknown) => (isRecord(part) ? part.text : null))
    .filter((text): text is string => typeof text === 'string')
    .join('')
}

/** The parts that a correction of this source begins with: its tool calls go out explicitly. */
export function partsOf(source: CorrectionSource, turn?: number | null): CorrectedParts {
  return {
    ...(source.toolCalls.length > 0 ? { tool_calls: source.toolCalls } : {}),
    ...(turn === null || turn === undefined ? {} : { turn }),
  }
}

/**
 * The draft that a correction begins with: what the model wrote, or the correction that the
 * candidate has already.
 */
export function freshDraft(item: Candidate, turn?: number | null, now = new Date()): Draft {
  const earlier = turn === null || turn === undefined ? textOf(item.corrected_response) : ''
  const source = sourceOf(item, turn)
  return {
    text: earlier || source.text,
    parts: earlier && item.corrected_parts ? { ...item.corrected_parts } : partsOf(source, turn),
    category: null,
    note: '',
    tags: [],
    startedFrom: earlier ? 'earlier' : 'response',
    at: now.toISOString(),
  }
}

/** Whether a correction says something else than the model did, its reasoning aside. */
export function isAnswerChanged(
  source: CorrectionSource,
  draft: Pick<Draft, 'text' | 'parts'>,
): boolean {
  const { answer } = splitReasoning(draft.text)
  return (
    answer.trim() !== source.text.trim() ||
    !sameCalls(source.toolCalls, draft.parts.tool_calls ?? [])
  )
}
