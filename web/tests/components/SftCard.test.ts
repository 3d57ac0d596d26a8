import { flushPromises, mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import SftCard from '@/components/SftCard.vue'
import { BUILT_IN_CATEGORIES } from '@/stores/categories'

import { candidate, press } from '../helpers'

type Props = InstanceType<typeof SftCard>['$props']

function card(props: Partial<Props> = {}, options: object = {}): VueWrapper {
  return mount(SftCard, {
    props: { item: candidate(), correcting: false, ...props },
    attachTo: document.body,
    ...options,
  })
}

const at = (wrapper: VueWrapper, testid: string) => wrapper.find(`[data-testid="${testid}"]`)
const click = (wrapper: VueWrapper, testid: string) => at(wrapper, testid).trigger('click')
const activeChips = (wrapper: VueWrapper) =>
  wrapper.findAll('.category-chip--active').map((chip) => chip.attributes('data-testid'))

describe('what the card shows', () => {
  it('shows task, prompt, answer, reference, reason and facts', () => {
    const text = card().text()
    for (const part of [
      'Eggs',
      'You are a careful tutor.',
      'How many eggs are left?',
      'There are 13 eggs left.',
      '16 - 3 - 4 = 9',
      'final answer 13, expected 9',
      'tutor-3b',
      'math',
      'bench-01 · GPU 0',
      '38.4 tok/s',
      'run-1',
    ]) {
      expect(text).toContain(part)
    }
  })

  it.each([
    [0, 'quality-low', '0.00'],
    [0.399, 'quality-low', '0.40'],
    [0.4, 'quality-mid', '0.40'],
    [0.699, 'quality-mid', '0.70'],
    [0.7, 'quality-ok', '0.70'],
    [1, 'quality-ok', '1.00'],
  ])('a score of %d is %s', (score, name, shown) => {
    const chip = at(card({ item: candidate({ quality_score: score }) }), 'quality-chip')
    expect(chip.classes()).toContain(name)
    expect(chip.text()).toContain(shown)
  })

  it('shows nothing for what is missing or null', () => {
    for (const item of [
      { id: 'bare' },
      {
        ...Object.fromEntries(Object.keys(candidate()).map((key) => [key, null])),
        id: 'bare',
      },
    ]) {
      const wrapper = card({ item })
      expect(at(wrapper, 'quality-chip').exists()).toBe(false)
      expect(wrapper.find('.failure-reason').exists()).toBe(false)
      expect(at(wrapper, 'reference-answer').exists()).toBe(false)
      expect(wrapper.findAll('.chip')).toHaveLength(0)
      expect(wrapper.text()).toContain('bare')
      expect(wrapper.text()).toContain('The model answered nothing.')
      wrapper.unmount()
    }
  })

  it('keeps a GPU of number 0 and a node alone', () => {
    expect(at(card({ item: candidate({ node_id: null }) }), 'machine-chip').text()).toBe('GPU 0')
    expect(at(card({ item: candidate({ gpu_id: null }) }), 'machine-chip').text()).toBe('bench-01')
  })

  it('shows model text as text, never as markup', () => {
    const wrapper = card({ item: candidate({ model_response: '<img src=x onerror=alert(1)>' }) })
    expect(wrapper.find('img').exists()).toBe(false)
    expect(wrapper.text()).toContain('<img src=x onerror=alert(1)>')
  })

  it('folds a long answer and unfolds it', async () => {
    const long = Array.from({ length: 90 }, (_, line) => `line ${line}`).join('\n')
    const wrapper = card({ item: candidate({ model_response: long }) })
    const unfold = at(wrapper, 'model-response').find('button')
    expect(unfold.attributes('aria-expanded')).toBe('false')
    await unfold.trigger('click')
    expect(unfold.attributes('aria-expanded')).toBe('true')
    expect(unfold.text()).toBe('Show less')
  })

  it('shows reasoning, tool calls, image links and unknown fields', () => {
    const wrapper = card({
      item: candidate({
        reasoning: 'I should add.',
        scoring: { kind: 'exact' },
        prompt_messages: [
          {
            role: 'user',
            content: [{ type: 'image_url', image_url: { url: 'https://example.org/a.png' } }],
          },
          { role: 'assistant', tool_calls: [{ function: { name: 'add', arguments: '{}' } }] },
          { role: 'tool', content: '{"sum": 2}' },
        ],
      }),
    })
    expect(wrapper.text()).toContain('I should add.')
    expect(wrapper.text()).toContain('calls add')
    expect(wrapper.text()).toContain('More fields (1)')
    expect(wrapper.find('a').attributes()).toMatchObject({
      href: 'https://example.org/a.png',
      rel: 'noopener noreferrer',
    })
  })
})

describe('correcting', () => {
  it('is asked for with the button', async () => {
    const wrapper = card()
    expect(at(wrapper, 'correction-area').exists()).toBe(false)
    await click(wrapper, 'correct-btn')
    expect(wrapper.emitted('correct')).toHaveLength(1)
  })

  it.each([
    ['the model’s answer', {}, {}, 'There are 13 eggs left.'],
    ['an earlier correction', { corrected_response: 'Nine.' }, {}, 'Nine.'],
    ['a draft', { corrected_response: 'Nine.' }, { draft: 'Ni' }, 'Ni'],
    ['nothing', { model_response: null }, {}, ''],
  ])('begins with %s', async (_, item, props, expected) => {
    const wrapper = card({ item: candidate(item), correcting: true, ...props })
    expect(wrapper.find('textarea').element.value).toBe(expected)
    await flushPromises()
    expect(document.activeElement).toBe(wrapper.find('textarea').element)
  })

  it('submits the text as written, with the category', async () => {
    const wrapper = card({ correcting: true })
    await wrapper.find('textarea').setValue('  There are 9.\n')
    await click(wrapper, 'category-chip-wrong_answer')
    await at(wrapper, 'correction-area').trigger('submit')
    expect(wrapper.emitted('submit-correction')).toEqual([['  There are 9.\n', 'wrong_answer']])
  })

  it('submits without a category', async () => {
    const wrapper = card({ correcting: true })
    await wrapper.find('textarea').setValue('Nine.')
    await at(wrapper, 'correction-area').trigger('submit')
    expect(wrapper.emitted('submit-correction')).toEqual([['Nine.', null]])
  })

  it.each(['', '  \n\t '])('does not submit a blank text (%j)', async (text) => {
    const wrapper = card({ correcting: true })
    await wrapper.find('textarea').setValue(text)
    expect(at(wrapper, 'submit-btn').attributes('disabled')).toBeDefined()
    await at(wrapper, 'correction-area').trigger('submit')
    await wrapper.find('textarea').trigger('keydown', { key: 'Enter', ctrlKey: true })
    expect(wrapper.emitted('submit-correction')).toBeUndefined()
    expect(wrapper.text()).toContain('A correction needs some text.')
  })

  it('tells every change as a draft, and says whether there is one', async () => {
    const wrapper = card({ correcting: true })
    expect(wrapper.text()).toContain('Not changed yet')
    await wrapper.find('textarea').setValue('Nine.')
    expect(wrapper.emitted('draft')).toEqual([['Nine.']])
    expect(wrapper.text()).toContain('Changed')
  })

  it('starts over without losing the text', async () => {
    const wrapper = card({ correcting: true, draft: 'Nine.' })
    const textarea = wrapper.find('textarea')
    await click(wrapper, 'start-over-btn')
    expect(textarea.element.value).toBe('There are 13 eggs left.')
    await click(wrapper, 'start-over-btn')
    expect(textarea.element.value).toBe('Nine.')
  })

  it('is left with the button and with Escape', async () => {
    const wrapper = card({ correcting: true })
    await click(wrapper, 'cancel-btn')
    await wrapper.find('textarea').trigger('keydown', { key: 'Escape' })
    expect(wrapper.emitted('cancel-correction')).toHaveLength(2)
  })

  it('gives the focus back to the button', async () => {
    const wrapper = card({ correcting: true })
    await wrapper.setProps({ correcting: false })
    await flushPromises()
    expect(document.activeElement).toBe(at(wrapper, 'correct-btn').element)
  })
})

describe('discard and flag', () => {
  it.each(['discard', 'flag'] as const)('%s takes two steps', async (action) => {
    const wrapper = card()
    await click(wrapper, `${action}-btn`)
    expect(wrapper.emitted(action)).toBeUndefined()
    expect(at(wrapper, 'pending-action-row').exists()).toBe(true)
    expect(document.activeElement).toBe(at(wrapper, 'confirm-pending-btn').element)
    await click(wrapper, 'confirm-pending-btn')
    expect(wrapper.emitted(action)).toEqual([[null]])
    expect(at(wrapper, 'pending-action-row').exists()).toBe(false)
  })

  it.each(['discard', 'flag'] as const)('%s carries the category', async (action) => {
    const wrapper = card()
    await click(wrapper, `${action}-btn`)
    await click(wrapper, 'category-chip-hallucination')
    await click(wrapper, 'confirm-pending-btn')
    expect(wrapper.emitted(action)).toEqual([['hallucination']])
  })

  it('is taken back with the button, and forgets the category', async () => {
    const wrapper = card()
    await click(wrapper, 'discard-btn')
    await click(wrapper, 'category-chip-format_error')
    await click(wrapper, 'cancel-pending-btn')
    expect(at(wrapper, 'pending-action-row').exists()).toBe(false)
    await flushPromises()
    expect(document.activeElement).toBe(at(wrapper, 'discard-btn').element)
    await click(wrapper, 'flag-btn')
    await click(wrapper, 'confirm-pending-btn')
    expect(wrapper.emitted()).toMatchObject({ flag: [[null]] })
    expect(wrapper.emitted('discard')).toBeUndefined()
  })

  it('"the answer is fine" is a discard as scoring artifact, in two steps too', async () => {
    const wrapper = card()
    await click(wrapper, 'fine-btn')
    expect(activeChips(wrapper)).toEqual(['category-chip-scoring_artifact'])
    expect(wrapper.emitted('discard')).toBeUndefined()
    await click(wrapper, 'confirm-pending-btn')
    expect(wrapper.emitted('discard')).toEqual([['scoring_artifact']])
  })

  it('is over when another candidate comes', async () => {
    const wrapper = card()
    await click(wrapper, 'discard-btn')
    await click(wrapper, 'category-chip-format_error')
    await wrapper.setProps({ item: candidate({ id: 'a2' }) })
    expect(at(wrapper, 'pending-action-row').exists()).toBe(false)
    await click(wrapper, 'discard-btn')
    expect(activeChips(wrapper)).toEqual([])
  })
})

describe('category chips', () => {
  it('show only while they are needed', async () => {
    const wrapper = card()
    const section = () => at(wrapper, 'failure-category-section').exists()
    expect(section()).toBe(false)
    await click(wrapper, 'flag-btn')
    expect(section()).toBe(true)
    await click(wrapper, 'cancel-pending-btn')
    expect(section()).toBe(false)
    await wrapper.setProps({ correcting: true })
    expect(section()).toBe(true)
  })

  it('are six, at most one is active, and a second click clears it', async () => {
    const wrapper = card({ correcting: true })
    expect(wrapper.findAll('.category-chip')).toHaveLength(6)
    expect(activeChips(wrapper)).toEqual([])
    await click(wrapper, 'category-chip-wrong_answer')
    await click(wrapper, 'category-chip-style_violation')
    expect(activeChips(wrapper)).toEqual(['category-chip-style_violation'])
    expect(at(wrapper, 'category-chip-style_violation').attributes('aria-pressed')).toBe('true')
    await click(wrapper, 'category-chip-style_violation')
    expect(activeChips(wrapper)).toEqual([])
  })

  it('carry their number and their definition', () => {
    const chip = at(card({ correcting: true }), 'category-chip-partial_answer')
    expect(chip.text()).toContain('3')
    expect(chip.attributes('title')).toContain('missing')
  })

  it('are as many as the workspace has', async () => {
    const own = { name: 'unsafe', label: 'Unsafe', definition: '', example: '', built_in: false }
    const wrapper = card({ correcting: true, categories: [...BUILT_IN_CATEGORIES, own] })
    press('7', { ctrlKey: true }, wrapper.find('textarea').element)
    await wrapper.vm.$nextTick()
    expect(activeChips(wrapper)).toEqual(['category-chip-unsafe'])
  })

  it('give the focus back after a press with the pointer', async () => {
    const wrapper = card()
    await click(wrapper, 'discard-btn')
    const chip = at(wrapper, 'category-chip-wrong_answer')
    ;(chip.element as HTMLElement).focus()
    await chip.trigger('click', { detail: 1 })
    expect(document.activeElement).toBe(at(wrapper, 'confirm-pending-btn').element)
  })
})

describe('keys', () => {
  it('c asks to correct', () => {
    const wrapper = card()
    press('c')
    expect(wrapper.emitted('correct')).toHaveLength(1)
  })

  it.each([
    ['d', 'discard', [null]],
    ['f', 'flag', [null]],
    ['a', 'discard', ['scoring_artifact']],
  ])('%s and Enter: %s %j', async (key, event, payload) => {
    const wrapper = card()
    press(key)
    await wrapper.vm.$nextTick()
    expect(wrapper.emitted(event)).toBeUndefined()
    press('Enter')
    expect(wrapper.emitted(event)).toEqual([payload])
    press('Enter')
    expect(wrapper.emitted(event)).toHaveLength(1)
  })

  it('a digit picks the category, and clears it again', async () => {
    const wrapper = card()
    press('4')
    press('d')
    await wrapper.vm.$nextTick()
    expect(activeChips(wrapper)).toEqual([])
    press('4')
    await wrapper.vm.$nextTick()
    expect(activeChips(wrapper)).toEqual(['category-chip-wrong_answer'])
    press('4')
    await wrapper.vm.$nextTick()
    expect(activeChips(wrapper)).toEqual([])
    press('9')
    press('5')
    press('Enter')
    expect(wrapper.emitted('discard')).toEqual([['format_error']])
  })

  it('Enter on the focused confirm button decides once', async () => {
    const wrapper = card()
    press('d')
    await wrapper.vm.$nextTick()
    const button = at(wrapper, 'confirm-pending-btn')
    // The browser turns Enter into a click; the key itself must add nothing.
    expect(press('Enter', {}, button.element).defaultPrevented).toBe(false)
    await button.trigger('click')
    expect(wrapper.emitted('discard')).toHaveLength(1)
  })

  it('Escape takes a pending action back', async () => {
    const wrapper = card()
    press('f')
    await wrapper.vm.$nextTick()
    press('Escape')
    await wrapper.vm.$nextTick()
    expect(at(wrapper, 'pending-action-row').exists()).toBe(false)
    expect(press('Escape').defaultPrevented).toBe(false)
  })

  it('switches from one pending action to the other, keeping the category', async () => {
    const wrapper = card()
    press('d')
    press('2')
    press('f')
    press('Enter')
    await wrapper.vm.$nextTick()
    expect(wrapper.emitted('flag')).toEqual([['style_violation']])
    expect(wrapper.emitted('discard')).toBeUndefined()
  })

  it('Ctrl+Enter submits and Ctrl+digit categorises from inside the text', async () => {
    const wrapper = card({ correcting: true })
    const textarea = wrapper.find('textarea')
    await textarea.setValue('Nine.')
    await textarea.trigger('keydown', { key: '4', ctrlKey: true })
    await textarea.trigger('keydown', { key: 'Enter', metaKey: true })
    expect(wrapper.emitted('submit-correction')).toEqual([['Nine.', 'wrong_answer']])
  })

  it('works on a card outside the document too', async () => {
    const wrapper = card({ correcting: true }, { attachTo: undefined })
    await wrapper.find('textarea').trigger('keydown', { key: 'Enter', ctrlKey: true })
    expect(wrapper.emitted('submit-correction')).toHaveLength(1)
  })

  it('letters and digits do nothing while writing', () => {
    const wrapper = card({ correcting: true })
    const textarea = wrapper.find('textarea').element
    for (const key of ['c', 'd', 'f', 'a', 'u', '1', 'Enter']) press(key, {}, textarea)
    for (const key of ['c', 'd', 'f', 'a']) press(key)
    expect(at(wrapper, 'pending-action-row').exists()).toBe(false)
    expect(activeChips(wrapper)).toEqual([])
    expect(Object.keys(wrapper.emitted()).filter((name) => name !== 'keydown')).toEqual([])
  })

  it('do nothing while a decision is on its way', async () => {
    const wrapper = card({ busy: true })
    for (const key of ['c', 'd', 'f', 'a', 'Enter']) press(key)
    await wrapper.vm.$nextTick()
    expect(wrapper.emitted('correct')).toBeUndefined()
    expect(at(wrapper, 'pending-action-row').exists()).toBe(false)
    expect(at(wrapper, 'discard-btn').attributes('disabled')).toBeDefined()
  })
})

describe('the next candidate', () => {
  it('takes the focus to its title', async () => {
    const wrapper = card()
    await wrapper.setProps({ item: candidate({ id: 'a2', task_name: 'Ducks' }) })
    await flushPromises()
    expect(document.activeElement?.textContent).toBe('Ducks')
  })
})
