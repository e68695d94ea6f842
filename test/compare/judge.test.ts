import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JudgeOptions, judge, judgePoints } from '../../src/compare/judge.ts';
import type { PolicySources } from '../../src/verdict/policy.ts';
import type { Side } from '../../src/source/side.ts';
import { freezeSol } from '../../src/hardware/speed-of-light.ts';
import type { PolicyRule } from '../../src/metrics/policy-rule.ts';
import { defaults, metric, repeated, side, values } from './sides.ts';

const judged = (
  baseline: Side,
  candidate: Side,
  policy: Partial<PolicySources> = {},
  more: Partial<JudgeOptions> = {},
) => judge(baseline, candidate, { policy: { ...defaults, ...policy }, ...more });

const keys = (rows: readonly { readonly key: string }[]) => rows.map(({ key }) => key);

const LATENCIES = { a_ms: 10, b_ms: 10, c_ms: 10, d_ms: 10 };

describe('colour', () => {
  it.each([
    ['no change', LATENCIES, LATENCIES, 'GREEN'],
    ['within tolerance', LATENCIES, { ...LATENCIES, a_ms: 10.5 }, 'GREEN'],
    ['one beyond', LATENCIES, { ...LATENCIES, a_ms: 11 }, 'YELLOW'],
    ['two beyond', LATENCIES, { ...LATENCIES, a_ms: 11, b_ms: 11 }, 'YELLOW'],
    ['three beyond', LATENCIES, { ...LATENCIES, a_ms: 11, b_ms: 11, c_ms: 11 }, 'RED'],
    ['all better', LATENCIES, { a_ms: 1, b_ms: 1, c_ms: 1, d_ms: 1 }, 'GREEN'],
    ['one vanished', LATENCIES, { a_ms: 10, b_ms: 10, c_ms: 10 }, 'YELLOW'],
    ['two beyond and one vanished', LATENCIES, { a_ms: 11, b_ms: 11, c_ms: 10 }, 'RED'],
    ['one new', { a_ms: 10, b_ms: 10 }, LATENCIES, 'GREEN'],
    ['a scalar within', { nccl_busbw: 310 }, { nccl_busbw: 295 }, 'GREEN'],
    ['a scalar beyond', { nccl_busbw: 310 }, { nccl_busbw: 290 }, 'RED'],
    ['a scalar of no known direction, down', { thing: 10 }, { thing: 9 }, 'RED'],
    ['a scalar of no known direction, up', { thing: 10 }, { thing: 11 }, 'RED'],
    [
      'a throughput among latencies',
      { ...LATENCIES, output_throughput: 100 },
      { ...LATENCIES, output_throughput: 90 },
      'RED',
    ],
    ['a vanished throughput', { ...LATENCIES, output_throughput: 100 }, LATENCIES, 'RED'],
    [
      'a latency beside a throughput',
      { a_ms: 10, b_ms: 9, output_throughput: 100 },
      { a_ms: 12, b_ms: 9, output_throughput: 100 },
      'YELLOW',
    ],
    ['an error where there was none', { errors: 0, a_ms: 10 }, { errors: 1, a_ms: 10 }, 'YELLOW'],
    ['a hit rate two points down', { hit_rate: 0.62, a_ms: 10 }, { hit_rate: 0.6, a_ms: 10 }, 'GREEN'],
    ['a hit rate three points down', { hit_rate: 0.62, a_ms: 10 }, { hit_rate: 0.59, a_ms: 10 }, 'YELLOW'],
    ['an ok rate a hair down', { ok_rate: 1, a_ms: 10 }, { ok_rate: 0.999, a_ms: 10 }, 'YELLOW'],
    ['from zero', { queue_depth: 0, a_ms: 1 }, { queue_depth: 0.001, a_ms: 1 }, 'YELLOW'],
    ['from zero to zero', { queue_depth: 0 }, { queue_depth: 0 }, 'GREEN'],
  ])('%s', (_, before, after, verdict) => {
    expect(judged(values(before), values(after)).verdict).toBe(verdict);
  });
});

describe('lists', () => {
  it('name what is adverse, improved, vanished and new', () => {
    const result = judged(
      values({ throughput_tok_per_s: 100, ttft_p50_ms: 50, tpot_p50_ms: 10, lost_ms: 3 }),
      values({ throughput_tok_per_s: 75, ttft_p50_ms: 30, tpot_p50_ms: 10, new_ms: 4 }),
    );
    expect(result).toMatchObject({
      verdict: 'RED',
      improved_beyond_tolerance: true,
      headline: ['throughput_tok_per_s'],
    });
    expect(keys(result.rows)).toEqual(['ttft_p50_ms', 'throughput_tok_per_s', 'tpot_p50_ms']);
    expect(result.adverse).toMatchObject([
      {
        key: 'throughput_tok_per_s',
        baseline: 100,
        candidate: 75,
        delta: -25,
        delta_pct: -25,
        headline: true,
        gating: true,
      },
    ]);
    expect(keys(result.improved)).toEqual(['ttft_p50_ms']);
    expect(result.vanished).toEqual([{ key: 'lost_ms', value: 3, unit: null, headline: false }]);
    expect(result.added).toEqual([{ key: 'new_ms', value: 4, unit: null, headline: false }]);
  });

  it('leave out what a rule ignores, also when it vanished', () => {
    const result = judged(values({ ttft_std_ms: 1, tpot_std_ms: 1, a_ms: 1 }), values({ ttft_std_ms: 9, a_ms: 1 }));
    expect(result).toMatchObject({ verdict: 'GREEN', ignored: 2, vanished: [] });
  });

  it('say whether all rows go by one direction and where it is from', () => {
    const mixed = judged(values({ a_ms: 1, mfu: 1 }), values({ a_ms: 1, mfu: 1 }));
    expect([mixed.direction, mixed.direction_source]).toEqual(['mixed', 'catalogue']);
    const entry = judged(values({ a_ms: 1, mfu: 1 }), values({ a_ms: 2, mfu: 2 }), {
      entryDirection: 'higher-is-better',
    });
    expect(entry).toMatchObject({ verdict: 'GREEN', direction: 'higher-is-better', direction_source: 'entry' });
  });

  it('put the largest change first, one from zero above all, equal ones by key', () => {
    const result = judged(
      values({ d_ms: 10, c_ms: 10, b_ms: 10, a_ms: 0, e_ms: 5 }),
      values({ d_ms: 12, c_ms: 8, b_ms: 13, a_ms: 1, e_ms: 5 }),
    );
    expect(keys(result.rows)).toEqual(['a_ms', 'b_ms', 'c_ms', 'd_ms', 'e_ms']);
  });

  it('go by difference where the tolerance of the call is absolute', () => {
    const policy = { defaults: [], umbrella: { absolute: 3 } };
    const result = judge(values({ small: 1, large: 1000 }), values({ small: 3, large: 1005 }), { policy });
    expect(keys(result.rows)).toEqual(['large', 'small']);
    expect(keys(result.adverse)).toEqual(['large']);
  });
});

describe('headline', () => {
  const before = values({ 'cell.throughput_tok_per_s': 100, ttft_p99_ms: 50, x_ms: 1 });
  const after = values({ 'cell.throughput_tok_per_s': 90, ttft_p99_ms: 65, x_ms: 1 });
  const document: readonly PolicyRule[] = [{ match: 'x_ms', headline: true }];

  it.each<[string, Partial<PolicySources>, string, string[], string]>([
    ['every rate of work by default', {}, 'class', ['cell.throughput_tok_per_s'], 'RED'],
    ['what the document says', { document }, 'policy', ['x_ms'], 'YELLOW'],
    ['what the call names', { document, headline: ['ttft_*'] }, 'named', ['ttft_p99_ms'], 'RED'],
    ['only that', { headline: ['x_ms'] }, 'named', ['x_ms'], 'YELLOW'],
  ])('is %s', (_, policy, headline_rule, headline, verdict) => {
    expect(judged(before, after, policy)).toMatchObject({ headline_rule, headline, verdict });
  });

  it('is nothing where no rate is among many metrics', () => {
    expect(judged(values({ a_ms: 1, b_ms: 1 }), values({ a_ms: 2, b_ms: 1 }))).toMatchObject({
      headline_rule: 'none',
      headline: [],
      verdict: 'YELLOW',
    });
  });

  it('can be one point of many', () => {
    const at = (c16: number, c64: number) =>
      side([
        metric('throughput_tok_per_s', c16, null, { concurrency: 16 }),
        metric('throughput_tok_per_s', c64, null, { concurrency: 64 }),
      ]);
    const policy = { headline: ['throughput_tok_per_s[concurrency=16]'] };
    expect(judged(at(100, 100), at(100, 50), policy).verdict).toBe('YELLOW');
    expect(judged(at(100, 100), at(50, 100), policy).verdict).toBe('RED');
  });

  it('that matches nothing is refused with the nearest name', () => {
    expect(() => judged(before, after, { headline: ['ttft_p99'] })).toThrow(
      expect.objectContaining({ code: 'headline_unknown', details: { fix: 'did you mean ttft_p99_ms?' } }),
    );
    expect(() => judged(before, after, { headline: ['zzz'] })).toThrow(
      expect.objectContaining({ details: { fix: expect.stringMatching(/^name one of .*ttft_p99_ms/) } }),
    );
  });

  it('is refused when only one of several names matches', () => {
    expect(() => judged(before, after, { headline: ['ttft_p99_ms', 'ttft_p98_ms'] })).toThrow(
      expect.objectContaining({ code: 'headline_unknown', message: expect.stringContaining('ttft_p98_ms') }),
    );
  });
});

describe('a trend away from the peak', () => {
  const ceiling = {
    key: 'b200_sm100.nvlink5_tbps',
    value: 1.8,
    unit: 'TB/s',
    kind: 'datasheet',
    source: 'test',
    date: '2026-01-01',
  } as const;
  const table = { byKey: new Map([[ceiling.key, ceiling]]), byDevice: new Map(), inSwitch: new Set<string>() };
  const busbw = (value: number, more: Partial<Side> = {}) => side([metric('nccl_busbw', value, 'GB/s')], more);
  const recorded = busbw(310, { sol: { nccl_busbw: freezeSol(table, ceiling.key, 310, 'GB/s') } });

  it.each([
    ['more than half the tolerance', 295, 'YELLOW', ['nccl_busbw']],
    ['less than half', 304, 'GREEN', []],
    ['beyond the tolerance', 290, 'RED', []],
    ['the other way', 324, 'GREEN', []],
  ])('%s', (_, value, verdict, trending_away_from_peak) => {
    expect(judged(recorded, busbw(value))).toMatchObject({ verdict, trending_away_from_peak });
  });

  it('needs a share frozen with the baseline', () => {
    expect(judged(busbw(310), busbw(295))).toMatchObject({ verdict: 'GREEN', sol: [] });
  });

  it('shows both shares', () => {
    expect(judged(recorded, busbw(295)).sol).toMatchObject([
      { key: 'nccl_busbw', baseline_sol_pct: 17.2, current_sol_pct: 16.4, delta_pp: -0.8 },
    ]);
  });
});

describe('decision', () => {
  const base = [10.12, 10.05, 10.21, 10.08, 10.15];

  it('of single values is INCONCLUSIVE by point, whatever the colour', () => {
    const result = judged(values({ a_ms: 10 }), values({ a_ms: 20 }));
    expect(result).toMatchObject({
      verdict: 'RED',
      decision: { status: 'INCONCLUSIVE', basis: 'point', reason: 'insufficient_n', trials_needed: 5 },
      family: [],
      tier: 'DRAFT',
    });
  });

  it.each([
    ['a clear regression', [10.93, 11.02, 10.88, 11.1, 10.97], 'FAIL', 'proven', 'RED'],
    ['no change', [10.1, 10.07, 10.2, 10.1, 10.13], 'PASS', null, 'GREEN'],
    ['noise as wide as the tolerance', [9.2, 10.4, 11.3, 10.0, 10.9], 'INCONCLUSIVE', null, 'GREEN'],
    ['one value against five', [10.1], 'INCONCLUSIVE', null, 'GREEN'],
  ])('of repeats: %s', (_, runs, status, strength, verdict) => {
    const result = judged(repeated('tpot_p50_ms', 'ms', base), repeated('tpot_p50_ms', 'ms', runs));
    expect(result).toMatchObject({ verdict, decision: { status, strength } });
  });

  it('and colour go by the median of the valid trials, in the unit of the baseline', () => {
    const candidate = repeated('tpot_p50_ms', 's', [0.99, 0.0101, 0.0102, 0.01, 0.0103]);
    const [spoilt, ...good] = candidate.trials;
    if (spoilt === undefined) throw new Error('no trial');
    const trials = [{ ...spoilt, validity: ['throttle' as const] }, ...good];
    const result = judged(repeated('tpot_p50_ms', 'ms', base), { ...candidate, trials });
    expect(result.rows[0]?.candidate).toBeCloseTo(10.15, 12);
    expect(result).toMatchObject({
      verdict: 'GREEN',
      trials: { baseline: { valid: 5, invalid: 0 }, candidate: { valid: 4, invalid: 1 } },
    });
    expect(result.rows[0]?.decision).toMatchObject({ n: [5, 4], excluded: [0, 1], status: 'PASS' });
  });

  it('is open when every trial of a side is invalid', () => {
    const spoilt = repeated('tpot_p50_ms', 'ms', base, { trial: { validity: ['throttle'] } });
    expect(judged(repeated('tpot_p50_ms', 'ms', base), spoilt).decision).toMatchObject({
      status: 'INCONCLUSIVE',
      reason: 'trials_invalid',
    });
  });

  it('is paired when the trials of both sides share blocks', () => {
    const drifting = (factor: number) => {
      const runs = [10, 11, 12, 13, 14, 15, 16, 17].map((value) => value * factor);
      const of = repeated('tpot_p50_ms', 'ms', runs);
      return { ...of, trials: of.trials.map((trial, block) => ({ ...trial, block })) };
    };
    const result = judged(drifting(1), drifting(1.1));
    expect(result.rows[0]?.decision).toMatchObject({ analysis: 'paired', pairs: 8 });
    expect(result.decision).toMatchObject({ status: 'FAIL', strength: 'proven' });
  });

  it('never passes when a gating metric vanished', () => {
    const before = repeated('throughput_tok_per_s', 'tok/s', base);
    const both = { ...before, metrics: [...before.metrics, metric('req_per_s', 3)] };
    expect(judged(both, before)).toMatchObject({
      verdict: 'RED',
      decision: { status: 'INCONCLUSIVE', reason: 'metric_missing' },
    });
  });

  it('is INCOMPARABLE on a context mismatch only where that is asked for', () => {
    const [before, after] = [values({ a_ms: 1 }, { context: { tp: 4 } }), values({ a_ms: 1 }, { context: { tp: 8 } })];
    expect(judged(before, after)).toMatchObject({
      verdict: 'GREEN',
      decision: { status: 'INCONCLUSIVE' },
      context: { match: false },
    });
    const strict = judged(before, after, {}, { strictContext: true });
    expect(strict).toMatchObject({
      verdict: 'GREEN',
      decision: { status: 'INCOMPARABLE', reason: 'context_mismatch:tp' },
    });
    expect(judged(before, after, {}, { strictContext: true, axis: ['tp'] }).decision.status).toBe('INCONCLUSIVE');
  });

  it('of repeats is INCOMPARABLE too', () => {
    const at = (tp: number) => repeated('tpot_p50_ms', 'ms', base, { side: { context: { tp } } });
    expect(judged(at(4), at(8), {}, { strictContext: true }).decision).toMatchObject({
      status: 'INCOMPARABLE',
      reason: 'context_mismatch:tp',
    });
  });

  it('of a counter needs one value a side', () => {
    expect(judged(values({ kernel_count: 4096 }), values({ kernel_count: 4096 })).decision).toMatchObject({
      status: 'PASS',
      basis: 'exact',
    });
    expect(judged(values({ kernel_count: 100 }), values({ kernel_count: 200 })).decision).toMatchObject({
      status: 'FAIL',
      basis: 'exact',
    });
  });

  it('leaves a tail of few requests out of the gate', () => {
    const tail = (runs: readonly number[], num_prompts: number) =>
      repeated('ttft_p99_ms', 'ms', runs, { side: { context: { num_prompts } } });
    const worse = [12, 12.1, 12.2, 12.3, 12.4];
    expect(judged(tail(base, 100), tail(worse, 100)).rows[0]?.decision).toMatchObject({
      report_only: true,
      warnings: ['underpowered_tail'],
    });
    expect(judged(tail(base, 1000), tail(worse, 1000)).decision.status).toBe('FAIL');
  });

  it('holds a tier of VERDICT when all evidence is there', () => {
    const context = { n_gpus: 8, cache_mode: 'cold', production_representative: true };
    const of = (runs: readonly number[]) => repeated('tpot_p50_ms', 'ms', runs, { side: { context } });
    const result = judged(
      of(base),
      of([10.93, 11.02, 10.88, 11.1, 10.97]),
      {},
      { namedBaseline: true, claim: 'decode' },
    );
    expect(result).toMatchObject({ tier: 'VERDICT', tier_missing: [] });
  });
});

describe('bad input', () => {
  it('with nothing in common is refused, naming what each side has', () => {
    expect(() => judged(values({ a: 1 }), values({ b: 1 }))).toThrow(
      expect.objectContaining({
        kind: 'not_comparable',
        code: 'nothing_in_common',
        message: expect.stringContaining('baseline has a; current has b'),
      }),
    );
    expect(() => judged(values({ a: 1, b: 1, c: 1, d: 1 }), values({ e: 1, f: 1, g: 1, h: 1 }))).toThrow(
      'baseline has a, b, c; current has e, f, g',
    );
    expect(() => judged(values({}), values({ e: 1 }))).toThrow('baseline has none; current has e');
  });

  it('survives metrics named like parts of an object', () => {
    const odd = values({ constructor: 1, toString: 2, __proto__x: 3 }, { sol: {} });
    expect(judged(odd, odd)).toMatchObject({ verdict: 'GREEN', sol: [] });
    const trialled = repeated('constructor', 'ms', [1, 1.1, 1.2]);
    expect(judged({ ...trialled, metrics: [...trialled.metrics, metric('toString', 2)] }, odd).rows).toHaveLength(2);
  });
});

const names = ['throughput_tok_per_s', 'ttft_p50_ms', 'ok_rate', 'errors', 'thing', 'nccl_busbw', 'hit_rate'];
const value = fc.oneof(
  fc.constant(0),
  fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
  fc.integer({ min: -5, max: 5 }),
);
const document = fc.dictionary(fc.constantFrom(...names), value, { minKeys: 1 });
/** Two documents that have a metric in common. */
const pair = fc.tuple(document, document, value, value).map(
  ([a, b, x, y]) =>
    [
      { ...a, [names[0] ?? '']: x },
      { ...b, [names[0] ?? '']: y },
    ] as const,
);

describe('laws', () => {
  it('a measurement against itself is GREEN', () => {
    fc.assert(
      fc.property(document, (of) => {
        const result = judged(values(of), values(of));
        expect(result).toMatchObject({
          verdict: 'GREEN',
          adverse: [],
          improved: [],
          vanished: [],
          added: [],
          improved_beyond_tolerance: false,
        });
        expect(result.rows.every(({ delta, delta_pct }) => delta === 0 && delta_pct === 0)).toBe(true);
      }),
    );
  });

  it('swapping the sides flips the sign of every difference and swaps vanished and new', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const [there, back] = [judged(values(a), values(b)), judged(values(b), values(a))];
        const deltas = (result: typeof there) => new Map(result.rows.map(({ key, delta }) => [key, delta]));
        for (const [key, delta] of deltas(there)) expect(deltas(back).get(key)).toBe(0 - delta);
        expect(keys(back.added).sort()).toEqual(keys(there.vanished).sort());
      }),
    );
  });

  it('under an absolute tolerance what is adverse one way is improved the other way', () => {
    const policy = { defaults: [{ match: '*', direction: 'lower-is-better' as const }], umbrella: { absolute: 1 } };
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const [there, back] = [judge(values(a), values(b), { policy }), judge(values(b), values(a), { policy })];
        expect(keys(back.improved)).toEqual(keys(there.adverse));
      }),
    );
  });

  it('the order of keys does not matter', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const reversed = (of: Side): Side => ({ ...of, metrics: [...of.metrics].reverse() });
        const [plain, turned] = [judged(values(a), values(b)), judged(reversed(values(a)), values(b))];
        const changed = (result: typeof plain) => result.rows.filter(({ delta }) => delta !== 0);
        expect(turned.verdict).toBe(plain.verdict);
        expect(changed(turned)).toEqual(changed(plain));
        expect(new Set(turned.rows)).toEqual(new Set(plain.rows));
      }),
    );
  });

  it('a worse value never makes a better colour', () => {
    const rank = { GREEN: 0, YELLOW: 1, RED: 2 };
    const positive = fc.dictionary(
      fc.constantFrom('a_ms', 'b_ms', 'c_ms', 'd_ms'),
      fc.double({ noNaN: true, min: 0.1, max: 100 }),
      { minKeys: 2 },
    );
    fc.assert(
      fc.property(
        positive,
        fc.double({ noNaN: true, min: 1, max: 3 }),
        fc.double({ noNaN: true, min: 1, max: 3 }),
        (of, f, g) => {
          const times = (factor: number) =>
            values(Object.fromEntries(Object.entries(of).map(([key, each]) => [key, each * factor])));
          const [less, more] = [judged(values(of), times(Math.min(f, g))), judged(values(of), times(Math.max(f, g)))];
          expect(rank[more.verdict]).toBeGreaterThanOrEqual(rank[less.verdict]);
        },
      ),
    );
  });
});

it('a headline may be called by the name that the file has for it', () => {
  const at = (ttft: number) =>
    side([{ ...metric('ttft_p50_ms', ttft, 'ms'), source_key: 'median_ttft_ms' }, metric('itl_p50_ms', 5, 'ms')]);
  expect(judged(at(10), at(20), { headline: ['median_ttft_ms'] })).toMatchObject({
    verdict: 'RED',
    headline: ['ttft_p50_ms'],
  });
});

describe('a difference may be below zero', () => {
  const of = (key: string, value: number) => judged(side([metric(key, value, 's')]), side([metric(key, value, 's')]));

  it('a delay against a schedule is judged as it is', () => {
    expect(of('load.schedule_delay.min', -0.002).decision.reason).not.toBe('value_impossible');
  });

  it('a latency is not', () => {
    expect(of('load.request_latency.min', -0.002).decision.reason).toBe('value_impossible');
  });
});

describe('several load points', () => {
  const point = (at: string, after: number) => ({
    point: at,
    baseline: values({ a_ms: 10, b_ms: 5 }),
    candidate: values({ a_ms: after }),
  });

  it('are one family, whose decision names the points; one alone is named by its metrics', () => {
    const many = judgePoints([point('c=1', 10), point('c=4', 20)], { policy: defaults });
    expect(many.points.map(({ verdict }) => verdict)).toEqual(['YELLOW', 'YELLOW']);
    expect(many.decision).toMatchObject({ reason: 'metric_missing', suspect: ['a_ms @ c=4'] });
    expect(judgePoints([point('c=4', 20)], { policy: defaults }).decision).toMatchObject({ suspect: ['a_ms'] });
  });
});

describe('a figure that its own result refutes', () => {
  const doubted = (text: string) =>
    values({ a_ms: 10, b_ms: 5 }, { contradictions: [{ key: 'a_ms', text, stated: 1, implied: 2 }] });
  const [plain, rows] = [
    values({ a_ms: 10, b_ms: 5 }),
    (of: ReturnType<typeof judged>) => of.rows.find(({ key }) => key === 'a_ms'),
  ];

  it('is invalid on either side, and says on which', () => {
    expect(rows(judged(plain, doubted('p99 below p50')))).toMatchObject({
      standing: 'invalid',
      contradiction: 'candidate: p99 below p50',
    });
    expect(rows(judged(doubted('p99 below p50'), plain))).toMatchObject({
      standing: 'invalid',
      contradiction: 'baseline: p99 below p50',
    });
    expect(rows(judged(doubted('one'), doubted('two')))).toMatchObject({ contradiction: 'baseline: one' });
    expect(rows(judged(plain, plain))?.standing).not.toBe('invalid');
  });
});
