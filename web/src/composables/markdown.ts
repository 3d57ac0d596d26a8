import MarkdownIt from 'markdown-it'
import type { Token } from 'markdown-it'

import type { highlight as Highlight } from './highlight'
import type { renderMath as RenderMath } from './mathematics'
import { addMathRules } from './mathRules'
import { sanitise } from './sanitise'

/*
 * Loaded when the first text with Markdown in it is shown. Colours for code and mathematics come in
 * files of their own, when the first text needs them.
 */
let highlight: typeof Highlight | null = null
let renderMath: typeof RenderMath | null = null

const md = new MarkdownIt({
  html: false,
  linkify: true,
  // Models put each step on a line of its own; joined lines would be another text.
  breaks: true,
})
// `main.py` is a file, though `.py` is a country.
md.linkify.set({ fuzzyLink: false, fuzzyEmail: false })
md.validateLink = (url) => /^(?:https?:\/\/|mailto:)/i.test(url.trim())
addMathRules(md)

const escape = md.utils.escapeHtml

/** `3*4` and `x**2` are arithmetic; read as emphasis, the asterisks would be gone. */
md.inline.ruler.before('emphasis', 'product', (state, silent) => {
  const { src, pos } = state
  if (src[pos] !== '*') return false
  const stars = src.slice(pos, pos + 3).match(/^\*+/)?.[0] ?? ''
  if (!isArithmetic(src.slice(Math.max(0, pos - 3), pos), stars, src[pos + stars.length] ?? ''))
    return false
  if (!silent) state.pending += stars
  state.pos += stars.length
  return true
})

/** A number on one side at least, or a variable of one letter: `eggs*2`, `2**n`, `x*y`, `3*(4+5)`. */
function isArithmetic(before: string, stars: string, after: string): boolean {
  if (/\d/.test(after)) return /[\w)\]}]$/.test(before)
  if (!/(?:[\d)\]}]|(?:^|[^A-Za-z_])[A-Za-z])$/.test(before)) return false
  return (stars === '*' ? /[A-Za-z([{$\\]/ : /[A-Za-z]/).test(after)
}

const at = (tokens: Token[], index: number): Token => tokens[index] as Token

/** `` ```python title="x" `` → `python`. */
const languageOf = (token: Token): string => token.info.trim().split(/[\s{,:]/)[0] ?? ''

const codeBlock = (tokens: Token[], index: number): string => {
  const { content } = at(tokens, index)
  return `<pre dir="ltr"><code class="hljs">${coloured(content, languageOf(at(tokens, index)))}</code></pre>\n`
}

const coloured = (code: string, language: string): string =>
  (language && highlight?.(code, language)) || escape(code)

const formula = (tokens: Token[], index: number): string => {
  const { content, markup, info, meta } = at(tokens, index)
  const { display } = meta as { display: boolean }
  const math = renderMath?.(content, display)
  if (!math) return `<code class="md-tex">${escape(markup)}</code>`
  return display
    ? `<span class="md-formula">${math}${escape(info)}</span>`
    : `<span class="md-math">${math}</span>`
}

Object.assign(md.renderer.rules, {
  fence: codeBlock,
  code_block: codeBlock,
  math_inline: formula,
  math_block: (tokens: Token[], index: number) => `<p>${formula(tokens, index)}</p>\n`,
  // An image is an address: nothing is fetched because a model named it.
  image: (tokens: Token[], index: number) => {
    const token = at(tokens, index)
    const source = String(token.attrGet('src') ?? '')
    return `<a href="${escape(source)}">${escape(`image: ${token.content || source}`)}</a>`
  },
})

const TEXT_BLOCKS = /^(?:paragraph|heading|blockquote|list_item|th|td)_open$/

/** Each paragraph has its own direction, and headings follow on those of the page. */
function adapt(tokens: Token[]): void {
  let depth = 2
  for (const [index, token] of tokens.entries()) {
    if (TEXT_BLOCKS.test(token.type)) token.attrSet('dir', 'auto')
    if (token.type === 'heading_open' && isFinalAnswer(token, tokens[index + 1])) {
      keepMark(token, at(tokens, index + 1), at(tokens, index + 2))
    } else if (token.type === 'heading_open') {
      depth = Math.min(depth + 1, Number(token.tag[1]) + 2, 6)
      token.tag = `h${depth}`
      const close = tokens.slice(index).find(({ type }) => type === 'heading_close')
      if (close) close.tag = token.tag
    }
    const align = /text-align:(\w+)/.exec(String(token.attrGet('style') ?? ''))?.[1]
    // Even to parse a style attribute is against the content security policy.
    if (align) token.attrs = [['class', `md-${align}`], ...attributesBut('style', token)]
  }
}

/** GSM8K and others end with `#### 18`: that is no heading, and its mark is part of the answer. */
const isFinalAnswer = ({ markup }: Token, inline?: Token): boolean =>
  markup === '####' && /^[-$€£]?[\d.,]+%?$/.test(inline?.content ?? '')

function keepMark(open: Token, inline: Token, close: Token): void {
  open.tag = 'p'
  close.tag = 'p'
  const words = inline.children?.[0]
  if (words) words.content = `${open.markup} ${words.content}`
}

const attributesBut = (name: string, token: Token) =>
  (token.attrs ?? []).filter(([other]) => other !== name)

const isCode = ({ type }: Token): boolean => type === 'fence'
const isMath = ({ type }: Token): boolean => type.startsWith('math_')
const has = (tokens: Token[], test: (token: Token) => boolean): boolean =>
  tokens.some((token) => test(token) || token.children?.some(test))

/**
 * Markdown as sanitised nodes: at once when everything it needs is here, else as a promise.
 *
 *     "**18** eggs" → <p dir="auto"><strong>18</strong> eggs</p>
 */
export function renderMarkdown(text: string): DocumentFragment | Promise<DocumentFragment> {
  const tokens = md.parse(text, {})
  adapt(tokens)
  const finish = (): DocumentFragment | Promise<DocumentFragment> =>
    text.length > AT_ONCE ? inPieces(tokens) : htmlOf(tokens)
  const missing = [
    !highlight && has(tokens, isCode) && loadHighlight(),
    !renderMath && has(tokens, isMath) && loadMath(),
  ].filter((load) => load instanceof Promise)
  return missing.length ? Promise.all(missing).then(finish) : finish()
}

/** A longer text is rendered piece by piece, so that the page answers in between. */
const AT_ONCE = 20_000
const PIECE = 4_000

const htmlOf = (tokens: Token[]): DocumentFragment =>
  sanitise(md.renderer.render(tokens, md.options, {}))

async function inPieces(tokens: Token[]): Promise<DocumentFragment> {
  const whole = document.createDocumentFragment()
  let piece: Token[] = []
  let depth = 0
  let size = 0
  for (const token of tokens) {
    piece.push(token)
    depth += token.nesting
    size += token.content.length
    // Only between two blocks of the top level can it be cut.
    if (depth > 0 || size < PIECE) continue
    whole.append(htmlOf(piece))
    piece = []
    size = 0
    await new Promise((resolve) => setTimeout(resolve))
  }
  whole.append(htmlOf(piece))
  return whole
}

/** Code in one language as sanitised nodes. */
export function renderCode(
  code: string,
  language: string,
): DocumentFragment | Promise<DocumentFragment> {
  const finish = (): DocumentFragment =>
    sanitise(`<code class="hljs">${coloured(code, language)}</code>`)
  return highlight ? finish() : loadHighlight().then(finish)
}

/* Without its file (the connection is lost) the text is shown all the same, only plainer. */
async function loadHighlight(): Promise<void> {
  highlight = await import('./highlight').then(
    (loaded) => loaded.highlight,
    () => null,
  )
}

async function loadMath(): Promise<void> {
  renderMath = await import('./mathematics').then(
    (loaded) => loaded.renderMath,
    () => null,
  )
}
