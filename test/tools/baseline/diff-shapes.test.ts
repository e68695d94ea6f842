// Which shapes can be compared, how a number is found in a document, units, repeats, and what is refused instead of converted.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openWorkbench, type Answer, type Input } from './workbench.ts';

const bench = openWorkbench('shapes');
const vllm = resolve('examples/measurements/vllm-serve-baseline.json');
const slower = resolve('examples/measurements/vllm-serve-regressed.json');

let count = 0;
let name = '';
beforeEach(() => {
  name = `m${(count += 1)}`;
});

const file = (content: unknown, as = 'x.json'): string => bench.file(`${name}/${(count += 1)}/${as}`, content);
const record = (content: unknown, more: Input = {}) => bench.record(name, file(content), more);
const diff = (content: unknown, more: Input = {}) => bench.diff(name, file(content), more);
const refusal = (more: Input) => bench.refusal('diff', { baseline: `f/${name}`, ...more });
const folder = (files: Readonly<Record<string, unknown>>): string => {
  const place = `${name}/folder-${(count += 1)}`;
  const paths = Object.entries(files).map(([path, content]) => bench.file(`${place}/${path}`, content));
  return dirname(paths[0] ?? '');
};
const keys = (rows: readonly Answer[]) => rows.map(({ key }) => key);
const deltas = (answer: Answer) => JSON.parse(readFileSync(`${answer['diff_dir']}/diff.json`, 'utf8')).deltas;

describe('a number', () => {
  it.each([
    ['plain text', '295'],
    ['an object with value', { value: 295, note: 'again' }],
    ['a value with its unit', { value: 295, unit: 'GB/s' }],
    ['a value in another unit', { value: 0.295, unit: 'TB/s' }],
  ])('is compared with %s', async (_, content) => {
    await record('310', { unit: 'GB/s', direction: 'higher-is-better' });
    const answer = await diff(content, { tolerance_percent: 3 });
    expect(answer).toMatchObject({ shape: 'scalar', verdict: 'RED', headline: [name], deltas_count: 1 });
    const row = { key: name, baseline: 310, unit: 'GB/s', direction: 'higher-is-better', tolerance: { percent: 3 } };
    expect(answer['adverse']).toMatchObject([row]);
    expect(answer['adverse'][0].current).toBeCloseTo(295, 9);
    expect(answer['adverse'][0].delta_pct).toBeCloseTo(-4.8387, 3);
  });

  it('is not compared with a number of another kind', async () => {
    await record('310', { unit: 'GB/s' });
    expect(await refusal({ current: file({ value: 12, unit: 'ms' }) })).toMatchObject({
      code: 'unit_mismatch',
      exit: 4,
    });
  });

  it('is found in a document by the selector that it was recorded with', async () => {
    await bench.record(name, vllm, { select: 'ttft_p50_ms' });
    const answer = await bench.diff(name, slower);
    expect(answer).toMatchObject({ shape: 'scalar', verdict: 'RED', adverse: [{ key: name, unit: 'ms' }] });
  });

  it('is taken as it is from a file of one number, though a selector is stored', async () => {
    await bench.record(name, vllm, { select: 'ttft_p50_ms', unit: 's' });
    const { value } = (await bench.answer('show', { entry: `f/${name}` }))['baseline'];
    expect(await diff({ value: value * 1000, unit: 'ms' })).toMatchObject({ verdict: 'GREEN', adverse: [] });
  });

  it('is found by select, which counts more than the stored selector', async () => {
    await record({ a: 10, b: 20 }, { select: 'a' });
    expect(deltas(await diff({ a: 10, b: 20 }, { select: 'b' }))).toMatchObject([{ baseline: 10, current: 20 }]);
    expect(deltas(await diff({ a: 11, b: 20 }))).toMatchObject([{ baseline: 10, current: 11 }]);
  });

  it('is given as current_value, alone or as repeats', async () => {
    await record('310', { unit: 'GB/s' });
    expect(deltas(await bench.diff(name, [], { current_value: [295] }))).toMatchObject([
      { current: 295, unit: 'GB/s' },
    ]);
    const repeated = await bench.diff(name, [], { current_value: [290, 300, 296] });
    expect(repeated['trials']).toEqual({
      baseline: { valid: 0, invalid: 0, reasons: {} },
      current: { valid: 3, invalid: 0, reasons: {} },
    });
    expect(deltas(repeated)).toMatchObject([{ current: 296 }]);
  });

  it('is not guessed from a document: the error lists the numbers with their selectors', async () => {
    await record('310');
    const error = await refusal({
      current: file({
        rows: [
          { size: 8, busbw: 2 },
          { size: 16, busbw: 5 },
        ],
        t_ms: 3,
      }),
    });
    expect(error).toMatchObject({ code: 'selector_needed', exit: 2, message: expect.stringMatching(/3 numbers/) });
    expect(error['fix']).toMatch(
      /select.*current_value.*rows\[size=8\]\.busbw = 2; rows\[size=16\]\.busbw = 5; t_ms = 3 ms/,
    );
    expect(error['data'].numbers).toHaveLength(3);
  });

  it.each<readonly [string, () => Input, string]>([
    ['nothing', () => ({}), 'no_current'],
    ['a file and a number', () => ({ current: file('1'), current_value: [1] }), 'current_given_twice'],
    ['a selector and a number', () => ({ select: 'a', current_value: [1] }), 'current_given_twice'],
    ['a selector that picks nothing', () => ({ current: file({ a: 1, b: 2 }), select: 'c' }), 'selector_no_match'],
  ])('is not compared with %s', async (_, more, code) => {
    await record('310');
    expect(await refusal(more())).toMatchObject({ code, exit: 2 });
  });
});

describe('repeats', () => {
  it('of a number come from one file, several files, or a folder, in the unit of the first', async () => {
    await record({ values: [41, 42, 43], unit: 'ms' });
    const asValues = await diff({ values: [40, 43, 44], unit: 'ms' });
    const files = [file({ value: 40, unit: 'ms' }), file({ value: 0.043, unit: 's' }), file({ value: 44, unit: 'ms' })];
    const asFiles = await bench.diff(name, files);
    const asFolder = await bench.diff(name, folder({ 'a.txt': '40', 'b.txt': '43', 'c.txt': '44' }));
    for (const answer of [asValues, asFiles, asFolder]) {
      expect(answer['trials']).toMatchObject({ baseline: { valid: 3 }, current: { valid: 3 } });
      expect(answer['decision']).toMatchObject({ basis: 'interval_t' });
      expect(deltas(answer)[0]).toMatchObject({ baseline: 42, current: 43, unit: 'ms' });
    }
  });

  it('that are invalid are counted and left out', async () => {
    const envelope = resolve('test/fixtures/measurements/envelope-v1.1.json');
    await bench.record(name, envelope);
    expect((await bench.diff(name, envelope))['verdict']).toBe('GREEN');
    await bench.answer('record', {
      family: 'f',
      measurement: name,
      source: file('1'),
      trials: [{ values: { value: 1 } }, { values: { value: 1.02 } }, { values: { value: 9 }, validity: ['throttle'] }],
    });
    const answer = await bench.diff(name, [], { current_value: [1, 1.01] });
    expect(answer['trials']).toMatchObject({ baseline: { valid: 2, invalid: 1 } });
    expect(deltas(answer)[0].baseline).toBeCloseTo(1.01, 12);
  });

  it('of a document are several files or a folder of equal-shaped ones', async () => {
    const run = (tps: number) => ({ a_tok_per_s: tps, itl_ms: 7 });
    await record(run(100));
    const files = await bench.diff(name, [file(run(98)), file(run(104)), file(run(99))]);
    const inFolder = await bench.diff(name, folder({ '1.json': run(98), '2.json': run(104), '3.json': run(99) }));
    for (const answer of [files, inFolder]) {
      expect(answer).toMatchObject({ shape: 'structured', trials: { current: { valid: 3 } } });
      expect(deltas(answer)).toContainEqual(expect.objectContaining({ key: 'a_tok_per_s', current: 99 }));
    }
  });

  it('that do not hold the same metrics are refused, and the odd one is named', async () => {
    await record({ a_ms: 1, b_ms: 2 });
    const error = await refusal({ current: [file({ a_ms: 1, b_ms: 2 }), file({ a_ms: 1 }, 'odd.json')] });
    expect(error).toMatchObject({ code: 'trials_differ', message: expect.stringMatching(/odd\.json.*b_ms/) });
  });

  it('on the baseline side are several entries of the measurement', async () => {
    for (const value of [300, 310, 312]) await record({ value, unit: 'GB/s' });
    const items = (await bench.answer('list', { family: 'f', measurement: name }))['items'];
    const baseline = items.map((item: Answer) => `f/${name}@${item['name']}`);
    const answer = await bench.answer('diff', { baseline, current_value: [309, 311, 308] });
    expect(answer['trials']).toMatchObject({ baseline: { valid: 3 }, current: { valid: 3 } });
    expect(deltas(answer)[0]).toMatchObject({ baseline: 310, current: 309 });
    const ref = readFileSync(`${answer['diff_dir']}/baseline-ref.txt`, 'utf8');
    expect(ref.trim().split('\n').sort()).toEqual(items.map((item: Answer) => item['entry_dir']).sort());
  });

  it('on the baseline side are not entries of something else', async () => {
    await record('1');
    await bench.record(`${name}-other`, file('1'));
    expect(await refusal({ baseline: [`f/${name}`, `f/${name}-other`], current_value: [1] })).toMatchObject({
      code: 'baselines_differ',
    });
  });
});

describe('a document', () => {
  it('is compared at any depth under paths that do not move with the order of arrays', async () => {
    await record({
      run: {
        pairs: [
          { pair: '0-1', gb_per_s: 50 },
          { pair: '0-2', gb_per_s: 40 },
        ],
      },
      list: [1, 2],
    });
    const answer = await diff({
      list: [1, 2],
      run: {
        pairs: [
          { pair: '0-2', gb_per_s: 30 },
          { pair: '0-1', gb_per_s: 50 },
        ],
      },
    });
    expect(answer).toMatchObject({ shape: 'structured', verdict: 'RED', deltas_count: 4 });
    expect(keys(answer['adverse'])).toEqual(['run.pairs[pair=0-2].gb_per_s']);
  });

  it('of throughput 25 percent lower, nested, is RED and named', async () => {
    const at = (tps: number) => ({ metrics: { 16: { throughput_toks_per_s: tps, ttft_p50_ms: 60 } } });
    await record(at(1800));
    const answer = await diff(at(1350));
    expect(answer).toMatchObject({
      verdict: 'RED',
      adverse: [{ key: 'metrics.16.throughput_toks_per_s', delta_pct: -25 }],
    });
  });

  it('of JSON Lines is keyed by what identifies each line', async () => {
    const lines = (factor: number) =>
      [1, 4, 16].map((concurrency) => JSON.stringify({ concurrency, ttft_ms: 40 + concurrency * factor })).join('\n');
    await bench.record(name, file(lines(1), 'a.jsonl'));
    const answer = await bench.diff(name, file(lines(2).split('\n').reverse().join('\n'), 'b.jsonl'));
    expect(keys(answer['adverse'])).toEqual(['[concurrency=16].ttft_ms', '[concurrency=4].ttft_ms']);
  });

  it('of atlas rows is keyed by cell, concurrency, ISL, OSL and phase', async () => {
    const atlas = readFileSync('test/fixtures/measurements/atlas.jsonl', 'utf8');
    await bench.record(name, file(atlas, 'atlas.jsonl'));
    expect(await bench.diff(name, file(atlas, 'atlas.jsonl'))).toMatchObject({ verdict: 'GREEN', adverse: [] });
    const worse = await bench.diff(
      name,
      file(atlas.replace('"output_tps_per_gpu": 395.86', '"output_tps_per_gpu": 200'), 'atlas.jsonl'),
    );
    expect(worse).toMatchObject({ verdict: 'RED' });
    expect(keys(worse['adverse'])).toContainEqual(
      expect.stringMatching(/^output_tps_per_gpu\[cell_id=base,concurrency=8,isl=\d+,osl=\d+/),
    );
  });

  it('is not compared with a number, and a number not with a document', async () => {
    await record({ a_ms: 1, b_ms: 2 });
    for (const more of [{ current_value: [3] }, { current: file({ a_ms: 1, b_ms: 2 }), select: 'a_ms' }])
      expect(await refusal(more)).toMatchObject({ code: 'shape_mismatch', exit: 2 });
    expect(await refusal({ current: file('3') })).toMatchObject({ code: 'no_numbers', exit: 2 });
  });

  it('without a metric in common is not compared', async () => {
    await record({ a_ms: 1, b_ms: 2 });
    expect(await refusal({ current: file({ c_ms: 1, d_ms: 2 }) })).toMatchObject({
      code: 'nothing_in_common',
      exit: 4,
    });
  });
});

describe('a folder', () => {
  const run = (tps: number) => ({
    'c1.json': { x_tok_per_s: 10, itl_ms: 5 },
    'sub/c2.json': { x_tok_per_s: tps, itl_ms: 9 },
  });

  it('keeps its files apart', async () => {
    await bench.record(name, folder(run(20)));
    expect(await bench.diff(name, folder(run(20)))).toMatchObject({
      shape: 'folder',
      verdict: 'GREEN',
      deltas_count: 4,
    });
    const worse = await bench.diff(name, folder(run(15)));
    expect(keys(worse['adverse'])).toEqual(['x_tok_per_s[file=sub/c2.json]']);
  });

  it('given several times is several trials', async () => {
    await bench.record(name, folder(run(20)));
    const answer = await bench.diff(name, [folder(run(19)), folder(run(21)), folder(run(20))]);
    expect(answer).toMatchObject({ verdict: 'GREEN', trials: { current: { valid: 3 } }, vanished: [], added: [] });
  });

  it('is not compared with a file', async () => {
    await bench.record(name, folder(run(20)));
    expect(await refusal({ current: file({ x_tok_per_s: 10, itl_ms: 5 }) })).toMatchObject({ code: 'shape_mismatch' });
  });

  it('is compared with all files of a new folder named one by one, not with some of them', async () => {
    const parts = { 'prefill.json': { x_tok_per_s: 10, itl_ms: 5 }, 'decode.json': { x_tok_per_s: 11, itl_ms: 5 } };
    await bench.record(name, folder(parts));
    const all = folder(parts);
    const paths = [`${all}/prefill.json`, `${all}/decode.json`];
    expect(await bench.diff(name, paths)).toMatchObject({ shape: 'folder', verdict: 'GREEN', deltas_count: 4 });
    const some = folder({ ...parts, 'mixed.json': { x_tok_per_s: 12, itl_ms: 5 } });
    expect(await refusal({ current: [`${some}/prefill.json`, `${some}/decode.json`] })).toMatchObject({
      code: 'shape_mismatch',
    });
  });

  const runs = (factor: number) =>
    folder(
      Object.fromEntries(
        [100, 100.4, 99.7, 100.6, 99.5].map((value, index) => [
          `run${index + 1}.json`,
          { x_ms: value * factor, y_ms: 7 + index / 100 },
        ]),
      ),
    );

  it('of five runs is five trials of one measurement, and the answer says so', async () => {
    const recorded = await bench.record(name, runs(1));
    expect(recorded).toMatchObject({ shape: 'file', n: 5, metrics_count: 2, format: 'json_document' });
    expect(recorded['repeats']).toEqual(['run1.json', 'run2.json', 'run3.json', 'run4.json', 'run5.json']);
    expect(recorded['text']).toMatch(/a folder of 5 runs, each a trial[^]*n 5 trials, each figure the median/);
    expect(await bench.answer('show', { entry: `f/${name}` })).toMatchObject({
      metrics: [
        { key: 'x_ms', value: 100 },
        { key: 'y_ms', value: 7.02 },
      ],
      text: expect.stringContaining('n 5 trials'),
    });
    expect(await bench.diff(name, runs(1.2))).toMatchObject({
      decision: { status: 'FAIL', strength: 'proven' },
      trials: { baseline: { valid: 5 }, current: { valid: 5 } },
    });
    expect(await bench.diff(name, runs(1))).toMatchObject({ verdict: 'GREEN', decision: { status: 'PASS' } });
  });

  it('of five runs has five values of the selected number', async () => {
    expect(await bench.record(name, runs(1), { select: 'x_ms' })).toMatchObject({ shape: 'scalar', n: 5, value: 100 });
    expect(await bench.diff(name, runs(1.2))).toMatchObject({ decision: { status: 'FAIL', strength: 'proven' } });
  });

  it('of one number a file has that many repeats of it', async () => {
    const numbers = folder({ 'trial-1.txt': '310', 'trial-2.txt': '312.5', 'trial-3.txt': '309' });
    expect(await bench.record(name, numbers, { unit: 'GB/s' })).toMatchObject({ shape: 'scalar', n: 3, value: 310 });
  });

  it('whose files hold the same metrics under other names is one of trials only when the caller says so', async () => {
    const files = { 'alpha.json': { x_ms: 10, y_ms: 5 }, 'beta.json': { x_ms: 11, y_ms: 6 } };
    const apart = await bench.record(name, folder(files));
    expect(apart).toMatchObject({ shape: 'folder', metrics_count: 4, repeats: [] });
    expect(apart['warnings']).toContainEqual(expect.stringContaining('if they are repeats, give replicate_level'));
    expect(await bench.record(name, folder(files), { replicate_level: 'process' })).toMatchObject({
      n: 2,
      metrics_count: 2,
    });
    expect(
      await bench.refusal('record', { family: 'f', measurement: name, source: folder(files), select: 'x_ms' }),
    ).toMatchObject({
      code: 'select_in_folder',
    });
  });

  it('with a copy among its runs keeps them apart, and a copy among new runs is refused', async () => {
    const twice = folder({ 'run1.json': { x_ms: 10, y_ms: 5 }, 'run2.json': { x_ms: 10, y_ms: 5 } });
    const apart = await bench.record(name, twice);
    expect(apart['warnings']).toContainEqual(expect.stringContaining('copies of one another'));
    await record({ x_ms: 10, y_ms: 5 });
    expect(await refusal({ current: twice })).toMatchObject({ code: 'file_twice' });
  });

  it('of documents with rules of their own follows these rules in each file', async () => {
    const text = readFileSync('examples/measurements/inference-perfbench.json', 'utf8');
    const at = (from: string, to: string) => folder({ 'a.json': text.replace(from, to), 'b.json': text });
    await bench.record(name, at('', ''));
    expect(await bench.diff(name, at('"ttft_p99_ms": 147.6', '"ttft_p99_ms": 167'))).toMatchObject({
      verdict: 'GREEN',
    });
    const nulled = await bench.diff(name, at('"itl_p50_ms": 8.71', '"itl_p50_ms": null'));
    expect(nulled).toMatchObject({ verdict: 'GREEN', vanished: [] });
    const headline = await bench.diff(name, at('"throughput_toks_per_s": 1804.6', '"throughput_toks_per_s": 1740'));
    expect(headline).toMatchObject({
      verdict: 'RED',
      adverse: [{ key: 'throughput_tok_per_s[concurrency=16,file=a.json]' }],
    });
  });
});
