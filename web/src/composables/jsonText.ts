/** JSON as text, with its numbers and its order of names left as they are written. */

export interface JsonProblem {
  /** From 1. */
  line: number
  column: number
  message: string
}

const TOKEN = /\s*(?:([{}[\]:,])|("(?:[^"\\\p{Cc}]|\\.)*")|([^\s{}[\]:,"]+)|("))/uy
const SCALAR = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/
const ESCAPES = /^"(?:[^\\]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"$/

/**
 * Where and why a text is not JSON; null when it is. Browsers say it each in its own way, and some
 * without a place.
 *
 *     '{"a": 1,}' → {line: 1, column: 9, message: "A name in double quotes is missing before `}`."}
 */
export function jsonProblem(text: string): JsonProblem | null {
  try {
    JSON.parse(text)
    return null
  } catch {
    const { at, message } = firstFault(text) ?? { at: 0, message: 'This is not JSON.' }
    const before = text.slice(0, at)
    const line = before.split('\n').length
    return { line, column: at - before.lastIndexOf('\n'), message }
  }
}

interface Fault {
  at: number
  message: string
}

/** What may come next, in words. */
const EXPECTED = {
  value: 'A value is missing',
  'value or end': 'A value is missing',
  name: 'A name in double quotes is missing',
  'name or end': 'A name in double quotes is missing',
  colon: 'A colon is missing',
  more: 'A comma is missing',
  nothing: 'The JSON ends here, but there is more',
} as const

type State = keyof typeof EXPECTED

/** Walks the tokens with the open brackets in mind, up to the first that does not fit. */
function firstFault(text: string): Fault | null {
  const open: string[] = []
  let state: State = 'value'
  TOKEN.lastIndex = 0
  for (;;) {
    const from = TOKEN.lastIndex
    const [all = '', mark, string, word, quote] = TOKEN.exec(text) ?? []
    if (!all) return endFault(text, open, state)
    const token = all.trimStart()
    const at = from + all.length - token.length
    if (quote)
      return { at, message: 'This text in quotes does not end, or has a line break or tab in it.' }
    const next = step(state, mark ?? (string ? 'string' : 'word'), open)
    if (!next) {
      if (word?.startsWith("'")) return { at, message: 'JSON takes double quotes only.' }
      const before = state === 'nothing' ? '' : ` before \`${token.slice(0, 20)}\``
      return { at, message: `${EXPECTED[state]}${before}.` }
    }
    if (word && !SCALAR.test(word)) {
      return { at, message: `\`${word.slice(0, 20)}\` is no JSON value; text stands in quotes.` }
    }
    if (string && !ESCAPES.test(string)) {
      return { at, message: 'This text has an unknown `\\` in it; write `\\\\` for one.' }
    }
    state = next
  }
}

function step(state: State, token: string, open: string[]): State | null {
  const takesValue = state === 'value' || state === 'value or end'
  const done = (): State => (open.length > 0 ? 'more' : 'nothing')
  if (token === '{' || token === '[') {
    if (!takesValue) return null
    open.push(token)
    return token === '{' ? 'name or end' : 'value or end'
  }
  if (token === '}' || token === ']') {
    const ends = state === 'more' || state === (token === '}' ? 'name or end' : 'value or end')
    if (!ends || open.at(-1) !== (token === '}' ? '{' : '[')) return null
    open.pop()
    return done()
  }
  if (token === ':') return state === 'colon' ? 'value' : null
  if (token === ',') return state !== 'more' ? null : open.at(-1) === '{' ? 'name' : 'value'
  if (state === 'name' || state === 'name or end') return token === 'string' ? 'colon' : null
  return takesValue ? done() : null
}

function endFault(text: string, open: readonly string[], state: State): Fault | null {
  const at = text.trimEnd().length
  const bracket = open.at(-1)
  if (bracket && ['more', 'name or end', 'value or end'].includes(state)) {
    return { at, message: `A closing \`${bracket === '{' ? '}' : ']'}\` is missing.` }
  }
  return { at, message: text.trim() === '' ? 'Write {} for no arguments.' : `${EXPECTED[state]}.` }
}

const PIECE = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g

/** Sets valid JSON on lines, by its brackets alone: no number or name is written anew. */
export function indentJson(text: string): string {
  if (jsonProblem(text)) return text
  let depth = 0
  let before = ''
  return (text.match(PIECE) ?? []).reduce((out, piece) => {
    const closes = piece === '}' || piece === ']'
    const opened = before === '{' || before === '['
    if (closes) depth--
    const breaks = closes ? !opened : opened || before === ','
    if (piece === '{' || piece === '[') depth++
    const indent = piece === '{' || piece === '[' ? depth - 1 : depth
    before = piece
    return out + (breaks ? `\n${'  '.repeat(indent)}` : '') + (piece === ':' ? ': ' : piece)
  }, '')
}

/** Sets valid JSON on one line, with or without a space after `,` and `:`. */
export function joinJson(text: string, spaced: boolean): string {
  if (jsonProblem(text)) return text
  return (text.match(PIECE) ?? [])
    .map((piece) => (spaced && (piece === ',' || piece === ':') ? `${piece} ` : piece))
    .join('')
}

/** Writes edited JSON in the manner of the text that it came from. */
export function inTheMannerOf(original: string, edited: string): string {
  if (joinJson(original, false) === joinJson(edited, false)) return original
  if (original.includes('\n')) return edited
  return joinJson(edited, original === '{}' || original !== joinJson(original, false))
}
