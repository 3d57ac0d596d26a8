/** Any value as text: a text is itself, nothing is empty, the rest is indented JSON. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? String(value))
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Settings on one line; empty when there are none.
 *
 *     {kind: "exact", params: {ignore_case: true}} → "exact · ignore_case true"
 *     {temperature: 0, seed: 7} → "temperature 0 · seed 7"
 */
export function settingsOf(value: unknown): string {
  if (!isRecord(value)) return textOf(value)
  return Object.entries(value)
    .filter(([, setting]) => setting !== null && setting !== undefined && setting !== '')
    .map(([name, setting]) => {
      if (name === 'kind') return textOf(setting)
      if (isRecord(setting) && name === 'params') return settingsOf(setting)
      return `${name} ${typeof setting === 'string' ? setting : JSON.stringify(setting)}`
    })
    .filter(Boolean)
    .join(' · ')
}
