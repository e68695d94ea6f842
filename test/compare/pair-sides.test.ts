import { describe, expect, test } from 'vitest';
import { canonicalName, pairSides } from '../../src/compare/pair-sides.ts';
import { defaults, metric, side } from './sides.ts';

describe('a metric that a caller names', () => {
  const metrics = [
    { ...metric('ttft_p50_ms', 40), source_key: 'median_ttft_ms' },
    { ...metric('other_ms', 3), source_key: 'ttft_p50_ms' },
  ];
  test.each([
    ['ttft_p50_ms', 'ttft_p50_ms'],
    ['median_ttft_ms', 'ttft_p50_ms'],
    ['median_ttft_ms[concurrency=16]', 'ttft_p50_ms[concurrency=16]'],
    ['other_ms[tp=8]', 'other_ms[tp=8]'],
    ['zorp', 'zorp'],
  ])('%s is %s here', (given, here) => expect(canonicalName(metrics, given)).toBe(here));

  test('is meant in headlines and in rules of the call', () => {
    const both = side(metrics);
    const flags = [{ match: 'median_ttft_ms', tolerance_percent: 15 }];
    const { headline, policies } = pairSides(both, both, { ...defaults, headline: ['median_ttft_ms'], flags });
    expect(headline).toBe('named');
    expect(policies.map(({ tolerance, headline: rank }) => [tolerance, rank])).toEqual([
      [{ percent: 15 }, 'named'],
      [{ percent: 5 }, null],
    ]);
  });
});
