import { mount, RouterLinkStub } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'

import HistoryPanel from '@/components/HistoryPanel.vue'
import { useDraftsStore } from '@/stores/drafts'
import { useOutboxStore } from '@/stores/outbox'
import { useReviewerStore } from '@/stores/reviewer'

import {
  at,
  CANDIDATE,
  DECISIONS,
  items,
  keys,
  openPage,
  serverWith,
  settle,
  SUBMIT,
  UNDO,
} from '../flow'
import { candidate, fakeServer, freshPinia, press, problem } from '../helpers'
import type { FakeServer } from '../helpers'

let pinia = freshPinia()
beforeEach(() => {
  pinia = freshPinia()
})

const decided = (change: object = {}) => ({
  decision_id: 'd1',
  id: 'a',
  title: 'Eggs',
  model_name: 'tutor-3b',
  action: 'correct',
  from_status: 'needs_review',
  to_status: 'approved',
  corrected_response: 'There are 9.',
  corrected_parts: null,
  failure_category: 'wrong_answer',
  note: null,
  tags: ['units'],
  seconds: 4,
  reviewer: 'local',
  decided_at: new Date().toISOString(),
  revision: 1,
  binding: true,
  stands: true,
  lot: null,
  ...change,
})

async function show(
  list: object[],
  link?: string,
): Promise<{ wrapper: VueWrapper; server: FakeServer }> {
  const server = fakeServer({ [DECISIONS]: { body: { items: list }, link } })
  const wrapper = mount(HistoryPanel, {
    props: { open: true },
    attachTo: document.body,
    global: { plugins: [pinia], stubs: { RouterLink: RouterLinkStub } },
  })
  await settle()
  return { wrapper, server }
}

const entries = (wrapper: VueWrapper) => wrapper.findAll('[data-testid="history-entry"]')
const buttons = (entry: { findAll: VueWrapper['findAll'] }) =>
  entry.findAll('button').map((button) => button.text())

describe('HistoryPanel', () => {
  it('shows this reviewer’s decisions by day, and leads to their candidates', async () => {
    const { wrapper, server } = await show([
      decided(),
      decided({ decision_id: 'd0', action: 'discard', decided_at: '2025-03-01T10:00:00Z' }),
    ])
    expect(server.to(DECISIONS)[0]?.url).toBe('/api/sft/decisions?reviewer=local&per_page=50')
    expect(wrapper.findAll('section h3').map((day) => day.text())[0]).toBe('Today')
    expect(wrapper.text()).toContain('2025')
    expect(entries(wrapper)[0]?.text()).toContain('Corrected')
    expect(entries(wrapper)[0]?.text()).toContain('Wrong answer')
    expect(wrapper.findComponent(RouterLinkStub).props('to')).toEqual({
      path: '/',
      query: { id: 'a' },
    })
  })

  it('offers to reopen what stands, and to amend what is approved', async () => {
    const { wrapper } = await show([
      decided(),
      decided({ decision_id: 'd2', action: 'flag' }),
      decided({ decision_id: 'd3', stands: false }),
      decided({ decision_id: 'd4', action: 'undo' }),
    ])
    expect(entries(wrapper).map(buttons)).toEqual([['Amend', 'Reopen'], ['Reopen'], [], []])
    await at(wrapper, 'reopen-btn').trigger('click')
    expect(wrapper.emitted('reopen')?.[0]).toMatchObject([{ decision_id: 'd1' }])
    await at(wrapper, 'amend-btn').trigger('click')
    expect(wrapper.emitted('amend')).toEqual([['a']])
  })

  it('shows everybody’s at a press, with their names', async () => {
    useReviewerStore().rename('Ada')
    const { wrapper, server } = await show([decided({ reviewer: 'kim' })])
    expect(server.to(DECISIONS)[0]?.url).toContain('reviewer=Ada')
    expect(entries(wrapper)[0]?.text()).not.toContain('kim')
    await at(wrapper, 'everybody').setValue(true)
    await settle()
    expect(server.to(DECISIONS)[1]?.url).toBe('/api/sft/decisions?per_page=50')
    expect(entries(wrapper)[0]?.text()).toContain('kim')
  })

  it('goes on to earlier ones without repeating any', async () => {
    const next = '/api/sft/decisions?cursor=c'
    const { wrapper, server } = await show([decided()], `<${next}>; rel="next"`)
    server.on(DECISIONS, { body: { items: [decided(), decided({ decision_id: 'd0' })] } })
    await at(wrapper, 'more-history-btn').trigger('click')
    await settle()
    expect(server.to(DECISIONS)[1]?.url).toBe(next)
    expect(entries(wrapper)).toHaveLength(2)
    expect(at(wrapper, 'more-history-btn').exists()).toBe(false)
  })

  it('begins with what waits to be sent', async () => {
    const body = { id: 'b', action: 'flag' as const, decision_id: 'w' }
    useOutboxStore().add({ kind: 'decision', body }, candidate({ id: 'b', task_name: 'Ducks' }))
    const { wrapper } = await show([])
    expect(at(wrapper, 'history-waiting').text()).toContain('Ducks')
    expect(at(wrapper, 'history-waiting').text()).toContain('waiting to be sent')
    await at(wrapper, 'reopen-btn').trigger('click')
    expect(wrapper.emitted('reopen-waiting')?.[0]).toMatchObject([{ body: { id: 'b' } }])
  })

  it('says when there is nothing, and when it could not be loaded', async () => {
    const { wrapper, server } = await show([])
    expect(wrapper.text()).toContain('You have not decided anything yet.')
    server.on(DECISIONS, problem(503, 'storage_unavailable', 'The database is away.'))
    await at(wrapper, 'everybody').setValue(true)
    await settle()
    expect(wrapper.find('.error-notice').text()).toContain('The database is away.')
  })

  it('takes the focus, and gives it back at Escape', async () => {
    const before = document.createElement('button')
    document.body.append(before)
    before.focus()
    const { wrapper } = await show([])
    expect(document.activeElement?.textContent).toBe('History')
    press('Escape', {}, document.activeElement!)
    expect(wrapper.emitted('update:open')).toEqual([[false]])
    await wrapper.setProps({ open: false })
    await settle()
    expect(document.activeElement).toBe(before)
  })
})

describe('the history on the review page', () => {
  it('opens with h, and reopens an earlier decision with what was written', async () => {
    const server = serverWith(items('x', 'y'))
    server.on(DECISIONS, { body: { items: [decided()] } })
    server.on(CANDIDATE, { body: { ...items('a')[0], status: 'approved' } })
    await import('@/components/HistoryPanel.vue')
    const { wrapper } = await openPage(pinia)
    await keys('h')
    await at(wrapper, 'history-panel').find('[data-testid="reopen-btn"]').trigger('click')
    await settle()
    expect(server.to(UNDO)[0]?.body).toMatchObject({ id: 'a' })
    expect(wrapper.find('.sft-card h2').text()).toBe('Task a')
    expect(at(wrapper, 'history-panel').exists()).toBe(false)
    expect(at(wrapper, 'remaining').text()).toBe('3 to review')
    expect(useDraftsStore().get('a')).toMatchObject({ text: 'There are 9.', tags: ['units'] })
  })

  it('amends an earlier correction: the editor opens on it', async () => {
    const server = serverWith(items('x', 'y'))
    server.on(DECISIONS, { body: { items: [decided()] } })
    const approved = { ...items('a')[0], status: 'approved', corrected_response: 'There are 9.' }
    server.on(CANDIDATE, { body: approved })
    await import('@/components/HistoryPanel.vue')
    const { wrapper } = await openPage(pinia)
    await keys('h')
    await at(wrapper, 'history-panel').find('[data-testid="amend-btn"]').trigger('click')
    await settle()
    expect(wrapper.find('textarea').element.value).toBe('There are 9.')
    await wrapper.find('textarea').setValue('Nine eggs.')
    await at(wrapper, 'correction-area').trigger('submit')
    await settle()
    expect(server.to(SUBMIT)[0]?.body).toMatchObject({ id: 'a', action: 'amend' })
  })
})
