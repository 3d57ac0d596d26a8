import { afterEach, describe, expect, it, vi } from 'vitest'

import { exportAddress, getCandidates, getDecisions, startLot, submit } from '@/client/api'
import { ApiError, NetworkError } from '@/client/errors'
import { NO_FILTER, queryOfFilter } from '@/client/filter'
import { address, request, setReviewerSource } from '@/client/http'

import { fakeServer, problem, unreachable } from '../helpers'

afterEach(() => setReviewerSource(() => ''))

describe('address', () => {
  it.each([
    ['/api/sft/queue', {}, '/api/sft/queue'],
    ['/api/sft/queue', { query: { per_page: 5, cursor: undefined } }, '/api/sft/queue?per_page=5'],
    ['/api/sft/jobs/{job_id}', { path: { job_id: 'a/b c' } }, '/api/sft/jobs/a%2Fb%20c'],
  ])('%s %j', (path, options, expected) => {
    expect(address(path, options)).toBe(expected)
  })
})

describe('request', () => {
  it('sends JSON and reads JSON', async () => {
    const server = fakeServer({ 'POST /x': { body: { ok: 1 } } })
    await expect(request('POST', '/x', { a: 1 })).resolves.toEqual({ body: { ok: 1 }, next: null })
    expect(server.calls[0]).toMatchObject({
      body: { a: 1 },
      headers: { 'Content-Type': 'application/json' },
    })
  })

  it('names the reviewer, percent-encoded, only when there is a name', async () => {
    const server = fakeServer({ 'GET /x': {} })
    await request('GET', '/x')
    setReviewerSource(() => 'Zoë K.')
    await request('GET', '/x')
    expect(server.calls.map((call) => call.headers['X-Reviewer'])).toEqual([
      undefined,
      'Zo%C3%AB%20K.',
    ])
  })

  it('turns a problem document into an ApiError', async () => {
    fakeServer({
      'GET /x': problem(409, 'already_decided', 'Decided by `kim`.', { decided_by: 'kim' }),
    })
    const error = await request('GET', '/x').catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({
      status: 409,
      code: 'already_decided',
      detail: 'Decided by `kim`.',
      extras: { decided_by: 'kim' },
    })
  })

  it('makes an ApiError of an error page that is not JSON', async () => {
    vi.stubGlobal('fetch', async () => new Response('<h1>Bad gateway</h1>', { status: 502 }))
    await expect(request('GET', '/x')).rejects.toMatchObject({
      name: 'ApiError',
      status: 502,
      code: 'unknown',
      detail: 'The server answered 502.',
    })
  })

  it.each([
    ['unreachable', unreachable],
    [
      'timeout',
      () => {
        throw new DOMException('too slow', 'TimeoutError')
      },
    ],
    ['unreadable', () => new Response('<html>')],
  ])('is a NetworkError when %s', async (reason, answer) => {
    vi.stubGlobal('fetch', async () => answer())
    const error = await request('GET', '/x').catch((failure: unknown) => failure)
    expect(error).toBeInstanceOf(NetworkError)
    expect(error).toMatchObject({ reason })
  })

  it('gets by without headers in the response', async () => {
    vi.stubGlobal('fetch', async () => ({ ok: true, status: 200, json: async () => ({ a: 1 }) }))
    await expect(request('GET', '/x')).resolves.toEqual({ body: { a: 1 }, next: null })
  })
})

describe('api', () => {
  it('reads the next page from the Link header', async () => {
    const next = '/api/sft/decisions?cursor=x&per_page=2'
    const server = fakeServer({
      'GET /api/sft/decisions': {
        body: { items: [{ id: 'a' }], total: 9, page: 1, per_page: 2 },
        link: `<${next}>; rel="next"`,
      },
    })
    await expect(getDecisions({ perPage: 2 })).resolves.toEqual({
      items: [{ id: 'a' }],
      total: 9,
      atLeast: false,
      next,
      searchBehind: 0,
    })
    await getDecisions({ next })
    expect(server.calls.map((call) => call.url)).toEqual(['/api/sft/decisions?per_page=2', next])
  })

  it('asks for a page under a filter, and says when the total is a lower bound', async () => {
    const server = fakeServer({
      'GET /api/sft/candidates': { body: { items: [], total: 10_000, total_is_lower_bound: true } },
    })
    const filter = { ...NO_FILTER, model: ['a', 'b'], score_max: 0.5, held_back: true }
    const page = await getCandidates({ perPage: 50, query: queryOfFilter(filter) })
    expect(page).toMatchObject({ total: 10_000, atLeast: true, next: null })
    expect(server.calls[0]?.url).toBe(
      '/api/sft/candidates?model=a&model=b&score_max=0.5&held_back=true&per_page=50',
    )
  })

  it('sends the filter of a lot as lists, and nothing that restricts nothing', async () => {
    const server = fakeServer({ 'POST /api/sft/lots': {} })
    await startLot({ action: 'discard', filter: { ...NO_FILTER, tag: ['x'], order: 'arrival' } })
    expect(server.calls[0]?.body).toEqual({ action: 'discard', filter: { tag: ['x'] } })
  })

  it('posts a decision as it is', async () => {
    const server = fakeServer({ 'POST /api/sft/submit': {} })
    await submit({ id: 'a', action: 'flag', failure_category: null })
    expect(server.calls[0]?.body).toEqual({ id: 'a', action: 'flag', failure_category: null })
  })

  it.each([
    [[], '/api/sft/export?format=messages'],
    [
      ['wrong_answer', 'none'],
      '/api/sft/export?format=messages&include_category=wrong_answer&include_category=none',
    ],
  ])('the export of %j', (categories, expected) => {
    expect(exportAddress(categories)).toBe(expected)
  })
})
