/** What the Training pages speak of: models, trainings, and evaluations of what they made. */
import type { Job } from './api'
import { address, get, getText, post } from './http'
import type { Answer, Body } from './http'

export type Models = Answer<'/api/sft/models', 'get'>
export type Training = Answer<'/api/sft/trainings', 'get'>['items'][number]
export type TrainingDetails = Answer<'/api/sft/trainings/{name}', 'get'>
export type TrainingState = Training['state']
export type Finding = TrainingDetails['findings'][number]
export type StageResult = NonNullable<TrainingDetails['stages']>[number]
export type Evaluation = TrainingDetails['evaluations'][number]
export type Curve = Answer<'/api/sft/trainings/{name}/curve', 'get'>
export type CurvePoint = Curve['points'][number]

type FullRequest = Body<'/api/sft/trainings', 'post'>
export type Method = NonNullable<FullRequest['method']>
/** What is absent is chosen by the server. */
export type TrainOptions = Partial<Record<string, unknown>>
export interface TrainingRequest {
  name: string
  model: string
  method: Method
  exports: string[]
  options: TrainOptions
}

type FullEvaluation = Body<'/api/sft/evaluations', 'post'>
export type EvaluationRequest = Pick<FullEvaluation, 'run_id' | 'runs' | 'model'> &
  Partial<FullEvaluation>

export const getModels = (): Promise<Models> => get('/api/sft/models')

/** The trainings, the newest first. */
export const getTrainings = async (): Promise<Training[]> => (await get('/api/sft/trainings')).items

export const getTraining = (name: string): Promise<TrainingDetails> =>
  get('/api/sft/trainings/{name}', { path: { name } })

export const getCurve = (name: string): Promise<Curve> =>
  get('/api/sft/trainings/{name}/curve', { path: { name } })

export const startTraining = (wanted: TrainingRequest): Promise<Job> =>
  post('/api/sft/trainings', wanted as FullRequest)

export const resumeTraining = (name: string): Promise<Job> =>
  post('/api/sft/trainings/{name}/resume', undefined, { path: { name } })

export const startEvaluation = (wanted: EvaluationRequest): Promise<Job> =>
  post('/api/sft/evaluations', wanted as FullEvaluation)

/** Where the model card is downloaded. */
export const cardAddress = (name: string): string =>
  address('/api/sft/trainings/{name}/card', { path: { name } })

/** The last of what the processes of a training have said. */
export const getTrainingLog = (name: string): Promise<string> =>
  getText(address('/api/sft/trainings/{name}/log', { path: { name } }))
