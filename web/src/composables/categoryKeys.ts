/** A category as far as its key goes: a digit that the workspace chose, or none. */
interface Keyed {
  name: string
  key?: string | null
}

/**
 * The digit of each category: the one that the workspace chose, else the category's place.
 *
 *     [{name: 'a'}, {name: 'b', key: '7'}, {name: 'c'}] → Map {a → 1, b → 7, c → 3}
 */
export function categoryDigits(categories: readonly Keyed[]): Map<string, number> {
  const digits = new Map<string, number>()
  for (const { name, key } of categories) {
    if (key && /^[1-9]$/.test(key) && !isTaken(digits, Number(key))) digits.set(name, Number(key))
  }
  for (const [index, { name }] of categories.entries()) {
    const place = index + 1
    if (!digits.has(name) && place <= 9 && !isTaken(digits, place)) digits.set(name, place)
  }
  return digits
}

const isTaken = (digits: ReadonlyMap<string, number>, digit: number): boolean =>
  [...digits.values()].includes(digit)
