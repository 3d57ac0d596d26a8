import { computed, onMounted, ref, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'

import { filterBody } from '@/client/api'
import type { ExportFormat, Recipe } from '@/client/exports'
import { filterFromQuery, queryOfFilter } from '@/client/filter'
import type { Filter } from '@/client/filter'
import { useFilter } from '@/composables/useFilter'
import { useExportsStore } from '@/stores/exports'

export interface UseExportBuilderReturn {
  /** The whole recipe; null until the server has said what there is to choose from. */
  recipe: ComputedRef<Recipe | null>
  format: ComputedRef<ExportFormat | undefined>
  /** Whole candidates in any status: the filter may ask for one. */
  records: ComputedRef<boolean>
  filter: ComputedRef<Filter>
  query: ComputedRef<URLSearchParams>
  setFilter: (change: Partial<Filter>) => void
  /** What lengths are counted in. */
  unit: ComputedRef<'tokens' | 'characters'>
  begun: Readonly<Ref<boolean>>
  begin: () => Promise<void>
}

/** What is to be exported: the options of the store, and the filter of the address. */
export function useExportBuilder(): UseExportBuilderReturn {
  const store = useExportsStore()
  const { filter, query, set } = useFilter()
  const begun = ref(false)

  const format = computed(() =>
    store.formats?.items.find(({ name }) => name === store.recipe.format),
  )
  const records = computed(() => format.value?.kind === 'records')
  const unit = computed(() => (store.formats?.tokenizer ? 'tokens' : 'characters'))
  const recipe = computed<Recipe | null>(() => {
    if (!begun.value || !store.formats) return null
    const status = records.value ? filter.value.status : []
    // Nobody can look for secrets where there is no detector.
    const secrets = store.formats.detectors ? store.recipe.secrets : undefined
    return { ...store.recipe, secrets, filter: filterBody({ ...filter.value, status }) }
  })

  async function begin(): Promise<void> {
    await store.load()
    if (!store.formats || begun.value) return
    restoreFilter()
    begun.value = true
  }

  /** As it was left; at first, without the categories that a new export leaves out. */
  function restoreFilter(): void {
    const here = queryOfFilter(filter.value)
    if (here.size === 0 && store.query !== null) {
      set(filterFromQuery(new URLSearchParams(store.query)), { replace: true })
      return
    }
    const excluded = store.formats?.start.filter?.exclude_category
    const said = here.has('category') || here.has('exclude_category')
    if (said || store.query === here.toString() || !Array.isArray(excluded)) return
    set({ exclude_category: excluded.map(String) }, { replace: true })
  }

  watch(query, (now) => {
    if (begun.value) store.query = now.toString()
  })
  onMounted(begin)

  return { recipe, format, records, filter, query, setFilter: set, unit, begun, begin }
}
