import { describe, expect, it } from 'vitest'

import { formatDuration } from '@/composables/format'
import { paceOf, paceWords, withSighting } from '@/composables/jobs/pace'
import type { Sighting } from '@/composables/jobs/pace'

const sightings = (...seen: [seconds: number, done: number][]): readonly Sighting[] =>
  seen.reduce<readonly Sighting[]>(
    (before, [seconds, done]) => withSighting(before, { at: seconds * 1000, done }),
    [],
  )

describe('the pace of a job', () => {
  it('is not known at first', () => {
    expect(paceOf([], 100)).toBeNull()
    expect(paceOf(sightings([0, 10]), 100)).toBeNull()
    expect(paceOf(sightings([0, 10], [1, 20]), 100)).toBeNull()
  })

  it('is what was done between the sightings, and says when it ends', () => {
    expect(paceOf(sightings([0, 10], [5, 20], [10, 30]), 100)).toEqual({
      perSecond: 2,
      secondsLeft: 35,
    })
    expect(paceOf(sightings([0, 10], [10, 30]), null)?.secondsLeft).toBeNull()
  })

  it('forgets what is long ago, but not all of a slow one', () => {
    const fast = sightings(...Array.from({ length: 90 }, (_, n): [number, number] => [n * 2, n]))
    expect(fast[0]?.at).toBe(118_000)
    const slow = sightings([0, 1], [100, 2], [200, 3], [300, 4], [400, 5])
    expect(slow.map(({ done }) => done)).toEqual([2, 3, 4, 5])
  })

  it('is measured anew where a job begins again, and not by news of nothing', () => {
    expect(sightings([0, 50], [10, 80], [20, 5])).toEqual([{ at: 20_000, done: 5 }])
    expect(sightings([0, 50], [10, 50])).toEqual([{ at: 0, done: 50 }])
  })

  it.each([
    [{ perSecond: 2_100_000, secondsLeft: 40 }, 'bytes', '2.1 MB/s · about 40 s left'],
    [{ perSecond: 12.34, secondsLeft: 4000 }, 'steps', '12.3 steps/s · about 1 h 7 min left'],
    [{ perSecond: 0.2, secondsLeft: null }, 'answers', '12 answers/min'],
  ])('in words: %o', (pace, unit, words) => {
    expect(paceWords(pace, unit)).toBe(words)
  })
})

describe('a duration', () => {
  it.each([
    [0.2, '1 s'],
    [40.4, '40 s'],
    [90, '2 min'],
    [3600, '1 h'],
    [3570, '60 min'],
    [4800, '1 h 20 min'],
    [7190, '2 h'],
    [183_600, '2 d 3 h'],
  ])('%d s is %s', (seconds, words) => {
    expect(formatDuration(seconds)).toBe(words)
  })
})
