import { createPinia, setActivePinia } from 'pinia'
import type { Pinia } from 'pinia'
import { vi } from 'vitest'

import type { Candidate } from '@/client/candidate'

export function candidate(overrides: Partial<Candidate> = {}): Candidate {
  return {
    id: 'a1',
    source: 'demo',
    benchmark_run_id: 'run-1',
    timestamp: '2026-11-18T09:12:03Z',
    status: 'needs_review',
    prompt_messages: [
      { role: 'system', content: 'You are a careful tutor.' },
      { role: 'user', content: 'How many eggs are left?' },
    ],
    model_response: 'There are 13 eggs left.',
    corrected_response: null,
    quality_score: 0.2,
    failure_reason: 'final answer 13, expected 9',
    failure_category: null,
    task_id: 'gsm8k/117',
    task_type: 'math',
    task_name: 'Eggs',
    model_id: 'org/tutor-3b',
    model_name: 'tutor-3b',
    node_id: 'bench-01',
    gpu_id: 0,
    tokens_per_sec: 38.44,
    reference_answer: '16 - 3 - 4 = 9',
    ...overrides,
  }
}

export interface Call {
  method: string
  url: string
  body: Record<string, unknown> | undefined
  headers: Record<string, string>
}

export interface Reply {
  status?: number
  body?: unknown
  link?: string
}

type Handler = (call: Call) => Reply | Promise<Reply>

export interface FakeServer {
  calls: Call[]
  /** Changes what a path answers from now on. */
  on: (route: string, handler: Handler | Reply) => void
  to: (route: string) => Call[]
}

/** Stands in for the server behind `fetch`: routes are `"GET /api/sft/queue"`, without the query. */
export function fakeServer(routes: Record<string, Handler | Reply> = {}): FakeServer {
  const handlers = new Map(Object.entries(routes))
  const calls: Call[] = []
  const routeOf = (call: Call): string => `${call.method} ${call.url.split('?')[0]}`

  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    const call: Call = {
      method: init.method ?? 'GET',
      url,
      body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined,
      headers: init.headers as Record<string, string>,
    }
    calls.push(call)
    const handler = handlers.get(routeOf(call))
    if (!handler) throw new TypeError(`no answer for ${routeOf(call)}`)
    const {
      status = 200,
      body = {},
      link,
    } = typeof handler === 'function' ? await handler(call) : handler
    return new Response(JSON.stringify(body), {
      status,
      headers: { 'Content-Type': 'application/json', ...(link ? { Link: link } : {}) },
    })
  })

  return {
    calls,
    on: (route, handler) => handlers.set(route, handler),
    to: (route) => calls.filter((call) => routeOf(call) === route),
  }
}

/** A request that never arrives. */
export function unreachable(): never {
  throw new TypeError('Failed to fetch')
}

export function problem(status: number, code: string, detail: string, extras: object = {}): Reply {
  return { status, body: { type: 'about:blank', title: code, status, detail, code, ...extras } }
}

export function freshPinia(): Pinia {
  const pinia = createPinia()
  setActivePinia(pinia)
  return pinia
}

/** Stands in for `EventSource`, and says what the test makes the server say. */
export class FakeSource extends EventTarget {
  static readonly CLOSED = 2
  static all: FakeSource[] = []
  readyState = 1
  constructor(readonly url: string) {
    super()
    FakeSource.all.push(this)
  }
  close(): void {
    this.readyState = 2
  }
  say(name: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }))
  }
}

export function press(
  key: string,
  init: KeyboardEventInit = {},
  target: EventTarget = document.body,
): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init })
  target.dispatchEvent(event)
  return event
}
