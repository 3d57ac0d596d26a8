import DOMPurify from 'dompurify'
import type { Config } from 'dompurify'

/** What Markdown, highlighted code and MathML are made of; nothing else gets into the page. */
const TAGS = `
  p br hr h3 h4 h5 h6 blockquote ul ol li pre code em strong s a table thead tbody tr th td span div
  math mrow mi mo mn ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover
  mmultiscripts mprescripts none mtable mtr mtd mlabeledtr mpadded mphantom menclose mstyle semantics`
const ATTRIBUTES = `
  class dir start display mathvariant fence separator stretchy symmetric largeop movablelimits
  accent accentunder linethickness lspace rspace minsize maxsize width height depth voffset
  rowspacing columnspacing columnalign rowalign rowlines columnlines frame notation scriptlevel
  displaystyle`
/** Markup whose text means nothing without it. */
const DROPPED_WHOLE = `
  script style template noscript iframe object embed svg title textarea select option annotation
  annotation-xml`

const words = (list: string): string[] => list.trim().split(/\s+/)

const CONFIG = {
  ALLOWED_TAGS: words(TAGS),
  ALLOWED_ATTR: ['href', ...words(ATTRIBUTES)],
  // These hold words and numbers; only `href` is held against the pattern of addresses.
  ADD_URI_SAFE_ATTR: words(ATTRIBUTES),
  FORBID_CONTENTS: words(DROPPED_WHOLE),
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
  RETURN_DOM_FRAGMENT: true,
} as const satisfies Config

const OWN_CLASS = /^(?:hljs(?:-[\w-]+)?|md-[\w-]+)$/

const purify = DOMPurify(window)

purify.addHook('uponSanitizeAttribute', (_, attribute) => {
  if (attribute.attrName !== 'class') return
  // A model's text must not borrow the looks of the page.
  attribute.attrValue = attribute.attrValue
    .split(/\s+/)
    .filter((name) => OWN_CLASS.test(name))
    .join(' ')
  if (!attribute.attrValue) attribute.keepAttr = false
})

purify.addHook('afterSanitizeAttributes', (node) => {
  if (node.nodeName !== 'A') return
  if (!node.hasAttribute('href')) return
  node.setAttribute('target', '_blank')
  node.setAttribute('rel', 'noopener noreferrer')
})

/** HTML as nodes that can do nothing: no scripts, styles, ids, forms, images or own addresses. */
export function sanitise(html: string): DocumentFragment {
  return purify.sanitize(html, CONFIG)
}
