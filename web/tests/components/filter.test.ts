import { beforeEach, describe, expect, it, vi } from 'vitest'

import FilterBar from '@/components/filter/FilterBar.vue'

import { FACETS, openAt, settle } from '../finding'
import type { Opened } from '../finding'
import { fakeServer, press, problem } from '../helpers'
import type { FakeServer } from '../helpers'

const FACETS_ROUTE = 'GET /api/sft/facets'
const BATCHES = 'GET /api/sft/batches'
const batch = (id: number, rest: object = {}) => ({
  id,
  name: `Sample ${id}`,
  size: 300,
  seed: 7,
  stratify_by: ['task_type'],
  filter: {},
  population: 3275,
  created_at: '2026-11-22T10:00:00Z',
  created_by: 'ann',
  reviewed: 120,
  remaining: 180,
  ...rest,
})

let server: FakeServer
beforeEach(() => {
  server = fakeServer({
    [FACETS_ROUTE]: { body: FACETS },
    [BATCHES]: { body: { items: [batch(3)] } },
  })
})

const query = ({ router }: Opened) => router.currentRoute.value.query
const chips = ({ wrapper }: Opened) =>
  wrapper.findAll('.filter-chip').map((chip) => chip.text().replaceAll(/\s+/g, ' '))
const options = () =>
  [...document.querySelectorAll<HTMLElement>('[role="option"]')].map((option) =>
    option.textContent?.replaceAll(/\s+/g, ' ').trim(),
  )

async function choose(index: number): Promise<void> {
  document.querySelectorAll<HTMLElement>('[role="option"]')[index]!.click()
  await settle()
}

describe('the chips', () => {
  it('say what is set, in words, and take it away', async () => {
    const page = await openAt('/?model=tutor-3b&category=none&score_max=0.5', FilterBar)
    expect(chips(page)).toEqual(['model tutor-3b', 'category Uncategorised', 'score ≤ 0.50'])
    await page.press('remove-chip')
    expect(query(page)).toEqual({ category: 'none', score_max: '0.5' })
    await page.press('clear-filter')
    expect(query(page)).toEqual({})
    expect(page.find('clear-filter')).toBeNull()
    expect(document.activeElement).toBe(page.find('filter-btn'))
  })

  it('show the status only where it can be chosen', async () => {
    expect(chips(await openAt('/?status=approved', FilterBar))).toEqual([])
    expect(chips(await openAt('/?status=approved', FilterBar, { status: true }))).toEqual([
      'status corrected',
    ])
  })

  it('name a batch', async () => {
    expect(chips(await openAt('/?batch=3', FilterBar))).toEqual(['batch Sample 3'])
  })

  it('say what in the address means nothing, and tidy it', async () => {
    const page = await openAt('/?model=x&score_min=low', FilterBar)
    expect(page.find('dropped')?.textContent).toContain('score_min=low')
    page.find('dropped')!.querySelector('button')!.click()
    await settle()
    expect(query(page)).toEqual({ model: 'x' })
    expect(page.find('dropped')).toBeNull()
  })
})

describe('the menu', () => {
  it('asks for the counts when it is opened, under the rest of the filter', async () => {
    const page = await openAt('/?run_id=run-1&order=lowest_score', FilterBar)
    expect(server.to(FACETS_ROUTE)).toHaveLength(0)
    await page.press('filter-btn')
    expect(server.to(FACETS_ROUTE)[0]?.url).toBe('/api/sft/facets?run_id=run-1')
    await page.press('dimension-model')
    expect(options()).toEqual(['tutor-3b 25', 'tutor-7b 15'])
    await choose(0)
    expect(server.to(FACETS_ROUTE).at(-1)?.url).toBe('/api/sft/facets?model=tutor-3b&run_id=run-1')
  })

  it('takes several choices of one dimension and gives them back', async () => {
    const page = await openAt('/', FilterBar)
    await page.press('filter-btn')
    await page.press('dimension-model')
    await choose(0)
    await choose(1)
    expect(query(page)).toEqual({ model: ['tutor-3b', 'tutor-7b'] })
    await choose(0)
    expect(query(page)).toEqual({ model: 'tutor-7b' })
  })

  it('narrows a long list down', async () => {
    const page = await openAt('/', FilterBar)
    await page.press('filter-btn')
    await page.press('dimension-run_id')
    expect(options()).toHaveLength(12)
    const field = document.querySelector<HTMLInputElement>('[aria-label="Find a run"]')!
    field.value = 'run-11'
    field.dispatchEvent(new Event('input', { bubbles: true }))
    await settle()
    expect(options()).toEqual(['run-11 1'])
  })

  it('shows a choice that nothing matches any more', async () => {
    const page = await openAt('/?model=gone', FilterBar)
    page.wrapper.find('button.words').element.dispatchEvent(new MouseEvent('click'))
    await settle()
    expect(options()).toEqual(['tutor-3b 25', 'tutor-7b 15', 'gone 0'])
  })

  it('takes a score range, the ends in either order', async () => {
    const page = await openAt('/', FilterBar)
    await page.press('filter-btn')
    await page.press('dimension-score')
    expect(document.querySelectorAll('.histogram rect')).toHaveLength(10)
    await page.write('score-max', '0.2')
    expect(query(page)).toEqual({ score_max: '0.2' })
    await page.write('score-min', '0.9')
    expect(query(page)).toEqual({ score_min: '0.2', score_max: '0.9' })
  })

  it('opens with its key, holds other keys back, and closes with Escape', async () => {
    const page = await openAt('/', FilterBar)
    press('.')
    await settle()
    expect(page.find('dimension-model')).not.toBeNull()
    const behind = vi.fn()
    window.addEventListener('keydown', behind)
    press('d', {}, page.find('dimension-model')!)
    press('Escape', {}, page.find('dimension-model')!)
    window.removeEventListener('keydown', behind)
    await settle()
    expect(behind).not.toHaveBeenCalled()
    expect(page.find('dimension-model')).toBeNull()
  })

  it('says when the counts are not to be had, and tries again', async () => {
    server.on(FACETS_ROUTE, problem(503, 'storage_unavailable', 'The database is away.'))
    const page = await openAt('/', FilterBar)
    await page.press('filter-btn')
    expect(page.find('panel')?.textContent).toContain('The database is away.')
    server.on(FACETS_ROUTE, { body: FACETS })
    page.find('panel')!.querySelector<HTMLElement>('.error-notice .ways-out button')!.click()
    await settle()
    expect(page.find('panel')?.textContent).not.toContain('The database is away.')
  })
})

describe('search and order', () => {
  it('searches when the typing pauses', async () => {
    const page = await openAt('/?model=x', FilterBar)
    vi.useFakeTimers()
    await page.wrapper.find('input[type="search"]').setValue('two eg')
    await vi.advanceTimersByTimeAsync(200)
    expect(query(page)).toEqual({ model: 'x' })
    await page.wrapper.find('input[type="search"]').setValue('two eggs ')
    await vi.advanceTimersByTimeAsync(350)
    vi.useRealTimers()
    await settle()
    expect(query(page)).toEqual({ model: 'x', q: 'two eggs' })
  })

  it('searches at once with Enter', async () => {
    const page = await openAt('/', FilterBar)
    await page.wrapper.find('input[type="search"]').setValue('eggs')
    await page.wrapper.find('form[role="search"]').trigger('submit')
    await settle()
    expect(query(page)).toEqual({ q: 'eggs' })
  })

  it('orders, and offers the rank of a batch only with a batch', async () => {
    const page = await openAt('/', FilterBar)
    expect(page.find('order-menu')?.textContent).not.toContain('as drawn')
    await page.write('order-menu', 'lowest_score')
    expect(query(page)).toEqual({ order: 'lowest_score' })
    await page.write('order-menu', '')
    expect(query(page)).toEqual({})
  })
})

describe('batches', () => {
  it('are listed with how far they are, and one becomes the filter', async () => {
    const page = await openAt('/?order=lowest_score', FilterBar)
    await page.press('batch-btn')
    expect(page.find('batch-3')?.textContent).toContain('120 of 300 reviewed')
    page.find('batch-3')!.querySelector<HTMLElement>('.pick')!.click()
    await settle()
    expect(query(page)).toEqual({ batch: '3' })
  })

  it('are drawn from the present filter', async () => {
    server.on('POST /api/sft/batches', { body: batch(4) })
    const page = await openAt('/?model=tutor-3b&order=newest_run', FilterBar)
    await page.press('batch-btn')
    await page.press('draw-batch-btn')
    expect(page.find('batch-from')?.textContent).toContain('40 candidates: status to review, model')
    await page.write('batch-size', '25')
    await page.write('batch-seed', '7')
    page.find('batch-dialog')!.querySelector('form')!.requestSubmit()
    await settle()
    expect(server.to('POST /api/sft/batches')[0]?.body).toEqual({
      name: '25 at random by task type and model, seed 7',
      size: 25,
      seed: 7,
      stratify_by: ['task_type', 'model'],
      filter: { status: ['needs_review'], model: ['tutor-3b'] },
    })
    expect(page.find('batch-dialog')).toBeNull()
    expect(query(page)).toEqual({ batch: '4' })
  })

  it('say why none was drawn and keep what was typed', async () => {
    server.on('POST /api/sft/batches', problem(422, 'invalid_request', 'That name is taken.'))
    const page = await openAt('/', FilterBar)
    await page.press('batch-btn')
    await page.press('draw-batch-btn')
    await page.write('batch-name', 'Mine')
    page.find('batch-dialog')!.querySelector('form')!.requestSubmit()
    await settle()
    expect(page.find('batch-dialog')?.textContent).toContain('That name is taken.')
    expect((page.find('batch-name') as HTMLInputElement).value).toBe('Mine')
  })

  it('are deleted after a question', async () => {
    server.on('POST /api/sft/batches/3/delete', { body: { id: 3 } })
    const page = await openAt('/', FilterBar)
    await page.press('batch-btn')
    page.find('batch-3')!.querySelector<HTMLElement>('.button--small')!.click()
    await settle()
    expect(server.to('POST /api/sft/batches/3/delete')).toHaveLength(0)
    await page.press('delete-batch-confirm')
    expect(server.to('POST /api/sft/batches/3/delete')).toHaveLength(1)
    expect(page.find('batch-3')).toBeNull()
  })
})
