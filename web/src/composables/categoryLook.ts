import type { Category } from '@/client/api'

/** The colours that a failure category may have; each is a pair of tokens, `--cat-…` and its wash. */
export const CATEGORY_COLORS = [
  'ochre',
  'green',
  'blue',
  'violet',
  'teal',
  'plum',
  'brown',
  'grey',
] as const
export type CategoryColor = (typeof CATEGORY_COLORS)[number]

/** The fill of a bar, so that colour is not the only thing that tells neighbours apart. */
export type Texture = 'solid' | 'lines' | 'dots' | 'hollow'

/** How one category looks everywhere: `A` on grey for a scoring artifact. */
export interface CategoryLook {
  name: string
  label: string
  letter: string
  color: CategoryColor
  texture: Texture
}

/** Stands for "no category" in counts and in filters. */
export const UNCATEGORISED = 'none'

const BUILT_IN: Readonly<Record<string, { color: CategoryColor; letter: string }>> = {
  scoring_artifact: { color: 'grey', letter: 'A' },
  style_violation: { color: 'violet', letter: 'S' },
  partial_answer: { color: 'ochre', letter: 'P' },
  wrong_answer: { color: 'blue', letter: 'W' },
  format_error: { color: 'teal', letter: 'F' },
  hallucination: { color: 'plum', letter: 'H' },
}

/** What the built-in six leave over comes first. */
const FOR_OWN: readonly CategoryColor[] = ['green', 'brown', 'ochre', 'blue', 'violet', 'teal']
const TEXTURES: readonly Texture[] = ['solid', 'lines', 'dots']

type Named = Pick<Category, 'name' | 'label'> & { color?: string | null }

/**
 * The look of a category: the colour that the workspace gives it, else its built-in one.
 *
 *     lookOf(categories, 'scoring_artifact') → { letter: 'A', color: 'grey', texture: 'solid', … }
 *
 * A name that the taxonomy no longer has, and `none`, get a look of their own.
 */
export function lookOf(categories: readonly Named[], name: string): CategoryLook {
  if (name === UNCATEGORISED) {
    return { name, label: 'No category', letter: '–', color: 'grey', texture: 'hollow' }
  }
  const position = categories.findIndex((category) => category.name === name)
  const category = categories[position]
  const label = category?.label || name
  const builtIn = BUILT_IN[name]
  const own = categories.filter((candidate) => !BUILT_IN[candidate.name])
  const ownPosition = own.findIndex((candidate) => candidate.name === name)
  return {
    name,
    label,
    letter: builtIn?.letter ?? firstLetter(label),
    color:
      knownColor(category?.color) ?? builtIn?.color ?? cycle(FOR_OWN, Math.max(0, ownPosition)),
    texture: cycle(TEXTURES, Math.max(0, position)),
  }
}

/** Every category of a chart in the order of the taxonomy, `none` last. */
export function looksOf(categories: readonly Named[], names: readonly string[]): CategoryLook[] {
  return names.map((name) => lookOf(categories, name))
}

function knownColor(color: string | null | undefined): CategoryColor | undefined {
  return CATEGORY_COLORS.find((known) => known === color)
}

function firstLetter(label: string): string {
  return [...label.trim()][0]?.toUpperCase() ?? '?'
}

function cycle<T>(values: readonly T[], position: number): T {
  return values[position % values.length] as T
}
