import { uploadAddress } from './api'
import type { Upload } from './api'
import { apiError, NetworkError } from './errors'

/** The largest file that the server takes. */
export const MOST_BYTES = 2 * 1024 ** 3

export interface UploadOptions {
  /** Called as the file goes out, with the bytes sent so far. */
  onProgress: (sent: number) => void
  signal: AbortSignal
}

/**
 * Sends a file as it is. `fetch` cannot tell how much of a body has gone out; this can.
 *
 * @throws ApiError when the server refuses the file, NetworkError when no usable answer comes,
 *   DOMException (`AbortError`) when the signal stops it.
 */
export function uploadFile(file: File, { onProgress, signal }: UploadOptions): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest()
    const stop = (): void => sending.abort()
    const fail = (error: Error): void => {
      signal.removeEventListener('abort', stop)
      reject(error)
    }
    sending.open('POST', uploadAddress(file.name))
    sending.responseType = 'text'
    sending.setRequestHeader('Accept', 'application/json')
    sending.setRequestHeader('Content-Type', 'application/octet-stream')
    sending.upload.addEventListener('progress', (event) => onProgress(event.loaded))
    sending.addEventListener('error', () => fail(new NetworkError('unreachable')))
    sending.addEventListener('timeout', () => fail(new NetworkError('timeout')))
    sending.addEventListener('abort', () => fail(new DOMException('stopped', 'AbortError')))
    sending.addEventListener('load', () => {
      const body = parsed(sending.responseText)
      if (sending.status < 200 || sending.status >= 300) fail(apiError(sending.status, body))
      else if (!isUpload(body)) fail(new NetworkError('unreadable'))
      else {
        signal.removeEventListener('abort', stop)
        resolve(body)
      }
    })
    signal.addEventListener('abort', stop, { once: true })
    sending.send(file)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isUpload(body: unknown): body is Upload {
  return typeof body === 'object' && body !== null && 'upload_id' in body && 'runs' in body
}
