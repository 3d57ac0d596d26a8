import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { CATEGORY_COLORS, lookOf } from '@/composables/categoryLook'
import { BUILT_IN_CATEGORIES } from '@/stores/categories'

const own = (name: string, color: string | null = null) => ({ name, label: 'Unsafe', color })

describe('lookOf', () => {
  it('gives the built-in six a letter and a colour each', () => {
    const looks = BUILT_IN_CATEGORIES.map(({ name }) => lookOf(BUILT_IN_CATEGORIES, name))
    expect(looks.map(({ letter, color }) => `${letter} ${color}`)).toEqual([
      'A grey',
      'S violet',
      'P ochre',
      'W blue',
      'F teal',
      'H plum',
    ])
  })

  it('gives neighbours another texture', () => {
    const textures = BUILT_IN_CATEGORIES.map(
      ({ name }) => lookOf(BUILT_IN_CATEGORIES, name).texture,
    )
    for (const [index, texture] of textures.entries()) expect(texture).not.toBe(textures[index + 1])
  })

  it('takes the colour of the workspace, and the first letter of an own label', () => {
    expect(lookOf([own('unsafe', 'brown')], 'unsafe')).toMatchObject({
      letter: 'U',
      color: 'brown',
    })
    expect(lookOf([own('unsafe')], 'unsafe').color).toBe('green')
    expect(lookOf([own('unsafe', 'crimson')], 'unsafe').color).toBe('green')
  })

  it('has a look for no category, and for one that is gone', () => {
    expect(lookOf(BUILT_IN_CATEGORIES, 'none')).toMatchObject({
      label: 'No category',
      texture: 'hollow',
    })
    expect(lookOf(BUILT_IN_CATEGORIES, 'gone')).toMatchObject({ label: 'gone', letter: 'G' })
  })
})

/** WCAG 2 contrast of two colours written as `#rrggbb`. */
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].toSorted((a, b) => b - a)
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05)
}

function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

describe('the colours', () => {
  const tokens = readFileSync('src/styles/tokens.css', 'utf8')
  const pair = (name: string): string[] =>
    new RegExp(`--${name}: light-dark\\((#\\w+), (#\\w+)\\)`).exec(tokens)?.slice(1) ?? []

  it.each(CATEGORY_COLORS)('%s reads as text on every surface and on its wash', (color) => {
    for (const theme of [0, 1]) {
      const text = pair(`cat-${color}`)[theme] ?? ''
      for (const surface of ['desk', 'sheet', 'sunk', 'raised', `cat-${color}-wash`]) {
        expect(contrast(text, pair(surface)[theme] ?? '')).toBeGreaterThanOrEqual(4.5)
      }
    }
  })
})
