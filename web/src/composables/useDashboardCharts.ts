import { computed, toValue } from 'vue'
import type { ComputedRef, MaybeRefOrGetter } from 'vue'

import type { Category, Dashboard } from '@/client/api'

import { looksOf } from './categoryLook'
import type { CategoryLook } from './categoryLook'
import { REVIEWED, categoryNames } from './charts/chart'
import type { ChartTable, Query } from './charts/chart'
import { shareChart, shareTable } from './charts/shareChart'
import type { ShareChart } from './charts/shareChart'
import { stackRows, stackTable } from './charts/stackChart'
import type { StackRow } from './charts/stackChart'
import { timeChart, timeTable } from './charts/timeChart'
import type { TimeChart } from './charts/timeChart'
import { byLocalDay, readablePeriods } from './localDays'

interface StackedChart {
  testid: string
  title: string
  rows: StackRow[]
  table: ChartTable
}

export interface DashboardCharts {
  looks: CategoryLook[]
  byModel: StackedChart
  byTaskType: StackedChart
  byRun: StackedChart
  time: { chart: TimeChart; table: ChartTable }
  artifacts: { chart: ShareChart; table: ChartTable }
  flagged: { chart: ShareChart; table: ChartTable }
}

export interface UseDashboardChartsOptions {
  dashboard: MaybeRefOrGetter<Dashboard | null>
  categories: MaybeRefOrGetter<readonly Category[]>
  /** The filter of the page as a query; the links of the marks narrow it. */
  filter: MaybeRefOrGetter<Query>
}

const BY = {
  by_model: { dimension: 'model', what: 'Model', title: 'What was wrong, by model?' },
  by_task_type: {
    dimension: 'task_type',
    what: 'Task type',
    title: 'What was wrong, by task type?',
  },
  by_run: { dimension: 'run_id', what: 'Run', title: 'What was wrong, from run to run?' },
} as const

/** Everything that the dashboard draws, and each of it as a table. */
export function useDashboardCharts(
  options: UseDashboardChartsOptions,
): ComputedRef<DashboardCharts | null> {
  return computed(() => {
    const dashboard = toValue(options.dashboard)
    if (!dashboard) return null
    const filter = toValue(options.filter)
    const groups = [...dashboard.by_model, ...dashboard.by_task_type, ...dashboard.by_run]
    const counts = [...groups, ...dashboard.over_time].map((group) => group.counts)
    const looks = looksOf(toValue(options.categories), categoryNames(dashboard.categories, counts))
    const stacked = (key: keyof typeof BY): StackedChart => {
      const { dimension, what, title } = BY[key]
      const rows = stackRows(dashboard[key], { dimension, looks, filter })
      return { testid: key, title, rows, table: stackTable(rows, looks, what) }
    }
    return {
      looks: looks.filter(({ name }) => counts.some((one) => one[name])),
      byModel: stacked('by_model'),
      byTaskType: stacked('by_task_type'),
      byRun: stacked('by_run'),
      time: timeOf(dashboard, looks),
      artifacts: artifactsOf(dashboard, filter),
      flagged: flaggedOf(dashboard, filter),
    }
  })
}

function timeOf(dashboard: Dashboard, looks: CategoryLook[]): DashboardCharts['time'] {
  const days = byLocalDay(dashboard.over_time)
  return { chart: timeChart(readablePeriods(days), looks), table: timeTable(days, looks) }
}

function artifactsOf(dashboard: Dashboard, filter: Query): DashboardCharts['artifacts'] {
  const chart = shareChart(
    dashboard.artifacts_by_task.map((task) => ({ ...task, n: task.artifacts })),
    {
      dimension: 'task',
      narrowed: { category: ['scoring_artifact'], status: REVIEWED },
      filter,
    },
  )
  return { chart, table: shareTable(chart.rows, 'Task', 'Scoring artifacts') }
}

function flaggedOf(dashboard: Dashboard, filter: Query): DashboardCharts['flagged'] {
  const chart = shareChart(
    dashboard.flagged_by_model.map((model) => ({ ...model, n: model.flagged })),
    { dimension: 'model', narrowed: { status: ['model_rejected'] }, filter },
  )
  return { chart, table: shareTable(chart.rows, 'Model', 'Flagged') }
}
