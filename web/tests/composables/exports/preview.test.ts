import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, ref, shallowRef } from 'vue'

import type { Recipe } from '@/client/exports'
import { useAnswer } from '@/composables/exports/useAnswer'
import { useExportPreview } from '@/composables/exports/useExportPreview'

import { previewOf } from '../../exports'
import { fakeServer, problem } from '../../helpers'

const PREVIEW = 'POST /api/sft/exports/preview'

beforeEach(() => {
  vi.useFakeTimers()
  return () => vi.useRealTimers()
})

async function rest(ms = 300): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
  await flushPromises()
}

describe('useExportPreview', () => {
  it('asks at once, then when the recipe has come to rest', async () => {
    const server = fakeServer({ [PREVIEW]: { body: previewOf() } })
    const recipe = shallowRef<Recipe | null>(null)
    const { preview, loading } = effectScope().run(() => useExportPreview({ recipe }))!
    await rest()
    expect(server.calls).toHaveLength(0)
    recipe.value = { format: 'kto' }
    await rest(0)
    expect(preview.value?.examined).toBe(10)
    recipe.value = { format: 'kto', seed: 1 }
    await rest(100)
    expect(loading.value).toBe(true)
    recipe.value = { format: 'kto', seed: 2 }
    await rest()
    expect(server.to(PREVIEW).map(({ body }) => body)).toEqual([
      { recipe: { format: 'kto' } },
      { recipe: { format: 'kto', seed: 2 } },
    ])
    expect(loading.value).toBe(false)
  })

  it('a recipe that says the same asks nothing', async () => {
    const server = fakeServer({ [PREVIEW]: { body: previewOf() } })
    const recipe = shallowRef<Recipe>({ format: 'kto' })
    effectScope().run(() => useExportPreview({ recipe }))
    await rest()
    recipe.value = { format: 'kto' }
    await rest()
    expect(server.calls).toHaveLength(1)
  })

  it('drops the slower answer to an earlier question', async () => {
    let first: (reply: object) => void = () => undefined
    const server = fakeServer({
      [PREVIEW]: () => new Promise((resolve) => (first = resolve)),
    })
    const recipe = shallowRef<Recipe>({ seed: 1 })
    const { preview } = effectScope().run(() => useExportPreview({ recipe }))!
    await rest()
    server.on(PREVIEW, { body: previewOf({ examined: 2 }) })
    recipe.value = { seed: 2 }
    await rest()
    first({ body: previewOf({ examined: 1 }) })
    await flushPromises()
    expect(preview.value?.examined).toBe(2)
  })

  it('keeps the last counts beside an error, and can be tried again', async () => {
    const server = fakeServer({ [PREVIEW]: { body: previewOf() } })
    const recipe = shallowRef<Recipe>({ seed: 1 })
    const { preview, error, load } = effectScope().run(() => useExportPreview({ recipe }))!
    await rest()
    server.on(PREVIEW, problem(422, 'invalid_input', 'No such category.'))
    recipe.value = { seed: 2 }
    await rest()
    expect(error.value).toMatchObject({ detail: 'No such category.' })
    expect(preview.value?.examined).toBe(10)
    server.on(PREVIEW, { body: previewOf({ examined: 4 }) })
    await load()
    expect(error.value).toBeNull()
    expect(preview.value?.examined).toBe(4)
  })

  it('asks no more when the page is left', async () => {
    const server = fakeServer({ [PREVIEW]: { body: previewOf() } })
    const scope = effectScope()
    scope.run(() => useExportPreview({ recipe: { seed: 1 } }))
    scope.stop()
    await rest()
    expect(server.calls).toHaveLength(0)
  })
})

describe('useAnswer', () => {
  it('answers the last question only, and none to null', async () => {
    const question = ref<string | null>('a')
    const late = new Map<string, (answer: string) => void>()
    const { answer, loading } = effectScope().run(() =>
      useAnswer(question, (asked: string) => new Promise((resolve) => late.set(asked, resolve))),
    )!
    await flushPromises()
    question.value = 'b'
    await flushPromises()
    late.get('b')?.('to b')
    late.get('a')?.('to a')
    await flushPromises()
    expect(answer.value).toBe('to b')
    question.value = null
    await flushPromises()
    expect([answer.value, loading.value]).toEqual([null, false])
  })
})
