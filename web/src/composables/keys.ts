/**
 * The keyboard, as data. This one list drives the handling, the hints on the buttons and the help
 * sheet, so that they cannot disagree.
 */
export type Command =
  | 'correct'
  | 'fine'
  | 'discard'
  | 'flag'
  | 'category'
  | 'confirm'
  | 'submit'
  | 'cancel'
  | 'undo'
  | 'help'

export interface KeyBinding {
  command: Command
  /** `KeyboardEvent.key`, after `Mod+` for Ctrl or Cmd; `#` stands for a digit from 1 to 9. */
  key: string
  label: string
  group: 'Decide' | 'While deciding' | 'Anywhere'
  /** Acts inside a text field too. Never set it for a key that types something. */
  inField?: boolean
}

export const KEYS: readonly KeyBinding[] = [
  { command: 'correct', key: 'c', group: 'Decide', label: 'Correct the answer' },
  { command: 'fine', key: 'a', group: 'Decide', label: 'The answer is fine, the scorer was wrong' },
  { command: 'discard', key: 'd', group: 'Decide', label: 'Discard: this sample teaches nothing' },
  { command: 'flag', key: 'f', group: 'Decide', label: 'Flag: not worth correcting' },
  { command: 'category', key: '#', group: 'While deciding', label: 'Say why it was wrong' },
  {
    command: 'category',
    key: 'Mod+#',
    group: 'While deciding',
    label: 'The same, from inside the text',
    inField: true,
  },
  { command: 'confirm', key: 'Enter', group: 'While deciding', label: 'Confirm discard or flag' },
  {
    command: 'submit',
    key: 'Mod+Enter',
    group: 'While deciding',
    label: 'Submit the correction',
    inField: true,
  },
  {
    command: 'cancel',
    key: 'Escape',
    group: 'While deciding',
    label: 'Leave without deciding; your text is kept',
    inField: true,
  },
  { command: 'undo', key: 'u', group: 'Anywhere', label: 'Undo the last decision' },
  { command: 'help', key: '?', group: 'Anywhere', label: 'Show or hide this sheet' },
]

export interface KeyPress {
  command: Command
  /** The digit pressed, for a binding with `#`. */
  digit: number | null
}

/** Which command a key press means, if any. */
export function matchKey(event: KeyboardEvent): KeyPress | null {
  if (event.isComposing || event.keyCode === 229) return null
  const typing = isTextField(event.target)
  for (const binding of KEYS) {
    if (typing && !binding.inField) continue
    if (event.repeat) continue
    if (binding.key === 'Enter' && isActivatedByEnter(event.target)) continue
    const digit = matchBinding(binding.key, event)
    if (digit !== undefined) return { command: binding.command, digit }
  }
  return null
}

/** The digit for a `#`, null for a match without one, undefined for no match. */
function matchBinding(pattern: string, event: KeyboardEvent): number | null | undefined {
  const chord = pattern.startsWith('Mod+')
  const key = chord ? pattern.slice(4) : pattern
  if ((event.ctrlKey || event.metaKey) !== chord || event.altKey) return undefined
  // Where `?` lies on the keyboard decides whether it needs Shift; nothing else may have it.
  if (event.shiftKey && key !== '?') return undefined
  if (key === '#') return digitOf(event) ?? undefined
  return event.key === key || (key.length === 1 && event.key.toLowerCase() === key)
    ? null
    : undefined
}

function digitOf(event: KeyboardEvent): number | null {
  // On layouts whose digits need Shift (French), the physical digit key counts.
  const digit = /^[1-9]$/.test(event.key) ? event.key : /^Digit([1-9])$/.exec(event.code ?? '')?.[1]
  return digit ? Number(digit) : null
}

const NOT_TYPED_INTO = new Set(['button', 'checkbox', 'radio', 'range', 'submit', 'reset', 'file'])

export function isTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !NOT_TYPED_INTO.has(target.type)
  return (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    target.isContentEditable ||
    target.closest('[contenteditable=""], [contenteditable="true"]') !== null
  )
}

/** On these, Enter already does something of its own. */
function isActivatedByEnter(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest('button, a[href], summary, input, select') !== null
  )
}

const APPLE = /mac|iphone|ipad/i.test(globalThis.navigator?.platform ?? '')

/** A key as printed on the keyboard: `Mod+Enter` → `Ctrl ↵` (on a Mac `⌘ ↵`). */
export function printKey(key: string, digits = '1–6'): string {
  return key
    .split('+')
    .map((part) => printPart(part, digits))
    .join(' ')
}

function printPart(part: string, digits: string): string {
  if (part === 'Mod') return APPLE ? '⌘' : 'Ctrl'
  if (part === 'Enter') return '↵'
  if (part === 'Escape') return 'Esc'
  return part === '#' ? digits : part
}

/** The hint for a button; `inField` picks the chord that works while writing. */
export function hintFor(command: Command): string {
  const binding = KEYS.find((candidate) => candidate.command === command)
  return binding ? printKey(binding.key) : ''
}
