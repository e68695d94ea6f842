import { expect, test } from 'vitest';
import { durationText, etaText, runProgress } from '../../../src/campaign/runs/run-progress.ts';

test('progress says the loads done of all cells and the time that the rest takes at the pace so far', () => {
  const said: [number, number, string][] = [];
  let nowMs = 0;
  const progress = runProgress(
    new Map([
      ['a', 2],
      ['b', 4],
    ]),
    (done, total, message) => void said.push([done, total, message]),
    () => nowMs,
  );
  progress.at('a', 0, 'aiperf-c1');
  nowMs = 600_000;
  progress.at('a', 1, 'aiperf-c8');
  nowMs = 1_200_000;
  progress.at('b', 1, 'aiperf-c8');
  progress.at('a', 9, 'rows written');
  expect(said).toEqual([
    [0, 6, 'cell a: aiperf-c1; 0 of 6 loads'],
    [1, 6, 'cell a: aiperf-c8; 1 of 6 loads, about 50 min left'],
    [2, 6, 'cell b: aiperf-c8; 2 of 6 loads, about 40 min left'],
    [3, 6, 'cell a: rows written; 3 of 6 loads, about 20 min left'],
  ]);
});

test.each([
  [40, '40 s'],
  [720, '12 min'],
  [11_100, '3 h 5 min'],
])('%d s are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test('nothing is said of what is left before the first load, and after the last', () => {
  expect([etaText(0, 6, 100), etaText(6, 6, 100)]).toEqual(['', '']);
});
