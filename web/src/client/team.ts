/** Who is signed in, and who may. */
import { get, post, remove, request } from './http'
import type { Answer } from './http'

export interface Session {
  /** Every request needs a reviewer. */
  required: boolean
  /** Who is signed in; null when nobody is. */
  reviewer: string | null
  lead: boolean
  /** How: nobody has to, by an invitation's token, by a proxy in front of the server. */
  by: 'open' | 'token' | 'proxy'
}

export type Member = Answer<'/api/sft/reviewers', 'get'>['items'][number]
/** An invitation; its link is told once. */
export type Invitation = Answer<'/api/sft/reviewers', 'post'>

export const getSession = async (): Promise<Session> => (await get('/api/sft/session')) as Session

/** @throws ApiError 401 when the token opens nothing, 429 after too many tries. */
export const signIn = async (token: string): Promise<{ reviewer: string; lead: boolean }> =>
  (await request('POST', '/api/sft/session', { token })).body as {
    reviewer: string
    lead: boolean
  }

export const signOut = async (): Promise<void> => {
  await remove('/api/sft/session')
}

export const getReviewers = async (): Promise<Member[]> => (await get('/api/sft/reviewers')).items

export const inviteReviewer = (name: string, lead: boolean): Promise<Invitation> =>
  post('/api/sft/reviewers', { name, lead })

export const renewReviewer = (name: string): Promise<Invitation> =>
  post('/api/sft/reviewers/{name}/renew', undefined, { path: { name } })

export const revokeReviewer = async (name: string): Promise<void> => {
  await remove('/api/sft/reviewers/{name}', { path: { name } })
}

/** The token in an invitation's link, which may also stand alone. */
export function tokenIn(text: string): string {
  const [link = '', fragment] = text.trim().split('#')
  return (fragment ?? link).trim()
}
