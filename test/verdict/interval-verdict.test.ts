// Where an interval must lie for each answer: a value exactly at a limit, and the next one beyond.
import { expect, test } from 'vitest';
import { changeVerdict, worseningVerdict } from '../../src/verdict/interval-verdict.ts';

const LIMITS = { limit: 5, reverseLimit: 4 };

test.each([
  [-9, -6, -1, 'PASS', null, 'improved'],
  [-9, -6, 0, 'PASS', null, 'not_worse'],
  [-4, -1, 0, 'PASS', null, 'equivalent'],
  [-4.01, 0, 5, 'PASS', null, 'not_worse'],
  [-4, 0, 5, 'PASS', null, 'equivalent'],
  [1, 3, 5, 'PASS', null, 'equivalent'],
  [1, 3, 5.01, 'INCONCLUSIVE', null, 'worse_but_size_unclear'],
  [0, 5.01, 9, 'INCONCLUSIVE', null, 'interval_spans_tolerance'],
  [0.01, 5, 9, 'INCONCLUSIVE', null, 'worse_but_size_unclear'],
  [0.01, 5.01, 9, 'FAIL', 'likely', 'regression_likely_beyond_tolerance'],
  [5, 6, 7, 'FAIL', 'likely', 'regression_likely_beyond_tolerance'],
  [5.01, 6, 7, 'FAIL', 'proven', 'regression_beyond_tolerance'],
])('a worsening of %f, %f, %f with 5 allowed: %s %s, %s', (low, estimate, high, status, strength, reason) => {
  expect(worseningVerdict({ low, estimate, high, ...LIMITS }, 'likely')).toEqual({ status, strength, reason });
});

test.each([
  [-4, 0, 5, 'PASS', null, 'equivalent'],
  [-4.01, 0, 5, 'INCONCLUSIVE', null, 'interval_spans_tolerance'],
  [-4, 0, 5.01, 'INCONCLUSIVE', null, 'interval_spans_tolerance'],
  [0, 5.01, 9, 'INCONCLUSIVE', null, 'interval_spans_tolerance'],
  [-9, -4.01, 0, 'INCONCLUSIVE', null, 'interval_spans_tolerance'],
  [0.01, 5, 9, 'INCONCLUSIVE', null, 'changed_but_size_unclear'],
  [0.01, 5.01, 9, 'FAIL', 'likely', 'change_likely_beyond_tolerance'],
  [-9, -4, -0.01, 'INCONCLUSIVE', null, 'changed_but_size_unclear'],
  [-9, -4.01, -0.01, 'FAIL', 'likely', 'change_likely_beyond_tolerance'],
  [5, 6, 7, 'FAIL', 'likely', 'change_likely_beyond_tolerance'],
  [5.01, 6, 7, 'FAIL', 'proven', 'change_beyond_tolerance'],
  [-7, -6, -4, 'FAIL', 'likely', 'change_likely_beyond_tolerance'],
  [-7, -6, -4.01, 'FAIL', 'proven', 'change_beyond_tolerance'],
])(
  'a change of %f, %f, %f with 4 down and 5 up allowed: %s %s, %s',
  (low, estimate, high, status, strength, reason) => {
    expect(changeVerdict({ low, estimate, high, ...LIMITS }, 'likely')).toEqual({ status, strength, reason });
  },
);

test('where only what is proven counts, a likely failure is open', () => {
  const reading = { low: 1, estimate: 6, high: 9, ...LIMITS };
  expect(worseningVerdict(reading, 'proven')).toMatchObject({ status: 'INCONCLUSIVE' });
  expect(changeVerdict(reading, 'proven')).toMatchObject({ status: 'INCONCLUSIVE' });
  expect(worseningVerdict({ ...reading, low: 5.5 }, 'proven')).toMatchObject({ strength: 'proven' });
});
