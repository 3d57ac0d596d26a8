import { flushPromises, mount, RouterLinkStub } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { routeLocationKey } from 'vue-router'

import type { Sibling } from '@/client/api'
import GuidelinesPanel from '@/components/GuidelinesPanel.vue'
import SiblingsPanel from '@/components/SiblingsPanel.vue'
import { useReviewerStore } from '@/stores/reviewer'
import { useSiblingsStore } from '@/stores/siblings'

import { candidate, fakeServer, freshPinia, press } from '../helpers'

// What DOMPurify lets through is tested in a real browser.
vi.mock('@/composables/sanitise', () => ({
  sanitise: (html: string) => {
    const template = document.createElement('template')
    template.innerHTML = html
    return template.content
  },
}))
vi.spyOn(console, 'warn').mockImplementation(() => undefined)

let pinia = freshPinia()
beforeEach(() => {
  pinia = freshPinia()
})

const inPage = () => ({
  attachTo: document.body,
  global: {
    plugins: [pinia],
    provide: { [routeLocationKey]: { query: {} } },
    stubs: { RouterLink: RouterLinkStub },
  },
})
/** The renderer comes in a file of its own. */
const rendered = (wrapper: { find: (selector: string) => { exists: () => boolean } }) =>
  vi.waitFor(() => expect(wrapper.find('.prose--rich').exists()).toBe(true), { timeout: 5000 })

describe('SiblingsPanel', () => {
  const one = (overrides: Partial<Sibling>): Sibling => ({
    id: 's1',
    kind: 'candidate',
    status: 'needs_review',
    model_name: 'tutor-6b',
    model_id: null,
    benchmark_run_id: 'run-2',
    timestamp: null,
    quality_score: 0,
    model_response: '26 eggs',
    reasoning: null,
    tool_calls: null,
    corrected_response: null,
    corrected_parts: null,
    failure_category: null,
    decided_by: null,
    decided_at: null,
    identical: false,
    ...overrides,
  })
  const corrected = one({
    id: 'c',
    status: 'approved',
    corrected_response: '18 eggs',
    decided_by: 'kim',
    decided_at: '2026-11-21T10:00:00Z',
    failure_category: 'wrong_answer',
  })
  const passing = one({ id: 'p', kind: 'pass', status: null, model_response: '**18**' })
  const show = (siblings: Sibling[], props: object = {}) =>
    mount(SiblingsPanel, {
      props: { item: candidate(), siblings, loading: false, ...props },
      ...inPage(),
    })

  it.each([
    ['loading', [], { loading: true }, 'Looking for other answers …'],
    ['none', [], {}, 'No other model or run has answered this prompt.'],
    ['one', [one({})], {}, '1 other answer'],
    ['an undecided one', [one({})], {}, 'not decided yet'],
    ['a corrected one', [corrected], {}, 'corrected by kim'],
    ['its category', [corrected], {}, 'Wrong answer'],
    ['its correction', [corrected], {}, 'Corrected to: 18 eggs'],
    ['a passing one', [passing], {}, 'Right:'],
    ['a flagged one', [one({ status: 'model_rejected' })], {}, 'flagged'],
    ['no text', [one({ model_response: null })], {}, 'No text'],
  ])('shows %s', (_, siblings, props, words) => {
    expect(show(siblings, props).text()).toContain(words)
  })

  it('says that they could not be loaded, and tries again', async () => {
    const server = fakeServer()
    await useSiblingsStore().load('a1')
    const wrapper = show([])
    expect(wrapper.text()).toContain('The other answers could not be loaded.')
    await wrapper.find('button').trigger('click')
    expect(server.calls).toHaveLength(2)
  })

  it('says first that the same answer was decided before', () => {
    const wrapper = show([{ ...corrected, identical: true }])
    expect(wrapper.find('[data-testid="decided-alike"]').text()).toContain(
      'This same answer was decided before: corrected by kim',
    )
  })

  it('takes over by button and, the best, by key', async () => {
    const wrapper = show([passing, corrected])
    await wrapper.find('[data-testid="sibling-p"] [data-testid="take-btn"]').trigger('click')
    press('t')
    expect(wrapper.emitted('take')).toEqual([[passing], [corrected]])
    expect(wrapper.text()).toContain('takes the correction of tutor-6b')
  })

  it('leaves the key free when there is nothing to take', () => {
    show([one({})])
    expect(press('t').defaultPrevented).toBe(false)
  })

  it('opens the whole answer, and compares it', async () => {
    const wrapper = show([passing])
    await wrapper.find('[aria-expanded="false"]').trigger('click')
    await rendered(wrapper)
    expect(wrapper.find('strong').exists()).toBe(true)
    await wrapper.find('[aria-pressed="false"]').trigger('click')
    await vi.waitFor(() => expect(wrapper.find('[data-testid="word-diff"]').exists()).toBe(true))
  })

  it('links to a card, and has none for a pass', () => {
    const links = show([corrected, passing]).findAllComponents(RouterLinkStub)
    expect(links.map((link) => link.props('to'))).toEqual([{ path: '/', query: { id: 'c' } }])
  })

  it('offers a correction to the undecided ones', async () => {
    const wrapper = show([one({}), one({ id: 's2' }), corrected], { offerable: true })
    const button = wrapper.find('[data-testid="offer-btn"]')
    expect(button.text()).toBe('Offer my correction to 2 undecided answers')
    await button.trigger('click')
    expect(wrapper.emitted('offer')).toHaveLength(1)
    expect(
      show([one({})])
        .find('[data-testid="offer-btn"]')
        .exists(),
    ).toBe(false)
  })
})

describe('GuidelinesPanel', () => {
  const text = (version: number) => ({
    body: {
      version,
      text: '# How we decide\n\nWith **care**.',
      author: 'kim',
      created_at: '2026-11-20T10:00:00Z',
      built_in: version === 0,
      versions: [],
    },
  })
  const open = async () => {
    const wrapper = mount(GuidelinesPanel, { props: { open: true }, ...inPage() })
    await flushPromises()
    return wrapper
  }

  it('shows the text and its version', async () => {
    fakeServer({ 'GET /api/sft/guidelines': text(2) })
    const wrapper = await open()
    await rendered(wrapper)
    expect(wrapper.text()).toContain('Version 2 by kim')
    expect(wrapper.find('.prose--rich h3').text()).toBe('How we decide')
    expect(wrapper.find('[data-testid="guidelines-changed"]').exists()).toBe(false)
  })

  it('says when it changed since this reviewer read it', async () => {
    const server = fakeServer({ 'GET /api/sft/guidelines': text(0) })
    expect((await open()).text()).toContain('The text that comes with Corrigenda')
    server.on('GET /api/sft/guidelines', text(1))
    expect((await open()).find('[data-testid="guidelines-changed"]').exists()).toBe(true)
    expect((await open()).find('[data-testid="guidelines-changed"]').exists()).toBe(false)
    useReviewerStore().rename('Ada')
    expect((await open()).find('[data-testid="guidelines-changed"]').exists()).toBe(false)
  })

  it('says what went wrong, and tries again', async () => {
    const server = fakeServer()
    const wrapper = await open()
    expect(wrapper.text()).toContain('The guidelines could not be loaded.')
    server.on('GET /api/sft/guidelines', text(1))
    const again = wrapper.findAll('button').find((button) => button.text() === 'Try again')
    await again!.trigger('click')
    await flushPromises()
    expect(wrapper.text()).toContain('With')
  })
})
