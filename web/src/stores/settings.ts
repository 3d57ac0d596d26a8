/** Settings of this browser. Storage may be switched off or full; then they last for this page only. */
const PREFIX = 'corrigenda.'

export function readSetting(key: string): string | null {
  try {
    return localStorage.getItem(PREFIX + key)
  } catch {
    return null
  }
}

export function writeSetting(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + key)
    else localStorage.setItem(PREFIX + key, value)
  } catch {
    // The setting still holds until the page is left.
  }
}
