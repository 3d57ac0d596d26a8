import { ApiError, NetworkError } from '@/client/errors'

/** An error in words: what happened, what to do, and what to copy into a report. */
export interface Problem {
  what: string
  advice: string
  details: string
}

const ADVICE_BY_CODE: Readonly<Record<string, string>> = {
  storage_full: 'Free some disk space on the server, then try again.',
  storage_unavailable: 'The database does not answer at the moment. Try again shortly.',
  config_error: 'Check the benchmark folder, then try again.',
  forbidden_host: 'Open the page under the address that the server printed at its start.',
  forbidden_origin: 'Open the page under the address that the server printed at its start.',
}

export function describe(error: unknown): Problem {
  if (error instanceof NetworkError) {
    return {
      what: error.message,
      advice: 'Check that Corrigenda is still running, then try again.',
      details: `${error.reason}: ${String(error.cause ?? error.message)}`,
    }
  }
  if (error instanceof ApiError) {
    return {
      what: error.detail,
      advice: ADVICE_BY_CODE[error.code] ?? (error.status >= 500 ? 'Try again in a moment.' : ''),
      details: JSON.stringify(
        { status: error.status, code: error.code, detail: error.detail, ...error.extras },
        null,
        2,
      ),
    }
  }
  return {
    what: 'Something unexpected happened in this page.',
    advice: 'Try again; if it stays, reload the page.',
    details: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  }
}
