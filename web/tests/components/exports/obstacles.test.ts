import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'

import ObstacleChip from '@/components/ObstacleChip.vue'
import ObstacleNotice from '@/components/ObstacleNotice.vue'
import { useObstaclesStore } from '@/stores/obstacles'

import { fakeServer, freshPinia } from '../../helpers'

const ROUTE = 'GET /api/sft/candidate/obstacles'
const obstacle = { reason: 'protected' as const, message: 'Its prompt is in the test set gsm8k.' }

let pinia = freshPinia()
beforeEach(() => {
  pinia = freshPinia()
})

describe('obstacles to exporting', () => {
  it('are asked for once a card', async () => {
    const server = fakeServer({ [ROUTE]: { body: { id: 'a', obstacles: [obstacle] } } })
    const store = useObstaclesStore()
    await Promise.all([store.load('a'), store.load('a')])
    await store.load('a')
    expect(server.calls.map(({ url }) => url)).toEqual(['/api/sft/candidate/obstacles?id=a'])
    expect(store.known.get('a')).toEqual([obstacle])
  })

  it('are said calmly, when they are known', async () => {
    const wrapper = mount(ObstacleNotice, { props: { id: 'a' }, global: { plugins: [pinia] } })
    expect(wrapper.text()).toBe('')
    useObstaclesStore().known.set('a', [obstacle])
    await flushPromises()
    expect(wrapper.text()).toContain(obstacle.message)
    expect(wrapper.find('[role="alert"]').exists()).toBe(false)
    await wrapper.setProps({ id: 'b' })
    expect(wrapper.text()).toBe('')
  })

  it('are said at the head of the card, too', async () => {
    const wrapper = mount(ObstacleChip, { props: { id: 'a' }, global: { plugins: [pinia] } })
    expect(wrapper.find('button').exists()).toBe(false)
    useObstaclesStore().known.set('a', [obstacle])
    await flushPromises()
    expect(wrapper.find('button').attributes('title')).toBe(obstacle.message)
  })

  it('that cannot be had are not spoken of', async () => {
    const server = fakeServer()
    const store = useObstaclesStore()
    await store.load('a')
    await store.load('a')
    expect(server.calls).toHaveLength(1)
    expect(store.known.size).toBe(0)
  })

  it('of cards long past make room', async () => {
    fakeServer({ [ROUTE]: { body: { obstacles: [] } } })
    const store = useObstaclesStore()
    for (let n = 0; n < 70; n += 1) await store.load(String(n))
    expect(store.known.size).toBe(60)
  })
})
