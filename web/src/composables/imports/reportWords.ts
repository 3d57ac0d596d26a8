import type { ImportReport } from '@/client/api'
import { formatCount, plural } from '@/composables/format'

/** What an import did: `3 candidates imported · 1 skipped, already here`. */
export function importWords(report: ImportReport): string {
  const { imported, skipped, renamed, changed, malformed, passes, stopped } = report
  const { errors, unscored, held_out } = report
  return [
    `${plural(imported, 'candidate')} imported`,
    skipped ? `${formatCount(skipped)} skipped, already here` : '',
    renamed ? `${formatCount(renamed)} renamed, their id was taken by another run` : '',
    changed ? `${formatCount(changed)} of them differ from what is stored` : '',
    passes ? `${plural(passes, 'right answer')} kept beside them` : '',
    held_out ? `${formatCount(held_out)} held out from training` : '',
    errors ? `${plural(errors, 'failed call')} left out` : '',
    unscored ? `${plural(unscored, 'answer')} without a judgement left out` : '',
    malformed ? `${plural(malformed, 'line')} could not be read` : '',
    stopped ? 'stopped before the end' : '',
  ]
    .filter(Boolean)
    .join(' · ')
}
