import { flushPromises, mount, RouterLinkStub } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import UploadPanel from '@/components/runs/UploadPanel.vue'
import { useImportsStore } from '@/stores/imports'
import { refusalOf } from '@/stores/uploads'

import { fakeServer, freshPinia } from '../../helpers'

/** Stands in for the browser's sender; the test plays the network. */
class FakeSender extends EventTarget {
  static all: FakeSender[] = []
  upload = new EventTarget()
  status = 0
  responseText = ''
  url = ''
  body: unknown = null

  constructor() {
    super()
    FakeSender.all.push(this)
  }
  open(_method: string, url: string) {
    this.url = url
  }
  setRequestHeader() {}
  send(body: unknown) {
    this.body = body
  }
  abort() {
    this.dispatchEvent(new Event('abort'))
  }
  progress(loaded: number) {
    this.upload.dispatchEvent(Object.assign(new Event('progress'), { loaded }))
  }
  answer(status: number, body: unknown) {
    this.status = status
    this.responseText = JSON.stringify(body)
    this.dispatchEvent(new Event('load'))
  }
}

const upload = (name: string, count = 12, malformed = 0) => ({
  upload_id: `u-${name}`,
  name,
  bytes: 7,
  source: 'lm-eval',
  title: 'lm-evaluation-harness samples',
  why: 'its lines have `doc` and `filtered_resps`',
  runs: [
    {
      run_id: 'r1',
      candidate_count: count,
      passes: 0,
      errors: 0,
      unscored: 0,
      malformed,
      already_imported: false,
      held_out: null,
    },
  ],
  complete: true,
  sample: [],
  problems: [],
  columns: null,
  mapping: null,
  message: null,
})
const job = (state: string, rest: object = {}) => ({
  id: 'j1',
  kind: 'import',
  state,
  params: { upload_id: 'u-a.jsonl', name: 'a.jsonl' },
  done: 50,
  total: 100,
  unit: 'bytes',
  result: null,
  error: null,
  ...rest,
})

let pinia = freshPinia()
beforeEach(() => {
  pinia = freshPinia()
  FakeSender.all = []
  vi.stubGlobal('XMLHttpRequest', FakeSender)
})

function open(): VueWrapper {
  return mount(UploadPanel, {
    attachTo: document.body,
    global: { plugins: [pinia], stubs: { RouterLink: RouterLinkStub } },
  })
}

const at = (wrapper: VueWrapper, testid: string) => wrapper.find(`[data-testid="${testid}"]`)
const file = (name: string, text = '{"a":1}') => new File([text], name)

/** A drag as the browser tells it; what is held is known by its types. */
function drag(type: string, files: File[], types = ['Files'], folder?: string): Event {
  const items = folder
    ? [{ kind: 'file', webkitGetAsEntry: () => ({ isDirectory: true, name: folder }) }]
    : []
  const event = new Event(type, { bubbles: true, cancelable: true })
  Object.assign(event, { dataTransfer: { types, files, items }, relatedTarget: null })
  document.body.dispatchEvent(event)
  return event
}

async function drop(...files: File[]): Promise<void> {
  drag('drop', files)
  await flushPromises()
}

describe('UploadPanel', () => {
  it('takes files dropped anywhere on the page, and leaves dropped text alone', async () => {
    const wrapper = open()
    expect(drag('dragover', [], ['text/plain']).defaultPrevented).toBe(false)
    expect(drag('drop', [], ['text/plain']).defaultPrevented).toBe(false)
    expect(drag('dragover', []).defaultPrevented).toBe(true)
    await flushPromises()
    expect(at(wrapper, 'upload-panel').text()).toContain('Let go to upload')
    await drop(file('a.jsonl'))
    expect(at(wrapper, 'upload-panel').text()).not.toContain('Let go')
    expect(FakeSender.all[0]?.url).toBe('/api/sft/upload?name=a.jsonl')
    expect(FakeSender.all[0]?.body).toBeInstanceOf(File)
  })

  it('shows progress, what was found, and imports it', async () => {
    vi.useFakeTimers()
    const server = fakeServer({
      'POST /api/sft/jobs': { status: 202, body: job('running') },
      'GET /api/sft/jobs/j1': {
        body: job('done', { result: { imported: 11, skipped: 1 } }),
      },
    })
    const wrapper = open()
    await drop(file('a.jsonl'))
    FakeSender.all[0]!.progress(4)
    await flushPromises()
    expect(wrapper.find('progress').attributes()).toMatchObject({ value: '4', max: '7' })
    expect(wrapper.text()).toContain('4 B of 7 B sent')
    FakeSender.all[0]!.answer(200, upload('a.jsonl', 12, 1))
    await flushPromises()
    expect(at(wrapper, 'upload-found').text()).toBe(
      '12 failures in 1 run · 1 line cannot be read and will be left out',
    )
    await at(wrapper, 'import-upload-btn').trigger('click')
    await flushPromises()
    expect(server.to('POST /api/sft/jobs')[0]?.body).toEqual({
      kind: 'import',
      upload_id: 'u-a.jsonl',
    })
    expect(at(wrapper, 'cancel-job-btn').exists()).toBe(true)
    await vi.advanceTimersByTimeAsync(400)
    vi.useRealTimers()
    await flushPromises()
    expect(at(wrapper, 'import-result').text()).toContain('11 candidates imported')
    expect(wrapper.emitted('imported')).toHaveLength(1)
  })

  it('sends several files one after the other, and imports them all', async () => {
    fakeServer({ 'POST /api/sft/jobs': { status: 202, body: job('done') } })
    const wrapper = open()
    await drop(file('a.jsonl'), file('b.jsonl'))
    expect(FakeSender.all).toHaveLength(1)
    expect(wrapper.text()).toContain('Waiting for the file before it')
    FakeSender.all[0]!.answer(200, upload('a.jsonl'))
    await flushPromises()
    expect(FakeSender.all[1]?.url).toContain('b.jsonl')
    FakeSender.all[1]!.answer(200, upload('b.jsonl'))
    await flushPromises()
    await at(wrapper, 'import-all-uploads-btn').trigger('click')
    await flushPromises()
    expect([...useImportsStore().byRun.keys()]).toEqual(['u-a.jsonl', 'u-b.jsonl'])
  })

  it('says in a sentence why a file is refused', async () => {
    const wrapper = open()
    await drop(file('a.txt'))
    FakeSender.all[0]!.answer(422, {
      code: 'invalid_request',
      detail: 'No source recognises `a.txt`.',
    })
    await flushPromises()
    expect(at(wrapper, 'upload-refused').text()).toContain('No source recognises `a.txt`.')
    expect(wrapper.text()).not.toContain('Send again')
    await wrapper.find('[aria-label="Clear a.txt from this list"]').trigger('click')
    expect(at(wrapper, 'upload-row').exists()).toBe(false)
  })

  it('does not send what cannot be taken', async () => {
    const wrapper = open()
    await drop(file('empty.jsonl', ''))
    expect(FakeSender.all).toHaveLength(0)
    expect(at(wrapper, 'upload-refused').text()).toBe('empty.jsonl is empty.')
    drag('drop', [], ['Files'], 'runs')
    await flushPromises()
    expect(wrapper.text()).toContain('“runs” is a folder: drop the files in it, or a .zip of it.')
  })

  it('stops a file on its way', async () => {
    const wrapper = open()
    await drop(file('a.jsonl'))
    await wrapper
      .findAll('button')
      .find((button) => button.text() === 'Stop')!
      .trigger('click')
    await flushPromises()
    expect(wrapper.text()).toContain('Stopped; nothing of it was kept.')
  })

  it('says when there is nothing to import in a file', async () => {
    const wrapper = open()
    await drop(file('a.jsonl'))
    FakeSender.all[0]!.answer(200, { ...upload('a.jsonl', 0), runs: [] })
    await flushPromises()
    expect(at(wrapper, 'upload-found').text()).toContain('Nothing to import')
    expect(at(wrapper, 'import-upload-btn').exists()).toBe(false)
  })

  it('survives a network that goes away', async () => {
    const wrapper = open()
    await drop(file('a.jsonl'))
    FakeSender.all[0]!.dispatchEvent(new Event('error'))
    await flushPromises()
    expect(at(wrapper, 'upload-refused').text()).toContain('The server can’t be reached.')
    await wrapper
      .findAll('button')
      .find((button) => button.text() === 'Send again')!
      .trigger('click')
    await flushPromises()
    expect(FakeSender.all).toHaveLength(2)
  })

  it('shows the import of a file that was uploaded before', async () => {
    fakeServer({ 'GET /api/sft/jobs': { body: { items: [job('running')] } } })
    const wrapper = open()
    void useImportsStore().resume(() => undefined)
    await flushPromises()
    expect(wrapper.text()).toContain('a.jsonl')
    expect(wrapper.find('progress').exists()).toBe(true)
  })
})

it('refuses more than 2 GiB before it is sent', () => {
  expect(refusalOf({ name: 'big.jsonl', size: 3 * 1024 ** 3 })).toContain('larger than 2 GiB')
  expect(refusalOf({ name: 'fits.jsonl', size: 2 * 1024 ** 3 })).toBeNull()
})
