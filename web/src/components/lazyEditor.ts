import { defineAsyncComponent } from 'vue'

import type { TakingEditor } from '@/composables/useTakeOver'

import EditorFailed from './EditorFailed.vue'
import EditorSkeleton from './EditorSkeleton.vue'

/** What the open editor can be told. */
export interface CorrectionEditor extends TakingEditor {
  focus?: () => void
  submit?: () => void
}

const load = () => import('./SftCorrectionArea.vue')

/** The editor, which is the largest part of the page and comes when the rest is there. */
export const LazyCorrectionArea = defineAsyncComponent({
  loader: load,
  loadingComponent: EditorSkeleton,
  errorComponent: EditorFailed,
  delay: 200,
})

async function fetchAll(): Promise<void> {
  try {
    await load()
    await Promise.all([import('@/composables/textEditor'), import('@/composables/wordDiff')])
    // These open without a network, too.
    await Promise.all([import('./HistoryPanel.vue'), import('./GuidelinesPanel.vue')])
  } catch {
    // Then it comes, or says why not, when it is needed.
  }
}

/** Fetches the editor and the panels while the browser has nothing better to do. */
export function prefetchEditor(): void {
  if ('requestIdleCallback' in window)
    requestIdleCallback(() => void fetchAll(), { timeout: 5_000 })
  else setTimeout(() => void fetchAll(), 1_000)
}
