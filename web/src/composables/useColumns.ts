import { computed, ref, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'

import type { Order } from '@/client/filter'
import { readSetting, writeSetting } from '@/stores/settings'

export type ColumnName =
  | 'status'
  | 'task'
  | 'excerpt'
  | 'correction'
  | 'score'
  | 'category'
  | 'reason'
  | 'model'
  | 'task_type'
  | 'run'
  | 'time'
  | 'tags'
  | 'decided_by'
  | 'decided_at'

export interface Column {
  name: ColumnName
  label: string
  /** The order that the server has for it, and which way it goes. */
  order?: Order
  direction?: 'ascending' | 'descending'
}

export const COLUMNS: readonly Column[] = [
  { name: 'task', label: 'Task', order: 'similar_prompts', direction: 'ascending' },
  { name: 'status', label: 'Status' },
  { name: 'excerpt', label: 'Answer' },
  { name: 'correction', label: 'Correction' },
  { name: 'score', label: 'Score', order: 'lowest_score', direction: 'ascending' },
  { name: 'category', label: 'Category' },
  { name: 'reason', label: 'Reason' },
  { name: 'model', label: 'Model' },
  { name: 'task_type', label: 'Task type' },
  { name: 'run', label: 'Run', order: 'newest_run', direction: 'descending' },
  { name: 'time', label: 'Time' },
  { name: 'tags', label: 'Tags' },
  { name: 'decided_by', label: 'Decided by' },
  { name: 'decided_at', label: 'Decided' },
]

/** The task leads to the candidate, so it cannot be hidden. */
export const FIXED: ColumnName = 'task'

const AT_FIRST = 'task,status,excerpt,score,category,model,run'

export type Density = 'comfortable' | 'compact'

export interface UseColumnsReturn {
  /** In the order of the list above. */
  columns: ComputedRef<Column[]>
  shown: Ref<ColumnName[]>
  density: Ref<Density>
}

/** Which columns a table shows and how close its rows stand; remembered in this browser. */
export function useColumns(): UseColumnsReturn {
  const remembered = (readSetting('browse.columns') ?? AT_FIRST).split(',')
  const shown = ref(COLUMNS.map(({ name }) => name).filter((name) => remembered.includes(name)))
  const density = ref<Density>(
    readSetting('browse.density') === 'compact' ? 'compact' : 'comfortable',
  )

  const columns = computed(() =>
    COLUMNS.filter(({ name }) => name === FIXED || shown.value.includes(name)),
  )

  watch(shown, (names) => writeSetting('browse.columns', names.join(',')), { deep: true })
  watch(density, (wanted) => writeSetting('browse.density', wanted))

  return { columns, shown, density }
}
