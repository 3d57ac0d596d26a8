import type { ExportExample } from '@/client/exports'

/**
 * What training does with a part: it is learned, or pushed away, or only read.
 *
 *     {role: 'assistant', trained: true} of a correction → 'learned'
 *     {role: 'rejected', …} or a trained part of a negative example → 'avoided'
 */
export function markOf(
  { role, trained }: ExportExample['parts'][number],
  origin: ExportExample['origin'],
): 'learned' | 'avoided' | null {
  if (role === 'rejected') return 'avoided'
  if (!trained) return null
  return origin === 'negative' ? 'avoided' : 'learned'
}
