import { computed, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'

import { getCandidates } from '@/client/api'
import type { Row } from '@/client/finding'
import { useBrowseStore } from '@/stores/browse'
import { useSearchIndexStore } from '@/stores/searchIndex'
import { readSetting, writeSetting } from '@/stores/settings'

export const PAGE_SIZES = [50, 100, 200] as const

export interface UseBrowseReturn {
  rows: Readonly<Ref<readonly Row[]>>
  total: Readonly<Ref<number>>
  /** There are at least `total`. */
  atLeast: Readonly<Ref<boolean>>
  loading: Readonly<Ref<boolean>>
  /** Whether an answer has come yet. */
  loaded: Readonly<Ref<boolean>>
  error: Readonly<Ref<unknown>>
  /** Counted from 0. */
  page: ComputedRef<number>
  pageSize: Ref<number>
  hasNext: ComputedRef<boolean>
  /** Fetches the page shown anew. */
  reload: () => Promise<void>
  next: () => Promise<void>
  previous: () => Promise<void>
}

/** All candidates that a query finds, page by page. Coming back shows the page last seen. */
export function useBrowse(query: () => URLSearchParams): UseBrowseReturn {
  const kept = useBrowseStore()
  const index = useSearchIndexStore()
  const rows = shallowRef<readonly Row[]>([])
  const total = ref(0)
  const atLeast = ref(false)
  const loading = ref(false)
  const loaded = ref(false)
  const error = shallowRef<unknown>(null)
  const pageSize = ref(rememberedSize())
  let latest = 0

  const page = computed(() => kept.page)
  const hasNext = computed(() => Boolean(kept.pages[kept.page + 1]))

  async function show(wanted: number): Promise<void> {
    const mine = ++latest
    const address = kept.pages[wanted]
    loading.value = true
    try {
      const found = await getCandidates(
        address ? { next: address } : { perPage: pageSize.value, query: query() },
      )
      // A slower answer to an earlier question is no longer wanted.
      if (mine !== latest) return
      rows.value = found.items
      total.value = found.total
      atLeast.value = found.atLeast
      if (query().has('q')) index.note(found.searchBehind ?? 0)
      error.value = null
      loaded.value = true
      kept.page = wanted
      kept.pages = [...kept.pages.slice(0, wanted + 1), ...(found.next ? [found.next] : [])]
    } catch (reason) {
      if (mine === latest) error.value = reason
    } finally {
      if (mine === latest) loading.value = false
    }
  }

  async function reload(): Promise<void> {
    await show(kept.page)
    // Everything on the last page may have left the filter.
    if (rows.value.length === 0 && kept.page > 0 && !error.value) await show(kept.page - 1)
  }

  watch(
    () => `${query()}#${pageSize.value}`,
    (list) => {
      if (kept.list !== list) kept.begin(list)
      void show(kept.page)
    },
    { immediate: true },
  )
  watch(pageSize, (size) => writeSetting('browse.pageSize', String(size)))

  return {
    rows,
    total,
    atLeast,
    loading,
    loaded,
    error,
    page,
    pageSize,
    hasNext,
    reload,
    next: () => show(kept.page + 1),
    previous: () => show(Math.max(0, kept.page - 1)),
  }
}

function rememberedSize(): number {
  const size = Number(readSetting('browse.pageSize'))
  return PAGE_SIZES.find((known) => known === size) ?? PAGE_SIZES[0]
}
