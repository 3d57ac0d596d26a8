import { EditorView } from '@codemirror/view'

/**
 * The editor's looks, by the page's own tokens, which reach into its shadow root. Type and measure
 * are inherited from the element that holds the editor.
 */
export const textEditorTheme = EditorView.theme({
  '&': { color: 'inherit', background: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    minHeight: 'var(--editor-min)',
    maxHeight: 'var(--editor-max)',
    overflow: 'auto',
    font: 'inherit',
    lineHeight: 'inherit',
    scrollbarColor: 'var(--rule-strong) transparent',
  },
  '.cm-content': { padding: 'var(--s2) 0', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 calc(var(--s3) - 1px) 0 calc(var(--s3) - 3px)' },
  '.cm-content ::selection': { background: 'var(--selection)' },
  '.cm-placeholder': { color: 'var(--ink-soft)', fontStyle: 'italic' },
  '.cm-specialChar': { color: 'var(--ochre)' },

  // What a search in a long text finds; only the lines in sight are in the page.
  '.cm-searchMatch': { background: 'var(--ochre-wash)', outline: '1px solid var(--rule-strong)' },
  '.cm-searchMatch-selected': { background: 'var(--selection)' },
  '.cm-panels': {
    background: 'var(--sunk)',
    color: 'var(--ink)',
    fontFamily: 'var(--sans)',
    fontSize: 'var(--text-small)',
    lineHeight: '1.5',
  },
  '.cm-panels-top': { borderBottom: '1px solid var(--rule)' },
  '.cm-panel.cm-search': { padding: 'var(--s1) 2rem var(--s1) var(--s2)' },
  '.cm-panel.cm-search label': { fontSize: 'inherit' },
  '.cm-panel.cm-search [name=close]': {
    top: 'var(--s1)',
    right: 'var(--s1)',
    width: '1.5rem',
    height: '1.5rem',
    fontSize: '1.125rem',
  },
  '.cm-textfield': {
    border: '1px solid var(--rule-strong)',
    borderRadius: 'var(--radius)',
    background: 'var(--sheet)',
    color: 'inherit',
    font: 'inherit',
    padding: '0.125rem var(--s2)',
  },
  '.cm-button': {
    border: '1px solid var(--rule-strong)',
    borderRadius: 'var(--radius)',
    background: 'var(--raised)',
    color: 'inherit',
    font: 'inherit',
    padding: '0.125rem var(--s2)',
    cursor: 'pointer',
  },
  '.cm-panels :focus-visible': { outline: '2px solid var(--focus)', outlineOffset: '1px' },
})
