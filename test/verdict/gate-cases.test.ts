import { expect, test } from 'vitest';
import { diffCases } from '../../src/verdict/gate-cases.ts';

const row = (key: string, baseline: number, current: number) => ({
  key,
  baseline,
  current,
  unit: 'ms',
  delta_pct: 100 * (current / baseline - 1),
});

test('rows become cases: outside and vanished failed, undecided skipped, better passed, none twice', () => {
  const cases = diffCases('llama/serve', {
    adverse: [row('ttft_p50_ms', 500, 610)],
    vanished: [{ key: 'itl_p50_ms' }],
    undecided: [row('ttft_p50_ms', 500, 610), row('tpot_p50_ms', 10, 10.4)],
    improved: [row('e2e_p50_ms', 900, 600)],
  });
  expect(cases).toEqual([
    { group: 'llama/serve', name: 'ttft_p50_ms', outcome: 'failed', message: '500 -> 610 ms (+22.0%)' },
    { group: 'llama/serve', name: 'itl_p50_ms', outcome: 'failed', message: 'vanished' },
    { group: 'llama/serve', name: 'tpot_p50_ms', outcome: 'skipped', message: '10 -> 10.4 ms (+4.0%)' },
    { group: 'llama/serve', name: 'e2e_p50_ms', outcome: 'passed', message: '900 -> 600 ms (-33.3%)' },
  ]);
  expect(diffCases('g', { adverse: [], vanished: [], improved: [] })).toEqual([]);
});
