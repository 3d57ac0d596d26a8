import { flushPromises, mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import type { Candidate } from '@/client/candidate'
import type { Draft } from '@/client/draft'
import SftCorrectionArea from '@/components/SftCorrectionArea.vue'
import { freshDraft } from '@/composables/correctionSource'

import { candidate, fakeServer, freshPinia, press } from '../helpers'
import type { FakeServer } from '../helpers'

vi.mock('@/components/TextEditor.vue', async () => (await import('../editor')).plainEditor())

const ROUTE = 'POST /api/sft/preview'
const CALL = {
  id: 'c1',
  type: 'function',
  function: { name: 'add', arguments: '{"a":1}' },
} as const
const THOUGHT = candidate({ model_response: '<think>16 - 3</think>13 eggs' })

let server: FakeServer

beforeEach(() => {
  freshPinia()
  vi.useFakeTimers()
  server = fakeServer({ [ROUTE]: { body: { row: {}, warnings: [], held_back: null } } })
})
afterEach(() => vi.useRealTimers())

type Props = InstanceType<typeof SftCorrectionArea>['$props']

/** The area with a parent that keeps its draft. */
function area(item: Candidate = candidate(), props: Partial<Props> = {}): VueWrapper {
  const wrapper: VueWrapper = mount(SftCorrectionArea, {
    props: {
      item,
      draft: freshDraft(item),
      'onUpdate:draft': (draft: Draft) => void wrapper.setProps({ draft }),
      ...props,
    } as Props,
    attachTo: document.body,
  })
  return wrapper
}

const at = (wrapper: VueWrapper, testid: string) => wrapper.find(`[data-testid="${testid}"]`)
const textOf = (wrapper: VueWrapper) =>
  (at(wrapper, 'correction-text').element as HTMLTextAreaElement).value
const draftOf = (wrapper: VueWrapper) => (wrapper.props() as { draft: Draft }).draft

async function write(wrapper: VueWrapper, text: string, testid = 'correction-text'): Promise<void> {
  await at(wrapper, testid).setValue(text)
  await vi.advanceTimersByTimeAsync(500)
}

async function alt(digit: number): Promise<KeyboardEvent> {
  const event = press(String(digit), { altKey: true, code: `Digit${digit}` })
  await nextTick()
  return event
}

describe('the editor of a correction', () => {
  it('opens with the model’s answer in it, and has the keyboard', async () => {
    const wrapper = area()
    await nextTick()
    expect(textOf(wrapper)).toBe('There are 13 eggs left.')
    expect(document.activeElement).toBe(at(wrapper, 'correction-text').element)
    expect(at(wrapper, 'correction-text').attributes('aria-label')).toBe('Your correction')
    expect(at(wrapper, 'correction-state').text()).toBe('Not changed yet')
    expect(at(wrapper, 'start-over-btn').exists()).toBe(false)
    expect(at(wrapper, 'remark-unchanged').text()).toContain('Esc')
  })

  it('begins with something else by key, and loses nothing', async () => {
    const wrapper = area()
    await write(wrapper, 'There are 9 eggs left.')
    expect((await alt(2)).defaultPrevented).toBe(true)
    expect(textOf(wrapper)).toBe('16 - 3 - 4 = 9')
    await alt(5)
    expect(textOf(wrapper)).toBe('')
    expect((await alt(3)).defaultPrevented).toBe(false)
    await at(wrapper, 'bring-back-btn').trigger('click')
    expect(textOf(wrapper)).toBe('There are 9 eggs left.')
    await at(wrapper, 'start-over-btn').trigger('click')
    expect(textOf(wrapper)).toBe('There are 13 eggs left.')
    expect(at(wrapper, 'bring-back-btn').exists()).toBe(true)
  })

  it('submits what has some text, and nothing while it is busy or blank', async () => {
    const wrapper = area()
    const form = at(wrapper, 'correction-area')
    await write(wrapper, ' ')
    expect(at(wrapper, 'submit-btn').attributes('disabled')).toBeDefined()
    expect(at(wrapper, 'correction-text').attributes('aria-invalid')).toBe('true')
    expect(at(wrapper, 'correction-text').attributes('aria-description')).toContain(
      'needs some text',
    )
    await form.trigger('submit')
    expect(wrapper.emitted('submit')).toBeUndefined()
    await write(wrapper, '9')
    await form.trigger('submit')
    expect(wrapper.emitted('submit')).toHaveLength(1)
    await wrapper.setProps({ busy: true })
    await form.trigger('submit')
    expect(wrapper.emitted('submit')).toHaveLength(1)
    await at(wrapper, 'cancel-btn').trigger('click')
    expect(wrapper.emitted('cancel')).toHaveLength(1)
  })

  it('tells the slot’s category and its own text apart', async () => {
    const item = candidate()
    const wrapper = area(item, {
      draft: { ...freshDraft(item), category: 'wrong_answer', note: 'n' },
    })
    await write(wrapper, '9')
    expect(draftOf(wrapper)).toMatchObject({ text: '9', category: 'wrong_answer', note: 'n' })
  })

  it('shows the proof once something is changed', async () => {
    vi.useRealTimers()
    const wrapper = area()
    expect(at(wrapper, 'word-diff').exists()).toBe(false)
    await at(wrapper, 'correction-text').setValue('There are 9 eggs left.')
    await vi.waitFor(() => expect(wrapper.find('del').exists()).toBe(true))
    expect(wrapper.find('del').text()).toBe('removed: 13;')
    expect(wrapper.find('ins').text()).toBe('added: 9;')
  })
})

describe('remarks', () => {
  const remark = (code: string, suggests?: string) => ({
    body: {
      row: {},
      held_back: null,
      warnings: [{ code, message: `About ${code}.`, ...(suggests ? { suggests } : {}) }],
    },
  })

  it('suggests the category that fits, which one press sets', async () => {
    server.on(ROUTE, remark('format_only', 'format_error'))
    const wrapper = area()
    await write(wrapper, '**There are 13 eggs left.**')
    expect(at(wrapper, 'remark-format_only').text()).toContain('About format_only.')
    expect(at(wrapper, 'take-suggestion-btn').text()).toContain('Format error')
    await at(wrapper, 'take-suggestion-btn').trigger('click')
    expect(draftOf(wrapper).category).toBe('format_error')
    expect(at(wrapper, 'take-suggestion-btn').exists()).toBe(false)
  })

  it('says that it is a rewrite, and stays silent without a server', async () => {
    server.on(ROUTE, remark('large_rewrite'))
    const wrapper = area()
    await write(wrapper, 'Something else altogether.')
    expect(at(wrapper, 'correction-remarks').text()).toBe('About large_rewrite.')
    server.on(ROUTE, () => {
      throw new TypeError('Failed to fetch')
    })
    await write(wrapper, 'And again.')
    expect(at(wrapper, 'correction-remarks').exists()).toBe(false)
  })

  it('asks nothing of a correction that can’t go out', async () => {
    const wrapper = area()
    await write(wrapper, '')
    expect(server.calls).toHaveLength(0)
  })
})

describe('reasoning', () => {
  it('is asked about once the answer changed', async () => {
    const wrapper = area(THOUGHT)
    expect(textOf(wrapper)).toBe('13 eggs')
    expect(at(wrapper, 'reasoning-choice').exists()).toBe(false)
    await write(wrapper, '9 eggs')
    expect(at(wrapper, 'reasoning-held-back').text()).toContain('held back from exports')
    await at(wrapper, 'reasoning-drop').setValue()
    expect(draftOf(wrapper).parts).toEqual({ reasoning: 'drop' })
    expect(at(wrapper, 'reasoning-held-back').exists()).toBe(false)
    await at(wrapper, 'reasoning-keep').setValue()
    expect(draftOf(wrapper).parts).toEqual({ reasoning: 'keep' })
  })

  it('is rewritten by writing, and a rewriting comes back after another choice', async () => {
    const wrapper = area(THOUGHT)
    await write(wrapper, '9 eggs')
    await at(wrapper, 'reasoning-rewrite').setValue()
    expect(draftOf(wrapper).parts).toEqual({})
    expect(at(wrapper, 'reasoning-held-back').exists()).toBe(true)
    await write(wrapper, '16 - 3 - 4', 'reasoning-text')
    const rewritten = { reasoning: 'rewrite', reasoning_text: '16 - 3 - 4' }
    expect(draftOf(wrapper).parts).toEqual(rewritten)
    await at(wrapper, 'reasoning-drop').setValue()
    expect(draftOf(wrapper).parts).toEqual({ reasoning: 'drop' })
    await at(wrapper, 'reasoning-rewrite').setValue()
    expect(draftOf(wrapper).parts).toEqual(rewritten)
    await write(wrapper, ' ', 'reasoning-text')
    expect(at(wrapper, 'correction-state').text()).toContain('The rewritten reasoning has no text')
    expect(at(wrapper, 'submit-btn').attributes('disabled')).toBeDefined()
  })

  it('has no field where there is none', () => {
    expect(at(area(), 'reasoning-field').exists()).toBe(false)
  })
})

describe('tool calls', () => {
  const CALLING = candidate({
    model_response: '',
    tool_calls: [CALL],
    tools: [{ type: 'function', function: { name: 'add', description: 'Adds.' } }],
  })

  it('are edited as structure, and go out explicitly', async () => {
    const wrapper = area(CALLING)
    expect(draftOf(wrapper).parts.tool_calls).toEqual([CALL])
    expect(at(wrapper, 'submit-btn').attributes('disabled')).toBeUndefined()
    expect(wrapper.find('datalist option').attributes('value')).toBe('add')
    await write(wrapper, '{"a": 2}', 'tool-call-arguments')
    expect(draftOf(wrapper).parts.tool_calls?.[0]?.function.arguments).toBe('{"a":2}')
    await write(wrapper, '{"a": ', 'tool-call-arguments')
    expect(at(wrapper, 'tool-call-problems').text()).toContain('Line 1, column 6')
    expect(at(wrapper, 'correction-state').text()).toMatch(/^Tool call 1 \(`add`\): Line 1/)
    expect(at(wrapper, 'submit-btn').attributes('disabled')).toBeDefined()
  })

  it('are added, moved and removed', async () => {
    const wrapper = area(CALLING)
    const names = () => draftOf(wrapper).parts.tool_calls?.map((call) => call.function.name)
    await at(wrapper, 'tool-call-add-btn').trigger('click')
    await nextTick()
    expect(at(wrapper, 'correction-state').text()).toBe('Tool call 2: Say which tool is called.')
    const fields = wrapper.findAll<HTMLInputElement>('[data-testid="tool-call-name"]')
    expect(document.activeElement).toBe(fields[1]?.element)
    await fields[1]?.setValue('sub')
    expect(names()).toEqual(['add', 'sub'])
    expect(wrapper.text()).toContain('No tool `sub` was offered to the model.')
    await at(wrapper, 'tool-call-up-btn').trigger('click')
    expect(names()).toEqual(['sub', 'add'])
    await at(wrapper, 'tool-call-remove-btn').trigger('click')
    expect(names()).toEqual(['add'])
    expect(textOf(wrapper)).toBe('')
    await at(wrapper, 'tool-call-remove-btn').trigger('click')
    expect(draftOf(wrapper).parts.tool_calls).toEqual([])
    expect(at(wrapper, 'correction-state').text()).toBe('A correction needs some text.')
  })

  it('are those of the marked turn', () => {
    const item = candidate({
      prompt_messages: [{ role: 'assistant', content: 'Let me add.', tool_calls: [CALL] }],
    })
    const wrapper = area(item, { draft: freshDraft(item, 0) })
    expect(textOf(wrapper)).toBe('Let me add.')
    expect(at(wrapper, 'start-response-btn').text()).toContain('marked turn')
    expect(at(wrapper, 'tool-call-name').element).toHaveProperty('value', 'add')
  })
})

describe('what will be trained on', () => {
  const ROW = {
    messages: [
      { role: 'user', content: 'How many?' },
      { role: 'assistant', content: '9 eggs', reasoning_content: '16 - 3 - 4' },
    ],
  }

  it('is folded, and shown as it will be exported', async () => {
    server.on(ROUTE, { body: { row: ROW, warnings: [], held_back: 'reasoning_unresolved' } })
    const wrapper = area()
    expect(at(wrapper, 'training-preview').exists()).toBe(false)
    await at(wrapper, 'training-preview-btn').trigger('click')
    await vi.advanceTimersByTimeAsync(500)
    await flushPromises()
    const sheet = at(wrapper, 'training-preview')
    expect(sheet.findAll('.trained-turn--learned')).toHaveLength(1)
    expect(sheet.find('.trained-turn--learned').text()).toContain('9 eggs')
    expect(sheet.find('.trained-turn--learned').text()).toContain('16 - 3 - 4')
    expect(at(wrapper, 'preview-held-back').text()).toContain('Held back from exports')
    await at(wrapper, 'preview-json').setValue(true)
    expect(JSON.parse(sheet.find('pre').text())).toEqual(ROW)
  })

  it('says why there is none', async () => {
    server.on(ROUTE, { status: 404, body: { code: 'not_found' } })
    const wrapper = area()
    await at(wrapper, 'training-preview-btn').trigger('click')
    expect(at(wrapper, 'training-preview').text()).toBe('Asking the server …')
    await vi.advanceTimersByTimeAsync(500)
    expect(at(wrapper, 'training-preview').text()).toBe('The server can’t say it now.')
    await write(wrapper, '')
    expect(at(wrapper, 'training-preview').text()).toBe('A correction needs some text.')
  })
})
