import { flushPromises, mount, RouterLinkStub } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'

import { BUILT_IN_CATEGORIES } from '@/stores/categories'
import { useDraftsStore } from '@/stores/drafts'
import { useReviewerStore } from '@/stores/reviewer'
import { useTaxonomyStore } from '@/stores/taxonomy'
import SettingsView from '@/views/SettingsView.vue'

import { fakeServer, freshPinia, problem } from '../helpers'
import type { FakeServer } from '../helpers'

const GUIDELINES = 'GET /api/sft/guidelines'
const guidelines = (version: number, text: string, author: string | null = null) => ({
  version,
  text,
  author,
  created_at: version ? '2026-11-22T10:00:00Z' : null,
  built_in: version === 0,
  versions: Array.from({ length: version + 1 }, (_, index) => ({
    version: version - index,
    author: version - index ? 'kim' : null,
    created_at: null,
  })),
})
const draft = (text: string) => ({
  text,
  parts: {},
  category: null,
  note: '',
  tags: [],
  startedFrom: 'response' as const,
  at: new Date().toISOString(),
})

let pinia = freshPinia()
beforeEach(() => {
  sessionStorage.clear()
  pinia = freshPinia()
})

function serverWith(routes: Parameters<typeof fakeServer>[0] = {}): FakeServer {
  return fakeServer({
    'GET /api/sft/config': { body: { bench_results_dir: '/srv/bench', roots: ['/srv'] } },
    [GUIDELINES]: { body: guidelines(0, '# How to review') },
    ...routes,
  })
}

async function open(): Promise<VueWrapper> {
  const wrapper = mount(SettingsView, {
    attachTo: document.body,
    global: { plugins: [pinia], stubs: { RouterLink: RouterLinkStub, RichText: true } },
  })
  await flushPromises()
  return wrapper
}

const at = (wrapper: VueWrapper, testid: string) => wrapper.find(`[data-testid="${testid}"]`)

describe('settings of this browser', () => {
  it('choose the theme', async () => {
    serverWith()
    const wrapper = await open()
    expect(at(wrapper, 'theme-system').element).toMatchObject({ checked: true })
    await at(wrapper, 'theme-dark').setValue(true)
    expect(document.documentElement.dataset.theme).toBe('dark')
  })

  it('keep the reviewer’s name', async () => {
    serverWith()
    const wrapper = await open()
    await at(wrapper, 'reviewer-name').setValue(' Ada ')
    await wrapper.find('.reviewer-form').trigger('submit')
    expect(useReviewerStore().name).toBe('Ada')
    expect(at(wrapper, 'reviewer-name').element).toMatchObject({ value: 'Ada' })
  })

  it('count the drafts, and forget them once asked twice', async () => {
    serverWith()
    useDraftsStore().save('a1', draft('one'))
    useDraftsStore().save('a2', draft('two'))
    const wrapper = await open()
    expect(at(wrapper, 'draft-count').text()).toBe('2 drafts kept in this browser.')
    await at(wrapper, 'forget-all-btn').trigger('click')
    expect(useDraftsStore().get('a1')?.text).toBe('one')
    await at(wrapper, 'confirm-forget-btn').trigger('click')
    expect(useDraftsStore().get('a1')).toBeUndefined()
    expect(at(wrapper, 'draft-count').text()).toBe('No drafts are kept.')
    expect(JSON.stringify({ ...localStorage })).not.toContain('two')
  })

  it('can let drafts end with the tab', async () => {
    serverWith()
    useDraftsStore().save('a1', draft('one'))
    const wrapper = await open()
    await at(wrapper, 'forget-drafts').setValue(true)
    expect(localStorage.getItem('corrigenda.forget-drafts')).toBe('true')
    expect(JSON.stringify({ ...localStorage })).not.toContain('one')
    expect(at(wrapper, 'draft-count').text()).toContain('1 draft')
  })
})

describe('the failure categories', () => {
  const TAXONOMY = 'POST /api/sft/taxonomy'
  const add = async (wrapper: VueWrapper, label: string) => {
    await at(wrapper, 'add-category-btn').trigger('click')
    await flushPromises()
    const row = wrapper.findAll('.category-fields').at(-1)!
    expect(document.activeElement).toBe(row.find('input').element)
    await row.find('input').setValue(label)
    return row
  }
  const save = async (wrapper: VueWrapper) => {
    await wrapper.find('.taxonomy-editor').trigger('submit')
    await flushPromises()
  }

  it('take a new one, named after its label, with colour and key', async () => {
    const server = serverWith({
      [TAXONOMY]: ({ body }) => ({
        body: {
          categories: ((body?.categories ?? []) as object[]).map((category, index) => ({
            ...category,
            built_in: index < 6,
          })),
        },
      }),
    })
    const wrapper = await open()
    expect(at(wrapper, 'save-taxonomy-btn').attributes('disabled')).toBeDefined()
    const row = await add(wrapper, 'Unsafe answer!')
    await row.findAll('select')[0]!.setValue('brown')
    await row.findAll('select')[1]!.setValue('9')
    await save(wrapper)
    const sent = server.to(TAXONOMY)[0]?.body?.categories as object[]
    expect(sent).toHaveLength(7)
    expect(sent[6]).toEqual({
      name: 'unsafe_answer',
      label: 'Unsafe answer!',
      definition: '',
      example: '',
      color: 'brown',
      key: '9',
    })
    expect(useTaxonomyStore().categories).toHaveLength(7)
    expect(at(wrapper, 'save-taxonomy-btn').attributes('disabled')).toBeDefined()
  })

  it('reword a built-in one, which keeps its name and stays', async () => {
    const server = serverWith({ [TAXONOMY]: { body: { categories: BUILT_IN_CATEGORIES } } })
    const wrapper = await open()
    const row = at(wrapper, 'category-wrong_answer')
    expect(row.find('[data-testid="remove-category-btn"]').exists()).toBe(false)
    await row.find('[data-testid="edit-category-btn"]').trigger('click')
    const [label, name] = row.findAll('input')
    expect(name!.attributes('readonly')).toBeDefined()
    await label!.setValue('False')
    await save(wrapper)
    expect(server.to(TAXONOMY)[0]?.body?.categories).toContainEqual(
      expect.objectContaining({ name: 'wrong_answer', label: 'False' }),
    )
  })

  it.each([
    ['no label', '', '', 'needs a label'],
    ['a name with blanks', 'Bad', 'Bad name', 'Lower-case letters'],
    ['a name that is taken', 'Wrong', 'wrong_answer', 'is there already'],
    ['the name of none', 'None', 'none', 'stands for no category'],
  ])('with %s are not sent', async (_, label, name, words) => {
    const server = serverWith()
    const wrapper = await open()
    const row = await add(wrapper, label)
    await row.findAll('input')[1]!.setValue(name)
    await save(wrapper)
    expect(row.text()).toContain(words)
    expect(at(wrapper, 'taxonomy-problems').text()).toMatch(/to mend before this can be saved/)
    expect(document.activeElement?.getAttribute('aria-invalid')).toBe('true')
    expect(server.to(TAXONOMY)).toHaveLength(0)
  })

  it('may not share a key', async () => {
    serverWith()
    const wrapper = await open()
    for (const name of ['wrong_answer', 'format_error']) {
      const row = at(wrapper, `category-${name}`)
      await row.find('[data-testid="edit-category-btn"]').trigger('click')
      await row.findAll('select')[1]!.setValue('9')
    }
    await save(wrapper)
    expect(at(wrapper, 'category-format_error').text()).toContain(
      '“Wrong answer” has the key 9, too.',
    )
  })

  it('move and go, when they are the workspace’s own', async () => {
    serverWith()
    const wrapper = await open()
    await add(wrapper, 'One')
    await add(wrapper, 'Two')
    const names = () => wrapper.findAll('.category-fields .name').map((name) => name.text())
    await wrapper.find('[aria-label="Move Two up"]').trigger('click')
    expect(names().slice(-2)).toEqual(['Two', 'One'])
    expect(wrapper.find('[aria-label="Move Two up"]').attributes('disabled')).toBeDefined()
    await wrapper.find('[aria-label="Remove Two"]').trigger('click')
    expect(names().slice(-1)).toEqual(['One'])
  })

  it('that are in use are not removed, and say so', async () => {
    serverWith({ [TAXONOMY]: problem(409, 'category_in_use', '`unsafe` is used 3 times.') })
    const wrapper = await open()
    await add(wrapper, 'Other')
    await save(wrapper)
    expect(at(wrapper, 'taxonomy-error').text()).toContain('`unsafe` is used 3 times.')
    expect(wrapper.findAll('.category-fields')).toHaveLength(7)
  })
})

describe('the guidelines', () => {
  const SAVE = 'POST /api/sft/guidelines'
  const write = (wrapper: VueWrapper, text: string) => at(wrapper, 'guidelines-text').setValue(text)
  const press = async (wrapper: VueWrapper, testid: string) => {
    await at(wrapper, testid).trigger('click')
    await flushPromises()
  }

  it('are saved as a new version on top of the one that was read', async () => {
    const server = serverWith({ [SAVE]: { body: guidelines(1, 'New.', 'ada') } })
    const wrapper = await open()
    expect(at(wrapper, 'save-guidelines-btn').attributes('disabled')).toBeDefined()
    await write(wrapper, 'New.')
    await press(wrapper, 'save-guidelines-btn')
    expect(server.to(SAVE)[0]?.body).toEqual({ text: 'New.', based_on: 0 })
    expect(wrapper.text()).toContain('Version 1')
    expect(wrapper.text()).toContain('2 versions')
  })

  it('show both texts when somebody was first, and save mine on top', async () => {
    const server = serverWith({ [SAVE]: problem(409, 'guidelines_changed', 'Version 1 is newer.') })
    const wrapper = await open()
    await write(wrapper, 'Mine.')
    server.on(GUIDELINES, { body: guidelines(1, 'Theirs.', 'kim') })
    await press(wrapper, 'save-guidelines-btn')
    expect(at(wrapper, 'guidelines-conflict').text()).toContain('kim has saved version 1')
    expect(at(wrapper, 'guidelines-conflict').text()).toContain('Theirs.')
    expect(at(wrapper, 'guidelines-text').element).toMatchObject({ value: 'Mine.' })
    server.on(SAVE, { body: guidelines(2, 'Mine.', 'ada') })
    await press(wrapper, 'keep-mine-btn')
    expect(server.to(SAVE).at(-1)?.body).toEqual({ text: 'Mine.', based_on: 1 })
    expect(at(wrapper, 'guidelines-conflict').exists()).toBe(false)
  })

  it('or take theirs', async () => {
    const server = serverWith({ [SAVE]: problem(409, 'guidelines_changed', 'Newer.') })
    const wrapper = await open()
    await write(wrapper, 'Mine.')
    server.on(GUIDELINES, { body: guidelines(1, 'Theirs.', 'kim') })
    await press(wrapper, 'save-guidelines-btn')
    await press(wrapper, 'take-theirs-btn')
    expect(at(wrapper, 'guidelines-text').element).toMatchObject({ value: 'Theirs.' })
  })

  it('keep what was written and not saved', async () => {
    serverWith()
    const first = await open()
    await write(first, 'Half a sent')
    first.unmount()
    const wrapper = await open()
    expect(at(wrapper, 'guidelines-text').element).toMatchObject({ value: 'Half a sent' })
    expect(at(wrapper, 'save-guidelines-btn').attributes('disabled')).toBeUndefined()
  })

  it('can go on from an older version', async () => {
    serverWith({
      [GUIDELINES]: ({ url }) => ({
        body: url.includes('version=0') ? guidelines(0, 'Old.') : guidelines(1, 'New.'),
      }),
    })
    const wrapper = await open()
    await wrapper.find('[aria-label="Look at version 0"]').trigger('click')
    await flushPromises()
    await wrapper.find('.guidelines-versions .start').trigger('click')
    expect(at(wrapper, 'guidelines-text').element).toMatchObject({ value: 'Old.' })
  })

  it('are previewed', async () => {
    serverWith()
    const wrapper = await open()
    await press(wrapper, 'preview-guidelines-btn')
    expect(at(wrapper, 'guidelines-preview').exists()).toBe(true)
  })

  it('that cannot be had can be asked for again', async () => {
    const server = serverWith({ [GUIDELINES]: problem(503, 'storage_unavailable', 'No.') })
    const wrapper = await open()
    expect(at(wrapper, 'guidelines-error').text()).toContain('could not be loaded')
    server.on(GUIDELINES, { body: guidelines(0, 'Here.') })
    await at(wrapper, 'guidelines-error').find('button.button:last-child').trigger('click')
    await flushPromises()
    const again = wrapper.findAll('button').find((button) => button.text() === 'Try again')
    await again?.trigger('click')
    await flushPromises()
    expect(at(wrapper, 'guidelines-text').element).toMatchObject({ value: 'Here.' })
  })
})
