import { mount, RouterLinkStub } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import type { ImportReport } from '@/client/api'
import JobProgress from '@/components/JobProgress.vue'
import FileProblems from '@/components/runs/FileProblems.vue'
import ImportResult from '@/components/runs/ImportResult.vue'

import { freshPinia } from '../../helpers'

let pinia = freshPinia()
beforeEach(() => {
  pinia = freshPinia()
})

const inPage = () => ({
  attachTo: document.body,
  global: { plugins: [pinia], stubs: { RouterLink: RouterLinkStub } },
})

describe('JobProgress', () => {
  const job = {
    id: 'j',
    kind: 'import',
    state: 'running' as const,
    params: { run_id: 'r' },
    done: 1500,
    total: 3000 as number | null,
    unit: 'bytes',
    result: null,
    error: null,
    created_at: '',
    started_at: null,
    finished_at: null,
    attempts: 0,
  }

  it.each([
    [null, false, 'Waiting to start …'],
    [job, false, '1.5 kB of 3.0 kB read'],
    [{ ...job, total: null }, false, '1.5 kB read'],
    [{ ...job, unit: 'candidates' }, false, '1,500 of 3,000 done'],
    [job, true, 'The server does not answer; asking again …'],
  ])('case %#', (given, stalled, words) => {
    expect(
      mount(JobProgress, { props: { job: given, stalled, label: 'Import' } }).text(),
    ).toContain(words)
  })
})

describe('ImportResult', () => {
  const show = (report: ImportReport) => mount(ImportResult, { props: { report }, ...inPage() })

  it('says only what there is to say', () => {
    const wrapper = show({ imported: 1, skipped: 0 })
    expect(wrapper.text()).toContain('1 candidate imported.')
    expect(wrapper.text()).not.toContain('skipped')
    expect(wrapper.find('table').exists()).toBe(false)
  })

  it('lists the lines that it could not read', () => {
    const wrapper = show({
      imported: 0,
      skipped: 2,
      renamed: 1,
      malformed: 60,
      problems: Array.from({ length: 60 }, (_, index) => ({
        file: 'sft_candidates.jsonl',
        line: index + 1,
        field: index ? null : 'id',
        reason: 'missing',
      })),
    })
    expect(wrapper.text()).toContain('2 skipped, already here')
    expect(wrapper.text()).toContain('60 lines could not be read')
    expect(wrapper.findAll('tbody tr')).toHaveLength(50)
    expect(wrapper.text()).toContain('10 more')
    expect(wrapper.find('pre').text()).toContain('sft_candidates.jsonl:1: id: missing')
    expect(wrapper.find('pre').text()).toContain('sft_candidates.jsonl:60: missing')
  })
})

describe('a report', () => {
  const report = {
    imported: 2,
    skipped: 0,
    malformed: 1,
    problems: [{ file: 'a.jsonl', line: 7, field: 'id', reason: 'missing' }],
  }

  it('leads to the queue of what was imported', () => {
    const wrapper = mount(ImportResult, { props: { report, runIds: ['r1', 'r2'] }, ...inPage() })
    expect(wrapper.findComponent(RouterLinkStub).props('to')).toEqual({
      path: '/',
      query: { run_id: ['r1', 'r2'] },
    })
  })

  it('is saved as text', async () => {
    const texts: Blob[] = []
    vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
      texts.push(blob as Blob)
      return 'blob:x'
    })
    const revoke = vi.spyOn(URL, 'revokeObjectURL').mockReturnValue()
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockReturnValue()
    vi.useFakeTimers()
    const wrapper = mount(ImportResult, { props: { report }, ...inPage() })
    await wrapper.find('[data-testid="save-text-btn"]').trigger('click')
    vi.runAllTimers()
    vi.useRealTimers()
    expect(await texts[0]?.text()).toBe('a.jsonl:7: id: missing\n')
    expect(revoke).toHaveBeenCalledWith('blob:x')
  })
})

describe('FileProblems', () => {
  const problems = [{ file: 'sft_candidates.jsonl', line: 3, reason: 'not JSON' }]

  it('names file, line and reason', () => {
    const wrapper = mount(FileProblems, { props: { problems } })
    expect(wrapper.find('summary').text()).toContain('1 line of the workspace’s own files')
    expect(wrapper.find('tbody').text()).toContain('sft_candidates.jsonl')
  })

  it('is silent when all is well', () => {
    expect(mount(FileProblems, { props: { problems: [] } }).html()).toBe('<!--v-if-->')
  })
})
