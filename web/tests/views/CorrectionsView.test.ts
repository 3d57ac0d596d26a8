import type { VueWrapper } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import { useSftStore } from '@/stores/sft'

import {
  at,
  click,
  correct,
  items,
  keys,
  openPage,
  pool,
  PROGRESS,
  PUT_OFF,
  RELEASE,
  serverWith,
  settle,
  sibling,
  SIBLINGS,
  SUBMIT,
  title,
  UNDO,
} from '../flow'
import { freshPinia, problem } from '../helpers'

let pinia = freshPinia()
beforeEach(() => {
  pinia = freshPinia()
  sessionStorage.clear()
})

const open = async (address = '/'): Promise<VueWrapper> => (await openPage(pinia, address)).wrapper

describe('deciding', () => {
  it('shows the first candidate and the counts', async () => {
    const server = serverWith(items('a', 'b'), 1842)
    server.on(PROGRESS, { body: { remaining: 1842, done: 213, seconds: 16_000, by_hour: [] } })
    const wrapper = await open()
    expect(title(wrapper)).toBe('Task a')
    expect(at(wrapper, 'remaining').text()).toBe(`${(1842).toLocaleString()} to review`)
    expect(at(wrapper, 'done').text()).toContain('213 done')
    expect(at(wrapper, 'pace').text()).toBe('48 an hour')
  })

  it.each([
    ['discard', 'hallucination'],
    ['flag', 'wrong_answer'],
    ['flag', null],
  ] as const)('%s with category %s', async (action, category) => {
    const server = serverWith(items('a', 'b'))
    const wrapper = await open()
    await click(wrapper, `${action}-btn`)
    if (category) await click(wrapper, `category-chip-${category}`)
    await click(wrapper, 'confirm-pending-btn')
    expect(server.to(SUBMIT)).toHaveLength(1)
    expect(server.to(SUBMIT)[0]?.body).toMatchObject({
      id: 'a',
      action,
      failure_category: category,
      reviewer: 'local',
      guidelines_version: 3,
    })
    expect(server.to(SUBMIT)[0]?.body).not.toHaveProperty('note')
    expect(server.to(SUBMIT)[0]?.body?.decision_id).toMatch(/^[0-9a-f-]{36}$/)
    expect(server.to(SUBMIT)[0]?.body?.seconds).toBeTypeOf('number')
    expect(useSftStore().lastAction).toMatchObject({
      type: action,
      item: { id: 'a' },
      failure_category: category,
    })
    expect(title(wrapper)).toBe('Task b')
    expect(at(wrapper, 'remaining').text()).toBe('1 to review')
    expect(at(wrapper, 'done').text()).toContain('1 done')
    expect(at(wrapper, 'undo-toast').exists()).toBe(true)
  })

  it('corrects with text and category, by keyboard alone', async () => {
    const server = serverWith(items('a', 'b'))
    const wrapper = await open()
    await keys('c')
    const textarea = wrapper.find('textarea')
    await textarea.setValue('There are 9.')
    await textarea.trigger('keydown', { key: '4', ctrlKey: true })
    await textarea.trigger('keydown', { key: 'Enter', ctrlKey: true })
    await settle()
    expect(server.to(SUBMIT)[0]?.body).toMatchObject({
      id: 'a',
      action: 'correct',
      corrected_response: 'There are 9.',
      failure_category: 'wrong_answer',
    })
    expect(useSftStore().lastAction?.type).toBe('correct')
    expect(title(wrapper)).toBe('Task b')
    expect(wrapper.find('textarea').exists()).toBe(false)
  })

  it('sends the note and the tags, and offers the tags again', async () => {
    const server = serverWith(items('a', 'b'))
    const wrapper = await open()
    await keys('n')
    await at(wrapper, 'note-text').setValue('The manual says 9.')
    await at(wrapper, 'new-tag').setValue('units, unclear')
    await at(wrapper, 'new-tag').trigger('keydown', { key: 'Enter' })
    await keys('d', 'Enter')
    expect(server.to(SUBMIT)[0]?.body).toMatchObject({
      note: 'The manual says 9.',
      tags: ['units', 'unclear'],
    })
    await keys('n')
    expect(wrapper.findAll('[data-testid="tag"]').map((tag) => tag.text())).toEqual([
      'units',
      'unclear',
    ])
    expect(wrapper.find('.tag--on').exists()).toBe(false)
  })

  it('shows what the server remarked', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(SUBMIT, { body: { warnings: [{ code: 'unchanged', message: 'Same text.' }] } })
    const wrapper = await open()
    await correct(wrapper, 'There are 13 eggs left.')
    expect(at(wrapper, 'undo-toast').text()).toContain('Same text.')
  })

  it('waits for no answer: the next card is there in the same turn', async () => {
    const server = serverWith(items('a', 'b', 'c'))
    server.on(SUBMIT, () => new Promise(() => undefined))
    const wrapper = await open()
    await keys('d', 'Enter')
    expect(title(wrapper)).toBe('Task b')
    await keys('f', 'Enter')
    expect(title(wrapper)).toBe('Task c')
    expect(server.to(SUBMIT)).toHaveLength(1)
  })

  it('offers a correction to the undecided siblings', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(SIBLINGS, (call) => ({
      body: {
        prompt_key: 'k',
        items: call.url.endsWith('id=a')
          ? [sibling(), sibling({ id: 's2', status: 'discarded' }), sibling({ id: 's3' })]
          : [],
        ancestors: [],
      },
    }))
    server.on('POST /api/sft/lots/preview', {
      body: { total: 2, touched: 2, skipped: [], sample: [] },
    })
    const wrapper = await open()
    await correct(wrapper, 'There are 9.')
    expect(at(wrapper, 'offer-siblings-btn').text()).toBe('Offer to 2 siblings')
    await click(wrapper, 'offer-siblings-btn')
    await vi.waitFor(() => expect(server.to('POST /api/sft/lots/preview')).toHaveLength(1), 5_000)
    expect(server.to('POST /api/sft/lots/preview')[0]?.body).toMatchObject({
      action: 'correct',
      ids: ['s1', 's3'],
      corrected_response: 'There are 9.',
    })
  })
})

describe('later', () => {
  it('puts the card at the end, here and for the server', async () => {
    const server = serverWith(items('a', 'b', 'c'))
    const wrapper = await open()
    await keys('s')
    expect(title(wrapper)).toBe('Task b')
    expect(useSftStore().queue.map(({ id }) => id)).toEqual(['b', 'c', 'a'])
    expect(server.to(PUT_OFF)[0]?.body).toEqual({ id: 'a', put_off: true })
    expect(at(wrapper, 'later-count').text()).toBe('1 for later')
    expect(at(wrapper, 'remaining').text()).toBe('3 to review')
  })

  it('keeps it behind what is fetched afterwards', async () => {
    const server = pool('a', 'b', 'c', 'd', 'e', 'f', 'g')
    await open()
    await keys('s', 'd', 'Enter')
    expect(useSftStore().queue.map(({ id }) => id)).toEqual(['c', 'd', 'e', 'f', 'g', 'a'])
    // Meanwhile somebody else may take it.
    expect(server.to(RELEASE)[0]?.body).toMatchObject({ tokens: ['t-a'] })
  })

  it('asks nothing of a server that does not know it', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(PUT_OFF, problem(404, 'not_found', 'No such route.'))
    const wrapper = await open()
    await keys('s', 'd', 'Enter')
    expect(server.to(PUT_OFF)).toHaveLength(1)
    expect(server.to(SUBMIT)).toHaveLength(1)
    expect(at(wrapper, 'setback').exists()).toBe(false)
  })
})

describe('undo', () => {
  it.each([
    ['the key', () => keys('u')],
    ['the toast', (wrapper: VueWrapper) => click(wrapper, 'toast-undo-btn')],
    ['the button', (wrapper: VueWrapper) => click(wrapper, 'undo-btn')],
  ])('by %s brings the candidate back', async (_, undo) => {
    const server = serverWith(items('a', 'b'))
    const wrapper = await open()
    await keys('d', 'Enter')
    await undo(wrapper)
    expect(server.to(UNDO)[0]?.body).toMatchObject({ id: 'a' })
    expect(title(wrapper)).toBe('Task a')
    expect(at(wrapper, 'remaining').text()).toBe('2 to review')
    expect(at(wrapper, 'done').text()).toContain('0 done')
    expect(at(wrapper, 'undo-toast').exists()).toBe(false)
    await keys('u')
    expect(server.to(UNDO)).toHaveLength(1)
  })

  it('goes back as deep as this visit', async () => {
    const server = serverWith(items('a', 'b', 'c'))
    const wrapper = await open()
    await keys('d', 'Enter', 'f', 'Enter')
    await keys('u', 'u')
    expect(title(wrapper)).toBe('Task a')
    expect(server.to(UNDO).map(({ body }) => body?.id)).toEqual(['b', 'a'])
    expect(useSftStore().queue.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  })

  it('brings the text of a correction back', async () => {
    serverWith(items('a', 'b'))
    const wrapper = await open()
    await correct(wrapper, 'There are 9.')
    await keys('u', 'c')
    expect(wrapper.find('textarea').element.value).toBe('There are 9.')
  })

  it('of a decision that was never sent leaves no trace on the server', async () => {
    const server = serverWith(items('a', 'b', 'c'))
    let answer = (): void => undefined
    server.on(SUBMIT, async () => {
      await new Promise<void>((resolve) => (answer = resolve))
      return { body: {} }
    })
    const wrapper = await open()
    await keys('d', 'Enter')
    await correct(wrapper, 'Nine.')
    await keys('u')
    expect(title(wrapper)).toBe('Task b')
    answer()
    await settle()
    expect(server.to(SUBMIT).map(({ body }) => body?.id)).toEqual(['a'])
    expect(server.to(UNDO)).toHaveLength(0)
    await keys('c')
    expect(wrapper.find('textarea').element.value).toBe('Nine.')
  })

  it('is quiet when there was nothing left to undo', async () => {
    const server = serverWith(items('a', 'b'))
    const wrapper = await open()
    await keys('d', 'Enter')
    server.on(UNDO, problem(409, 'nothing_to_undo', 'Nothing to undo.'))
    await keys('u')
    expect(title(wrapper)).toBe('Task a')
    expect(at(wrapper, 'setback').exists()).toBe(false)
  })
})
