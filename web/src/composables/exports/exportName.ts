const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

/** Why an export (or something else with a name) can't be called so; null when it can. */
export function nameProblem(
  name: string,
  taken: readonly string[],
  what = 'an export',
): string | null {
  if (!NAME.test(name)) {
    return 'A name has letters, digits, dots, dashes and underscores, and begins with a letter or digit.'
  }
  return taken.includes(name) ? `There is ${what} ${name} already; it stays as it is.` : null
}

const two = (n: number): string => String(n).padStart(2, '0')

/**
 * A name that is still free, by format and day.
 *
 *     ('kto', 2026-11-23, ['kto-2026-11-23']) → 'kto-2026-11-23-2'
 */
export function proposedName(format: string, day: Date, taken: readonly string[]): string {
  const date = `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
  const first = `${format}-${date}`
  let name = first
  for (let n = 2; taken.includes(name); n += 1) name = `${first}-${n}`
  return name
}
