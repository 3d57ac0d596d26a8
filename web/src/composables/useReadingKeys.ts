import { useNoticesStore } from '@/stores/notices'
import { useReadingStore } from '@/stores/reading'

import { useKeys } from './useKeys'

/** The keys that change how texts are shown: raw or rendered, folded or not. */
export function useReadingKeys(): void {
  const reading = useReadingStore()
  const notices = useNoticesStore()

  useKeys({
    raw: () =>
      notices.announce(
        reading.toggleRaw() ? 'Texts are shown as they are.' : 'Texts are rendered.',
      ),
    unfold: () =>
      notices.announce(reading.toggleAll() ? 'Everything is unfolded.' : 'Long texts are folded.'),
  })
}
