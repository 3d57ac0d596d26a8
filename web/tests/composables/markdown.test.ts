import { describe, expect, it, vi } from 'vitest'

// DOMPurify needs a real browser (happy-dom ends a walk at the first node taken out): what it lets
// through is tested in Chromium. Here the renderer's own HTML is looked at.
vi.mock('@/composables/sanitise', () => ({
  sanitise: (made: string) => {
    const template = document.createElement('template')
    template.innerHTML = made
    return template.content
  },
}))

// KaTeX warns of a page without a doctype, which the tests' page is.
vi.spyOn(console, 'warn').mockImplementation(() => undefined)
const { renderMath } = await import('@/composables/mathematics')
const { renderCode, renderMarkdown } = await import('@/composables/markdown')

async function html(text: string): Promise<string> {
  const holder = document.createElement('div')
  holder.append(await renderMarkdown(text))
  return holder.innerHTML.trim()
}

/** The formulas found in a text, and what is left of it. */
async function formulas(text: string): Promise<string[]> {
  const holder = document.createElement('div')
  holder.append(await renderMarkdown(text))
  return [...holder.querySelectorAll('annotation')].map((note) => note.textContent.trim())
}

describe('mathematics', () => {
  it.each([
    ['a formula', 'so $x + 1$ holds', ['x + 1']],
    ['two of them', '$a$ and $b$', ['a', 'b']],
    ['parentheses', String.raw`so \(x + 1\) holds`, ['x + 1']],
    ['a display in a line', 'so $$x$$ holds', ['x']],
    ['a display on lines of its own', '$$\nx\n- 4\n= 3\n$$', ['x\n- 4\n= 3']],
    ['brackets, with what looks like a list', '\\[\n- 4 + 5\n\\]', ['- 4 + 5']],
    ['a display that ends a sentence', '$$x$$.', ['x']],
    ['in a list', '1. Left: $9$\n2. Money: \\(18\\)', ['9', '18']],
    ['an escaped dollar inside', String.raw`$9 \times \$2$`, [String.raw`9 \times \$2`]],
    ['calculator marks', '8+5=$<<8+5=13>>13 in\nall, and 2*3=$<<2*3=6>>6.', []],
    ['prose between prices', 'between 5$ for the bus and 6$ more', []],
    ['prices', 'They cost $5 and $6.', []],
    ['prices without spaces', 'between $5-$6', []],
    ['a price at the end', 'It costs 5$ or 6$', []],
    ['another currency', 'US$5 and US$6', []],
    ['prices in bold', '**$5** to **$6**', []],
    ['a calculation in GSM8K', 'She makes 9 * 2 = $<<9*2=18>>18 at $2 each.', []],
    ['an escaped dollar', String.raw`\$5 and 6\$`, []],
    ['in code', '`$x$`', []],
    ['in a fence', '```\n$x$\n```', []],
    ['unclosed', '$$\nx + 1', []],
    ['over two paragraphs', '$a\n\nb$', []],
  ])('%s', async (_, text, expected) => {
    expect(await formulas(text)).toEqual(expected)
  })

  it('shows the source of what is no TeX', async () => {
    expect(await html(String.raw`$\frac{1$`)).toContain(
      String.raw`<code class="md-tex">$\frac{1$</code>`,
    )
  })

  it.each([
    String.raw`\href{javascript:alert(1)}{x}`,
    String.raw`\url{https://example.org}`,
    String.raw`\htmlStyle{position:fixed}{x}`,
    String.raw`\htmlId{app}{x}`,
    String.raw`\includegraphics{https://example.org/x.png}`,
    String.raw`\def\x{\x\x}\x`,
  ])('refuses %s', (tex) => {
    expect(renderMath(tex, false)).toBeNull()
  })
})

describe('arithmetic', () => {
  it.each(['3*4*5 = 60', '5*2=10 and 3*4=12', 'x**2 + y**2', '2**n + 3**n', 'a*b*c', '3*(4+5)*2'])(
    'keeps the asterisks of %s',
    async (text) => {
      expect(await html(text)).toBe(`<p dir="auto">${text}</p>`)
    },
  )

  it.each([
    ['*one*', '<em>one</em>'],
    ['**said**.', '<strong>said</strong>.'],
    ['**18** eggs', '<strong>18</strong> eggs'],
    ['*x* and *y*', '<em>x</em> and <em>y</em>'],
    ['**5**-year', '<strong>5</strong>-year'],
    ['这是**粗体**文字', '这是<strong>粗体</strong>文字'],
  ])('still reads %s as emphasis', async (text, expected) => {
    expect(await html(text)).toBe(`<p dir="auto">${expected}</p>`)
  })

  it('keeps the mark of a final answer', async () => {
    expect(await html('So 9.\n#### 18')).toContain('<p dir="auto">#### 18</p>')
    expect(await html('#### Result')).toContain('<h3 dir="auto">Result</h3>')
  })
})

describe('Markdown', () => {
  it('keeps line breaks, and gives each paragraph its own direction', async () => {
    expect(await html('one\ntwo\n\nשלום')).toBe(
      '<p dir="auto">one<br>\ntwo</p>\n<p dir="auto">שלום</p>',
    )
  })

  it('lets headings follow on those of the page, without a gap', async () => {
    const tags = (await html('# a\n### b\n###### c\n## d')).match(/<h\d/g)
    expect(tags).toEqual(['<h3', '<h4', '<h5', '<h4'])
  })

  it('is the same, made at once or in pieces', async () => {
    const words = 'word '.repeat(200)
    const part = `# a\n\n- one\n  - two\n\n> ${words}\n\n|a|\n|-|\n|1|\n\n`
    const long = part.repeat(25)
    expect(renderMarkdown(part)).toBeInstanceOf(DocumentFragment)
    expect(renderMarkdown(long)).toBeInstanceOf(Promise)
    const pieces = (await html(long)).match(/<(?:h3|li|blockquote|td)/g)
    expect(pieces).toHaveLength(5 * 25)
    expect(await html(long)).not.toContain('<p></p>')
  })

  it('shows HTML as text', async () => {
    expect(await html('<b onclick="x()">hi</b>')).toBe(
      '<p dir="auto">&lt;b onclick="x()"&gt;hi&lt;/b&gt;</p>',
    )
  })

  it('makes a link of an image, and fetches nothing', async () => {
    expect(await html('![a "cat"](https://example.org/a.png)')).toBe(
      '<p dir="auto"><a href="https://example.org/a.png">image: a "cat"</a></p>',
    )
  })

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,x',
    'data:image/png;base64,AA',
    '/api/sft/undo',
    '#app',
    'vbscript:x',
    'file:///etc/passwd',
  ])('leaves a link to %s as text', async (address) => {
    expect(await html(`[a](${address})`)).not.toContain('<a')
    expect(await html(`![a](${address})`)).not.toContain('<a')
  })

  it('finds addresses, but no file names', async () => {
    const made = await html('see https://example.org/a and main.py, me@example.org')
    expect(made.match(/<a /g)).toHaveLength(1)
  })

  it('aligns columns by classes, for styles are not allowed', async () => {
    const made = await html('|a|b|\n|:-|-:|\n|1|2|')
    expect(made).toContain('class="md-right"')
    expect(made).not.toContain('style')
  })
})

describe('code', () => {
  it('is coloured in a fence that names its language', async () => {
    expect(await html('```python\ndef f(): pass\n```')).toContain(
      '<span class="hljs-keyword">def</span>',
    )
  })

  it.each(['', 'brainfuck', '"><img src=x>'])('is left plain in %j', async (language) => {
    const made = await html(`\`\`\`${language}\nx < 1\n\`\`\``)
    expect(made).toBe('<pre dir="ltr"><code class="hljs">x &lt; 1\n</code></pre>')
  })

  it.each([
    ['python', 'def f(): pass'],
    ['py', 'x = None'],
    ['js', 'const x = 1'],
    ['ts', 'type X = string'],
    ['json', '{"a": true}'],
    ['bash', 'if true; then echo 1; fi'],
    ['sql', 'SELECT 1'],
    ['java', 'class A {}'],
    ['cpp', 'int x = 1;'],
    ['go', 'func main() {}'],
    ['rust', 'fn main() {}'],
    ['html', '<p>x</p>'],
    ['css', 'p { color: red }'],
    ['yaml', 'a: true'],
    ['diff', '+ x'],
  ])('knows %s', async (language, code) => {
    const holder = document.createElement('div')
    holder.append(await renderCode(code, language))
    expect(holder.querySelector('[class^="hljs-"]')).not.toBeNull()
    expect(holder.textContent).toBe(code)
  })
})
