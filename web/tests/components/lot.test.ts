import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import { NO_FILTER } from '@/client/filter'
import SelectionBar from '@/components/browse/SelectionBar.vue'
import LotDialog from '@/components/lot/LotDialog.vue'
import LotList from '@/components/lot/LotList.vue'
import LotStrip from '@/components/lot/LotStrip.vue'
import type { LotRequest } from '@/composables/useLot'
import { useNoticesStore } from '@/stores/notices'

import { job, lotDone, openAt, row, settle } from '../finding'
import type { Opened } from '../finding'
import { fakeServer, problem, unreachable } from '../helpers'
import type { FakeServer } from '../helpers'

const PREVIEW = 'POST /api/sft/lots/preview'
const START = 'POST /api/sft/lots'
const JOB = 'GET /api/sft/jobs/j1'

const preview = (touched: number, rest: object = {}) => ({
  body: {
    total: touched,
    touched,
    skipped: [],
    sample: ['a', 'b', 'c'].slice(0, touched).map((id) => row(id)),
    ...rest,
  },
})

let server: FakeServer
beforeEach(() => {
  server = fakeServer({ [PREVIEW]: preview(3), [START]: { body: lotDone(3) } })
})

const open = (request: Partial<LotRequest> = {}): Promise<Opened> =>
  openAt('/', LotDialog, { request: { action: 'discard', ids: ['a', 'b', 'c'], ...request } })
const said = ({ find }: Opened, testid: string) =>
  find(testid)?.textContent?.replaceAll(/\s+/g, ' ').trim()
const runs = () => server.to(START).map((call) => call.body)

describe('LotDialog', () => {
  it('shows what it will touch and what not, then does it', async () => {
    server.on(
      PREVIEW,
      preview(412, {
        total: 420,
        skipped: [
          { reason: 'already decided', n: 7 },
          { reason: 'not found', n: 1 },
        ],
      }),
    )
    const page = await open({
      ids: undefined,
      filter: { ...NO_FILTER, model: ['m'], order: 'arrival' },
    })
    expect(said(page, 'lot-numbers')).toBe(
      '412 will be discarded. 8 stay as they are: 7 already decided, 1 no longer there.',
    )
    expect(document.querySelector('.lot-sample')?.textContent).toContain('and 409 more')
    expect(said(page, 'lot-run')).toBe('Discard 412')
    await page.write('lot-note', ' dup ')
    await page.press('lot-run')
    expect(runs()).toEqual([
      {
        action: 'discard',
        filter: { model: ['m'] },
        note: 'dup',
        expected: 412,
        lot_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    ])
    expect(page.wrapper.emitted('done')?.[0]).toMatchObject([{ state: 'done' }])
    expect(page.wrapper.emitted('close')).toHaveLength(1)
    expect(useNoticesStore().spoken).toBe('3 discarded.')
  })

  it('leaves each its category unless one is given for all', async () => {
    const page = await open()
    await page.write('lot-category', 'format_error')
    await page.press('lot-run')
    expect(runs()[0]).toMatchObject({ failure_category: 'format_error' })
  })

  it('does nothing when cancelled', async () => {
    const page = await open()
    await page.press('lot-cancel')
    expect(page.wrapper.emitted('close')).toHaveLength(1)
    expect(runs()).toEqual([])
  })

  it('categorises only with a category, which the preview counts with', async () => {
    const page = await open({ action: 'categorise' })
    expect(server.to(PREVIEW)).toHaveLength(0)
    expect((page.find('lot-run') as HTMLButtonElement).disabled).toBe(true)
    await page.write('lot-category', 'none')
    expect(server.to(PREVIEW)[0]?.body).toMatchObject({ failure_category: null })
    await page.press('lot-run')
    expect(runs()[0]).toMatchObject({ action: 'categorise', failure_category: null })
  })

  it('has no way on when there is nothing to do', async () => {
    server.on(PREVIEW, preview(0, { total: 2, skipped: [{ reason: 'no reference', n: 2 }] }))
    const page = await open({ action: 'correct', from_reference: true })
    expect(said(page, 'lot-numbers')).toContain('2 without a reference answer')
    expect(page.find('lot-run')).toBeNull()
    expect(said(page, 'lot-cancel')).toBe('Close')
  })

  it('follows a long one, with its progress', async () => {
    server.on(START, { status: 202, body: job('queued') })
    server.on(JOB, { body: job('running', { done: 1 }) })
    const page = await open()
    vi.useFakeTimers()
    page.find('lot-run')!.click()
    await flushPromises()
    await vi.advanceTimersByTimeAsync(160)
    expect(document.querySelector('.job-progress')?.textContent).toContain('1 of 3 done')
    expect(page.find('lot-cancel')).toBeNull()
    server.on(JOB, unreachable)
    await vi.advanceTimersByTimeAsync(300)
    expect(document.querySelector('.job-progress')?.textContent).toContain('does not answer')
    server.on(JOB, { body: lotDone(3) })
    await vi.advanceTimersByTimeAsync(1000)
    vi.useRealTimers()
    expect(page.wrapper.emitted('done')).toHaveLength(1)
  })

  it('stops a long one', async () => {
    server.on(START, { status: 202, body: job('running') })
    server.on(JOB, { body: job('running', { done: 1 }) })
    server.on('POST /api/sft/jobs/j1/cancel', { body: job('running', { done: 1 }) })
    const page = await open()
    vi.useFakeTimers()
    page.find('lot-run')!.click()
    await flushPromises()
    page.find('lot-stop')!.click()
    server.on(JOB, { body: job('cancelled', { done: 1 }) })
    await vi.advanceTimersByTimeAsync(500)
    vi.useRealTimers()
    expect(server.to('POST /api/sft/jobs/j1/cancel')).toHaveLength(1)
    expect(page.wrapper.emitted('done')?.[0]).toMatchObject([{ state: 'cancelled' }])
  })

  it('shows the new numbers when the candidates changed meanwhile', async () => {
    const page = await open()
    server.on(START, problem(409, 'lot_changed', 'Now 2 would be touched.', { touched: 2 }))
    server.on(PREVIEW, preview(2))
    await page.press('lot-run')
    expect(page.find('lot-dialog')?.textContent).toContain('changed meanwhile')
    expect(said(page, 'lot-run')).toBe('Discard 2')
    server.on(START, { body: lotDone(2) })
    await page.press('lot-run')
    const [first, second] = runs()
    expect(second).toMatchObject({ expected: 2 })
    expect(second?.lot_id).not.toBe(first?.lot_id)
  })

  it('sends the same lot again when the answer was lost', async () => {
    const page = await open()
    server.on(START, unreachable)
    await page.press('lot-run')
    expect(page.find('lot-dialog')?.textContent).toContain('can’t be reached')
    server.on(START, { body: lotDone(3) })
    await page.press('lot-run')
    const [first, second] = runs()
    expect(second).toEqual(first)
  })

  it('says that the preview failed, and tries again', async () => {
    server.on(PREVIEW, problem(503, 'storage_unavailable', 'The database is away.'))
    const page = await open()
    server.on(PREVIEW, preview(3))
    page.find('lot-dialog')!.querySelector<HTMLElement>('.error-notice .ways-out button')!.click()
    await settle()
    expect(said(page, 'lot-run')).toBe('Discard 3')
  })

  it('offers a text to each sibling, and leaves out those that are unticked', async () => {
    const siblings = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) =>
      row(id, { model_name: `model-${id}` }),
    )
    const ids = siblings.slice(0, 6).map(({ id }) => id)
    server.on(PREVIEW, preview(6, { sample: siblings.slice(0, 5) }))
    server.on('GET /api/sft/candidates', { body: { items: siblings, total: 7 } })
    const page = await open({ action: 'correct', ids, corrected_response: 'Nine.' })
    expect(server.to('GET /api/sft/candidates')[0]?.url).toContain('prompt=ab12')
    expect(page.find('offer-f')?.textContent).toContain('model-f')
    expect(page.find('offer-g')).toBeNull()
    page.find('offer-b')!.querySelector('input')!.click()
    await settle()
    expect(said(page, 'lot-numbers')).toBe('5 will be corrected.')
    expect(said(page, 'lot-run')).toBe('Correct 5')
    await page.press('lot-run')
    expect(runs()[0]).toMatchObject({
      action: 'correct',
      corrected_response: 'Nine.',
      ids: ['a', 'c', 'd', 'e', 'f'],
      expected: 5,
    })
  })
})

describe('LotStrip', () => {
  it('undoes the whole lot', async () => {
    server.on('POST /api/sft/lots/l1/undo', {
      body: lotDone(2, {
        kind: 'lot_undo',
        result: { touched: 2, skipped: [{ reason: 'decided since', n: 1 }] },
      }),
    })
    const page = await openAt('/', LotStrip, { job: lotDone(3) })
    expect(said(page, 'lot-strip')).toContain('3 discarded.')
    await page.press('lot-undo')
    expect(said(page, 'lot-strip')).toContain('Undone: 2 are as before.')
    expect(said(page, 'lot-strip')).toContain('1 decided again since')
    expect(page.find('lot-undo')).toBeNull()
    expect(page.wrapper.emitted('undone')).toHaveLength(1)
  })

  it('says why it was not undone', async () => {
    server.on('POST /api/sft/lots/l1/undo', problem(503, 'storage_unavailable', 'Away.'))
    const page = await openAt('/', LotStrip, { job: lotDone(3) })
    await page.press('lot-undo')
    expect(page.wrapper.find('[role="alert"]').text()).toContain('Away.')
    expect(page.find('lot-undo')).not.toBeNull()
  })

  it('says how many a stopped one had done', async () => {
    const page = await openAt('/', LotStrip, { job: job('cancelled', { done: 2 }) })
    expect(said(page, 'lot-strip')).toContain('Stopped: 2 discarded.')
  })
})

describe('SelectionBar', () => {
  it('asks to narrow the filter beyond a thousand named ones', async () => {
    const props = { count: 1001, all: false, total: 3275, atLeast: false }
    const page = await openAt('/', SelectionBar, props)
    const discard = () => page.find('bulk-discard') as HTMLButtonElement
    expect(said(page, 'selection-bar')).toContain('At most 1,000')
    expect(discard().disabled).toBe(true)
    await page.wrapper.setProps({ count: 0, all: true })
    expect(said(page, 'selection-bar')).toContain('All 3,275 that match are chosen')
    expect(discard().disabled).toBe(false)
  })
})

describe('LotList', () => {
  it('lists them with their undo, and shows what one touched', async () => {
    const lot = (id: string, undone_at: string | null) => ({
      id,
      action: 'flag',
      n: 12,
      reviewer: 'ann',
      created_at: '2026-11-22T10:00:00Z',
      undone_at,
    })
    server.on('GET /api/sft/lots', {
      body: { items: [lot('l2', null), lot('l1', '2026-11-22T11:00:00Z')] },
    })
    server.on('POST /api/sft/lots/l2/undo', { body: lotDone(12) })
    const page = await openAt('/', LotList)
    expect(said(page, 'lot-l2')).toContain('12 flagged')
    expect(said(page, 'lot-l1')).toContain('undone')
    page.find('lot-l1')!.querySelector<HTMLElement>('.what')!.click()
    expect(page.wrapper.emitted('show')).toEqual([['l1']])
    page.find('lot-l2')!.querySelector<HTMLElement>('.button')!.click()
    await settle()
    expect(page.wrapper.emitted('undone')).toHaveLength(1)
    expect(server.to('GET /api/sft/lots')).toHaveLength(2)
  })
})
