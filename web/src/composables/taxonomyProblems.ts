import type { CategoryEdit } from '@/client/api'

import { UNCATEGORISED } from './categoryLook'

/** A category while it is edited. */
export interface EditedCategory {
  /** Stays the same while the name is being typed. */
  id: number
  name: string
  label: string
  definition: string
  example: string
  color: CategoryEdit['color']
  key: string | null
  builtIn: boolean
  /** Not saved yet: its name may still change. */
  isNew: boolean
}

export type CategoryField = 'name' | 'label' | 'key' | 'definition' | 'example'

export interface CategoryProblem {
  id: number
  field: CategoryField
  message: string
}

const NAME = /^[a-z][a-z0-9_]{0,63}$/
const LONGEST: Readonly<Partial<Record<CategoryField, number>>> = {
  label: 100,
  definition: 2000,
  example: 2000,
}

/** What keeps the categories from being saved, in the order of the page. */
export function taxonomyProblems(categories: readonly EditedCategory[]): CategoryProblem[] {
  return categories.flatMap((category, position) => {
    const before = categories.slice(0, position)
    const found: Partial<Record<CategoryField, string | null>> = {
      name: nameProblem(category, before),
      label: category.label.trim() ? null : 'A category needs a label: what the button says.',
      key: keyProblem(category, before),
    }
    for (const [field, most] of Object.entries(LONGEST) as [CategoryField, number][]) {
      if (String(category[field]).length > most) found[field] = `At most ${most} characters.`
    }
    return (Object.entries(found) as [CategoryField, string | null][])
      .filter(([, message]) => message)
      .map(([field, message]) => ({ id: category.id, field, message: String(message) }))
  })
}

function nameProblem(
  { name, isNew }: EditedCategory,
  before: readonly EditedCategory[],
): string | null {
  if (!isNew) return null
  if (!name) return 'A category needs a name, for exports and filters.'
  if (!NAME.test(name)) {
    return 'Lower-case letters, digits and underscores, a letter first, at most 64: unsafe_answer'
  }
  if (name === UNCATEGORISED) return '“none” stands for no category.'
  return before.some((other) => other.name === name) ? `“${name}” is there already.` : null
}

function keyProblem({ key }: EditedCategory, before: readonly EditedCategory[]): string | null {
  const other = key && before.find((category) => category.key === key)
  return other ? `“${other.label || other.name}” has the key ${key}, too.` : null
}

/** A name made of a label: `Unsafe answer!` → `unsafe_answer` */
export function nameFromLabel(label: string): string {
  return label
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 64)
}
