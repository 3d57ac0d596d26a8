import { renderToString } from 'katex'

/**
 * TeX as MathML, which needs neither styles nor fonts of its own; null when it is no TeX.
 *
 *     renderMath("x^2", false) → `<span class="katex"><math …><msup>…</msup></math></span>`
 */
export function renderMath(tex: string, display: boolean): string | null {
  try {
    return renderToString(tex, {
      output: 'mathml',
      displayMode: display,
      throwOnError: true,
      strict: 'ignore',
      // Links, classes and images in TeX: the source is shown, so that nothing of it is lost.
      trust: () => {
        throw new TypeError('not allowed in a formula')
      },
      maxExpand: 500,
      maxSize: 20,
    })
  } catch {
    return null
  }
}
