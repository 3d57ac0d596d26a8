import { describe, expect, it } from 'vitest'

import { freshDraft, isAnswerChanged, sourceOf } from '@/composables/correctionSource'
import {
  blockingReasoning,
  isReasoningOpen,
  splitReasoning,
  withChoice,
  withReasoningText,
} from '@/composables/reasoning'

import { candidate } from '../helpers'

describe('reasoning apart from the answer', () => {
  it.each([
    ['13', null, '13'],
    ['<think>a</think>13', 'a', '13'],
    ['\n <think>\n a \n</think>\n\n13\n', 'a', '13\n'],
    ['<THINKING>a</thinking> 13', 'a', '13'],
    ['<think>a</thinking>b</think>13', 'a</thinking>b', '13'],
    ['<think>a <b> c', 'a <b> c', ''],
    ['<think></think>13', null, '13'],
    ['13 <think>a</think>', null, '13 <think>a</think>'],
    ['', null, ''],
  ])('%j', (text, reasoning, answer) => {
    expect(splitReasoning(text)).toEqual({ reasoning, answer })
  })

  it('stands in a field of its own, of the record or of the marked turn', () => {
    expect(sourceOf(candidate({ reasoning: ' 16 - 3 ' }))).toMatchObject({
      text: 'There are 13 eggs left.',
      reasoning: '16 - 3',
    })
    const item = candidate({
      model_response: '<think>late</think>13',
      prompt_messages: [
        { role: 'user', content: 'How many?' },
        { role: 'assistant', content: 'Let me see.', reasoning_content: 'first' },
        { role: 'assistant', content: [{ type: 'text', text: '<think>b</think>Well' }, { x: 1 }] },
        { role: 'assistant', content: null },
      ],
    })
    expect(sourceOf(item)).toMatchObject({ text: '13', reasoning: 'late' })
    expect(sourceOf(item, 1)).toMatchObject({ text: 'Let me see.', reasoning: 'first' })
    expect(sourceOf(item, 2)).toMatchObject({ text: 'Well', reasoning: 'b' })
    expect(sourceOf(item, 3)).toMatchObject({ text: '', reasoning: null })
    expect(sourceOf(item, 99)).toMatchObject({ text: '13' })
  })
})

describe('what becomes of it', () => {
  const open = (parts: object, text = '9', reasoning: string | null = 'a', changed = true) =>
    isReasoningOpen(reasoning, changed, { text, parts })

  it.each([
    ['the answer changed', open({}), true],
    ['nothing changed', open({}, '13', 'a', false), false],
    ['there is none', open({}, '9', null), false],
    ['dropped', open({ reasoning: 'drop' }), false],
    ['kept', open({ reasoning: 'keep' }), false],
    ['rewritten', open({ reasoning: 'rewrite', reasoning_text: 'b' }), false],
    ['the correction brings its own', open({}, '<think>b</think>9'), false],
    ['the correction brings the same again', open({}, '<think>a</think>9'), true],
  ])('asks only when it must: %s', (_, asked, expected) => {
    expect(asked).toBe(expected)
  })

  it('is a rewriting from the first changed word, and none when put back', () => {
    const rewritten = withReasoningText({ turn: 2 }, 'b', 'a')
    expect(rewritten).toEqual({ turn: 2, reasoning: 'rewrite', reasoning_text: 'b' })
    expect(withReasoningText(rewritten, 'a', 'a')).toEqual({ turn: 2 })
    expect(withChoice(rewritten, 'drop')).toEqual({ turn: 2, reasoning: 'drop' })
    expect(withChoice(rewritten, null)).toEqual({ turn: 2 })
  })

  it('can’t be rewritten to nothing', () => {
    expect(blockingReasoning({ reasoning: 'rewrite', reasoning_text: ' \n' })).toContain('no text')
    expect(blockingReasoning({ reasoning: 'rewrite', reasoning_text: 'b' })).toBeNull()
    expect(blockingReasoning({ reasoning: 'drop' })).toBeNull()
  })
})

describe('the answer', () => {
  const call = (name: string, text: string, id?: string) =>
    ({ ...(id ? { id } : {}), type: 'function', function: { name, arguments: text } }) as const

  it.each([
    ['the same', '13 eggs', {}, false],
    ['white space around it', ' 13 eggs\n', {}, false],
    ['white space within it', '13  eggs', {}, true],
    ['reasoning before it', '<think>new</think>13 eggs', {}, false],
    ['another', '9 eggs', {}, true],
    ['a call more', '13 eggs', { tool_calls: [call('add', '{}')] }, true],
  ])('%s', (_, text, parts, expected) => {
    const source = sourceOf(candidate({ model_response: '<think>a</think>13 eggs' }))
    expect(isAnswerChanged(source, { text, parts })).toBe(expected)
  })

  it('is compared with its calls, ids and the setting of the JSON aside', () => {
    const item = candidate({ model_response: '', tool_calls: [call('add', '{"a":1}', 'c1')] })
    const changed = (...calls: ReturnType<typeof call>[]) =>
      isAnswerChanged(sourceOf(item), { text: '', parts: { tool_calls: calls } })
    expect(changed(call('add', '{ "a": 1 }', 'c9'))).toBe(false)
    expect(changed(call('add', '{"a": 2}'))).toBe(true)
    expect(changed(call('sub', '{"a": 1}'))).toBe(true)
    expect(changed()).toBe(true)
  })
})

describe('the draft that a correction begins with', () => {
  it('has the answer alone, and the calls explicitly', () => {
    const calls = [
      { id: 'c1', type: 'function' as const, function: { name: 'add', arguments: '{}' } },
    ]
    const item = candidate({ model_response: '<think>a</think>13', tool_calls: calls })
    expect(freshDraft(item)).toMatchObject({
      text: '13',
      parts: { tool_calls: calls },
      startedFrom: 'response',
      category: null,
    })
    expect(freshDraft(candidate()).parts).toEqual({})
  })

  it('goes on from the correction that there is, unless another turn is marked', () => {
    const item = candidate({
      corrected_response: '9 eggs',
      corrected_parts: { reasoning: 'drop' },
      prompt_messages: [{ role: 'assistant', content: 'Well.' }],
    })
    expect(freshDraft(item)).toMatchObject({
      text: '9 eggs',
      parts: { reasoning: 'drop' },
      startedFrom: 'earlier',
    })
    expect(freshDraft(item, 0)).toMatchObject({ text: 'Well.', parts: { turn: 0 } })
  })
})
