import type { MarkdownIt, StateBlock, StateInline } from 'markdown-it'

/** A formula longer than this is most likely two prices far apart. */
const MAX_INLINE = 4000

/**
 * Teaches markdown-it the four delimiters of mathematics: `$…$`, `$$…$$`, `\(…\)` and `\[…\]`.
 *
 * The dollar follows pandoc's rule (https://pandoc.org/MANUAL.html#math): the opening one has a
 * non-space to its right, the closing one a non-space to its left and no digit to its right.
 *
 *     $x + 1$        → math_inline "x + 1"
 *     $5 and $6      → text, for it is about money
 *
 * Beyond that rule, what is between two prices is no formula: a line break, two words of prose, or
 * the calculator's marks, as in `$<<9*2=18>>18 every day`.
 */
export function addMathRules(md: MarkdownIt): void {
  md.inline.ruler.before('escape', 'math_inline', inlineMath)
  md.block.ruler.before('fence', 'math_block', blockMath, {
    alt: ['paragraph', 'reference', 'blockquote', 'list'],
  })
}

interface Found {
  tex: string
  end: number
  display: boolean
}

function inlineMath(state: StateInline, silent: boolean): boolean {
  const found = findInline(state.src, state.pos, state.posMax)
  if (!found) return false
  if (!silent) {
    const token = state.push('math_inline', 'math', 0)
    token.content = found.tex
    token.markup = state.src.slice(state.pos, found.end)
    token.meta = { display: found.display }
  }
  state.pos = found.end
  return true
}

function findInline(src: string, start: number, max: number): Found | null {
  const two = src.slice(start, start + 2)
  if (two === '\\(') return between(src, start, max, '\\)', false)
  if (two === '\\[') return between(src, start, max, '\\]', true)
  if (two === '$$') return between(src, start, max, '$$', true)
  return two[0] === '$' ? dollars(src, start, max) : null
}

function between(
  src: string,
  start: number,
  max: number,
  close: string,
  display: boolean,
): Found | null {
  const at = src.indexOf(close, start + 2)
  if (at < 0 || at + 2 > max) return null
  const tex = src.slice(start + 2, at)
  return tex.trim() ? { tex, end: at + 2, display } : null
}

function dollars(src: string, start: number, max: number): Found | null {
  // `US$5`, and a dollar that opens on a space, are money.
  if (/[\p{L}\p{N}\\]/u.test(src[start - 1] ?? '') || /\s/.test(src[start + 1] ?? ' ')) return null
  const stop = Math.min(max, start + MAX_INLINE)
  for (let at = start + 1; at < stop; at += 1) {
    if (src[at] === '\\') at += 1
    else if (src[at] === '$') {
      const closes =
        at > start + 1 && !/\s/.test(src[at - 1] ?? '') && !/\d/.test(src[at + 1] ?? '')
      const tex = src.slice(start + 1, at)
      return closes && !isProse(tex) ? { tex, end: at + 1, display: false } : null
    }
  }
  return null
}

const isProse = (tex: string): boolean =>
  /\n|^<<|>>/.test(tex) || (!tex.includes('\\') && /\p{L}{2,},? \p{L}{2,}/u.test(tex))

const CLOSING: Record<string, string> = { $$: '$$', '\\[': '\\]' }

/** A formula that starts a line and ends one, so that its own lines are never taken for a list. */
function blockMath(
  state: StateBlock,
  startLine: number,
  endLine: number,
  silent: boolean,
): boolean {
  const lineAt = (line: number): string =>
    state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line])
  const first = lineAt(startLine).trimEnd()
  const open = first.slice(0, 2)
  const close = CLOSING[open]
  if (!close) return false

  const rows: string[] = []
  for (let line = startLine; line < endLine; line += 1) {
    const text = line === startLine ? first.slice(2) : lineAt(line).trimEnd()
    // Outside its list item or quotation the formula cannot go on.
    if (line > startLine && text !== '' && (state.sCount[line] ?? 0) < state.blkIndent) return false
    const at = text.indexOf(close)
    if (at < 0) {
      rows.push(text)
      continue
    }
    // Words behind the closing delimiter make it a formula inside a paragraph.
    if (!/^[.,;:]?$/.test(text.slice(at + 2))) return false
    if (silent) return true
    rows.push(text.slice(0, at))
    const token = state.push('math_block', 'math', 0)
    token.block = true
    token.content = rows.join('\n')
    token.markup = `${open}${token.content}${close}`
    token.info = text.slice(at + 2)
    token.map = [startLine, line + 1]
    token.meta = { display: true }
    state.line = line + 1
    return token.content.trim() !== ''
  }
  return false
}
