/** CodeMirror, set up for one text. Loaded when the first editor opens, never before. */
import {
  deleteCharBackwardStrict,
  history,
  historyKeymap,
  indentLess,
  indentMore,
  insertNewline,
  insertNewlineKeepIndent,
  isolateHistory,
  standardKeymap,
  toggleTabFocusMode,
} from '@codemirror/commands'
import { search, searchKeymap } from '@codemirror/search'
import {
  Annotation,
  Compartment,
  EditorSelection,
  EditorState,
  RangeSetBuilder,
  Text,
} from '@codemirror/state'
import type { Extension } from '@codemirror/state'
import {
  Decoration,
  EditorView,
  highlightSpecialChars,
  keymap,
  placeholder,
  ViewPlugin,
} from '@codemirror/view'
import type { DecorationSet, KeyBinding, ViewUpdate } from '@codemirror/view'

import { textEditorTheme } from './textEditorTheme'

export interface TextEditorLooks {
  /** Its accessible name and description: ids do not reach across a shadow root. */
  label: string
  description: string
  placeholder: string
  /** A new line begins with the indent of the one before. */
  code: boolean
  /** Tab indents instead of moving the focus on. */
  tabs: boolean
  invalid: boolean
  testid: string
}

export interface TextEditorOptions extends TextEditorLooks {
  host: HTMLElement
  text: string
  onInput: (text: string) => void
}

export interface OpenTextEditor {
  view: EditorView
  /** Puts another text in; the reviewer's undo brings the one before back. */
  setText: (text: string) => void
  setLooks: (looks: TextEditorLooks) => void
  close: () => void
}

/**
 * Opens an editor in a shadow root of the host.
 *
 * The content security policy lets no script write a `<style>` element. In a shadow root CodeMirror
 * adopts constructed style sheets instead, which the policy does not touch.
 */
export function openTextEditor(options: TextEditorOptions): OpenTextEditor {
  const { host, onInput } = options
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  const looks = new Compartment()
  const lineEnd = new Compartment()

  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: Text.of(options.text.split(lineEndOf(options.text))),
      extensions: [
        looks.of(looksOf(options)),
        lineEnd.of(EditorState.lineSeparator.of(lineEndOf(options.text))),
        history(),
        search({ top: true }),
        keymap.of([...historyKeymap, ...SEARCH_KEYS, ...standardKeymap]),
        EditorView.lineWrapping,
        EditorView.perLineTextDirection.of(true),
        lineDirections,
        highlightSpecialChars(),
        EditorView.clipboardInputFilter.of((text, state) =>
          text.replace(/\r\n?|\n/g, state.lineBreak),
        ),
        EditorView.updateListener.of((update) => {
          const given = update.transactions.some((one) => one.annotation(isGiven))
          if (update.docChanged && !given) onInput(update.state.sliceDoc())
        }),
        textEditorTheme,
      ],
    }),
  })

  return {
    view,
    setText: (text) => setText(view, lineEnd, text),
    setLooks: (next) => view.dispatch({ effects: looks.reconfigure(looksOf(next)) }),
    close: () => view.destroy(),
  }
}

/** A text comes back out character by character: a line ends as it does in the text opened. */
function lineEndOf(text: string): string {
  return text.includes('\r\n') && !/(^|[^\r])\n/.test(text) ? '\r\n' : '\n'
}

/** The page has put the text in: it knows of it. */
const isGiven = Annotation.define<boolean>()

/** Replaces only what differs, so that the caret keeps its place. */
function setText(view: EditorView, lineEnd: Compartment, text: string): void {
  if (text === view.state.sliceDoc()) return
  const separator = lineEndOf(text)
  if (separator !== view.state.lineBreak) {
    view.dispatch({ effects: lineEnd.reconfigure(EditorState.lineSeparator.of(separator)) })
  }
  // Positions count each line end as one character, whatever it is in the text.
  const now = view.state.doc.toString()
  const next = text.split(separator).join('\n')
  const shorter = Math.min(now.length, next.length)
  let start = 0
  while (start < shorter && now[start] === next[start]) start++
  let end = 0
  while (end < shorter - start && now[now.length - 1 - end] === next[next.length - 1 - end]) end++
  view.dispatch({
    changes: {
      from: start,
      to: now.length - end,
      insert: Text.of(next.slice(start, next.length - end).split('\n')),
    },
    annotations: [isolateHistory.of('full'), isGiven.of(true)],
  })
}

function looksOf({ label, description, ...looks }: TextEditorLooks): Extension {
  return [
    placeholder(looks.placeholder),
    keymap.of([...(looks.code ? CODE_KEYS : PROSE_KEYS), ...(looks.tabs ? TAB_KEYS : [])]),
    EditorView.contentAttributes.of({
      'aria-label': label,
      'aria-description': description,
      'aria-invalid': String(looks.invalid),
      'data-testid': looks.testid,
      spellcheck: 'false',
      autocorrect: 'off',
      autocapitalize: 'off',
    }),
  ]
}

/** Prose is taken as written: Enter and Backspace do one character each. */
const PROSE_KEYS: readonly KeyBinding[] = [
  { key: 'Enter', run: insertNewline, shift: insertNewline },
  { key: 'Backspace', run: deleteCharBackwardStrict, shift: deleteCharBackwardStrict },
]

const CODE_KEYS: readonly KeyBinding[] = [
  { key: 'Enter', run: insertNewlineKeepIndent, shift: insertNewlineKeepIndent },
]

/** Ctrl+M (on a Mac Shift+Option+M) makes Tab move the focus on again. */
const TAB_KEYS: readonly KeyBinding[] = [
  { key: 'Tab', run: indentMore, shift: indentLess },
  { key: 'Ctrl-m', mac: 'Shift-Alt-m', run: toggleTabFocusMode },
]

/** Finding in a long text; the other search keys would take chords away from the page. */
const SEARCH_KEYS: readonly KeyBinding[] = searchKeymap.filter(({ key }) =>
  ['Mod-f', 'F3', 'Mod-g', 'Escape'].includes(key ?? ''),
)

const AUTO = Decoration.line({ attributes: { dir: 'auto' } })

/** Each line finds its own direction, so that a mixed text reads well. */
const lineDirections = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet

    constructor(view: EditorView) {
      this.decorations = visibleLines(view)
    }

    update(update: ViewUpdate): void {
      if (update.docChanged || update.viewportChanged) {
        this.decorations = visibleLines(update.view)
      }
    }
  },
  { decorations: ({ decorations }) => decorations },
)

function visibleLines(view: EditorView): DecorationSet {
  const lines = new RangeSetBuilder<Decoration>()
  let next = 0
  for (const { from, to } of view.visibleRanges) {
    // A very long line may be in sight in several ranges.
    for (let at = Math.max(from, next); at <= to; at = next) {
      const line = view.state.doc.lineAt(at)
      lines.add(line.from, line.from, AUTO)
      next = line.to + 1
    }
  }
  return lines.finish()
}

/** Puts the caret at a place in the text, counted as in a JavaScript string. */
export function placeCaret(view: EditorView, anchor: number, head = anchor): void {
  const within = (at: number): number => Math.min(at, view.state.doc.length)
  view.dispatch({ selection: EditorSelection.single(within(anchor), within(head)) })
}
