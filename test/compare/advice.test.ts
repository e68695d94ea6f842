import { describe, expect, it } from 'vitest';
import { judge } from '../../src/compare/judge.ts';
import { nextLever } from '../../src/compare/next-lever.ts';
import { recommend } from '../../src/compare/recommend.ts';
import { findSharedAxis } from '../../src/compare/shared-axis.ts';
import type { Side } from '../../src/source/side.ts';
import type { FrozenSol } from '../../src/hardware/speed-of-light.ts';
import { defaults, metric, side, values } from './sides.ts';

const judged = (baseline: Side, candidate: Side) => judge(baseline, candidate, { policy: defaults });

describe('findSharedAxis', () => {
  it('names the end that all worse pairs share', () => {
    const all = [0, 1, 2, 3].flatMap((from) => [0, 1, 2, 3].map((to) => `bw_gb_per_s[pair=${from}-${to}]`));
    const worse = all.filter((key) => key.includes('pair=3-'));
    expect(findSharedAxis(worse, all)).toEqual({ axis: 'pair=3-*', covered: 4, of: 4 });
  });

  const grid = [16, 32, 64].flatMap((c) =>
    ['ttft_p50_ms', 'tpot_p50_ms', 'throughput'].map((name) => `${name}[concurrency=${c},isl=1024]`),
  );

  it.each([
    ['one point', grid.filter((key) => key.includes('=64')), grid, 'concurrency=64'],
    ['one metric', grid.filter((key) => key.startsWith('ttft')), grid, 'ttft_p50_ms'],
    ['one branch', ['r.16.a_ms', 'r.16.b_ms'], ['r.16.a_ms', 'r.16.b_ms', 'r.32.a_ms', 'r.32.b_ms'], 'r.16'],
    [
      'one word',
      ['allreduce_2n', 'allreduce_4n'],
      ['allreduce_2n', 'allreduce_4n', 'broadcast_2n', 'broadcast_4n'],
      'allreduce',
    ],
    ['one node of pairs', ['n1-n2', 'n1-n3', 'n1-n4'], ['n1-n2', 'n1-n3', 'n1-n4', 'n2-n3', 'n2-n4', 'n3-n4'], 'n1'],
  ])('names %s', (_, worse, all, axis) => {
    expect(findSharedAxis(worse, all)).toEqual({ axis, covered: worse.length, of: worse.length });
  });

  it('names what three of four share', () => {
    const worse = ['a[node=7]', 'b[node=7]', 'c[node=7]', 'd[node=1]'];
    const all = [...worse, 'a[node=1]', 'e[node=2]'];
    expect(findSharedAxis(worse, all)).toEqual({ axis: 'node=7', covered: 3, of: 4 });
  });

  it.each([
    ['one key', ['a_ms'], ['a_ms', 'b_s']],
    ['everything', grid, grid],
    ['keys without anything in common', ['a', 'b', 'c'], ['a', 'b', 'c', 'd']],
  ])('is silent about %s', (_, worse, all) => {
    expect(findSharedAxis(worse, all)).toBeNull();
  });
});

describe('recommend', () => {
  const grid = (slow: number) =>
    side(
      [16, 32, 64].flatMap((concurrency) =>
        ['ttft_p50_ms', 'tpot_p50_ms', 'itl_p50_ms'].map((name) =>
          metric(name, concurrency === 64 ? slow : 10, 'ms', { concurrency }),
        ),
      ),
    );

  it.each([
    ['GREEN', values({ a_ms: 10 }), values({ a_ms: 10 }), 'scalar', 'No regression detected', 'plan_trials'],
    ['an improvement', values({ a_ms: 10 }), values({ a_ms: 5 }), 'scalar', 'record it anew', 'perf_baseline_record'],
    [
      'YELLOW',
      values({ a_ms: 10, b_ms: 10 }),
      values({ a_ms: 12, b_ms: 10 }),
      'structured',
      'Spot regression on 1 key: re-run on the same cohort',
      'perf_baseline_diff',
    ],
    [
      'a vanished metric',
      values({ a_ms: 10, b_ms: 10 }),
      values({ a_ms: 10 }),
      'structured',
      'b_ms vanished',
      'perf_baseline_diff',
    ],
    [
      'a RED scalar',
      values({ nccl_busbw: 310 }),
      values({ nccl_busbw: 270 }),
      'scalar',
      'nccl_busbw is off by -40 (-12.9%): bisect',
      'profile_profile_diff',
    ],
    [
      'a RED grid',
      grid(10),
      grid(20),
      'structured',
      'all 3 lie on concurrency=64: start there',
      'profile_profile_diff',
    ],
  ] as const)('%s', (_, baseline, candidate, shape, text, next_verb) => {
    const advice = recommend(judged(baseline, candidate), shape);
    expect(advice).toEqual({ text: expect.stringContaining(text), next_verb });
  });

  it('names the bucket of a profile', () => {
    const advice = recommend(judged(grid(10), grid(20)), 'profile', 'attention');
    expect(advice.text).toContain('attention regressed');
  });

  it('puts a context mismatch first, and still says where', () => {
    const advice = recommend(
      judged({ ...grid(10), context: { tp: 4 } }, { ...grid(20), context: { tp: 8 } }),
      'structured',
    );
    expect(advice.text).toMatch(/^Match the context.*concurrency=64/);
  });
});

describe('nextLever', () => {
  const share = (key: string, limit: number): FrozenSol => ({
    sol_pct: 1,
    sol_ceiling_key: key,
    sol_ceiling_value: limit,
    unit: 'GB/s',
  });
  const links = (one: number, other: number, sol?: Side['sol']) =>
    side([metric('a_busbw', one, 'GB/s'), metric('b_busbw', other, 'GB/s')], sol === undefined ? {} : { sol });

  it('is the adverse metric that lost most in the unit of the headline', () => {
    const before = side([
      metric('out_tok_per_s', 1000, 'tok/s'),
      metric('req_per_s', 10, 'req/s'),
      metric('ttft_p50_ms', 10, 'ms'),
    ]);
    const after = side([
      metric('out_tok_per_s', 900, 'tok/s'),
      metric('req_per_s', 10, 'req/s'),
      metric('ttft_p50_ms', 100, 'ms'),
    ]);
    const policy = { ...defaults, headline: ['out_tok_per_s'] };
    expect(nextLever(judge(before, after, { policy }))).toMatchObject({
      key: 'out_tok_per_s',
      lever: 'win back out_tok_per_s',
      expected_unlock: '+100 tok/s (+11.1%), back to the baseline',
    });
  });

  it('is the largest loss in percent where none is in the unit of the headline', () => {
    const before = side([metric('out_tok_per_s', 1000, 'tok/s'), metric('x_ms', 10, 'ms'), metric('y_s', 10, 's')]);
    const after = side([metric('out_tok_per_s', 1000, 'tok/s'), metric('x_ms', 20, 'ms'), metric('y_s', 11, 's')]);
    expect(nextLever(judged(before, after)).key).toBe('x_ms');
  });

  it('is the metric furthest from its ceiling where nothing got worse', () => {
    const sol = { a_busbw: share('x.link', 900), b_busbw: share('x.link', 900) };
    expect(nextLever(judged(links(400, 300, sol), links(400, 300)))).toMatchObject({
      key: 'b_busbw',
      lever: 'close the gap of b_busbw to x.link',
      expected_unlock: 'at most +600 GB/s (now 33.3% of the ceiling)',
    });
  });

  it('is none where nothing got worse and no ceiling is known or left', () => {
    const none = { lever: 'none found', expected_unlock: null, gate: null, key: null };
    expect(nextLever(judged(links(4, 3), links(4, 3)))).toEqual(none);
    const sol = { a_busbw: share('x.link', 4), b_busbw: share('x.link', 3) };
    expect(nextLever(judged(links(4, 3, sol), links(4, 3)))).toEqual(none);
  });
});
