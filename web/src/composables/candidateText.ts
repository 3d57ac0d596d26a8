import type { Candidate, PromptMessage } from '@/client/candidate'

import { isRecord, textOf } from './values'

export { textOf }

/** One piece of a message, ready to be shown. */
export type MessagePart =
  | { kind: 'text'; text: string }
  | { kind: 'image'; address: string; link: boolean }
  | { kind: 'data'; text: string }
  | { kind: 'tool-call'; id?: string; name: string; text: string }
  | { kind: 'tool-result'; text: string }

/**
 * The parts of a message in any of the shapes that logs have: a text, nothing, or a list of parts,
 * with tool calls behind.
 *
 *     {content: [{type: "text", text: "Look:"}, {type: "image_url", image_url: {url: "https://…"}}]}
 *     → [{kind: "text", text: "Look:"}, {kind: "image", address: "https://…", link: true}]
 */
export function messageParts(message: PromptMessage): MessagePart[] {
  const { content, tool_calls: calls } = message
  const pieces = content === null || content === undefined ? [] : [content].flat()
  return [...pieces.map(contentPart), ...[calls ?? []].flat().map(toolCallPart)].filter(
    (part) => part.kind !== 'text' || part.text !== '',
  )
}

function contentPart(piece: unknown): MessagePart {
  if (typeof piece === 'string') return { kind: 'text', text: piece }
  if (isRecord(piece)) {
    if (typeof piece.text === 'string') return { kind: 'text', text: piece.text }
    if (piece.type === 'tool_use') return toolCallPart({ ...piece, arguments: piece.input })
    if (piece.type === 'tool_result')
      return { kind: 'tool-result', text: contentText(piece.content) }
    const address = imageAddress(piece)
    if (address) return { kind: 'image', address, link: /^https?:\/\//i.test(address) }
  }
  return { kind: 'data', text: textOf(piece) }
}

function imageAddress(piece: Record<string, unknown>): string | null {
  const { type, image_url: linked, image, url } = piece
  if (typeof type !== 'string' || !type.includes('image')) return null
  const nested = isRecord(linked) ? linked.url : linked
  return [nested, image, url].find((value): value is string => typeof value === 'string') ?? null
}

export function toolCallPart(call: unknown): MessagePart & { kind: 'tool-call' } {
  const record = isRecord(call) ? call : {}
  const target = isRecord(record.function) ? record.function : record
  const name = [target.name, record.function].find((value) => typeof value === 'string')
  return {
    kind: 'tool-call',
    id: typeof record.id === 'string' ? record.id : undefined,
    name: typeof name === 'string' ? name : 'tool call',
    text: prettyJson(target.arguments ?? record.arguments ?? call),
  }
}

/** Arguments are mostly JSON inside a string; broken JSON is shown as it stands. */
function prettyJson(value: unknown): string {
  if (typeof value !== 'string') return textOf(value)
  try {
    return JSON.stringify(JSON.parse(value), null, 2)
  } catch {
    return value
  }
}

/** What a message says, without its calls: the texts of its parts, one after the other. */
export function contentText(content: unknown): string {
  return messageParts({ content })
    .map((part) => ('text' in part ? part.text : part.address))
    .join('\n')
}

export function messagesOf(item: Candidate): PromptMessage[] {
  const messages: unknown = item.prompt_messages
  if (typeof messages === 'string') return [{ role: 'user', content: messages }]
  if (!Array.isArray(messages)) return []
  return messages.map((message: unknown) =>
    isRecord(message) ? message : { role: 'user', content: message },
  )
}

/** What the card calls the candidate: its task, else its id. */
export const titleOf = (item: Candidate): string =>
  String(item.task_name || item.task_id || item.id)

const CODE_TASK = /\b(code|coding|sql|json|regex|bash|shell|program)/i
const CODE_START =
  /^\s*(?:\{|\[\s*["'{[\d\]-]|<[a-z!?]|def \w+|class \w+\s*[:({]|function \w*\s*\(|import [\w{*"'.]|from \S+ import |SELECT |#!|#include|```)/

/** Whether a text reads better in a monospace face. */
export function looksLikeCode(text: string, taskType?: string | null): boolean {
  return CODE_TASK.test(taskType ?? '') || CODE_START.test(text)
}

/** How a text is best shown. A fence makes Markdown even of what is mostly code. */
export function readingOf(text: string, code: boolean): 'plain' | 'code' | 'markdown' {
  if (/^ {0,3}(?:```|~~~)/m.test(text)) return 'markdown'
  if (code) return 'code'
  return MARKDOWN_SIGN.test(text) ? 'markdown' : 'plain'
}

/** What is certainly plain is not worth fetching a renderer for. */
const MARKDOWN_SIGN =
  /[*_`#|\\]|~~|\$[^$]*\$|\]\(|https?:\/\/|^ {0,3}(?:[-+>]|\d+[.)])\s|^(?: {4}|\t)|^[=-]{3,}\s*$/m

const LANGUAGE_SIGNS: readonly [RegExp, string][] = [
  [/^\s*[{[]/, 'json'],
  [/^\s*(?:#!.*(?:ba)?sh|\$ )/, 'bash'],
  [
    /^\s*(?:#!.*python|def \w+|from \S+ import |import \w+(?:$|\n| as )|class \w+\s*[:(])/,
    'python',
  ],
  [/^\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|WITH) /, 'sql'],
  [/^\s*<[a-z!?]/i, 'xml'],
  [/^\s*#include/, 'cpp'],
  [/^\s*(?:function|const|let|import|export|async) /, 'typescript'],
  [/^\s*(?:public|package|private) /, 'java'],
  [/\bdef \w+\(.*\).*:\s*$/m, 'python'],
]

/** The language of code that does not name it, by its first words; undefined when unsure. */
export const languageOf = (code: string): string | undefined =>
  LANGUAGE_SIGNS.find(([sign]) => sign.test(code))?.[1]

const SHOWN_ELSEWHERE = new Set(
  `id status prompt_messages model_response corrected_response quality_score failure_reason
  failure_category task_id task_type task_name model_id model_name node_id gpu_id tokens_per_sec
  reference_answer reasoning tool_calls tags scoring generation timestamp benchmark_run_id source`.split(
    /\s+/,
  ),
)

/** The fields that have no place of their own on the card. */
export function otherFields(item: Candidate): { name: string; text: string }[] {
  return Object.entries(item)
    .filter(([name, value]) => !SHOWN_ELSEWHERE.has(name) && value !== null && value !== undefined)
    .map(([name, value]) => ({ name, text: textOf(value) }))
    .filter(({ text }) => text !== '')
}
