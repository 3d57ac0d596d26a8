import { onScopeDispose, shallowRef, toValue, watch } from 'vue'
import type { MaybeRefOrGetter, ShallowRef } from 'vue'

import { languageOf, readingOf } from './candidateText'
import type * as Markdown from './markdown'

/** Up to this many characters a text is rendered at once; a longer one after the first paint. */
const AT_ONCE = 20_000
/** Beyond this many characters a text stays as it is. */
export const MAX_RENDERED = 200_000

export interface UseRichTextOptions {
  text: MaybeRefOrGetter<string>
  /** Code outside of Markdown, to be coloured as a whole. */
  code: MaybeRefOrGetter<boolean>
  language?: MaybeRefOrGetter<string | undefined>
  /** Whether it is to be rendered now: not while raw, and a very long text not while folded. */
  wanted: MaybeRefOrGetter<boolean>
}

type Renderer = typeof Markdown
let renderer: Renderer | null = null

/**
 * The rendered text, or null while there is none: the plain text serves until then.
 *
 * The renderer is fetched when the first text needs it; from then on a text is rendered before its
 * first paint, so that nothing jumps.
 */
export function useRichText(options: UseRichTextOptions): ShallowRef<DocumentFragment | null> {
  const rendered = shallowRef<DocumentFragment | null>(null)
  let turn = 0

  watch(
    () =>
      [
        toValue(options.text),
        toValue(options.code),
        toValue(options.language),
        toValue(options.wanted),
      ] as const,
    ([text, code, language, wanted]) => {
      turn += 1
      const reading = readingOf(text, code)
      const name = language ?? languageOf(text)
      if (!wanted || reading === 'plain' || (reading === 'code' && !name)) {
        rendered.value = null
        return
      }
      const mine = turn
      const result = render(text, reading === 'code' ? (name ?? null) : null)
      if (!(result instanceof Promise)) {
        rendered.value = result
        return
      }
      rendered.value = null
      void result.then((fragment) => {
        if (mine === turn) rendered.value = fragment
      })
    },
    { immediate: true },
  )
  onScopeDispose(() => (turn += 1))

  return rendered
}

type Rendering = DocumentFragment | null | Promise<DocumentFragment | null>

function render(text: string, language: string | null): Rendering {
  if (text.length > MAX_RENDERED) return null
  const run = (by: Renderer) => (language ? by.renderCode(text, language) : by.renderMarkdown(text))
  if (renderer && text.length <= AT_ONCE) return run(renderer)
  return whenIdle(text.length > AT_ONCE)
    .then(load)
    .then(run)
    .catch(() => null)
}

async function load(): Promise<Renderer> {
  renderer ??= await import('./markdown')
  return renderer
}

function whenIdle(wait: boolean): Promise<unknown> {
  if (!wait) return Promise.resolve()
  return new Promise((resolve) => {
    // Safari has no idle callback.
    if (typeof requestIdleCallback === 'function') requestIdleCallback(resolve, { timeout: 500 })
    else setTimeout(resolve, 50)
  })
}
