/** Long work: imports, exports, bulk decisions, trainings, evaluations. */
import type { Job } from './api'
import { get } from './http'

export type JobState = Job['state']

/** The newest jobs, newest first. */
export const getNewestJobs = async (limit: number): Promise<Job[]> =>
  (await get('/api/sft/jobs', { query: { limit } })).items
