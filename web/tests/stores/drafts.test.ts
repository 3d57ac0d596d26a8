import { beforeEach, describe, expect, it } from 'vitest'

import type { Draft } from '@/client/draft'
import { FORGET_DRAFTS, useDraftsStore } from '@/stores/drafts'
import { writeSetting } from '@/stores/settings'
import { useWorkspaceStore } from '@/stores/workspace'

import { fakeServer, freshPinia } from '../helpers'
import { fullStorage } from '../flow'

const KEY = 'corrigenda.workspace.draft.a1'

const draft = (text: string, at = new Date().toISOString()): Draft => ({
  text,
  parts: { reasoning: 'drop' },
  category: 'wrong_answer',
  note: 'see the manual',
  tags: ['units'],
  startedFrom: 'response',
  at,
})
const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString()

function elsewhere(key: string, value: unknown): void {
  useDraftsStore().onStorage(
    new StorageEvent('storage', { key, newValue: value === null ? null : JSON.stringify(value) }),
  )
}

beforeEach(() => {
  sessionStorage.clear()
  freshPinia()
})

describe('a draft', () => {
  it('is in the browser’s storage as soon as it is saved, and survives a reload', () => {
    useDraftsStore().save('a1', draft('Nine.'))
    expect(localStorage.getItem(KEY)).toContain('Nine.')
    freshPinia()
    expect(useDraftsStore().get('a1')).toMatchObject({ text: 'Nine.', tags: ['units'] })
  })

  it('keeps what the editor has put beside the text', () => {
    useDraftsStore().save('a1', { ...draft('Nine.'), aside: [{ text: 'Ten.' }] } as Draft)
    freshPinia()
    expect(useDraftsStore().get('a1')).toMatchObject({ aside: [{ text: 'Ten.' }] })
  })

  it('goes for good when it is removed', () => {
    useDraftsStore().save('a1', draft('Nine.'))
    useDraftsStore().remove('a1')
    expect(localStorage.length).toBe(0)
    expect(useDraftsStore().get('a1')).toBeUndefined()
  })

  it.each(['{', '[]', '"text"', '{"text": 5}'])('that can’t be read (%s) is none', (stored) => {
    localStorage.setItem(KEY, stored)
    expect(useDraftsStore().get('a1')).toBeUndefined()
  })

  it('of an earlier version gets what it lacks', () => {
    localStorage.setItem(KEY, '{"text": "Nine."}')
    expect(useDraftsStore().get('a1')).toMatchObject({
      text: 'Nine.',
      parts: {},
      category: null,
      tags: [],
      startedFrom: 'response',
    })
  })

  it('that another tab writes or removes is seen here', () => {
    const drafts = useDraftsStore()
    elsewhere(KEY, draft('From there.'))
    expect(drafts.get('a1')?.text).toBe('From there.')
    elsewhere(KEY, null)
    expect(drafts.get('a1')).toBeUndefined()
    elsewhere('corrigenda.other.draft.a1', draft('Of another workspace.'))
    expect(drafts.get('a1')).toBeUndefined()
  })

  it('from long ago goes only when its candidate was decided elsewhere', () => {
    const drafts = useDraftsStore()
    drafts.save('old', draft('Old.', daysAgo(61)))
    drafts.save('new', draft('New.', daysAgo(59)))
    freshPinia()
    for (const id of ['old', 'new']) {
      expect(useDraftsStore().get(id)).toBeDefined()
      useDraftsStore().removeIfOld(id)
    }
    expect(useDraftsStore().get('old')).toBeUndefined()
    expect(useDraftsStore().get('new')).toBeDefined()
  })
})

describe('a full storage', () => {
  it('is told, and the draft stays in the page', () => {
    fullStorage()
    const drafts = useDraftsStore()
    drafts.save('a1', draft('Nine.'))
    expect([...drafts.unkept]).toEqual(['a1'])
    expect(drafts.get('a1')?.text).toBe('Nine.')
  })

  it('is not told any more when the draft could be kept later', () => {
    fullStorage(1)
    const drafts = useDraftsStore()
    drafts.save('a1', draft('Nin'))
    drafts.save('a1', draft('Nine.'))
    expect(drafts.unkept.size).toBe(0)
  })

  it('makes room by the oldest drafts alone, and says so', () => {
    const drafts = useDraftsStore()
    drafts.save('old', draft('Old.', daysAgo(61)))
    drafts.save('new', draft('New.', daysAgo(2)))
    fullStorage(1)
    drafts.save('a1', draft('Nine.'))
    expect(drafts.unkept.size).toBe(0)
    expect(drafts.pruned).toBe(1)
    expect(drafts.get('old')).toBeUndefined()
    expect(drafts.get('new')).toBeDefined()
  })
})

describe('the setting for shared computers', () => {
  it('moves what there is to this tab alone, and back', () => {
    const drafts = useDraftsStore()
    drafts.save('a1', draft('Nine.'))
    localStorage.setItem('corrigenda.other.draft.b', JSON.stringify(draft('Elsewhere.')))
    drafts.setForgetAtEnd(true)
    expect(Object.keys(localStorage).filter((key) => key.includes('.draft.'))).toEqual([])
    expect(sessionStorage.getItem(KEY)).toContain('Nine.')
    freshPinia()
    expect(useDraftsStore().get('a1')?.text).toBe('Nine.')
    useDraftsStore().setForgetAtEnd(false)
    expect(sessionStorage.length).toBe(0)
    expect(localStorage.getItem(KEY)).toContain('Nine.')
  })

  it('holds from the next change on when another page has set it', () => {
    const drafts = useDraftsStore()
    drafts.save('a1', draft('Nine.'))
    writeSetting(FORGET_DRAFTS, 'true')
    drafts.save('a1', draft('Nine eggs.'))
    expect(localStorage.getItem(KEY)).toBeNull()
    expect(sessionStorage.getItem(KEY)).toContain('Nine eggs.')
  })

  it('holds at once when another tab has set it', () => {
    const drafts = useDraftsStore()
    drafts.save('a1', draft('Nine.'))
    writeSetting(FORGET_DRAFTS, 'true')
    drafts.onStorage(new StorageEvent('storage', { key: `corrigenda.${FORGET_DRAFTS}` }))
    expect(localStorage.getItem(KEY)).toBeNull()
  })
})

describe('the workspace', () => {
  const serve = (id: string) => fakeServer({ 'GET /api/sft/workspace': { body: { id } } })

  it('has what was begun before it had a name', async () => {
    serve('w1')
    useDraftsStore().save('a1', draft('Nine.'))
    await useWorkspaceStore().confirm()
    expect(useDraftsStore().get('a1')?.text).toBe('Nine.')
    expect(localStorage.getItem(KEY)).toBeNull()
    expect(localStorage.getItem('corrigenda.w1.draft.a1')).toContain('Nine.')
  })

  it('does not see another one’s drafts at the same address', async () => {
    serve('w1')
    await useWorkspaceStore().confirm()
    useDraftsStore().save('a1', draft('Nine.'))
    freshPinia()
    serve('w2')
    expect(useDraftsStore().get('a1')?.text).toBe('Nine.')
    await useWorkspaceStore().confirm()
    expect(useDraftsStore().get('a1')).toBeUndefined()
    expect(localStorage.getItem('corrigenda.w1.draft.a1')).toContain('Nine.')
  })

  it('is the only one where the server has no names', async () => {
    fakeServer({ 'GET /api/sft/workspace': { status: 404 } })
    await useWorkspaceStore().confirm()
    expect(useWorkspaceStore().confirmed).toBe(true)
  })
})
