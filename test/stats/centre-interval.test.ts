import { describe, expect, it } from 'vitest';
import { centreInterval } from '../../src/stats/centre-interval.ts';

describe('the interval of a centre', () => {
  it.each<[string, readonly number[]]>([
    ['no value', []],
    ['one value', [100]],
    ['a value that is no rate', [100, 0, 101]],
  ])('is not there for %s', (_, values) => {
    expect(centreInterval(values, 0.05)).toBeNull();
  });

  it("comes from Student's t below five values", () => {
    const interval = centreInterval([98, 100, 102], 0.05);
    // mean of the logs ± t(0.95, 2) s / √3 with t = 2.91999, s = 0.020004
    expect(interval).toMatchObject({ n: 3, method: 't', level: 0.9 });
    expect(interval?.low).toBeCloseTo(0.9667, 3);
    expect(interval?.high).toBeCloseTo(1.0341, 3);
  });

  it('comes from ranks from five values on, and does not follow a value far away', () => {
    const interval = centreInterval([98, 99, 100, 101, 500], 0.05);
    expect(interval).toMatchObject({ n: 5, method: 'rank' });
    expect(interval?.level).toBeGreaterThanOrEqual(0.9);
    expect(interval?.low).toBeCloseTo(0.98, 6);
  });

  it('is the same whatever the unit of the values', () => {
    const values = [98, 103, 100, 99];
    const scaled = centreInterval(
      values.map((value) => value * 60),
      0.05,
    );
    expect(scaled?.low).toBeCloseTo(centreInterval(values, 0.05)?.low ?? Number.NaN, 12);
  });

  it('has no width where nothing varies', () => {
    expect(centreInterval([7, 7, 7], 0.05)).toMatchObject({ low: 1, high: 1 });
  });
});
