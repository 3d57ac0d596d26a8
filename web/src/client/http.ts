import { apiError, NetworkError } from './errors'
import type { ApiError } from './errors'
import type { paths } from './schema'

type JsonIn<T> = T extends { content: { 'application/json': infer Json } } ? Json : never

type Responses<P extends keyof paths, M extends keyof paths[P]> = paths[P][M] extends {
  responses: infer R
}
  ? R
  : never

/** What the path answers when all is well, read from the OpenAPI document. */
export type Answer<P extends keyof paths, M extends keyof paths[P]> = {
  [Status in keyof Responses<P, M>]: Status extends 200 | 201 | 202
    ? JsonIn<Responses<P, M>[Status]>
    : never
}[keyof Responses<P, M>]

/** What the path takes as its body, read from the OpenAPI document. */
export type Body<P extends keyof paths, M extends keyof paths[P]> = paths[P][M] extends {
  requestBody?: infer R
}
  ? JsonIn<NonNullable<R>>
  : never

interface Options {
  path?: Record<string, string>
  query?: Record<string, string | number | undefined>
  /** Gives the request up. */
  signal?: AbortSignal
}

const TIMEOUT_MS = 30_000
const NO_CONTENT = 204

let reviewerName = (): string => ''
let onSignInRequired = (): void => undefined

/** Says whose name goes with every request; an empty one sends none. */
export function setReviewerSource(source: () => string): void {
  reviewerName = source
}

/** Says what happens when the server wants to know first who asks. */
export function setSignInHandler(handler: () => void): void {
  onSignInRequired = handler
}

export async function get<P extends keyof paths>(
  path: P,
  options: Options = {},
): Promise<Answer<P, 'get'>> {
  const { body } = await request('GET', address(path, options))
  return body as Answer<P, 'get'>
}

export async function post<P extends keyof paths>(
  path: P,
  payload?: Body<P, 'post'>,
  options: Options = {},
): Promise<Answer<P, 'post'>> {
  const { body } = await request('POST', address(path, options), payload, options.signal)
  return body as Answer<P, 'post'>
}

/**
 * Sends a last word, also while the page goes away; whether it arrives is not known. Not a beacon,
 * which carries no header, and so nobody's name.
 */
export async function postLast(url: string, payload: unknown, name?: string): Promise<void> {
  const init = { method: 'POST', headers: headersFor(payload, name), body: JSON.stringify(payload) }
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  await fetch(url, { ...init, keepalive: true, signal }).catch(() => undefined)
}

export async function remove(path: keyof paths, options: Options = {}): Promise<unknown> {
  return (await request('DELETE', address(path, options))).body
}

/** Fills `{name}` in a path and adds the query: `/api/sft/queue?per_page=20`. */
export function address(path: string, { path: names = {}, query = {} }: Options = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(names[name] ?? ''),
  )
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
  return given.length ? `${filled}?${search}` : filled
}

export interface Reply {
  body: unknown
  /** The address in `Link: <…>; rel="next"`, when there is one. */
  next: string | null
}

/**
 * Sends one request and reads its JSON.
 *
 * @throws ApiError when the server refuses, NetworkError when no usable answer comes.
 */
export async function request(
  method: string,
  url: string,
  payload?: unknown,
  signal?: AbortSignal,
  timeoutMs = TIMEOUT_MS,
): Promise<Reply> {
  const response = await send(method, url, payload, signal, timeoutMs)
  let body: unknown
  try {
    if (response.status !== NO_CONTENT) body = await response.json()
  } catch (cause) {
    if (response.ok) throw new NetworkError('unreadable', { cause })
  }
  if (!response.ok) throw refusal(response.status, body)
  return { body, next: nextLink(response.headers?.get('Link')) }
}

/**
 * Asks for a text that is no JSON.
 *
 * @throws ApiError when the server refuses, NetworkError when no usable answer comes.
 */
export async function getText(url: string): Promise<string> {
  const response = await send('GET', url)
  if (!response.ok) throw refusal(response.status, await response.json().catch(() => undefined))
  try {
    return await response.text()
  } catch (cause) {
    throw new NetworkError('unreadable', { cause })
  }
}

async function send(
  method: string,
  url: string,
  payload?: unknown,
  signal?: AbortSignal,
  timeoutMs = TIMEOUT_MS,
): Promise<Response> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    return await fetch(url, {
      method,
      headers: headersFor(payload),
      body: payload === undefined ? undefined : JSON.stringify(payload),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
  } catch (cause) {
    const timedOut = cause instanceof DOMException && cause.name === 'TimeoutError'
    throw new NetworkError(timedOut ? 'timeout' : 'unreachable', { cause })
  }
}

function refusal(status: number, body: unknown): ApiError {
  const error = apiError(status, body)
  if (error.code === 'sign_in_required') onSignInRequired()
  return error
}

function headersFor(payload: unknown, name = reviewerName()): Record<string, string> {
  return {
    Accept: 'application/json',
    ...(name ? { 'X-Reviewer': encodeURIComponent(name) } : {}),
    ...(payload === undefined ? {} : { 'Content-Type': 'application/json' }),
  }
}

function nextLink(header: string | null | undefined): string | null {
  return header?.match(/<([^>]+)>\s*;[^,]*\brel="?next"?/)?.[1] ?? null
}
