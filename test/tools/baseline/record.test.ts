// What recording keeps, derives and refuses.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { fixtureJson } from '../../importers/outcome.ts';
import { openWorkbench, SHA, type Input } from './workbench.ts';

const bench = openWorkbench('record');
const registry = join(bench.root, 'experiments', 'artifacts', 'perf-baselines');
const vllm = resolve('examples/measurements/vllm-serve-baseline.json');
const nccl = resolve('examples/measurements/nccl-all-reduce.txt');
const entry = (folder: string) => JSON.parse(readFileSync(join(folder, 'baseline.json'), 'utf8'));

let count = 0;
let name = '';
beforeEach(() => {
  name = `m${(count += 1)}`;
});

/** Records under a fresh measurement and returns the answer beside `baseline.json`. */
const record = async (source: string, more: Input = {}) => {
  const answer = await bench.record(name, source, more);
  return { answer, baseline: entry(answer['entry_dir']) };
};
const refusal = (source: string, more: Input = {}) =>
  bench.refusal('record', { family: 'f', measurement: name, source, ...more });
/** What a bench run with telemetry writes: three processes, watched, on one GPU. */
const watchedRun = (): string => {
  const envelope = fixtureJson('envelope-v1.1.json');
  const trials = [1688.4, 1690, 1691.2].map((throughput, index) => ({
    index,
    replicate_level: 'process',
    metrics: { ttft_p50_ms: 42, tpot_p50_ms: 9.1, throughput_tok_per_s: throughput },
    validity: [],
    gpu_uuids: ['GPU-1'],
  }));
  return bench.file(`${name}-run.json`, { ...envelope, context: { n_gpus: 1, tp: 1, cache_mode: 'warm' }, trials });
};
const number = (value: unknown = 310) => bench.file(`${name}.json`, value);

describe('the entry', () => {
  it('says who, where, when and with which build, and keeps the source as it was', async () => {
    const source = number({ busbw: 310 });
    const more = { notes: 'after the driver', team: 'kernels', capture_command: 'all_reduce_perf -b 8' };
    const { answer, baseline } = await record(source, more);
    expect(baseline).toMatchObject({
      schema_version: 1,
      family: 'f',
      measurement: name,
      source_path: source,
      profile_and_optimize_sha: SHA,
      registered_by: { operator_user: 'ada', team: 'kernels' },
      notes: 'after the driver',
      capture_command: 'all_reduce_perf -b 8',
      environment: { node: process.version },
    });
    expect(baseline.source_sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(baseline.registered_at_utc).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(answer['slug']).toMatch(/^\d{8}T\d{12}Z$/);
    expect(readFileSync(join(answer['entry_dir'], 'source-snapshot.json'), 'utf8')).toBe('{"busbw":310}');
    expect(readdirSync(answer['entry_dir']).sort()).toEqual(['SOURCE.md', 'baseline.json', 'source-snapshot.json']);
  });

  it('is one of a result, also where that quotes the table of a profiler', async () => {
    const source = number({ busbw: 310, nsys_log: ' Time (%)  Total Time (ns)  Instances  Name\n' });
    const { answer } = await record(source);
    expect(answer).toMatchObject({ shape: 'file' });
  });

  it('is never written over: the same again is a second entry', async () => {
    const [first, second] = [await record(number()), await record(number())];
    expect(first.answer['entry_dir']).not.toBe(second.answer['entry_dir']);
    expect(second.answer['chain_seq']).toBe(1);
  });

  it('names the entry that it supersedes, which must exist', async () => {
    const first = await record(number());
    expect((await record(number(), { supersedes: first.answer['slug'] })).baseline.supersedes).toBe(
      first.answer['slug'],
    );
    expect(await refusal(number(), { supersedes: '20200101T000000000000Z' })).toMatchObject({
      code: 'superseded_missing',
    });
  });

  it('holds one sol block for a number, beside the value under both names', async () => {
    const more = { value: 310, unit: 'GB/s', sol_ceiling_key: ['b200_sm100.nvlink5_tbps'] };
    expect((await record(number(), more)).baseline).toMatchObject({
      value: 310,
      unit: 'GB/s',
      measurement_value: 310,
      units: 'GB/s',
      sol_pct: 17.2,
      sol_ceiling_key: 'b200_sm100.nvlink5_tbps',
      sol_ceiling_value: 1800,
    });
  });

  it('holds one sol block per headline metric of a structured source', async () => {
    const { baseline } = await record(nccl, { sol_ceiling_key: ['b200_sm100.nvlink5_tbps'] });
    const block = { unit: 'GB/s', sol_ceiling_value: 1800, sol_ceiling_key: 'b200_sm100.nvlink5_tbps' };
    expect(baseline.sol).toHaveLength(2);
    expect(baseline.sol).toMatchObject([block, block]);
    for (const { key, value, sol_pct } of baseline.sol) {
      expect(key).toMatch(/^busbw/);
      expect(sol_pct).toBeCloseTo(value / 18, 1);
    }
    expect(baseline.sol_pct).toBeUndefined();
  });

  it('holds sol blocks for the metrics that a glob names', async () => {
    const { baseline } = await record(number({ a: { link_gb_per_s: 900 }, b: { link_gb_per_s: 450 }, x_ms: 3 }), {
      sol_ceiling_key: ['a.*=b200_sm100.nvlink5_tbps'],
    });
    expect(baseline.sol).toMatchObject([{ key: 'a.link_gb_per_s', value: 900, sol_pct: 50 }]);
  });
});

describe('a number that no file holds', () => {
  const place = { family: 'f', measurement: 'alone' };
  const number = { ...place, value: 512.3, unit: 'GB/s' };

  it('is an entry like any other: snapshot, hash, provenance, chain and share of its ceiling', async () => {
    const answer = await bench.answer('record', { ...number, sol_ceiling_key: ['b200_sm100.nvlink5_oneway_tbps'] });
    expect(answer).toMatchObject({ shape: 'scalar', value: 512.3, unit: 'GB/s', direction: 'higher-is-better' });
    const snapshot = readFileSync(join(answer['entry_dir'], 'source-snapshot.json'));
    expect(JSON.parse(String(snapshot))).toEqual({ measurement: 'alone', value: 512.3, unit: 'GB/s' });
    const baseline = JSON.parse(readFileSync(answer['baseline_json'], 'utf8'));
    expect(baseline).toMatchObject({
      source_path: 'stated in the call',
      source_sha256: createHash('sha256').update(snapshot).digest('hex'),
      sol_pct: 56.9,
    });
    expect(answer['text']).toContain(
      `with a new number: perf_baseline_diff {"baseline":"f/alone@latest","current_value":"<number>"}`,
    );
    expect(await bench.answer('verify', place)).toMatchObject({ ok: true, entries: 1, intact: 1 });
    expect(await bench.diff('alone', [], { current_value: [480] })).toMatchObject({ verdict: 'RED' });
  });

  it('may be repeated', async () => {
    const answer = await bench.answer('record', { ...place, values: [41.2, 41.5, 40.9], unit: 'ms' });
    expect(answer).toMatchObject({ n: 3, median: 41.2, unit: 'ms' });
    expect(JSON.parse(readFileSync(join(answer['entry_dir'], 'source-snapshot.json'), 'utf8'))).toMatchObject({
      values: [41.2, 41.5, 40.9],
    });
  });

  it('writes nothing in a dry run', async () => {
    expect(await bench.answer('record', { ...number, measurement: 'dry', dry_run: true })).toMatchObject({
      entry_dir: null,
      value: 512.3,
    });
    expect(await bench.refusal('list', { ...place, measurement: 'dry' })).toMatchObject({
      code: 'measurement_not_found',
    });
  });

  it.each([
    [{ ...place, value: 512.3 }, 'unit_missing', /^give unit: /],
    [{ ...place, value: 512.3, unit: '' }, 'unit_missing', /^give unit: /],
    [{ ...number, select: 'a.b' }, 'source_needed', /^leave select out/],
    [{ ...number, format: 'vllm' }, 'source_needed', /^leave format out/],
    [
      { ...place },
      'source_missing',
      /^give the file or folder as source, or the number itself as value with its unit$/,
    ],
    [{ ...place, unit: 'ms' }, 'source_missing', /./],
    [{ ...place, unit: 'ms', trials: [{ values: { a_ms: 1 } }, { values: { b_ms: 2 } }] }, 'source_missing', /./],
  ])('%j is refused as %s', async (input, code, fix) => {
    const refusal = await bench.refusal('record', input);
    expect(refusal).toMatchObject({ code, exit: 2, fix: expect.stringMatching(fix) });
  });
});

describe('words in place of a path', () => {
  const manual = (more: Input) => bench.refusal('record', { family: 'f', measurement: name, ...more });

  it.each(['manual', 'manual, from chat', 'Manually measured by Ada', 'n/a'])(
    '%j say where a number comes from',
    async (source) => {
      const answer = await bench.record(name, source, { value: 44.1, unit: 'ms', notes: 'first try' });
      expect(answer).toMatchObject({ shape: 'scalar', value: 44.1, source: null });
      expect(entry(answer['entry_dir'])).toMatchObject({
        notes: `source: ${source}\nfirst try`,
        source_path: 'stated in the call',
      });
    },
  );

  it('are a path where there is no number, and where such a file is', async () => {
    expect(await manual({ source: 'manual' })).toMatchObject({ code: 'file_not_found' });
    bench.file('manual.json', '{"value": 44.1}');
    expect(await bench.record(name, 'manual.json', { value: 44.1, unit: 'ms' })).toMatchObject({
      source: 'manual.json',
    });
    expect(await manual({ source: 'results.json', value: 1, unit: 'ms' })).toMatchObject({ code: 'file_not_found' });
  });
});

describe('the text', () => {
  it('gives repeats with median, mean and spread in their unit', async () => {
    const source = bench.file('repeats.txt', '310');
    const { text } = await bench.record('repeats', source, { values: [310, 309.2, 312.1], unit: 'GB/s' });
    expect(text).toMatch(/^ {2}n 3: median 310 GB\/s, mean 310\.433 GB\/s, std 1\.5$/m);
    expect(text).toMatch(/^tier: DRAFT; a VERDICT also needs n_gpus, /m);
  });

  it('lists first what verdicts will hang on', async () => {
    const source = bench.file('order.json', { setup_ms: 3, wait_ms: 4, ttft_p50_ms: 5, throughput_tok_per_s: 900 });
    const { text, metrics } = await bench.record('order', source);
    expect(metrics[0]).toMatchObject({ key: 'throughput_tok_per_s' });
    expect(text.split('\n')[1]).toBe('  throughput_tok_per_s: 900 tok/s');
  });

  it('says how far a profile was checked', async () => {
    const trace = { traceEvents: [{ ph: 'X', name: 'gemm', ts: 1, dur: 2 }] };
    const answer = await bench.record('trace', bench.file('t.trace.json', trace));
    expect(answer).toMatchObject({ shape: 'profile', checked: expect.stringMatching(/^the header/) });
    expect(answer.text).toMatch(/^checked: the header; profile_summary reads all of it$/m);
  });
});

describe('numbers', () => {
  it.each([
    ['a file of one number', '310', {}, { value: 310, unit: null, n: 1, mean: 310, std: null, median: 310 }],
    ['a value with its unit', { value: 310, unit: 'GB/s' }, {}, { value: 310, unit: 'GB/s', n: 1 }],
    ['a stated value', { log: [1, 2] }, { value: 3.5, unit: 'ms' }, { value: 3.5, unit: 'ms', n: 1 }],
    [
      'stated repeats',
      '0',
      { values: [310, 309.2, 312.1] },
      {
        value: 310,
        values: [310, 309.2, 312.1],
        n: 3,
        median: 310,
        mean: expect.closeTo(310.4333, 3),
        std: expect.closeTo(1.4978, 3),
      },
    ],
    ['repeats in the file', { values: [4, 2, 3], unit: 'ms' }, {}, { value: 3, unit: 'ms', n: 3, median: 3, std: 1 }],
    [
      'the number at a path',
      {
        a: [
          { size: 8, busbw: 2 },
          { size: 16, busbw: 5 },
        ],
      },
      { select: 'a[size=16].busbw' },
      { value: 5, n: 1 },
    ],
    [
      'a number converted to the stated unit',
      { t: { p50_ms: 41.8 } },
      { select: 't.p50_ms', unit: 's' },
      { value: 0.0418, unit: 's' },
    ],
    ['a number whose unit only the caller knows', { x: 3 }, { select: 'x', unit: 'ms' }, { value: 3, unit: 'ms' }],
  ])('%s', async (_, content, more, expected) => {
    const { answer, baseline } = await record(number(content), more);
    expect(baseline).toMatchObject(expected);
    expect(answer).toMatchObject({ shape: 'scalar', n: baseline.n, mean: baseline.mean, median: baseline.median });
  });

  it('keeps level, validity and GPUs of stated trials, and counts only the valid ones', async () => {
    const trials = [
      { values: { [name]: 300 }, validity: ['throttle'] },
      { values: { value: 310 }, replicate_level: 'process', gpu_uuids: ['GPU-1'] },
      { metrics: { [name]: 312 }, block: 1, started_at: '2026-11-22T02:08:16Z' },
    ];
    const { baseline } = await record(number(), { trials, replicate_level: 'window' });
    expect(baseline).toMatchObject({ value: 311, values: [310, 312], n: 2 });
    expect(baseline.trials).toMatchObject([
      { index: 0, validity: ['throttle'], replicate_level: 'window', values: { [name]: 300 } },
      { index: 1, replicate_level: 'process', gpu_uuids: ['GPU-1'] },
      { index: 2, block: 1, started_at: '2026-11-22T02:08:16Z' },
    ]);
  });

  it('takes trials of a structured source by its metrics', async () => {
    const source = number({ ttft_p50_ms: 41, itl_p50_ms: 7 });
    const trials = [{ values: { ttft_p50_ms: 40, itl_p50_ms: 7 } }, { values: { ttft_p50_ms: 42, itl_p50_ms: 7.1 } }];
    expect((await record(source, { trials })).baseline).toMatchObject({ value: null, n: 2, trials });
    expect(await refusal(source, { trials: [{ values: { ttft_p5_ms: 1 } }] })).toMatchObject({
      code: 'trial_metric_unknown',
      fix: 'did you mean ttft_p50_ms?',
    });
  });

  it.each<readonly [string, unknown, Input, string, RegExp]>([
    ['two statements of the number', '1', { value: 1, values: [1] }, 'value_given_twice', /one of value, values/],
    ['a trial without values', '1', { trials: [{ block: 0 }] }, 'trials_invalid', /values or metrics/],
    ['a trial with an unknown field', '1', { trials: [{ values: { v: 1 }, node: 'a' }] }, 'trials_invalid', /node/],
    [
      'no valid trial',
      '1',
      { trials: [{ values: { value: 1 }, validity: ['ecc_or_xid'] }] },
      'trials_without_valid',
      /valid/,
    ],
    [
      'a value that the source contradicts',
      { a: 310, b: 1 },
      { value: 295, select: 'a' },
      'value_contradicts',
      /310.*at a/,
    ],
    ['a unit that does not fit', { a_ms: 310, b: 1 }, { select: 'a_ms', unit: 'GB/s' }, 'unit_mismatch', /ms/],
    [
      'a selector that picks nothing',
      { ttft_ms: 1, b: 2 },
      { select: 'ttft_m' },
      'selector_no_match',
      /picks no number/,
    ],
    ['a headline that no metric has', { ttft_ms: 1, b: 2 }, { headline: ['ttft_m'] }, 'headline_unknown', /ttft_m/],
    [
      'a ceiling without a metric',
      { a: 1, b: 2 },
      { sol_ceiling_key: ['b200_sm100.nvlink5_tbps'] },
      'sol_without_metric',
      /nvlink5/,
    ],
  ])('refuses %s', async (_, content, more, code, message) => {
    expect(await refusal(number(content), more)).toMatchObject({
      code,
      message: expect.stringMatching(message),
      exit: 2,
    });
    expect(existsSync(join(registry, 'f', name))).toBe(false);
  });

  it('takes a stated value that is the rounded one of the source', async () => {
    const { baseline } = await record(number({ a: 309.96, b: 1 }), { value: 310, select: 'a', unit: 'GB/s' });
    expect(baseline).toMatchObject({ value: 310, select: 'a', unit: 'GB/s' });
  });
});

describe('direction', () => {
  it.each<readonly [string, string, Input, object]>([
    [
      'the flag',
      'x',
      { direction: 'higher-is-better', unit: 'ms' },
      { direction: 'higher-is-better', direction_source: 'flag' },
    ],
    ['the name', 'nccl_busbw', {}, { direction: 'higher-is-better', direction_source: 'catalogue' }],
    ['the unit', 'x', { unit: 'ms' }, { direction: 'lower-is-better', direction_source: 'catalogue' }],
    ['nothing', 'x', {}, { direction: 'two-sided', direction_source: 'default' }],
  ])('comes from %s', async (_, measurement, more, expected) => {
    const answer = await bench.record(measurement, number('310'), more);
    expect(answer).toMatchObject(expected);
    expect(entry(answer['entry_dir'])).toMatchObject(expected);
  });

  it('of a number picked from a known format comes from its reader', async () => {
    const { answer } = await record(vllm, { select: 'ok_rate' });
    expect(answer).toMatchObject({ direction: 'higher-is-better', direction_source: 'reader' });
    const worse = await bench.diff(name, [], { current_value: [0.5] });
    expect(worse).toMatchObject({ verdict: 'RED', direction: 'higher-is-better' });
    expect(await bench.diff(name, [], { current_value: [2] })).toMatchObject({ verdict: 'GREEN' });
  });

  it('of a structured source is a matter of each metric', async () => {
    expect((await record(vllm)).answer).toMatchObject({ direction: 'two-sided', direction_source: 'per_metric' });
  });
});

describe('context and tier', () => {
  it('joins what the file says with what the caller says', async () => {
    const { baseline } = await record(vllm, { context: { n_gpus: 1, cache_mode: 'warm' } });
    expect(baseline.context).toMatchObject({ n_gpus: 1, cache_mode: 'warm', concurrency: 16 });
    expect(baseline.context_key).toMatch(/^[0-9a-f]{64}$/);
  });

  it('keeps the spelling of the file where the caller means the same', async () => {
    const served = { ...JSON.parse(readFileSync(vllm, 'utf8')), model_id: 'meta-llama/Llama-3.1-8B' };
    writeFileSync(join(bench.root, 'served.json'), JSON.stringify(served));
    const { baseline } = await record(join(bench.root, 'served.json'), { context: { model: 'llama-3.1-8B ' } });
    expect(baseline.context).toMatchObject({ model: 'meta-llama/Llama-3.1-8B' });
  });

  it('of a number picked from a file is that of the file', async () => {
    const { baseline } = await record(vllm, { select: 'ttft_p50_ms' });
    expect(baseline.context).toMatchObject({ concurrency: 16, num_prompts: 320 });
  });

  it.each<readonly [Input, string, RegExp]>([
    [{ context: { concurrency: 4 } }, 'context_contradicts', /4, but the file says 16/],
    [{ context: { n_gpu: 4 } }, 'context_invalid', /did you mean n_gpus/],
    [{ context: { tp: 'two' } }, 'context_invalid', /tp/],
  ])('refuses %j', async (more, code, message) => {
    expect(await refusal(vllm, more)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('is DRAFT with everything that is missing, and VERDICT only with all of it', async () => {
    const draft = await record(number(), { values: [1, 2, 3] });
    expect(draft.answer).toMatchObject({
      tier: 'DRAFT',
      tier_missing: expect.arrayContaining([
        'n_gpus_missing',
        'replicate_level_missing',
        'cache_state_missing',
        'placement_missing',
      ]),
    });
    const context = { n_gpus: 8, cache_mode: 'warm', node: 'n1', production_representative: true };
    const full = await record(number(), { values: [1, 2, 3], replicate_level: 'process', context });
    expect(full.answer).toMatchObject({ tier: 'DRAFT', tier_missing: expect.arrayContaining(['telemetry_missing']) });
    const trials = [1, 2, 3].map((value) => ({ values: { value }, replicate_level: 'process', validity: [] }));
    const typed = await record(number(), { trials, context });
    const attested = ['cache_state', 'n_gpus', 'placement', 'replicate_level', 'validity'];
    expect(typed.answer).toMatchObject({ tier: 'DRAFT', tier_missing: attested.map((fact) => `attested:${fact}`) });
    expect(typed.baseline).toMatchObject({ attested });
    expect(typed.answer.text).toContain('recorded validity (it was typed; a bench run with telemetry records it)');
  });

  it('is VERDICT where a run recorded its trials with telemetry, whatever the caller repeats of it', async () => {
    const watched = await record(watchedRun(), { context: { n_gpus: 1, production_representative: true } });
    expect(watched.answer).toMatchObject({ tier: 'VERDICT', tier_missing: [] });
    expect(watched.baseline).toMatchObject({ attested: [] });
  });

  it('cannot be typed in', async () => {
    expect(await refusal(number(), { tier: 'VERDICT' })).toMatchObject({ code: 'invalid_input' });
  });
});

describe('a schema', () => {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    required: ['model'],
    properties: { rows: { type: 'array', items: { properties: { ttft: { type: 'number', minimum: 0 } } } } },
  };
  const wrong = { rows: [{ ttft: 1 }, { ttft: -2 }, { ttft: 'x' }] };

  it.each([false, true])(
    'is checked first and every violation is reported with its place (dry run: %s)',
    async (dryRun) => {
      const error = await refusal(number(wrong), { schema: bench.file('schema.json', schema), dry_run: dryRun });
      expect(error).toMatchObject({ code: 'schema_violation', exit: 2 });
      const places = error['data'].violations.map(({ at }: { at: string }) => at);
      expect(places.sort()).toEqual(['', '/rows/1/ttft', '/rows/2/ttft']);
      expect(existsSync(join(registry, 'f', name))).toBe(false);
    },
  );

  it('that fits is named in the entry', async () => {
    const path = bench.file('schema.json', schema);
    expect((await record(number({ model: 'm', rows: [{ ttft: 1 }] }), { schema: path })).baseline.schema_path).toBe(
      path,
    );
  });
});

describe('a dry run', () => {
  const everything = (folder: string): string[] => readdirSync(folder, { recursive: true }).map(String).sort();

  it('says what would be recorded and writes nothing', async () => {
    const source = number({ value: 310, unit: 'GB/s' });
    const before = everything(bench.root);
    const answer = await bench.record(name, source, { dry_run: true });
    expect(answer).toMatchObject({
      dry_run: true,
      entry_dir: null,
      slug: null,
      value: 310,
      unit: 'GB/s',
      tier: 'DRAFT',
    });
    expect(answer['text']).toMatch(/^would record f\//);
    expect(everything(bench.root)).toEqual(before);
  });

  it.each<readonly [string, () => Input, string]>([
    ['a name that climbs', () => ({ measurement: '..' }), 'unsafe_segment'],
    ['a source in the registry', () => ({ source: registry }), 'source_in_registry'],
    [
      'a credential in the source',
      () => ({ source: bench.file('s.json', { v: 1, h: 'Bearer abcdefghij1234567890' }) }),
      'secret_in_source',
    ],
    ['an empty source', () => ({ source: bench.file('empty.json', '') }), 'source_empty'],
    ['an entry to supersede that is not there', () => ({ supersedes: '20200101T000000000000Z' }), 'superseded_missing'],
  ])('refuses %s as recording does', async (_, more, code) => {
    await record(number());
    for (const dry_run of [true, false])
      expect(await refusal(number(), { ...more(), dry_run })).toMatchObject({ code });
  });
});

it('is refused by a build that does not know its commit, dry or not', async () => {
  const unbuilt = openWorkbench('unbuilt', { sha: null });
  const source = unbuilt.file('x.json', '1');
  for (const dry_run of [true, false])
    expect(await unbuilt.refusal('record', { family: 'f', measurement: 'm', source, dry_run })).toMatchObject({
      code: 'provenance_missing',
      message: expect.stringMatching(/profile_and_optimize_sha/),
    });
  expect(readdirSync(unbuilt.root)).toEqual(['x.json']);
});
