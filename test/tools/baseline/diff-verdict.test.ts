// Colour, direction, tolerance, context, share of speed of light and exit code, as the verb answers them.
import { resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { openWorkbench, type Answer, type Input } from './workbench.ts';

const bench = openWorkbench('verdict');
const perfbench = readFileSync('examples/measurements/inference-perfbench.json', 'utf8');

let count = 0;
let name = '';
beforeEach(() => {
  name = `m${(count += 1)}`;
});

const file = (content: unknown): string => bench.file(`${name}-${(count += 1)}.json`, content);
/** Records one document and compares another with it. */
const compare = async (before: unknown, after: unknown, more: Input = {}, recording: Input = {}): Promise<Answer> => {
  await bench.record(name, file(before), recording);
  return bench.diff(name, file(after), more);
};
const keys = (rows: readonly Answer[]) => rows.map(({ key }) => key);

describe('speed of light', () => {
  const recorded = { value: 310, unit: 'GB/s', sol_ceiling_key: ['b200_sm100.nvlink5_tbps'] };
  const measure = async (current: number, more: Input = {}) => {
    await bench.answer('record', {
      family: 'b200',
      measurement: 'nccl_all_reduce_busbw',
      source: file('310'),
      ...recorded,
    });
    return bench.answer('diff', { baseline: 'b200/nccl_all_reduce_busbw', current_value: [current], ...more });
  };

  it('is reported beside the change, and a loss within tolerance is YELLOW: 310 to 295 GB/s', async () => {
    const answer = await measure(295);
    expect(answer).toMatchObject({
      verdict: 'YELLOW',
      adverse: [],
      trending_away_from_peak: ['nccl_all_reduce_busbw'],
      sol: [{ baseline_sol_pct: 17.2, current_sol_pct: 16.4, delta_pp: -0.8, sol_ceiling_value: 1800 }],
    });
    const lines: string[] = answer['text'].split('\n');
    expect(lines.slice(lines.indexOf('measurement: nccl_all_reduce_busbw')).slice(0, 5)).toEqual([
      'measurement: nccl_all_reduce_busbw',
      '  baseline:  310 GB/s   (17.2% of nvlink5_tbps SoL)',
      '  current:   295 GB/s   (16.4% of nvlink5_tbps SoL)',
      '  delta:     -15 GB/s   (-4.8% absolute, -0.8 pp SoL)',
      '  verdict:   YELLOW (within 5% tolerance, but trending away from peak)',
    ]);
  });

  it.each([
    [305, 'GREEN', []],
    [290, 'RED', []],
    [400, 'GREEN', []],
  ])('%d GB/s is %s', async (current, verdict, trending) => {
    expect(await measure(current)).toMatchObject({ verdict, trending_away_from_peak: trending });
  });

  it('is left out where the baseline has none', async () => {
    expect(await compare('310', '309')).toMatchObject({ sol: [] });
  });
});

describe('the colour of a document', () => {
  const of = (a: number, b: number, c: number, tps = 100) => ({ a_ms: a, b_ms: b, c_ms: c, d_ms: 1, x_tok_per_s: tps });

  it.each([
    ['nothing outside tolerance', of(10.4, 10, 10), 'GREEN', []],
    ['one outside', of(11, 10, 10), 'YELLOW', ['a_ms']],
    ['two outside', of(11, 12, 10), 'YELLOW', ['b_ms', 'a_ms']],
    ['three outside', of(11, 12, 13), 'RED', ['c_ms', 'b_ms', 'a_ms']],
    ['the headline', of(10, 10, 10, 90), 'RED', ['x_tok_per_s']],
    ['better throughput', of(10, 10, 10, 150), 'GREEN', []],
  ])('%s', async (_, after, verdict, adverse) => {
    const answer = await compare(of(10, 10, 10), after);
    expect(answer).toMatchObject({ verdict, headline: ['x_tok_per_s'], exit: 0 });
    expect(keys(answer['adverse'])).toEqual(adverse);
  });

  it('takes its headline from the call, else from the entry, else from the class of the metric', async () => {
    const [before, after] = [of(10, 10, 10), of(11, 10, 10)];
    expect(await compare(before, after, {}, { headline: ['a_*'] })).toMatchObject({
      verdict: 'RED',
      headline: ['a_ms'],
    });
    expect(await bench.diff(name, file(after), { headline: ['b_ms'] })).toMatchObject({
      verdict: 'YELLOW',
      headline: ['b_ms'],
    });
    expect(
      await bench.refusal('diff', { baseline: `f/${name}`, current: file(after), headline: ['b_m'] }),
    ).toMatchObject({
      code: 'headline_unknown',
      fix: 'did you mean b_ms?',
    });
  });

  it('says an improvement beyond tolerance first, with the advice to check it', async () => {
    const answer = await compare(of(10, 10, 10), of(10, 10, 10, 150));
    expect(answer).toMatchObject({
      verdict: 'GREEN',
      improved_beyond_tolerance: true,
      improved: [{ key: 'x_tok_per_s' }],
    });
    expect(answer['text']).toMatch(/^GREEN, improved beyond tolerance: check it and record anew: f\//);
    expect(answer['recommendation']).toMatch(/check that the run did the same work, then record it anew/);
    expect(answer['next_verb']).toBe('perf_baseline_record');
  });

  it('is RED when the headline vanished, YELLOW when another metric did, and new metrics are listed', async () => {
    const { x_tok_per_s: _gone, ...rest } = of(10, 10, 10);
    const red = await compare(of(10, 10, 10), rest);
    expect(red).toMatchObject({ verdict: 'RED', vanished: [{ key: 'x_tok_per_s', value: 100, headline: true }] });
    expect(red['text']).toMatch(/x_tok_per_s: 100 tok\/s -> vanished; ADVERSE/);
    const { d_ms: _lost, ...others } = of(10, 10, 10);
    expect(await bench.diff(name, file({ ...others, e_ms: 3 }))).toMatchObject({
      verdict: 'YELLOW',
      vanished: [{ key: 'd_ms', headline: false }],
      added: [{ key: 'e_ms', value: 3 }],
    });
  });

  it('names the axis that the adverse keys share', async () => {
    const pairs = (slow: number) => ({
      pairs: ['0-1', '0-2', '3-1'].map((pair) => {
        const time = pair === '3-1' ? slow : 10;
        return { pair, a_ms: time, b_ms: time, c_ms: time };
      }),
    });
    const answer = await compare(pairs(10), pairs(12));
    expect(answer).toMatchObject({ verdict: 'RED', adverse_count: 3 });
    expect(answer['recommendation']).toMatch(/3 keys regressed.*all 3 lie on .*3-1/);
    expect(answer['next_lever']).toMatchObject({ lever: expect.any(String), gate: expect.any(String) });
  });

  it('names no lever where nothing got worse and no ceiling is known', async () => {
    const none = { lever: 'none found', expected_unlock: null, gate: null, key: null };
    expect(await compare(of(10, 10, 10), of(10, 10, 10))).toMatchObject({
      next_lever: none,
      recommendation: 'No regression detected. No action needed.',
    });
  });

  it.each<readonly [string, number, number, string, number | null]>([
    ['zero that stays zero', 0, 0, 'GREEN', 0],
    ['zero that grew', 0, 1, 'RED', null],
    ['a negative that grew', -10, -8, 'RED', 20],
    ['a negative that fell', -10, -12, 'GREEN', -20],
  ])('judges a baseline of %s', async (_, before, after, verdict, pct) => {
    await bench.record(name, file({ value: before, unit: 'dB' }), { direction: 'lower-is-better' });
    const answer = await bench.diff(name, file({ value: after, unit: 'dB' }));
    expect(answer['verdict']).toBe(verdict);
    const { deltas } = JSON.parse(readFileSync(`${answer['diff_dir']}/diff.json`, 'utf8'));
    expect(deltas[0].delta_pct).toBe(pct);
  });

  it.each([
    ['a time of zero', 10, 0],
    ['a time below zero', 10, -1],
  ])('calls %s invalid: no run has one', async (_, before, after) => {
    const answer = await compare({ value: before, unit: 'ms' }, { value: after, unit: 'ms' }, { strict: true });
    expect(answer).toMatchObject({
      verdict: 'RED',
      exit: 4,
      decision: { status: 'INCONCLUSIVE', rule: 'V10', reason: 'value_impossible' },
    });
  });

  it('calls a gain that only a unit explains implausible, until somebody vouches for it', async () => {
    const [before, after] = [
      { value: 50, unit: 'ms' },
      { value: 0.05, unit: 'ms' },
    ];
    expect(await compare(before, after, { strict: true })).toMatchObject({ verdict: 'YELLOW', exit: 3 });
    const vouched = { strict: true, accept_implausible: true };
    expect(await compare(before, after, vouched)).toMatchObject({ verdict: 'GREEN', exit: 0 });
  });

  it('takes only finite numbers as metrics: not booleans, words, ids or moments', async () => {
    const answer = await compare(
      { a_ms: 1, ok: true, name: '12.5', run_id: 7, started_at_unix: 1700000000, empty: null },
      { a_ms: 1, ok: false, name: '99', run_id: 8, started_at_unix: 1800000000, empty: null },
    );
    expect(answer).toMatchObject({ verdict: 'GREEN', deltas_count: 1 });
  });
});

describe('direction and tolerance', () => {
  const both = async (recording: Input, more: Input = {}) => {
    const { verdict: up, direction } = await compare('100', '110', more, recording);
    const { verdict: down } = await bench.diff(name, file('90'), more);
    return { up, down, direction };
  };

  it.each<readonly [string, Input, Input, object]>([
    ['nobody says: both ways count', {}, {}, { up: 'RED', down: 'RED', direction: 'two-sided' }],
    ['the unit says', { unit: 'ms' }, {}, { up: 'RED', down: 'GREEN', direction: 'lower-is-better' }],
    [
      'the entry says',
      { unit: 'ms', direction: 'higher-is-better' },
      {},
      { up: 'GREEN', down: 'RED', direction: 'higher-is-better' },
    ],
    [
      'the entry says two-sided',
      { unit: 'ms', direction: 'two-sided' },
      {},
      { up: 'RED', down: 'RED', direction: 'two-sided' },
    ],
  ])('%s', async (_, recording, more, expected) => {
    expect(await both(recording, more)).toEqual(expected);
  });

  it('comes from the flag, then the policy file, then the document, then metrics.yaml, then the umbrella', async () => {
    const before = JSON.parse(perfbench);
    const after = structuredClone(before);
    for (const load of Object.values<Record<string, number>>(after.metrics))
      load['ttft_p95_ms'] = (load['ttft_p95_ms'] ?? 0) * 1.08;
    const key = 'ttft_p95_ms[concurrency=16]';
    const adverse = (answer: Answer): boolean => keys(answer['adverse']).includes(key);
    expect(adverse(await compare(before, after, { tolerance_percent: 5 }))).toBe(false);
    const policy = file('- { match: "ttft_p95_ms*", tolerance_percent: 7 }');
    const strict = await bench.diff(name, file(after), { policy });
    expect(strict['adverse']).toContainEqual(expect.objectContaining({ key, tolerance: { percent: 7 } }));
    const lenient = await bench.diff(name, file(after), { policy, tolerances: { 'ttft_*': { percent: 9 } } });
    expect(adverse(lenient)).toBe(false);
  });

  it("comes from the root's own metrics.yaml where that has a rule, and from the product's for everything else", async () => {
    const own = openWorkbench('own-rules');
    const before = own.file('before.json', { my_step_ms: 100, ttft_p99_ms: 100, ok_rate: 1 });
    const after = own.file('after.json', { my_step_ms: 108, ttft_p99_ms: 115, ok_rate: 0.98 });
    await own.record('m', before);
    const adverse = async (): Promise<string[]> => keys((await own.diff('m', after))['adverse']).sort();
    expect(await adverse()).toEqual(['my_step_ms', 'ok_rate']);
    own.file('configs/metrics.yaml', '- { match: my_step_ms, tolerance_percent: 10 }\n');
    expect(await adverse()).toEqual(['ok_rate']);
    own.file('configs/metrics.yaml', '- { match: ok_rate, tolerance_absolute: 0.05 }\n');
    expect(await adverse()).toEqual(['my_step_ms']);
  });

  it('an absolute tolerance takes the place of the percentage', async () => {
    expect(
      await compare({ value: 10, unit: 'ms' }, { value: 12, unit: 'ms' }, { tolerance_absolute: 2 }),
    ).toMatchObject({
      verdict: 'GREEN',
      tolerance_percent: 5,
      tolerance_absolute: 2,
    });
    expect(await bench.diff(name, file({ value: 12.1, unit: 'ms' }), { tolerance_absolute: 2 })).toMatchObject({
      verdict: 'RED',
      adverse: [{ tolerance: { absolute: 2 } }],
    });
  });
});

describe('inference_perfbench_v1', () => {
  const changed = (from: string, to: string) => {
    expect(perfbench).toContain(from);
    return perfbench.replace(from, to);
  };

  it.each([
    [
      'throughput at concurrency 16 down 4 %',
      '"throughput_toks_per_s": 1804.6',
      '"throughput_toks_per_s": 1732',
      'RED',
    ],
    [
      'throughput at another concurrency down 4 %',
      '"throughput_toks_per_s": 4630.9',
      '"throughput_toks_per_s": 4445',
      'YELLOW',
    ],
    [
      'throughput at concurrency 16 down 2 %',
      '"throughput_toks_per_s": 1804.6',
      '"throughput_toks_per_s": 1769',
      'GREEN',
    ],
    ['TTFT p99 up 14 %', '"ttft_p99_ms": 147.6', '"ttft_p99_ms": 168', 'GREEN'],
    ['TTFT p99 up 16 %', '"ttft_p99_ms": 147.6', '"ttft_p99_ms": 172', 'YELLOW'],
    ['ITL p50 up 4 %', '"itl_p50_ms": 8.71', '"itl_p50_ms": 9.06', 'YELLOW'],
  ])('%s is judged by its own tolerances', async (_, from, to, verdict) => {
    expect(await compare(perfbench, changed(from, to))).toMatchObject({
      verdict,
      headline: ['throughput_tok_per_s[concurrency=16]'],
    });
  });

  it.each([
    ['the baseline', changed('"itl_p50_ms": 8.71', '"itl_p50_ms": null'), perfbench],
    ['the current side', perfbench, changed('"itl_p50_ms": 8.71', '"itl_p50_ms": null')],
  ])('a null on %s is skipped and said', async (_, before, after) => {
    const answer = await compare(before, after);
    expect(answer).toMatchObject({ verdict: 'GREEN', vanished: [] });
    expect(answer['warnings'].join('\n')).toMatch(/metrics\.16\.itl_p50_ms/);
  });

  it('of another schema version is refused', async () => {
    const other = changed('inference_perfbench_v1', 'inference_perfbench_v2');
    const format = { format: 'inference_perfbench_v1' };
    expect(
      await bench.refusal('record', { family: 'f', measurement: name, source: file(other), ...format }),
    ).toMatchObject({
      code: 'schema_mismatch',
    });
  });
});

describe('context', () => {
  const value = { value: 10, unit: 'ms' };
  const withContext = (before: Input, after: Input, more: Input = {}) =>
    compare(value, value, { context: after, ...more }, { context: before });

  it('that differs is the first thing said, in text and result', async () => {
    const answer = await withContext({ n_gpus: 8, quant: 'fp8' }, { n_gpus: 4, quant: 'fp8' });
    expect(answer['context']).toMatchObject({
      match: false,
      mismatches: [{ field: 'n_gpus', baseline: 8, current: 4 }],
    });
    expect(answer['text']).toMatch(/^CONTEXT MISMATCH outside the declared axis: n_gpus 8 -> 4\nGREEN/);
    expect(answer['recommendation']).toMatch(/^Match the context/);
    expect(answer).toMatchObject({ tier: 'DRAFT', tier_missing: expect.arrayContaining(['context_mismatch:n_gpus']) });
    expect(readFileSync(`${answer['diff_dir']}/diff.md`, 'utf8')).toMatch(/^# .*\n\n> \*\*CONTEXT MISMATCH/);
    expect(answer['exit']).toBe(0);
  });

  it('that was changed on purpose is no mismatch', async () => {
    const answer = await withContext(
      { engine_version: '0.10' },
      { engine_version: '0.11' },
      { axis: ['engine.version'] },
    );
    expect(answer['context']).toMatchObject({ match: true, varies: [{ field: 'engine_version' }] });
  });

  it('that one side does not state is listed, except delivery, which never counts as equal', async () => {
    const silent = await withContext({ n_gpus: 8 }, {});
    expect(silent['context']).toMatchObject({ match: true, unknown: [{ field: 'n_gpus', missing_on: 'current' }] });
    const delivered = await withContext({ delivery: 'image' }, {});
    expect(delivered['context']).toMatchObject({ match: false, delivery_differs: true });
    const patched = await withContext({ delivery: 'image' }, { delivery: 'patchedVllm' }, { axis: ['delivery'] });
    expect(patched).toMatchObject({
      context: { match: true, delivery_differs: true },
      tier_missing: expect.arrayContaining(['delivery_differs']),
    });
    expect(patched['text']).toMatch(/^delivery differs/);
  });

  it('that the file contradicts is refused', async () => {
    const vllm = resolve('examples/measurements/vllm-serve-baseline.json');
    await bench.record(name, vllm);
    const input = { baseline: `f/${name}`, current: vllm, context: { concurrency: 4 } };
    expect(await bench.refusal('diff', input)).toMatchObject({ code: 'context_contradicts', exit: 2 });
  });

  it('under strict_context is refused with exit code 4 and writes nothing', async () => {
    await bench.record(name, file(value), { context: { n_gpus: 8 } });
    const error = await bench.refusal('diff', {
      baseline: `f/${name}`,
      current: file(value),
      context: { n_gpus: 4 },
      strict_context: true,
    });
    expect(error).toMatchObject({ code: 'context_mismatch', exit: 4, message: expect.stringMatching(/n_gpus 8 -> 4/) });
    expect(() => readFileSync(`${bench.root}/experiments/artifacts/perf-baseline-diffs/f/${name}`)).toThrow(/ENOENT/);
  });
});

describe('the exit code', () => {
  const ms = (...values: number[]) => ({ values, unit: 'ms' });
  const steady = ms(10, 10.1, 9.9, 10.05, 9.95);
  const slow = ms(12, 12.1, 11.9, 12.05, 11.95);

  it.each<readonly [string, unknown, unknown, Input, number]>([
    ['RED without strictness', ms(10), ms(12), {}, 0],
    ['RED, one value a side, strict', ms(10), ms(12), { strict: true }, 1],
    ['GREEN, one value a side, strict', ms(10), ms(10), { strict: true }, 0],
    ['RED with fail_on yellow', ms(10), ms(12), { fail_on: ['yellow'] }, 1],
    ['RED with fail_on fail, one value a side', ms(10), ms(12), { fail_on: ['fail'] }, 0],
    ['proven worse, strict', steady, slow, { strict: true }, 1],
    ['proven worse, fail_on fail', steady, slow, { fail_on: ['fail'] }, 1],
    ['the same, five trials a side, strict', steady, steady, { strict: true }, 0],
    ['two noisy trials a side, strict', ms(10, 14), ms(11, 13), { strict: true }, 3],
    ['two noisy trials a side, fail_on inconclusive', ms(10, 14), ms(11, 13), { fail_on: ['inconclusive'] }, 3],
    ['a metric that vanished, strict', { a_ms: 1, b_ms: 1 }, { a_ms: 1 }, { strict: true }, 1],
    ['a metric that vanished, fail_on vanished', { a_ms: 1, b_ms: 1 }, { a_ms: 1 }, { fail_on: ['vanished'] }, 1],
    ['a metric that vanished, fail_on red', { a_ms: 1, b_ms: 1 }, { a_ms: 1 }, { fail_on: ['red'] }, 0],
  ])('of %s', async (_, before, after, more, expected) => {
    expect((await compare(before, after, more))['exit']).toBe(expected);
  });

  it('of one invalid trial beside a valid one under strict is that of the valid one', async () => {
    const trials = [{ values: { value: 10 } }, { values: { value: 10 }, validity: ['throttle'] }];
    expect((await compare('10', '10', { strict: true }, { trials }))['exit']).toBe(0);
  });
});

describe('the decision', () => {
  it('of one value a side is INCONCLUSIVE and rests on a point, whatever the colour', async () => {
    const answer = await compare({ value: 10, unit: 'ms' }, { value: 20, unit: 'ms' });
    expect(answer).toMatchObject({
      verdict: 'RED',
      decision: { status: 'INCONCLUSIVE', basis: 'point', reason: 'insufficient_n' },
      tier: 'DRAFT',
    });
    expect(answer['decision'].trials_needed).toBeGreaterThan(1);
  });

  it('with everything typed and no telemetry stays a DRAFT that says so', async () => {
    const context = { n_gpus: 8, cache_mode: 'warm', node: 'n1', production_representative: true };
    const values = [10, 10.1, 9.9, 10.05, 9.95];
    const more = { context, replicate_level: 'process' };
    const answer = await compare({ values, unit: 'ms' }, { values, unit: 'ms' }, more, more);
    expect(answer).toMatchObject({
      decision: { status: 'PASS', basis: 'interval' },
      tier: 'DRAFT',
    });
    const typed = ['cache_state', 'n_gpus', 'placement', 'replicate_level'].map((fact) => `attested:${fact}`);
    expect(new Set(answer['tier_missing'])).toEqual(new Set([...typed, 'telemetry_missing']));
  });
});
