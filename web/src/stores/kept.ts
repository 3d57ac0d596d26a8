/** What must outlive this page: one key for each thing, written at once, read defensively. */
export interface Shelf {
  /** The parsed value of each key that begins with the prefix, in the order of the keys. */
  all: (prefix: string) => [key: string, value: unknown][]
  get: (key: string) => unknown
  /** Whether it was written; storage may be full or switched off. */
  put: (key: string, value: unknown) => boolean
  drop: (key: string) => void
}

export function shelfOf(storage: () => Storage): Shelf {
  function all(prefix: string): [string, unknown][] {
    try {
      const box = storage()
      return Array.from({ length: box.length }, (_, index) => box.key(index) ?? '')
        .filter((key) => key.startsWith(prefix))
        .toSorted()
        .map((key) => [key, parsed(box.getItem(key))])
    } catch {
      return []
    }
  }

  function get(key: string): unknown {
    try {
      return parsed(storage().getItem(key))
    } catch {
      return null
    }
  }

  function put(key: string, value: unknown): boolean {
    try {
      storage().setItem(key, JSON.stringify(value))
      return true
    } catch {
      return false
    }
  }

  function drop(key: string): void {
    try {
      storage().removeItem(key)
    } catch {
      // Nothing was kept where nothing can be.
    }
  }

  return { all, get, put, drop }
}

/** Shared by the tabs of this browser, until it is cleared. */
export const localShelf = shelfOf(() => localStorage)
/** This tab's own, gone with it. */
export const tabShelf = shelfOf(() => sessionStorage)

/** The value of a storage event; null when it was removed or is not ours. */
export function parsed(text: string | null): unknown {
  if (text === null) return null
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
