/** A text as it lies in the page: the nodes that hold it, joined into one string to search in. */
export interface PageText {
  /** Lower case, of the same length as what is in the nodes; blocks are kept apart by a line break. */
  folded: string
  nodes: { node: Text; start: number }[]
}

/** Where something was found. */
export interface Match {
  start: number
  end: number
}

const SKIPPED = 'button, input, textarea, select, kbd, svg, .visually-hidden, [data-find-skip]'
const BLOCK = 'p, li, div, td, th, pre, dt, dd, h1, h2, h3, h4, h5, h6, summary, blockquote, ul, ol'

/** Reads what can be searched under `root`; words that only serve the eye of no one are left out. */
export function readPageText(root: Element): PageText {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  const nodes: PageText['nodes'] = []
  const pieces: string[] = []
  let length = 0
  let block: Element | null = null
  while (walker.nextNode()) {
    const node = walker.currentNode as Text
    const parent = node.parentElement
    if (!parent || !node.data || parent.closest(SKIPPED)) continue
    const around = parent.closest(BLOCK)
    if (around !== block && nodes.length > 0) {
      pieces.push('\n')
      length += 1
    }
    block = around
    nodes.push({ node, start: length })
    pieces.push(node.data)
    length += node.data.length
  }
  return { folded: foldCase(pieces.join('')), nodes }
}

/** Whether what lies in a node is never searched: the search's own counter, for one. */
export const isSkipped = (node: Node): boolean =>
  (node instanceof Element ? node : node.parentElement)?.closest(SKIPPED) != null

/** Lower case without a change of length: `İ` would become two characters and shift all behind it. */
export function foldCase(text: string): string {
  const lower = text.toLowerCase()
  if (lower.length === text.length) return lower
  return Array.from(text, (character) => {
    const small = character.toLowerCase()
    return small.length === character.length ? small : character
  }).join('')
}

export function findAll(text: PageText, query: string): Match[] {
  const wanted = foldCase(query)
  const matches: Match[] = []
  if (!wanted) return matches
  let start = text.folded.indexOf(wanted)
  while (start >= 0) {
    matches.push({ start, end: start + wanted.length })
    start = text.folded.indexOf(wanted, start + wanted.length)
  }
  return matches
}

/** The match as a range of the page, which may begin in one node and end in another. */
export function rangeOf({ nodes }: PageText, { start, end }: Match): Range | null {
  const first = nodes[nodeAt(nodes, start)]
  const last = nodes[nodeAt(nodes, end - 1)]
  if (!first?.node.isConnected || !last?.node.isConnected) return null
  const range = document.createRange()
  range.setStart(first.node, Math.min(start - first.start, first.node.length))
  range.setEnd(last.node, Math.min(end - last.start, last.node.length))
  return range
}

/** The last node that begins at or before the place. */
function nodeAt(nodes: PageText['nodes'], place: number): number {
  let low = 0
  let high = nodes.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((nodes[middle]?.start ?? 0) <= place) low = middle
    else high = middle - 1
  }
  return low
}
