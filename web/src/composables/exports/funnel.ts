import type { ExportPreview, LeftOut } from '@/client/exports'

import { REASONS_OF, stageWords } from './exportWords'

/** One step from what is approved to what is written. */
export interface FunnelStep {
  name: string
  words: string
  n: number
  /** In percent of the widest step. */
  width: number
  /** How many it takes away without a list of them: those that the filter does not choose. */
  unchosen: number
  gained: number
  reasons: LeftOut[]
}

type Counted = Pick<ExportPreview, 'stages' | 'left_out' | 'complete'>

/**
 * The steps of an export, each with what it takes away and why.
 *
 *     stages [approved 10, chosen 8, allowed 7], left_out [held_out 1]
 *     → chosen: 2 are not chosen; allowed: 1 held out
 */
export function funnelOf({ stages, left_out: leftOut, complete }: Counted): FunnelStep[] {
  const widest = Math.max(1, ...stages.map(({ n }) => n))
  return stages.map(({ name, n }, index) => {
    const before = stages[index - 1]?.n ?? n
    const reasons = leftOut.filter((left) => left.n > 0 && REASONS_OF[name]?.includes(left.reason))
    const lost = reasons.reduce((sum, left) => sum + left.n, 0)
    // Where only the first candidates were looked at, the rest is not left out.
    const unchosen = name === 'chosen' && complete ? Math.max(0, before - n) : 0
    return {
      name,
      words: stageWords(name),
      n,
      width: (n / widest) * 100,
      unchosen,
      gained: name === 'chosen' ? 0 : Math.max(0, n + lost - before),
      reasons,
    }
  })
}

/** What is left out in no step that is shown, such as what changed while it was written. */
export function otherReasons({ stages, left_out: leftOut }: Counted): LeftOut[] {
  const shown = new Set(stages.flatMap(({ name }) => REASONS_OF[name] ?? []))
  return leftOut.filter(({ n, reason }) => n > 0 && !shown.has(reason))
}
