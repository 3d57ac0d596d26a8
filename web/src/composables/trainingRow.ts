import type { ToolCall } from '@/client/draft'

import { splitReasoning } from './reasoning'
import { toolCallsOf } from './toolCalls'
import { isRecord, textOf } from './values'

/** One message of a training row, ready to be read. */
export interface TrainedMessage {
  role: string
  reasoning: string | null
  content: string
  toolCalls: ToolCall[]
  /** The turn that carries the loss: what the model learns to say. */
  learned: boolean
}

/** The messages of a row; null for a row that has none, which is then read as it is. */
export function trainedMessages(row: Readonly<Record<string, unknown>>): TrainedMessage[] | null {
  const list = row.messages
  if (!Array.isArray(list)) return null
  const messages = list.filter(isRecord)
  const last = messages.findLastIndex(({ role }) => role === 'assistant')
  return messages.map((message, index) => {
    const { role, content, tool_calls: calls } = message
    const text = contentText(content)
    const assistant = role === 'assistant'
    const apart = textOf(message.reasoning_content ?? message.reasoning ?? message.thinking)
    const { reasoning, answer } = assistant
      ? splitReasoning(text)
      : { reasoning: null, answer: text }
    return {
      role: textOf(role) || 'message',
      reasoning: apart || reasoning,
      content: answer,
      toolCalls: toolCallsOf(calls),
      learned: index === last,
    }
  })
}

function contentText(content: unknown): string {
  if (!Array.isArray(content)) return textOf(content)
  return content
    .map((part: unknown) =>
      isRecord(part) && typeof part.text === 'string' ? part.text : textOf(part),
    )
    .join('\n')
}
