import { flushPromises, mount, RouterLinkStub } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick, ref } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'

import AllCaughtUp from '@/components/AllCaughtUp.vue'
import AppHeader from '@/components/AppHeader.vue'
import ProgressSpark from '@/components/ProgressSpark.vue'
import { sparkBars } from '@/composables/sparkBars'
import { useProgress } from '@/composables/useProgress'
import type { UseProgressReturn } from '@/composables/useProgress'
import { useReviewerStore } from '@/stores/reviewer'

import { fakeServer, freshPinia, unreachable } from '../helpers'

const PROGRESS = 'GET /api/sft/progress'
const progress = (rest: object = {}) => ({
  remaining: 30,
  done: 24,
  seconds: 1800,
  by_hour: [
    { hour: '2026-11-22T09:00:00Z', n: 10 },
    { hour: '2026-11-22T12:00:00Z', n: 5 },
  ],
  ...rest,
})

let pinia = freshPinia()
beforeEach(() => {
  pinia = freshPinia()
})

describe('useProgress', () => {
  const decisions = ref(0)
  let result: UseProgressReturn

  beforeEach(() => {
    vi.useFakeTimers({ now: new Date(2026, 10, 22, 15, 30) })
    decisions.value = 0
    return () => vi.useRealTimers()
  })

  async function start(query?: URLSearchParams): Promise<void> {
    mount(
      defineComponent({
        setup() {
          result = useProgress({ decisions, query })
          return () => h('div')
        },
      }),
    )
    await flushPromises()
  }

  it('asks since midnight on the clock here, under the filter', async () => {
    const server = fakeServer({ [PROGRESS]: { body: progress() } })
    await start(new URLSearchParams({ model: 'x' }))
    const address = new URL(server.calls[0]?.url ?? '', 'http://x')
    expect(address.searchParams.get('since')).toBe(new Date(2026, 10, 22).toISOString())
    expect(address.searchParams.get('model')).toBe('x')
    expect(result.progress.value?.done).toBe(24)
    expect(result.pace.value).toBe(48)
  })

  it('asks once after a burst of decisions, and every minute while it is seen', async () => {
    const server = fakeServer({ [PROGRESS]: { body: progress() } })
    await start()
    for (let decision = 1; decision <= 5; decision += 1) {
      decisions.value = decision
      await nextTick()
      await vi.advanceTimersByTimeAsync(300)
    }
    expect(server.calls).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1500)
    expect(server.calls).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(63_000)
    expect(server.calls).toHaveLength(3)
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
    await vi.advanceTimersByTimeAsync(180_000)
    expect(server.calls).toHaveLength(3)
  })

  it('keeps the last answer when the server goes away', async () => {
    const server = fakeServer({ [PROGRESS]: { body: progress() } })
    await start()
    server.on(PROGRESS, unreachable)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(result.progress.value?.done).toBe(24)
  })

  it('knows no pace from a first card', async () => {
    fakeServer({ [PROGRESS]: { body: progress({ done: 1, seconds: 20 }) } })
    await start()
    expect(result.pace.value).toBeNull()
  })
})

describe('ProgressSpark', () => {
  it('has a bar for every hour between the first and the last', () => {
    const { bars, words } = sparkBars(progress().by_hour, 'UTC')
    expect(bars.map(({ n }) => n)).toEqual([10, 0, 0, 5])
    expect(bars[0]!.height).toBe(18)
    expect(bars[3]!.height).toBe(9)
    expect(words).toMatch(/^Decisions by hour: 0?9:00.* 10, 12:00.* 5$/)
  })

  it('is told in words', () => {
    const wrapper = mount(ProgressSpark, { props: { hours: progress().by_hour } })
    expect(wrapper.attributes('role')).toBe('img')
    expect(wrapper.attributes('aria-label')).toContain('10')
  })

  it('is nothing without work', () => {
    expect(
      mount(ProgressSpark, { props: { hours: [] } })
        .find('svg')
        .exists(),
    ).toBe(false)
  })
})

describe('AllCaughtUp', () => {
  const stats = {
    total: 60,
    by_status: { needs_review: 0, approved: 40, discarded: 15, model_rejected: 5 },
    by_model: {},
    by_task_type: {},
    by_failure_category: {},
    export_ready: 40,
  }
  const show = (props: object) =>
    mount(AllCaughtUp, {
      props: { stats, ...props } as InstanceType<typeof AllCaughtUp>['$props'],
      global: { plugins: [pinia], stubs: { RouterLink: RouterLinkStub } },
    })

  it('says what was done today, and what to do next', () => {
    useReviewerStore().rename('Ada')
    const wrapper = show({ progress: progress() })
    expect(wrapper.find('h2').text()).toBe('All caught up')
    expect(wrapper.find('[data-testid="done-today"]').text()).toContain('24 decided by you today')
    expect(wrapper.text()).toContain('Download 40 corrections')
    const links = wrapper.findAllComponents(RouterLinkStub).map((link) => link.props('to'))
    expect(links).toEqual([
      '/runs',
      '/dashboard',
      { path: '/browse', query: { status: 'approved', reviewer: 'Ada' } },
    ])
  })

  it('speaks of the filter, and clears it', async () => {
    const wrapper = show({
      stats: { ...stats, by_status: { ...stats.by_status, needs_review: 12 } },
      filtered: true,
    })
    expect(wrapper.text()).toContain('Nothing left under this filter')
    expect(wrapper.text()).toContain('12 candidates elsewhere still to review.')
    await wrapper.find('[data-testid="clear-filter-btn"]').trigger('click')
    expect(wrapper.emitted('clear-filter')).toHaveLength(1)
  })

  it('names the batch that is done', () => {
    const wrapper = show({ filtered: true, batch: 'first look' })
    expect(wrapper.find('h2').text()).toBe('“first look” is reviewed')
    expect(wrapper.find('[data-testid="clear-filter-btn"]').text()).toBe('Leave the batch')
  })

  it('does without the counts', () => {
    expect(show({ stats: null }).text()).toContain('Every candidate has a decision.')
  })
})

describe('AppHeader', () => {
  async function at(path: string) {
    const router = createRouter({
      history: createMemoryHistory(),
      routes: [{ path: '/:page(.*)*', component: { template: '<p />' } }],
    })
    await router.push(path)
    const wrapper = mount(AppHeader, { global: { plugins: [pinia, router] } })
    return wrapper.findAll('.nav-link').map((link) => link.attributes('href'))
  }

  it('links the pages', async () => {
    expect(await at('/runs')).toEqual([
      '/',
      '/browse',
      '/dashboard',
      '/runs',
      '/exports',
      '/training',
      '/jobs',
      '/settings',
    ])
  })

  it('takes the filter along to the pages that have one', async () => {
    expect(await at('/browse?model=x&status=approved&order=newest_run')).toEqual([
      '/?model=x',
      '/browse?model=x',
      '/dashboard?model=x',
      '/runs',
      '/exports',
      '/training',
      '/jobs',
      '/settings',
    ])
  })
})
