import type { Candidate, PromptMessage } from '@/client/candidate'

import { messagesOf, toolCallPart } from './candidateText'
import { splitReasoning } from './reasoning'
import { textOf } from './values'

/** One message of the prompt, with what its tool calls gave. */
export interface Turn {
  /** Where it stands in `prompt_messages`. */
  index: number
  message: PromptMessage
  /** The result of each call, by the call's place in `tool_calls`. */
  results: Record<number, { index: number; message: PromptMessage }>
}

interface OpenCall {
  turn: Turn
  place: number
  id: string | undefined
}

/**
 * The conversation with each tool result beside its call instead of some messages further on.
 *
 *     assistant (calls add, id c1) · tool (tool_call_id c1) · user → 2 turns; the first has a result
 *
 * Ids may come again in later turns: the oldest unanswered call of that id is meant. A result
 * without an id answers the first call that still waits; one that answers nothing stays a turn.
 */
export function turnsOf(item: Candidate): Turn[] {
  const turns: Turn[] = []
  let open: OpenCall[] = []
  for (const [index, message] of messagesOf(item).entries()) {
    const call = isToolResult(message) ? answered(open, message) : undefined
    if (call) {
      call.turn.results[call.place] = { index, message }
      open = open.filter((other) => other !== call)
      continue
    }
    const turn: Turn = { index, message, results: {} }
    turns.push(turn)
    const calls = Array.isArray(message.tool_calls) ? message.tool_calls : []
    open.push(...calls.map((made, place) => ({ turn, place, id: toolCallPart(made).id })))
  }
  return turns
}

const isToolResult = ({ role }: PromptMessage): boolean => role === 'tool' || role === 'function'

function answered(open: OpenCall[], result: PromptMessage): OpenCall | undefined {
  const id = result.tool_call_id
  return typeof id === 'string' && id ? open.find((call) => call.id === id) : open[0]
}

export const isAssistant = ({ message }: Turn): boolean => message.role === 'assistant'

/** What a model thought before it answered, apart from the answer. */
export interface Thought {
  reasoning: string
  answer: string
}

function apart(recorded: unknown, text: string): Thought {
  const reasoning = textOf(recorded)
  if (reasoning.trim()) return { reasoning, answer: text }
  const { reasoning: thought, answer } = splitReasoning(text)
  return { reasoning: thought ?? '', answer }
}

/** `{model_response: "<think>16 - 3</think>13"}` → `{reasoning: "16 - 3", answer: "13"}` */
export const responseOf = (item: Candidate): Thought =>
  apart(item.reasoning, textOf(item.model_response))

/** The same for one message; content that is a list of parts stays as it is. */
export function thoughtOf(message: PromptMessage): { reasoning: string; content: unknown } {
  const recorded = message.reasoning_content ?? message.reasoning
  if (typeof message.content !== 'string')
    return { reasoning: textOf(recorded), content: message.content }
  if (message.role !== 'assistant') return { reasoning: '', content: message.content }
  const { reasoning, answer } = apart(recorded, message.content)
  return { reasoning, content: answer }
}
