import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { KEYS, printKey } from '@/composables/keys'

const PAGE = join(import.meta.dirname, '../../../docs/reviewing.md')
const MARKED = /(<!-- keys: begin -->\n)[\s\S]*(<!-- keys: end -->)/

/** The list of keys as Markdown, from the same data that drives the page. */
function table(): string {
  const rows = KEYS.map(
    ({ key, label, group }) => `| ${group} | <kbd>${printKey(key, '1–9')}</kbd> | ${label} |`,
  )
  return ['| when | key | what it does |', '|---|---|---|', ...rows, ''].join('\n')
}

it('lists every key in the page for reviewers (`WRITE_DOCS=1 make web-test` writes it)', () => {
  const page = readFileSync(PAGE, 'utf8')
  const wanted = page.replace(MARKED, (_, begin: string, end: string) => begin + table() + end)
  if (process.env.WRITE_DOCS) writeFileSync(PAGE, wanted)
  expect(page).toMatch(MARKED)
  expect(process.env.WRITE_DOCS ? wanted : page).toBe(wanted)
})
