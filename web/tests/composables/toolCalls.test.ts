import { describe, expect, it } from 'vitest'

import type { ToolCall } from '@/client/draft'
import { indentJson, inTheMannerOf, joinJson, jsonProblem } from '@/composables/jsonText'
import { blockingCall, offeredTools, toolCallProblems, toolCallsOf } from '@/composables/toolCalls'

const call = (name: string, text: string): ToolCall => ({
  type: 'function',
  function: { name, arguments: text },
})

const TOOLS = offeredTools([
  {
    type: 'function',
    function: {
      name: 'weather',
      description: 'The weather of a city.',
      parameters: {
        type: 'object',
        properties: {
          city: { type: 'string' },
          days: { type: 'integer' },
          unit: { enum: ['c', 'f'] },
          near: { type: ['number', 'null'] },
          tags: { type: 'array' },
          other: { type: 'made-up' },
        },
        required: ['city'],
      },
    },
  },
  { name: 'search', input_schema: { type: 'object', additionalProperties: true, properties: {} } },
  { name: 'bare' },
  'nonsense',
])

describe('reading tool calls', () => {
  it.each([
    ['nothing', null, []],
    [
      'the usual shape',
      [{ id: 'c1', type: 'function', function: { name: 'a', arguments: '{"b":1}' } }],
      [{ id: 'c1', ...call('a', '{"b":1}') }],
    ],
    [
      'arguments as an object',
      [{ function: { name: 'a', arguments: { b: 1 } } }],
      [call('a', '{"b":1}')],
    ],
    ['a flat call', { name: 'a', arguments: '{}' }, [call('a', '{}')]],
    ['a function by its name', [{ function: 'a', arguments: '{"b":1}' }], [call('a', '{"b":1}')]],
    ['input instead of arguments', [{ name: 'a', input: { b: 1 } }], [call('a', '{"b":1}')]],
    ['no arguments', [{ function: { name: 'a', arguments: '' } }], [call('a', '{}')]],
    [
      'broken arguments, as they are',
      [{ function: { name: 'a', arguments: '{"b"' } }],
      [call('a', '{"b"')],
    ],
    ['what is no call', ['x', 3], []],
  ])('%s', (_, value, expected) => {
    expect(toolCallsOf(value)).toEqual(expected)
  })

  it('reads the tools on offer in either shape', () => {
    expect(TOOLS.map(({ name, open }) => [name, open])).toEqual([
      ['weather', false],
      ['search', true],
      ['bare', false],
    ])
    expect(offeredTools(null)).toEqual([])
  })
})

describe('checking a call', () => {
  it.each([
    ['all is well', call('weather', '{"city": "Rome", "days": 2, "unit": "c", "near": null}'), []],
    ['no name', call(' ', '{}'), ['✕ Say which tool is called.']],
    ['an unknown tool', call('wether', '{}'), ['△ No tool `wether` was offered to the model.']],
    [
      'not JSON',
      call('weather', '{"city": Rome}'),
      ['✕ Line 1, column 10: `Rome` is no JSON value; text stands in quotes.'],
    ],
    ['a list', call('weather', '[]'), ['✕ The arguments must be an object: { … }.']],
    ['null', call('weather', 'null'), ['✕ The arguments must be an object: { … }.']],
    ['blank', call('weather', ' '), ['✕ Line 1, column 1: Write {} for no arguments.']],
    ['a name missing', call('weather', '{}'), ['△ `city` is required.']],
    [
      'a name too many',
      call('weather', '{"city": "R", "town": 1}'),
      ['△ `weather` knows no `town`.'],
    ],
    ['another type', call('weather', '{"city": 7}'), ['△ `city` should be of type string.']],
    [
      'not whole',
      call('weather', '{"city": "R", "days": 1.5}'),
      ['△ `days` should be of type integer.'],
    ],
    [
      'one of two types',
      call('weather', '{"city": "R", "near": "x"}'),
      ['△ `near` should be of type number or null.'],
    ],
    [
      'a list wanted',
      call('weather', '{"city": "R", "tags": {}}'),
      ['△ `tags` should be of type array.'],
    ],
    [
      'a choice',
      call('weather', '{"city": "R", "unit": "k"}'),
      ['△ `unit` should be one of "c", "f".'],
    ],
    ['a type that we do not know', call('weather', '{"city": "R", "other": 1}'), []],
    ['an open schema', call('search', '{"any": 1}'), []],
    ['no schema', call('bare', '{"any": 1}'), []],
  ])('%s', (_, made, expected) => {
    const problems = toolCallProblems(made, TOOLS)
    expect(problems.map(({ blocks, message }) => `${blocks ? '✕' : '△'} ${message}`)).toEqual(
      expected,
    )
  })

  it('finds no fault with a name when no tools are on record', () => {
    expect(toolCallProblems(call('anything', '{}'), [])).toEqual([])
  })

  it('says in one sentence what keeps a correction back', () => {
    expect(blockingCall([call('weather', '{}'), call('search', '{')], TOOLS)).toBe(
      'Tool call 2 (`search`): Line 1, column 2: A closing `}` is missing.',
    )
    expect(blockingCall([call('', '{}')], [])).toBe('Tool call 1: Say which tool is called.')
    expect(blockingCall([call('wether', '{"city": 7}')], TOOLS)).toBeNull()
  })
})

describe('JSON as text', () => {
  it.each([
    ['{"a": 1,}', 1, 9, 'A name in double quotes is missing before `}`.'],
    ['{"a": 1\n "b": 2}', 2, 2, 'A comma is missing before `"b"`.'],
    ['{"a" 1}', 1, 6, 'A colon is missing before `1`.'],
    ['{"a": }', 1, 7, 'A value is missing before `}`.'],
    ["{'a': 1}", 1, 2, 'JSON takes double quotes only.'],
    ['{"a": "b', 1, 7, 'This text in quotes does not end, or has a line break or tab in it.'],
    ['{"a": "b\nc"}', 1, 7, 'This text in quotes does not end, or has a line break or tab in it.'],
    ['{"a": "\\q"}', 1, 7, 'This text has an unknown `\\` in it; write `\\\\` for one.'],
    ['{"a": 01}', 1, 7, '`01` is no JSON value; text stands in quotes.'],
    ['{"a": True}', 1, 7, '`True` is no JSON value; text stands in quotes.'],
    ['{"a": [1, 2}', 1, 12, 'A comma is missing before `}`.'],
    ['{"a": [1, ]}', 1, 11, 'A value is missing before `]`.'],
    ['{"a": 1', 1, 8, 'A closing `}` is missing.'],
    ['{"a": [\n1', 2, 2, 'A closing `]` is missing.'],
    ['{"a":', 1, 6, 'A value is missing.'],
    ['{} {}', 1, 4, 'The JSON ends here, but there is more.'],
    ['{"a": NaN}', 1, 7, '`NaN` is no JSON value; text stands in quotes.'],
  ])('%j is broken at %d:%d', (text, line, column, message) => {
    expect(jsonProblem(text)).toEqual({ line, column, message })
  })

  it('finds no fault with what is JSON', () => {
    for (const text of ['{}', ' [1, "a\\u00e9\\n", null, -1.5e3] ', '"x"', '{"a":{"b":[]}}'])
      expect(jsonProblem(text)).toBeNull()
  })

  it('is set on lines without writing anything anew', () => {
    const text = '{"b": 12345678901234567890, "a": [1.0, {}], "b": "x, {y}: \\"z\\"", "c": []}'
    const set = indentJson(text)
    expect(set).toBe(
      '{\n  "b": 12345678901234567890,\n  "a": [\n    1.0,\n    {}\n  ],\n  "b": "x, {y}: \\"z\\"",\n  "c": []\n}',
    )
    expect(joinJson(set, true)).toBe(text)
    expect(indentJson('{"a": ')).toBe('{"a": ')
  })

  it('keeps the manner of the text that it came from', () => {
    expect(inTheMannerOf('{"a":1}', '{\n  "a": 1\n}')).toBe('{"a":1}')
    expect(inTheMannerOf('{"a":1}', '{\n  "a": 2,\n  "b": 3\n}')).toBe('{"a":2,"b":3}')
    expect(inTheMannerOf('{"a": 1}', '{"a":2,"b":3}')).toBe('{"a": 2, "b": 3}')
    expect(inTheMannerOf('{}', '{"a":2,"b":3}')).toBe('{"a": 2, "b": 3}')
    expect(inTheMannerOf('{\n "a": 1\n}', '{\n "a": 2\n}')).toBe('{\n "a": 2\n}')
    expect(inTheMannerOf('{"a":1}', '{"a": ')).toBe('{"a": ')
  })
})
