import { mount, RouterLinkStub } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { routeLocationKey } from 'vue-router'

import type { Ancestor } from '@/client/finding'
import AncestorsPanel from '@/components/AncestorsPanel.vue'

import { ancestor } from '../flow'
import { candidate, freshPinia } from '../helpers'

type Entry = Ancestor['decisions'][number]

const decision = (n: number, change: Partial<Entry> = {}): Entry => ({
  decision_id: `d${n}`,
  action: 'correct',
  from_status: 'needs_review',
  to_status: 'approved',
  corrected_response: '18 eggs',
  corrected_parts: null,
  failure_category: null,
  note: null,
  tags: [],
  seconds: null,
  reviewer: 'kim',
  decided_at: `2026-11-2${n}T10:00:00Z`,
  revision: n,
  binding: true,
  guidelines_version: null,
  lot: null,
  artifact_kind: null,
  ...change,
})
const corrected = ancestor({
  status: 'approved',
  corrected_response: '18 eggs',
  decisions: [decision(1, { failure_category: 'wrong_answer', note: 'It adds.' })],
})

describe('AncestorsPanel', () => {
  let pinia = freshPinia()
  beforeEach(() => {
    pinia = freshPinia()
  })
  const show = (...ancestors: Ancestor[]) =>
    mount(AncestorsPanel, {
      props: { item: candidate(), ancestors },
      attachTo: document.body,
      global: {
        plugins: [pinia],
        provide: { [routeLocationKey]: { query: {} } },
        stubs: { RouterLink: RouterLinkStub },
      },
    })

  it.each([
    ['who decided what', corrected, 'Corrected by kim'],
    ['the category', corrected, 'Wrong answer'],
    ['the note', corrected, 'It adds.'],
    ['the correction', corrected, 'Corrected to: 18 eggs'],
    ['one that nobody decided on', ancestor(), 'not decided yet'],
    ['another prompt', ancestor({ same_prompt: false }), 'another prompt'],
    [
      'what an evaluation has put aside',
      ancestor({ decisions: [decision(1, { action: 'discard', reviewer: 'evaluate' })] }),
      'asked again to compare models',
    ],
    [
      'what erred',
      ancestor({ decisions: [decision(1, { failure_category: 'x', artifact_kind: 'scorer' })] }),
      'erred: the scorer',
    ],
  ])('shows %s', (_, above, words) => {
    expect(show(above).text().replace(/\s+/g, ' ')).toContain(words)
  })

  it('leads to it, and takes its correction over', async () => {
    const wrapper = show(corrected)
    expect(wrapper.get('a').text()).toBe('tutor-7b')
    await wrapper.get('[data-testid="take-btn"]').trigger('click')
    expect(wrapper.emitted('take')).toEqual([[corrected]])
  })

  it('takes nothing over from another prompt', () => {
    const wrapper = show({ ...corrected, same_prompt: false })
    expect(wrapper.find('[data-testid="take-btn"]').exists()).toBe(false)
  })

  it('shows the latest decisions, and all when asked', async () => {
    const decisions = [1, 2, 3, 4, 5].map((n) => decision(n, { note: `note ${n}` }))
    const wrapper = show({ ...corrected, decisions })
    const notes = () => wrapper.findAll('.note').map((note) => note.text())
    expect(notes()).toEqual(['note 5', 'note 4', 'note 3'])
    const more = wrapper.findAll('button').find((button) => button.text() === '2 earlier decisions')
    await more!.trigger('click')
    expect(notes()).toEqual(['note 5', 'note 4', 'note 3', 'note 2', 'note 1'])
  })
})
