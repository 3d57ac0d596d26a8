import { computed, ref, toValue } from 'vue'
import type { MaybeRefOrGetter, Ref } from 'vue'

export interface UseMarksOptions {
  /** How many marks each row of the chart has. */
  rows: MaybeRefOrGetter<readonly number[]>
  /** Columns instead of rows: then the arrows up and down move within one. */
  upright?: boolean
}

export interface UseMarksReturn {
  /** `0` for the one mark that Tab reaches, `-1` for the others. */
  tabindex: (row: number, mark: number) => 0 | -1
  /** Arrow keys, Home and End; to be heard on the chart as a whole. */
  onKeydown: (event: KeyboardEvent) => void
  onFocusin: (event: FocusEvent) => void
  onFocusout: () => void
  /**
   * The mark to be ringed, as its `data-mark`. A drawing has no layers: the ring comes last in it,
   * or the neighbours would be painted over it.
   */
  ringed: Readonly<Ref<string | null>>
  /** What a mark carries so that it is found again. */
  attributes: (row: number, mark: number) => { 'data-mark': string; tabindex: 0 | -1 }
}

type Place = readonly [row: number, mark: number]

/** A chart is one stop of the Tab key; within it the arrow keys go from mark to mark. */
export function useMarks({ rows, upright = false }: UseMarksOptions): UseMarksReturn {
  const wanted = ref<Place>([0, 0])
  const ringed = ref<string | null>(null)
  const current = computed<Place>(() => within(toValue(rows), wanted.value))

  const tabindex: UseMarksReturn['tabindex'] = (row, mark) =>
    current.value[0] === row && current.value[1] === mark ? 0 : -1

  function onKeydown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const to = moved(event.key, current.value, toValue(rows), upright)
    if (!to) return
    event.preventDefault()
    wanted.value = to
    const chart = event.currentTarget as Element
    chart.querySelector<HTMLElement>(`[data-mark="${to.join('-')}"]`)?.focus()
  }

  function onFocusin(event: FocusEvent): void {
    const target = event.target as Element
    const mark = target.getAttribute('data-mark')
    if (!mark) return
    const [row = 0, column = 0] = mark.split('-').map(Number)
    wanted.value = [row, column]
    ringed.value = target.matches(':focus-visible') ? mark : null
  }

  function onFocusout(): void {
    ringed.value = null
  }

  return {
    tabindex,
    onKeydown,
    onFocusin,
    onFocusout,
    ringed,
    attributes: (row, mark) => ({ 'data-mark': `${row}-${mark}`, tabindex: tabindex(row, mark) }),
  }
}

function moved(
  key: string,
  [row, mark]: Place,
  rows: readonly number[],
  upright: boolean,
): Place | null {
  const [back, on, up, down] = upright
    ? (['ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight'] as const)
    : (['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'] as const)
  if (key === back) return within(rows, [row, mark - 1])
  if (key === on) return within(rows, [row, mark + 1])
  if (key === up) return within(rows, [nextFilled(rows, row, -1), mark])
  if (key === down) return within(rows, [nextFilled(rows, row, 1), mark])
  if (key === 'Home') return within(rows, [nextFilled(rows, -1, 1), 0])
  if (key === 'End') return within(rows, [nextFilled(rows, rows.length, -1), Infinity])
  return null
}

/** The next row that has a mark; days on which nothing happened have none. */
function nextFilled(rows: readonly number[], from: number, step: 1 | -1): number {
  for (let row = from + step; row >= 0 && row < rows.length; row += step) if (rows[row]) return row
  return from
}

function within(rows: readonly number[], [row, mark]: Place): Place {
  const held = Math.min(Math.max(0, row), Math.max(0, rows.length - 1))
  const filled = rows[held] ? held : nextFilled(rows, held, 1)
  return [filled, Math.min(Math.max(0, mark), Math.max(0, (rows[filled] ?? 0) - 1))]
}
