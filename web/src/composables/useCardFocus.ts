import { nextTick, watch } from 'vue'
import type { Ref } from 'vue'

export interface UseCardFocusOptions {
  root: Readonly<Ref<HTMLElement | null>>
  title: Readonly<Ref<HTMLElement | null>>
  /** The candidate on the card. */
  subject: () => string
  correcting: () => boolean
}

export interface UseCardFocusReturn {
  /** Takes the keyboard back to the button it came from, when what had the focus is gone. */
  returnFocus: (testid: string) => Promise<void>
}

/** Whoever searches, filters or looks at something beside the card stays there when it changes. */
function isElsewhere(card: HTMLElement | null): boolean {
  const { activeElement: now } = document
  if (!now || now === document.body || card?.contains(now)) return false
  return now.closest('input, textarea, select, [role="dialog"], dialog') !== null
}

/** Where the keyboard is when the card changes: a new candidate begins at its title. */
export function useCardFocus(card: UseCardFocusOptions): UseCardFocusReturn {
  async function returnFocus(testid: string): Promise<void> {
    await nextTick()
    if (document.activeElement !== document.body) return
    card.root.value?.querySelector<HTMLElement>(`[data-testid="${testid}"]`)?.focus()
  }

  watch(card.subject, async () => {
    await nextTick()
    // An editor that opens with the card has taken the keyboard already.
    if (card.correcting()) return
    window.scrollTo({ top: 0 })
    if (isElsewhere(card.root.value)) return
    card.title.value?.focus({ preventScroll: true })
  })

  return { returnFocus }
}
