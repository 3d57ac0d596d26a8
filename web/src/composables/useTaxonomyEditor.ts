import { computed, ref, shallowRef } from 'vue'
import type { ComputedRef, Ref } from 'vue'

import { setTaxonomy } from '@/client/api'
import type { CategoryEdit } from '@/client/api'
import { useNoticesStore } from '@/stores/notices'
import { useTaxonomyStore } from '@/stores/taxonomy'

import { nameFromLabel, taxonomyProblems } from './taxonomyProblems'
import type { CategoryProblem, EditedCategory } from './taxonomyProblems'

export interface UseTaxonomyEditorReturn {
  categories: Ref<EditedCategory[]>
  problems: ComputedRef<CategoryProblem[]>
  changed: ComputedRef<boolean>
  busy: Readonly<Ref<boolean>>
  /** Why the server did not take them. */
  error: Readonly<Ref<unknown>>
  change: (id: number, change: Partial<EditedCategory>) => void
  /** Adds an empty category; its `id` comes back, so that it can be focused. */
  add: () => number
  remove: (id: number) => void
  /** Moves one of the workspace's own categories; the built-in ones come first, in their order. */
  move: (id: number, by: -1 | 1) => void
  canMove: (id: number, by: -1 | 1) => boolean
  save: () => Promise<void>
  /** Throws the changes away. */
  reset: () => void
}

/** The failure categories as they are edited; nothing is sent before `save`. */
export function useTaxonomyEditor(): UseTaxonomyEditorReturn {
  const taxonomy = useTaxonomyStore()
  const notices = useNoticesStore()
  let ids = 0
  const categories = ref<EditedCategory[]>(fromStore())
  const busy = ref(false)
  const error = shallowRef<unknown>(null)

  const problems = computed(() => taxonomyProblems(categories.value))
  const changed = computed(() => toText(categories.value) !== toText(fromStore()))

  function fromStore(): EditedCategory[] {
    return taxonomy.categories.map(({ built_in, ...category }) => ({
      ...category,
      color: category.color ?? null,
      key: category.key ?? null,
      id: ++ids,
      builtIn: built_in,
      isNew: false,
    }))
  }

  function change(id: number, changes: Partial<EditedCategory>): void {
    const category = categories.value.find((one) => one.id === id)
    if (!category) return
    // Until somebody writes a name, it follows the label.
    const follows =
      category.isNew && 'label' in changes && category.name === nameFromLabel(category.label)
    Object.assign(category, changes)
    if (follows) category.name = nameFromLabel(category.label)
  }

  function add(): number {
    const id = ++ids
    const empty = { name: '', label: '', definition: '', example: '', color: null, key: null }
    categories.value.push({ ...empty, id, builtIn: false, isNew: true })
    return id
  }

  function remove(id: number): void {
    categories.value = categories.value.filter((category) => category.id !== id)
  }

  function canMove(id: number, by: -1 | 1): boolean {
    const from = categories.value.findIndex((category) => category.id === id)
    const [one, other] = [categories.value[from], categories.value[from + by]]
    return !!one && !!other && !one.builtIn && !other.builtIn
  }

  function move(id: number, by: -1 | 1): void {
    if (!canMove(id, by)) return
    const from = categories.value.findIndex((category) => category.id === id)
    const [moved] = categories.value.splice(from, 1)
    if (moved) categories.value.splice(from + by, 0, moved)
  }

  async function save(): Promise<void> {
    if (problems.value.length) return
    busy.value = true
    error.value = null
    try {
      taxonomy.categories = await setTaxonomy(toEdits(categories.value))
      reset()
      notices.announce('The categories are saved.')
    } catch (failure) {
      error.value = failure
    } finally {
      busy.value = false
    }
  }

  function reset(): void {
    categories.value = fromStore()
    error.value = null
  }

  return {
    categories,
    problems,
    changed,
    busy,
    error,
    change,
    add,
    remove,
    move,
    canMove,
    save,
    reset,
  }
}

function toEdits(categories: readonly EditedCategory[]): CategoryEdit[] {
  return categories.map(({ name, label, definition, example, color, key }) => ({
    name,
    label: label.trim(),
    definition: definition.trim(),
    example: example.trim(),
    color,
    key,
  }))
}

const toText = (categories: readonly EditedCategory[]): string =>
  JSON.stringify(toEdits(categories))
