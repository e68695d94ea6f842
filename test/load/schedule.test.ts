import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planTurns, pointName } from '../../src/load/bench-run.ts';
import { arrivalOffsets, sleepUntil } from '../../src/load/schedule.ts';
import { stillDrifts, summariseWindow, windowSize, windowsAgree, windowsOf } from '../../src/load/warm-up.ts';
import { failed, lasting } from './request-records.ts';

const take = (rate: number, arrival: 'poisson' | 'constant', seed: number, count: number): number[] => {
  const offsets = arrivalOffsets(rate, arrival, seed);
  return Array.from({ length: count }, () => offsets.next().value);
};

describe('the schedule of an open loop', () => {
  it('is even when constant', () => {
    expect(take(4, 'constant', 1, 5)).toEqual([0, 250, 500, 750, 1000]);
  });

  it('is the same for the same seed, another for another', () => {
    expect(take(10, 'poisson', 7, 50)).toEqual(take(10, 'poisson', 7, 50));
    expect(take(10, 'poisson', 7, 50)).not.toEqual(take(10, 'poisson', 8, 50));
  });

  it('has exponential gaps of the asked mean', () => {
    const offsets = take(100, 'poisson', 3, 20_001);
    const gaps = offsets.slice(1).map((offset, index) => offset - (offsets[index] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const above = gaps.filter((gap) => gap > 10).length / gaps.length;
    expect(mean).toBeCloseTo(10, 0);
    expect(above).toBeCloseTo(Math.exp(-1), 1);
  });

  it('never goes back in time', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 1e4, noNaN: true }), fc.nat(), (rate, seed) => {
        const offsets = take(rate, 'poisson', seed, 50);
        expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
      }),
    );
  });

  it('sleeps until the time, not past an abort', async () => {
    const soon = performance.now() + 20;
    await sleepUntil(soon, new AbortController().signal);
    expect(performance.now()).toBeGreaterThanOrEqual(soon);
    const before = performance.now();
    await sleepUntil(before + 60_000, AbortSignal.timeout(10));
    expect(performance.now() - before).toBeLessThan(30_000);
  });
});

describe('warm-up', () => {
  const window = (e2eP50Ms: number | null, tokensPerS: number | null = 100) => ({ requests: 8, e2eP50Ms, tokensPerS });

  it.each([
    ['one window', [window(100)], false],
    ['two alike', [window(100), window(105)], true],
    ['two that differ', [window(100), window(120)], false],
    ['a drift that ended', [window(200), window(100), window(101)], true],
    ['agreement that was lost', [window(100), window(100), window(150)], false],
    ['another token rate', [window(100, 100), window(100, 150)], false],
    ['nothing answered', [window(null, null), window(null, null)], false],
  ])('with %s ends: %s', (_, windows, ends) => {
    expect(windowsAgree(windows, true)).toBe(ends);
  });

  it('of an open loop does not look at the token rate, which the schedule makes', () => {
    expect(windowsAgree([window(100, 100), window(100, 150)], false)).toBe(true);
  });

  it('cuts full windows of two rounds', () => {
    expect(windowSize(16)).toBe(32);
    expect(windowSize(1)).toBe(8);
    const records = Array.from({ length: 20 }, (_, index) => lasting(100, index * 10));
    expect(windowsOf(records, 8)).toHaveLength(2);
    expect(summariseWindow(records.slice(0, 8))).toEqual({ requests: 8, e2eP50Ms: 100, tokensPerS: (16 / 70) * 1000 });
    expect(summariseWindow([failed('dropped')])).toEqual({ requests: 1, e2eP50Ms: null, tokensPerS: null });
  });

  it('was too short when a queue still grew in the window', () => {
    const growing = Array.from({ length: 40 }, (_, index) => lasting(100 + 10 * index, index));
    const level = Array.from({ length: 40 }, (_, index) => lasting(100 + (index % 5) * 30, index));
    expect(stillDrifts(growing)).toBe(true);
    expect(stillDrifts(level)).toBe(false);
    expect(stillDrifts(growing.slice(0, 10))).toBe(false);
  });
});

describe('the order of trials', () => {
  it('of one server is one after another', () => {
    expect(planTurns(1, 2, 2).map(({ point, trial, block }) => [point, trial, block])).toEqual([
      [0, 0, null],
      [0, 1, null],
      [1, 0, null],
      [1, 1, null],
    ]);
  });

  it('of two servers is A B B A, in blocks', () => {
    expect(planTurns(2, 1, 4).map(({ side, block }) => [side, block])).toEqual([
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
      [0, 2],
      [1, 2],
      [1, 3],
      [0, 3],
    ]);
  });

  it('names its load points', () => {
    expect(pointName({ kind: 'closed', concurrency: 16 })).toBe('c16');
    expect(pointName({ kind: 'open', ratePerS: 0.5, arrival: 'poisson' })).toBe('rps0.5');
  });
});
