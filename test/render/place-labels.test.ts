import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crosses, overlaps, placeLabels, type Box } from '../../src/render/place-labels.ts';

const bounds: Box = { x: 0, y: 0, width: 600, height: 300 };
const point = fc.tuple(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 300 }));
const labels = fc.array(fc.record({ at: point, width: fc.integer({ min: 8, max: 120 }) }), { maxLength: 40 });
const around = ([x, y]: readonly [number, number]): Box => ({ x: x - 4, y: y - 4, width: 8, height: 8 });

describe('labels', () => {
  test('never lie over each other, over a mark or over the edge, and no leader runs through a label', () => {
    fc.assert(
      fc.property(labels, (wanted) => {
        const requests = wanted.map((each) => ({ ...each, height: 12 }));
        const obstacles = requests.map(({ at }) => around(at));
        const placed = placeLabels(requests, { bounds, obstacles }).filter((place) => place !== null);
        for (const [index, { box, leader }] of placed.entries()) {
          expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= 600 && box.y + box.height <= 300).toBe(true);
          expect(obstacles.some((obstacle) => overlaps(obstacle, box))).toBe(false);
          for (const [other, { box: theirs }] of placed.entries()) {
            if (other === index) continue;
            expect(overlaps(box, theirs)).toBe(false);
            expect(leader !== null && crosses(leader, theirs)).toBe(false);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('all find room where there is plenty, the same room each time', () => {
    const requests = Array.from({ length: 8 }, (_, index) => ({
      at: [60 + 60 * index, 150] as const,
      width: 24,
      height: 12,
    }));
    const surroundings = { bounds, obstacles: requests.map(({ at }) => around(at)) };
    const places = placeLabels(requests, surroundings);
    expect(places).not.toContain(null);
    expect(places.map((place) => place?.leader ?? null)).toEqual(requests.map(() => null));
    expect(placeLabels(requests, surroundings)).toEqual(places);
  });

  test('of a crowd stand off with a leader to their point', () => {
    const requests = Array.from({ length: 16 }, (_, index) => ({
      at: [300 + 3 * index, 150] as const,
      width: 24,
      height: 12,
    }));
    const places = placeLabels(requests, { bounds, obstacles: requests.map(({ at }) => around(at)) });
    const led = places.flatMap((place, index) =>
      place === null || place === undefined || place.leader === null ? [] : [[place.leader[0], requests[index]?.at]],
    );
    expect(led.length).toBeGreaterThan(0);
    for (const [from, at] of led) expect(from).toEqual(at);
  });

  test('without any room are left out', () => {
    const cramped = { x: 0, y: 0, width: 20, height: 12 };
    expect(placeLabels([{ at: [10, 6], width: 50, height: 12 }], { bounds: cramped, obstacles: [] })).toEqual([null]);
  });
});
