import { flushPromises } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'

import {
  at,
  click,
  CANDIDATE,
  HISTORY,
  items,
  keys,
  openPage,
  serverWith,
  settle,
  sibling,
  SIBLINGS,
  SUBMIT,
  title,
  UNDO,
} from '../flow'
import { candidate, freshPinia, problem } from '../helpers'

let pinia = freshPinia()
beforeEach(() => {
  pinia = freshPinia()
  sessionStorage.clear()
})

const open = async (address = '/'): Promise<VueWrapper> => (await openPage(pinia, address)).wrapper

describe('a candidate opened by its address', () => {
  const approved = candidate({
    id: 'z',
    task_name: 'Task z',
    status: 'approved',
    corrected_response: 'There are 9.',
    failure_category: 'wrong_answer',
  })
  const standing = {
    decision_id: 'd1',
    action: 'correct',
    corrected_response: 'There are 9.',
    failure_category: 'wrong_answer',
    note: 'checked twice',
    tags: [],
    reviewer: 'kim',
    decided_at: '2026-11-22T10:00:00Z',
  }

  it('comes first, before the queue', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(CANDIDATE, { body: items('z')[0] })
    const { wrapper, router } = await openPage(pinia, '/?id=z')
    expect(server.to(CANDIDATE)[0]?.url).toBe('/api/sft/candidate?id=z')
    expect(title(wrapper)).toBe('Task z')
    await keys('d', 'Enter')
    expect(title(wrapper)).toBe('Task a')
    expect(router.currentRoute.value.query).toEqual({})
  })

  it('that is decided can be read, amended and reopened, but not decided', async () => {
    const server = serverWith(items('a'))
    server.on(CANDIDATE, { body: approved })
    server.on(HISTORY, { body: { id: 'z', decisions: [standing] } })
    const wrapper = await open('/?id=z')
    expect(at(wrapper, 'decision-buttons').exists()).toBe(false)
    expect(at(wrapper, 'settled-bar').text()).toContain('Corrected by kim')
    expect(at(wrapper, 'settled-bar').text()).toContain('checked twice')
    expect(at(wrapper, 'settled-text').text()).toBe('There are 9.')
    await keys('d', 'c', 'Enter')
    expect(server.to(SUBMIT)).toHaveLength(0)
    await click(wrapper, 'to-queue-btn')
    expect(title(wrapper)).toBe('Task a')
    expect(at(wrapper, 'remaining').text()).toBe('1 to review')
  })

  it('is amended without being reopened', async () => {
    const server = serverWith(items('a'))
    server.on(CANDIDATE, { body: approved })
    const wrapper = await open('/?id=z')
    await click(wrapper, 'amend-btn')
    expect(wrapper.find('textarea').element.value).toBe('There are 9.')
    await wrapper.find('textarea').setValue('There are 9 eggs.')
    await at(wrapper, 'correction-area').trigger('submit')
    await settle()
    expect(server.to(SUBMIT)[0]?.body).toMatchObject({
      id: 'z',
      action: 'amend',
      corrected_response: 'There are 9 eggs.',
      failure_category: 'wrong_answer',
    })
    expect(server.to(UNDO)).toHaveLength(0)
    expect(title(wrapper)).toBe('Task a')
    expect(at(wrapper, 'undo-toast').text()).toContain('Amended')
  })

  it('is reopened with what was written', async () => {
    const server = serverWith(items('a'))
    server.on(CANDIDATE, { body: approved })
    server.on(HISTORY, { body: { id: 'z', decisions: [standing] } })
    const wrapper = await open('/?id=z')
    await click(wrapper, 'reopen-btn')
    expect(server.to(UNDO)[0]?.body).toMatchObject({ id: 'z' })
    expect(title(wrapper)).toBe('Task z')
    expect(at(wrapper, 'remaining').text()).toBe('2 to review')
    await keys('c')
    expect(wrapper.find('textarea').element.value).toBe('There are 9.')
    expect((at(wrapper, 'note-text').element as HTMLTextAreaElement).value).toBe('checked twice')
  })

  it('that does not exist says so, and the queue goes on', async () => {
    const server = serverWith(items('a'))
    server.on(CANDIDATE, problem(404, 'unknown_candidate', 'There is no candidate `z`.'))
    const { wrapper, router } = await openPage(pinia, '/?id=z')
    expect(at(wrapper, 'open-error').text()).toContain('There is no candidate `z`.')
    expect(title(wrapper)).toBe('Task a')
    await at(wrapper, 'open-error').find('.ways-out button').trigger('click')
    await flushPromises()
    expect(at(wrapper, 'open-error').exists()).toBe(false)
    expect(router.currentRoute.value.query).toEqual({})
  })
})

describe('the same answer decided before', () => {
  const alike = (change: object) => ({
    body: {
      prompt_key: 'k',
      items: [sibling({ identical: true, decided_by: 'kim', ...change })],
      ancestors: [],
    },
  })

  it('begins the same with one key, and decides nothing', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(SIBLINGS, alike({ status: 'discarded', failure_category: 'format_error' }))
    const wrapper = await open()
    expect(at(wrapper, 'identical-note').text()).toContain('discarded by kim')
    await keys('t')
    expect(at(wrapper, 'pending-action-row').exists()).toBe(true)
    expect(wrapper.find('.category-chip--active').text()).toContain('Format error')
    expect(server.to(SUBMIT)).toHaveLength(0)
  })

  it('takes its correction into the editor', async () => {
    const server = serverWith(items('a', 'b'))
    server.on(SIBLINGS, alike({ status: 'approved', corrected_response: 'Nine.' }))
    const wrapper = await open()
    await click(wrapper, 'repeat-btn')
    expect(wrapper.find('textarea').element.value).toBe('Nine.')
    expect(server.to(SUBMIT)).toHaveLength(0)
  })
})
