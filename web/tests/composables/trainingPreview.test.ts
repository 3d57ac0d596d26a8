import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, reactive } from 'vue'

import type { CorrectedParts } from '@/client/draft'
import { trainedMessages } from '@/composables/trainingRow'
import { useTrainingPreview } from '@/composables/useTrainingPreview'
import type { UseTrainingPreviewReturn } from '@/composables/useTrainingPreview'

import { fakeServer, problem, unreachable } from '../helpers'

const ROUTE = 'POST /api/sft/preview'
const ANSWER = { row: { messages: [] }, warnings: [], held_back: null }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function previewOf(state: {
  text: string
  parts: CorrectedParts
  enabled: boolean
}): UseTrainingPreviewReturn {
  let returned!: UseTrainingPreviewReturn
  mount(
    defineComponent(() => {
      returned = useTrainingPreview({
        id: 'a1',
        text: () => state.text,
        parts: () => state.parts,
        enabled: () => state.enabled,
      })
      return () => h('p')
    }),
  )
  return returned
}

describe('asking for the preview', () => {
  it('asks once, 400 ms after the last key', async () => {
    const server = fakeServer({ [ROUTE]: { body: ANSWER } })
    const state = reactive({ text: 'a', parts: {}, enabled: true })
    const { preview, fresh } = previewOf(state)
    await vi.advanceTimersByTimeAsync(300)
    state.text = 'ab'
    await vi.advanceTimersByTimeAsync(399)
    expect(server.calls).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(server.to(ROUTE).map(({ body }) => body)).toEqual([
      { id: 'a1', corrected_response: 'ab', corrected_parts: {}, format: 'messages' },
    ])
    expect(preview.value).toEqual(ANSWER)
    expect(fresh.value).toBe(true)
    state.text = 'abc'
    await vi.advanceTimersByTimeAsync(0)
    expect(fresh.value).toBe(false)
    expect(preview.value).toEqual(ANSWER)
  })

  it('asks nothing while it is off', async () => {
    const server = fakeServer({ [ROUTE]: { body: ANSWER } })
    const state = reactive({ text: 'a', parts: {}, enabled: false })
    previewOf(state)
    await vi.advanceTimersByTimeAsync(1000)
    expect(server.calls).toHaveLength(0)
    state.enabled = true
    await vi.advanceTimersByTimeAsync(400)
    expect(server.calls).toHaveLength(1)
  })

  it('takes no answer to an earlier text', async () => {
    const answers: ((reply: object) => void)[] = []
    fakeServer({ [ROUTE]: () => new Promise((done) => answers.push(done)) })
    const state = reactive({ text: 'a', parts: {}, enabled: true })
    const { preview } = previewOf(state)
    await vi.advanceTimersByTimeAsync(400)
    state.text = 'b'
    await vi.advanceTimersByTimeAsync(400)
    answers[1]?.({ body: { ...ANSWER, row: { messages: [{ role: 'b' }] } } })
    await vi.advanceTimersByTimeAsync(0)
    answers[0]?.({ body: { ...ANSWER, row: { messages: [{ role: 'a' }] } } })
    await vi.advanceTimersByTimeAsync(0)
    expect(preview.value?.row).toEqual({ messages: [{ role: 'b' }] })
  })

  it.each([
    ['offline', unreachable],
    ['a server that knows no preview', problem(404, 'not_found', 'Nothing here.')],
  ])('is silent when there is none: %s', async (_, reply) => {
    const server = fakeServer({ [ROUTE]: reply })
    const state = reactive({ text: 'a', parts: {}, enabled: true })
    const { preview, failed } = previewOf(state)
    await vi.advanceTimersByTimeAsync(400)
    expect([preview.value, failed.value]).toEqual([null, true])
    server.on(ROUTE, { body: ANSWER })
    state.text = 'b'
    await vi.advanceTimersByTimeAsync(400)
    expect([preview.value, failed.value]).toEqual([ANSWER, false])
  })
})

describe('reading a training row', () => {
  it('marks the last assistant turn as what is learned', () => {
    const call = { type: 'function', function: { name: 'add', arguments: '{}' } }
    expect(
      trainedMessages({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'How' },
              { type: 'text', text: 'many?' },
            ],
          },
          { role: 'assistant', content: 'first' },
          { role: 'tool', content: '9' },
          { role: 'assistant', content: '<think>why</think>9', tool_calls: [call] },
        ],
      }),
    ).toEqual([
      { role: 'user', reasoning: null, content: 'How\nmany?', toolCalls: [], learned: false },
      { role: 'assistant', reasoning: null, content: 'first', toolCalls: [], learned: false },
      { role: 'tool', reasoning: null, content: '9', toolCalls: [], learned: false },
      { role: 'assistant', reasoning: 'why', content: '9', toolCalls: [call], learned: true },
    ])
    expect(
      trainedMessages({
        messages: [{ role: 'assistant', content: '9', reasoning_content: 'why' }],
      }),
    ).toMatchObject([{ reasoning: 'why', content: '9', learned: true }])
  })

  it('leaves a row of another shape as it is', () => {
    expect(trainedMessages({ prompt: 'a', completion: 'b' })).toBeNull()
  })
})
