import { onMounted, onUnmounted } from 'vue'

import { matchKeys } from './keys'
import type { Command } from './keys'

/** Does the command; `false` means that it does not apply now, and the key stays free. */
export type KeyHandler = (digit: number | null) => unknown

export interface UseKeysReturn {
  /** For an element of one's own, so that it also hears keys while it is not in the document. */
  onKeydown: (event: KeyboardEvent) => void
}

/** Runs commands on key presses anywhere in the page while the component is mounted. */
export function useKeys(handlers: Partial<Record<Command, KeyHandler>>): UseKeysReturn {
  function onKeydown(event: KeyboardEvent): void {
    // A handler nearer to the key, or an open dialog, goes first.
    if (event.defaultPrevented || isCovered()) return
    for (const { command, digit } of matchKeys(event)) {
      const handler = handlers[command]
      if (!handler || (command !== 'help' && isDialogOpen())) continue
      if (handler(digit) === false) continue
      event.preventDefault()
      return
    }
  }

  onMounted(() => window.addEventListener('keydown', onKeydown))
  onUnmounted(() => window.removeEventListener('keydown', onKeydown))

  return { onKeydown }
}

/** The whole page waits behind a question, as who it is that reviews. */
function isCovered(): boolean {
  return document.querySelector('[data-covering]') !== null
}

function isDialogOpen(): boolean {
  return document.querySelector('dialog[open]') !== null
}
