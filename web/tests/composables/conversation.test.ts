import { describe, expect, it } from 'vitest'

import type { PromptMessage } from '@/client/candidate'
import { responseOf, thoughtOf, turnsOf } from '@/composables/conversation'

import { candidate } from '../helpers'

const call = (id: string | undefined, name = 'add') => ({
  ...(id ? { id } : {}),
  type: 'function',
  function: { name, arguments: '{}' },
})
const assistant = (...calls: object[]) => ({ role: 'assistant', content: null, tool_calls: calls })
const result = (content: string, id?: string) => ({
  role: 'tool',
  content,
  ...(id ? { tool_call_id: id } : {}),
})
const user = { role: 'user', content: 'Go on' }

/** The turns as `index: results of its calls`. */
function paired(...messages: PromptMessage[]): Record<number, (string | undefined)[]> {
  const turns = turnsOf(candidate({ prompt_messages: messages }))
  return Object.fromEntries(
    turns.map(({ index, message, results }) => [
      index,
      ((message.tool_calls as object[]) ?? []).map((_, place) =>
        results[place] === undefined ? undefined : String(results[place].message.content),
      ),
    ]),
  )
}

describe('tool results', () => {
  it('stand beside their calls, in whichever order they came', () => {
    const messages = [
      user,
      assistant(call('a'), call('b')),
      result('B', 'b'),
      result('A', 'a'),
      user,
    ]
    expect(paired(...messages)).toEqual({ 0: [], 1: ['A', 'B'], 4: [] })
  })

  it('of an id that comes again belong to the oldest call without one', () => {
    const messages = [
      assistant(call('c')),
      result('1', 'c'),
      assistant(call('c')),
      result('2', 'c'),
    ]
    expect(paired(...messages)).toEqual({ 0: ['1'], 2: ['2'] })
  })

  it('without an id answer the first call that waits', () => {
    expect(paired(assistant(call(undefined), call(undefined)), result('1'), result('2'))).toEqual({
      0: ['1', '2'],
    })
  })

  it('that answer nothing stay where they are', () => {
    expect(paired(user, result('?', 'x'), result('?'))).toEqual({ 0: [], 1: [], 2: [] })
    expect(paired(assistant(call('a')), result('?', 'x'))).toEqual({ 0: [undefined], 1: [] })
  })

  it('keep the place of each message in the record', () => {
    const turns = turnsOf(
      candidate({ prompt_messages: [assistant(call('a')), result('A', 'a'), user] }),
    )
    expect(turns.map(({ index }) => index)).toEqual([0, 2])
    expect(turns[0]?.results[0]?.index).toBe(1)
  })
})

describe('reasoning', () => {
  it.each([
    ['of its own field', { reasoning: '16 - 3', model_response: '13' }, '16 - 3', '13'],
    ['in the response', { model_response: '<think>16 - 3</think>\n\n13' }, '16 - 3', '13'],
    ['that is not there', { model_response: '13' }, '', '13'],
    ['that is blank', { reasoning: ' ', model_response: '13' }, '', '13'],
    ['without an answer', { model_response: null, reasoning: 'hm' }, 'hm', ''],
  ])('%s', (_, fields, reasoning, answer) => {
    expect(responseOf(candidate(fields))).toEqual({ reasoning, answer })
  })

  it('is found in an assistant message, and nowhere else', () => {
    const content = '<think>hm</think>yes'
    expect(thoughtOf({ role: 'assistant', content })).toEqual({ reasoning: 'hm', content: 'yes' })
    expect(thoughtOf({ role: 'user', content })).toEqual({ reasoning: '', content })
    expect(thoughtOf({ role: 'assistant', content: 'yes', reasoning_content: 'hm' })).toEqual({
      reasoning: 'hm',
      content: 'yes',
    })
  })
})
