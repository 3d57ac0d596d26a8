import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'

import { getSiblings } from '@/client/api'
import type { Siblings } from '@/client/finding'

/** More than this many cards back nobody goes without asking anew. */
const KEPT = 60

/** What others answered to the same prompt, by the id of the card; asked for once a card. */
export const useSiblingsStore = defineStore('siblings', () => {
  const known = shallowReactive(new Map<string, Siblings>())
  const errors = shallowReactive(new Map<string, unknown>())
  const underway = shallowReactive(new Map<string, Promise<void>>())

  /** Asks the server, unless the answer is here or on its way. Never throws: see `errors`. */
  function load(id: string): Promise<void> {
    if (known.has(id)) return Promise.resolve()
    const running = underway.get(id)
    if (running) return running
    errors.delete(id)
    const asked: Promise<void> = getSiblings(id).then(
      (siblings) => keep(id, siblings, asked),
      (error: unknown) => {
        if (underway.get(id) === asked) errors.set(id, error)
      },
    )
    underway.set(id, asked)
    return asked.finally(() => {
      if (underway.get(id) === asked) underway.delete(id)
    })
  }

  function keep(id: string, siblings: Siblings, asked: Promise<void>): void {
    // Forgotten meanwhile: the answer is from before a decision.
    if (underway.get(id) !== asked) return
    known.set(id, siblings)
    const oldest = known.keys().next().value
    if (known.size > KEPT && oldest !== undefined) known.delete(oldest)
  }

  /** After a decision: of the cards that show this candidate, or of all. */
  function forget(id?: string): void {
    for (const [card, { items, ancestors }] of known) {
      const shown = [...items, ...ancestors].some((sibling) => sibling.id === id)
      if (id === undefined || card === id || shown) known.delete(card)
    }
    // What is on its way was asked before the decision.
    const asked = [...underway.keys()]
    underway.clear()
    for (const card of asked) void load(card)
  }

  return { known, errors, underway, load, forget }
})
