import { expect, test } from 'vitest';
import { mayBeNegative } from '../../src/metrics/signed.ts';

test.each([
  ['load_summary.schedule_delay.min', true],
  ['scheduleDelay.p50', true],
  ['clock_skew_ms', true],
  ['start_offset_s', true],
  ['slack_ms', true],
  ['ttft_p50_ms', false],
  ['request_latency.min', false],
  ['queue_delay_ms', false],
  ['difficulty_ms', false],
])('%s may be below zero: %s', (name, expected) => {
  expect(mayBeNegative(name)).toBe(expected);
});
