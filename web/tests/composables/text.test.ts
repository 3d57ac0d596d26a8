import { describe, expect, it, vi } from 'vitest'

import { ApiError, NetworkError } from '@/client/errors'
import {
  languageOf,
  looksLikeCode,
  messageParts,
  messagesOf,
  otherFields,
  readingOf,
  textOf,
  titleOf,
} from '@/composables/candidateText'
import { newDecisionId } from '@/composables/decisionId'
import { formatBytes, formatTime, plural } from '@/composables/format'
import { describe as inWords } from '@/composables/problems'
import { settingsOf } from '@/composables/values'

import { candidate } from '../helpers'

describe('messageParts', () => {
  it.each([
    ['a text', { content: 'Hello' }, [{ kind: 'text', text: 'Hello' }]],
    ['nothing', { content: null }, []],
    ['an empty text', { content: '' }, []],
    [
      'parts',
      {
        content: [
          { type: 'text', text: 'Look:' },
          { type: 'image_url', image_url: { url: 'https://example.org/a.png' } },
        ],
      },
      [
        { kind: 'text', text: 'Look:' },
        { kind: 'image', address: 'https://example.org/a.png', link: true },
      ],
    ],
    [
      'an image that is no web address',
      { content: [{ type: 'input_image', image_url: 'javascript:alert(1)' }] },
      [{ kind: 'image', address: 'javascript:alert(1)', link: false }],
    ],
    [
      'an unknown part',
      { content: [{ type: 'audio', data: 'x' }] },
      [{ kind: 'data', text: '{\n  "type": "audio",\n  "data": "x"\n}' }],
    ],
    [
      'a tool call in the style of OpenAI',
      { content: null, tool_calls: [{ function: { name: 'add', arguments: '{"a":1}' } }] },
      [{ kind: 'tool-call', name: 'add', text: '{\n  "a": 1\n}' }],
    ],
    [
      'a tool call in the style of Inspect',
      { tool_calls: [{ function: 'add', arguments: { a: 1 } }] },
      [{ kind: 'tool-call', name: 'add', text: '{\n  "a": 1\n}' }],
    ],
    [
      'a tool call and a result in the style of Anthropic',
      {
        content: [
          { type: 'tool_use', id: 'c1', name: 'add', input: { a: 1 } },
          { type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: '2' }] },
        ],
      },
      [
        { kind: 'tool-call', id: 'c1', name: 'add', text: '{\n  "a": 1\n}' },
        { kind: 'tool-result', text: '2' },
      ],
    ],
    [
      'a tool call with broken arguments',
      { tool_calls: [{ function: { name: 'add', arguments: '{"a":' } }] },
      [{ kind: 'tool-call', name: 'add', text: '{"a":' }],
    ],
  ])('%s', (_, message, expected) => {
    expect(messageParts(message)).toEqual(expected)
  })
})

describe('messagesOf', () => {
  it.each([
    [undefined, []],
    [null, []],
    ['Hi', [{ role: 'user', content: 'Hi' }]],
    [['Hi'], [{ role: 'user', content: 'Hi' }]],
  ])('%j', (messages, expected) => {
    expect(messagesOf(candidate({ prompt_messages: messages as never }))).toEqual(expected)
  })
})

describe('candidate texts', () => {
  it('shows values that are no text as JSON', () => {
    expect(textOf(undefined)).toBe('')
    expect(textOf(18)).toBe('18')
    expect(textOf({ a: 1 })).toBe('{\n  "a": 1\n}')
  })

  it('falls back from the task name to its id to the id', () => {
    expect(titleOf(candidate())).toBe('Eggs')
    expect(titleOf(candidate({ task_name: null }))).toBe('gsm8k/117')
    expect(titleOf({ id: 'x' })).toBe('x')
  })

  it('lists the fields without a place of their own', () => {
    const item = candidate({ origin: { kind: 'exact' }, parent_id: null, metadata: '' })
    expect(otherFields(item)).toEqual([{ name: 'origin', text: '{\n  "kind": "exact"\n}' }])
  })

  it.each([
    ['def add(a, b): return a - b', null, true],
    ['```python\nx\n```', null, true],
    ['{"a": 1}', null, true],
    ['anything', 'code', true],
    ['<<16-3=13>>13 eggs', null, false],
    ['[1] says so', null, true],
    ['from the 16 eggs', null, false],
    ['class of 30 students', null, false],
    ['There are 13 eggs.', 'math', false],
  ])('%j of %j looks like code: %s', (text, type, expected) => {
    expect(looksLikeCode(text, type)).toBe(expected)
  })
})

describe('how a text is read', () => {
  it.each([
    ['There are 13 eggs left, for $2 each (or so).', false, 'plain'],
    ['one\ntwo', false, 'plain'],
    ['**bold**', false, 'markdown'],
    ['$x$ and $y$', false, 'markdown'],
    ['1. first', false, 'markdown'],
    ['- first', false, 'markdown'],
    ['> quoted', false, 'markdown'],
    ['see https://example.org', false, 'markdown'],
    ['\\(x\\)', false, 'markdown'],
    ['def f(): pass', true, 'code'],
    ['Here:\n```python\nx\n```', true, 'markdown'],
  ])('%j with code %s is %s', (text, code, expected) => {
    expect(readingOf(text, code)).toBe(expected)
  })

  it.each([
    ['{"a": 1}', 'json'],
    ['def f(x):\n  return x', 'python'],
    ['# a comment\ndef f(x):\n  return x', 'python'],
    ['SELECT 1', 'sql'],
    ['<div>', 'xml'],
    ['#!/bin/bash\nls', 'bash'],
    ['#include <stdio.h>', 'cpp'],
    ['const x = 1', 'typescript'],
    ['anything', undefined],
  ])('%j is written in %s', (text, expected) => {
    expect(languageOf(text)).toBe(expected)
  })

  it('sets settings on one line', () => {
    expect(settingsOf({ kind: 'exact', params: { ignore_case: true } })).toBe(
      'exact · ignore_case true',
    )
    expect(settingsOf({ temperature: 0, stop: ['\n'], seed: null })).toBe(
      'temperature 0 · stop ["\\n"]',
    )
    expect(settingsOf(undefined)).toBe('')
  })
})

describe('format', () => {
  it('counts in words', () => {
    expect(plural(1, 'run')).toBe('1 run')
    expect(plural(1842, 'candidate')).toBe(`${(1842).toLocaleString()} candidates`)
  })

  it.each([
    [999, '999 B'],
    [1536, '1.5 kB'],
    [2_500_000, '2.5 MB'],
    [250_000_000, '250 MB'],
  ])('%i bytes', (bytes, expected) => {
    expect(formatBytes(bytes)).toBe(expected)
  })

  it('keeps what is no time', () => {
    expect(formatTime(null)).toBe('')
    expect(formatTime('last week')).toBe('last week')
    expect(formatTime('2026-11-22T10:00:00Z')).toContain('2026')
  })
})

describe('problems in words', () => {
  it('says what to do when the server is away', () => {
    const { what, advice } = inWords(new NetworkError('unreachable'))
    expect(what).toBe('The server can’t be reached.')
    expect(advice).toContain('still running')
  })

  it('repeats what the server said, with the details to copy', () => {
    const problem = inWords(new ApiError(507, 'storage_full', 'The disk is full.', { free: 0 }))
    expect(problem.what).toBe('The disk is full.')
    expect(problem.advice).toContain('disk space')
    expect(JSON.parse(problem.details)).toEqual({
      status: 507,
      code: 'storage_full',
      detail: 'The disk is full.',
      free: 0,
    })
  })

  it('copes with anything', () => {
    expect(inWords(new RangeError('boom')).details).toBe('RangeError: boom')
    expect(inWords('boom').details).toBe('boom')
  })
})

describe('newDecisionId', () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

  it('is a UUID', () => {
    expect(newDecisionId()).toMatch(uuid)
  })

  it('is one outside a secure context too', () => {
    vi.stubGlobal('crypto', {
      getRandomValues: (bytes: Uint8Array) => bytes.map((_, index) => index * 17),
    })
    expect(newDecisionId()).toMatch(uuid)
  })
})
