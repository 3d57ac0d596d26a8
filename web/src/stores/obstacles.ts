import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'

import { getObstacles } from '@/client/exports'
import type { Obstacle } from '@/client/exports'

/** More than this many cards back nobody goes without asking anew. */
const KEPT = 60

/** Why a card could not be exported, by its id; asked for once a card. */
export const useObstaclesStore = defineStore('obstacles', () => {
  const known = shallowReactive(new Map<string, readonly Obstacle[]>())
  const asked = new Set<string>()

  /** It is a courtesy: without an answer nothing is said, and the card is not asked for again. */
  async function load(id: string): Promise<void> {
    if (asked.has(id)) return
    asked.add(id)
    try {
      known.set(id, await getObstacles(id))
    } catch {
      return
    }
    const oldest = known.keys().next().value
    if (known.size > KEPT && oldest !== undefined) {
      known.delete(oldest)
      asked.delete(oldest)
    }
  }

  return { known, load }
})
