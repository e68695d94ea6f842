import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asksForLog, axisScale } from '../../src/render/scale.ts';

const range = [0, 500] as const;
const labels = (values: readonly number[], options: Partial<Parameters<typeof axisScale>[1]> = {}): string[] =>
  axisScale(values, { range, ...options }).ticks.map(({ label }) => label);

describe('ticks', () => {
  test.each([
    [
      [3, 9.3],
      ['0', '2', '4', '6', '8', '10'],
    ],
    [
      [100, 1600],
      ['0', '500', '1,000', '1,500', '2,000'],
    ],
    [
      [0.01, 0.07],
      ['0.00', '0.02', '0.04', '0.06', '0.08'],
    ],
    [
      [9.7, 10.4],
      ['9.6', '9.8', '10.0', '10.2', '10.4'],
    ],
  ])('of %j stand at 1-2-5 steps', (values, expected) => {
    const shown = labels(values, { kind: 'linear', ticks: 5 });
    expect(shown).toEqual(expect.arrayContaining(expected));
  });

  test('of a logarithm stand at decades, and between them where few fit', () => {
    expect(labels([1, 1e6], { kind: 'log' })).toEqual(['1', '10', '100', '1,000', '10,000', '100,000', '1,000,000']);
    expect(labels([1, 60], { kind: 'log' })).toEqual(['1', '2', '5', '10', '20', '50']);
  });

  test.each([
    [[41_000, 532_000], 'ns', 'us'],
    [[2e9, 9e9], 'ns', 's'],
    [[40, 4600], 'ms', 'ms'],
    [[12_000, 46_000], 'ms', 's'],
    [[0.002, 0.05], 's', 'ms'],
    [[3e9], 'B', 'GB'],
    [[46_000], 'tok/s', 'tok/s'],
  ])('of %j %s count in %s', (values, unit, shown) => {
    const scale = axisScale(values, { range, unit, kind: 'linear' });
    expect(scale.unit).toBe(shown);
    for (const { label } of scale.ticks) expect(label.replace(/[,.]/g, '').length).toBeLessThanOrEqual(5);
  });
});

describe('the axis', () => {
  test('starts at zero unless the data fill less than a third of it, and then says so', () => {
    expect(axisScale([4, 10], { range }).note).toBeNull();
    expect(axisScale([9, 10], { range }).note).toBe('does not start at 0');
    expect(axisScale([9, 10], { range, fromZero: true }).note).toBeNull();
  });

  test('is logarithmic where most points would be squeezed into a corner, never over zeros', () => {
    expect(asksForLog([40, 45, 60, 120, 4600])).toBe(true);
    expect(asksForLog([100, 900, 1000, 1600])).toBe(false);
    expect(asksForLog([0, 1, 2, 4600])).toBe(false);
    expect(axisScale([40, 45, 60, 4600], { range })).toMatchObject({ kind: 'log', note: 'log scale' });
    expect(axisScale([-1, 5], { range, kind: 'log' }).kind).toBe('linear');
  });

  test.each([[[999_999_999.9999995, 1_000_000_000]], [[5e-324, 0]], [[7]], [[0, 0]]])('is drawn for %j', (values) => {
    const { at, ticks } = axisScale(values, { range });
    for (const place of values.map(at)) expect(place >= 0 && place <= 500).toBe(true);
    expect(ticks.length).toBeGreaterThan(0);
  });

  test('holds every value and keeps their order', () => {
    const number = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 20 }), (values) => {
        const { at, ticks } = axisScale(values, { range, unit: 'ms' });
        const places = values.toSorted((a, b) => a - b).map(at);
        for (const [index, place] of places.entries()) {
          expect(place).toBeGreaterThanOrEqual(-1e-6);
          expect(place).toBeLessThanOrEqual(500 + 1e-6);
          expect(place).toBeGreaterThanOrEqual((places[index - 1] ?? place) - 1e-6);
        }
        expect(ticks.length).toBeGreaterThan(0);
        for (const { at: tick, label } of ticks) {
          expect(Number.isFinite(tick)).toBe(true);
          expect(label).not.toMatch(/NaN|undefined/);
        }
      }),
    );
  });
});
