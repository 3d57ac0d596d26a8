import { beforeEach, describe, expect, it } from 'vitest'

import BrowseView from '@/views/BrowseView.vue'

import { FACETS, lotDone, openAt, row, settle } from '../finding'
import type { Opened } from '../finding'
import { fakeServer, press, problem } from '../helpers'
import type { Call, FakeServer } from '../helpers'

const CANDIDATES = 'GET /api/sft/candidates'

/** A server with so many candidates; the cursor is the number of the first one on the page. */
function listOf(count: number, rest: object = {}) {
  return ({ url }: Call) => {
    const query = new URL(url, 'http://test').searchParams
    const size = Number(query.get('per_page') ?? 50)
    const start = Number(query.get('cursor') ?? 0)
    const items = Array.from({ length: Math.min(size, count - start) }, (_, index) =>
      row(`c${start + index}`),
    )
    const more = start + size < count
    const next = `/api/sft/candidates?per_page=${size}&cursor=${start + size}`
    return {
      body: { items, total: count, ...rest },
      ...(more ? { link: `<${next}>; rel="next"` } : {}),
    }
  }
}

let server: FakeServer
beforeEach(() => {
  server = fakeServer({
    [CANDIDATES]: listOf(6),
    'GET /api/sft/facets': { body: FACETS },
    'POST /api/sft/lots/preview': {
      body: { total: 2, touched: 2, skipped: [], sample: [row('c0')] },
    },
    'POST /api/sft/lots': { body: lotDone(2) },
  })
})

const said = ({ find }: Opened, testid: string) =>
  find(testid)?.textContent?.replaceAll(/\s+/g, ' ').trim()
const rows = ({ wrapper }: Opened) => wrapper.findAll('[data-testid="browse-row"]')
const asked = () => server.to(CANDIDATES).map(({ url }) => url.split('?')[1])
const query = ({ router }: Opened) => router.currentRoute.value.query

/** For the tests with many rows. */
const showFewColumns = () => localStorage.setItem('corrigenda.browse.columns', 'score')

async function tick(page: Opened, index: number, shiftKey = false): Promise<void> {
  const box = rows(page)[index]!.find('input').element
  box.dispatchEvent(new MouseEvent('click', { bubbles: true, shiftKey }))
  await settle()
}

describe('the list', { timeout: 20_000 }, () => {
  it('goes on and back by the cursors it has seen', async () => {
    showFewColumns()
    server.on(CANDIDATES, listOf(120))
    const page = await openAt('/browse', BrowseView)
    expect(said(page, 'range')).toBe('1 to 50 of 120')
    expect((page.find('previous-page') as HTMLButtonElement).disabled).toBe(true)
    await page.press('next-page')
    await page.press('next-page')
    expect(said(page, 'range')).toBe('101 to 120 of 120')
    expect((page.find('next-page') as HTMLButtonElement).disabled).toBe(true)
    await page.press('previous-page')
    expect(asked()).toEqual([
      'per_page=50',
      'per_page=50&cursor=50',
      'per_page=50&cursor=100',
      'per_page=50&cursor=50',
    ])
    expect(rows(page)[0]?.text()).toContain('Eggs c50')
  })

  it('begins again under another filter, order or page size', async () => {
    showFewColumns()
    server.on(CANDIDATES, listOf(52))
    const page = await openAt('/browse?model=m', BrowseView)
    await page.press('next-page')
    await page.press('sort-score')
    expect(query(page)).toEqual({ model: 'm', order: 'lowest_score' })
    expect(asked().at(-1)).toBe('model=m&order=lowest_score&per_page=50')
    expect(page.wrapper.find('th[aria-sort="ascending"]').text()).toContain('Score')
    await page.press('sort-score')
    expect(query(page)).toEqual({ model: 'm' })
    await page.write('page-size', '200')
    expect(said(page, 'range')).toBe('1 to 52 of 52')
  })

  it('says when the total is only a lower bound', async () => {
    server.on(CANDIDATES, listOf(6, { total: 10_000, total_is_lower_bound: true }))
    const page = await openAt('/browse', BrowseView)
    expect(said(page, 'browse-total')).toBe('10,000+ candidates')
    await tick(page, 0)
    expect(said(page, 'choose-all')).toBe('Choose all 10,000+ that match')
  })

  it('shows status and category in words', async () => {
    server.on(CANDIDATES, {
      body: {
        items: [
          row('a', { status: 'approved', failure_category: 'format_error', held_back: true }),
          row('b', { status: 'model_rejected', quality_score: null }),
        ],
        total: 2,
      },
    })
    const page = await openAt('/browse', BrowseView)
    expect(rows(page)[0]?.text()).toMatch(/corrected.*held back.*Format error/)
    expect(rows(page)[1]?.text()).toMatch(/flagged.*–/)
  })

  it('shows the columns chosen, and remembers them', async () => {
    const page = await openAt('/browse', BrowseView)
    await page.press('columns-btn')
    await page.press('column-tags')
    await page.press('column-excerpt')
    const again = await openAt('/browse', BrowseView)
    const heads = again.wrapper.findAll('thead th').map((head) => head.text())
    expect(heads).toContain('Tags')
    expect(heads).not.toContain('Answer')
  })

  it('opens a candidate from its row, but not from its checkbox', async () => {
    const page = await openAt('/browse', BrowseView)
    await tick(page, 3)
    expect(page.router.currentRoute.value.path).toBe('/browse')
    await rows(page)[3]!.find('.text').trigger('click')
    await settle()
    expect(page.router.currentRoute.value.fullPath).toBe('/?id=c3')
  })

  it('moves along the rows with the arrow keys and chooses with space', async () => {
    const page = await openAt('/browse', BrowseView)
    const links = page.wrapper.findAll<HTMLElement>('.link').map(({ element }) => element)
    links[0]!.focus()
    press('ArrowDown', {}, links[0])
    expect(document.activeElement).toBe(links[1])
    press(' ', {}, links[1])
    await settle()
    expect(said(page, 'selection-bar')).toContain('1 chosen')
  })
})

describe('its other states', () => {
  it('is empty before the first import', async () => {
    server.on(CANDIDATES, { body: { items: [], total: 0 } })
    const page = await openAt('/browse', BrowseView)
    expect(page.find('no-candidates')).not.toBeNull()
  })

  it('offers to clear a filter that nothing matches', async () => {
    server.on(CANDIDATES, { body: { items: [], total: 0 } })
    const page = await openAt('/browse?model=gone', BrowseView)
    server.on(CANDIDATES, listOf(3))
    page.find('nothing-matches')!.querySelector('button')!.click()
    await settle()
    expect(query(page)).toEqual({})
    expect(rows(page)).toHaveLength(3)
  })

  it('says why the list cannot be had, and tries again', async () => {
    server.on(CANDIDATES, problem(503, 'storage_unavailable', 'The database is away.'))
    const page = await openAt('/browse', BrowseView)
    expect(page.find('browse-error')?.textContent).toContain('The database is away.')
    server.on(CANDIDATES, listOf(3))
    page.find('browse-error')!.querySelector<HTMLElement>('.button--strong')!.click()
    await settle()
    expect(page.find('browse-error')).toBeNull()
    expect(rows(page)).toHaveLength(3)
  })
})

describe('choosing and bulk actions', () => {
  it('acts on a range chosen with shift, and offers one undo', async () => {
    server.on('POST /api/sft/lots/l1/undo', { body: lotDone(2) })
    const page = await openAt('/browse', BrowseView)
    await tick(page, 1)
    await tick(page, 3, true)
    expect(said(page, 'selection-bar')).toContain('3 chosen')
    await page.press('bulk-discard')
    expect(server.to('POST /api/sft/lots/preview')[0]?.body).toEqual({
      action: 'discard',
      ids: ['c1', 'c2', 'c3'],
    })
    await page.press('lot-run')
    expect(page.find('lot-dialog')).toBeNull()
    expect(page.find('selection-bar')).toBeNull()
    expect(said(page, 'lot-strip')).toContain('2 discarded.')
    const loads = asked().length
    await page.press('lot-undo')
    expect(said(page, 'lot-strip')).toContain('Undone')
    expect(asked().length).toBe(loads + 1)
  })

  it('acts on all that match, whatever the page', async () => {
    showFewColumns()
    server.on(CANDIDATES, listOf(52))
    const page = await openAt('/browse?model=m&order=newest_run', BrowseView)
    await page.press('choose-page')
    expect(said(page, 'selection-bar')).toContain('50 chosen')
    await page.press('choose-all')
    expect(said(page, 'selection-bar')).toContain('All 52 that match are chosen')
    await page.press('next-page')
    expect(rows(page)[0]?.find('input').element.checked).toBe(true)
    await page.press('bulk-correct')
    expect(server.to('POST /api/sft/lots/preview')[0]?.body).toEqual({
      action: 'correct',
      from_reference: true,
      filter: { model: ['m'] },
    })
  })

  it('forgets what was chosen when the filter changes, not when the order does', async () => {
    const page = await openAt('/browse', BrowseView)
    await tick(page, 0)
    await page.press('sort-score')
    expect(said(page, 'selection-bar')).toContain('1 chosen')
    await page.router.push('/browse?model=m')
    await settle()
    expect(page.find('selection-bar')).toBeNull()
  })
})
