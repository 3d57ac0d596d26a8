/**
 * What can go wrong between the page and the server.
 *
 *     RequestError
 *     ├── ApiError       the server answered, and said no
 *     └── NetworkError   no usable answer came: the request may or may not have arrived
 */
export abstract class RequestError extends Error {}

/** An answer with a 4xx or 5xx status; the server describes it as an RFC 9457 problem. */
export class ApiError extends RequestError {
  override readonly name = 'ApiError'

  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    /** The members beyond the standard ones, for example `decided_by`. */
    readonly extras: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail)
  }
}

/** The server could not be reached, took too long, or sent something that is not JSON. */
export class NetworkError extends RequestError {
  override readonly name = 'NetworkError'

  constructor(
    readonly reason: 'unreachable' | 'timeout' | 'unreadable',
    options?: ErrorOptions,
  ) {
    super(REASONS[reason], options)
  }
}

const REASONS = {
  unreachable: 'The server can’t be reached.',
  timeout: 'The server took too long to answer.',
  unreadable: 'The server’s answer could not be read.',
} as const

const STANDARD_MEMBERS = new Set(['type', 'title', 'status', 'detail', 'instance', 'code'])

/** Makes an `ApiError` of any error body, also of one that a proxy in between has written. */
export function apiError(status: number, body: unknown): ApiError {
  const problem: Record<string, unknown> =
    typeof body === 'object' && body !== null ? { ...body } : {}
  const extras = Object.fromEntries(
    Object.entries(problem).filter(([member]) => !STANDARD_MEMBERS.has(member)),
  )
  const detail = firstText(problem.detail, problem.title) ?? `The server answered ${status}.`
  return new ApiError(status, firstText(problem.code) ?? 'unknown', detail, extras)
}

function firstText(...values: unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '')
}
