import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePath, resolvePath } from '../../src/importers/json-path.ts';
import { type JsonValue, isJsonObject } from '../../src/text/json.ts';
import { faultOf, read, readJson, reasonOf, valuesOf } from './outcome.ts';

describe('a document of unknown format', () => {
  test('gives every number under its path', async () => {
    const reading = await readJson({
      step_time_ms: 412.5,
      nested: { 'a.b': { busbw_gb_per_s: 310 } },
      list: [1, [2, 3]],
    });
    expect(reading.format).toBe('json_document');
    expect(valuesOf(reading)).toEqual({
      step_time_ms: 412.5,
      'nested["a.b"].busbw_gb_per_s': 310,
      'list[0]': 1,
      'list[1][0]': 2,
      'list[1][1]': 3,
    });
    expect(reading.metrics[0]).toMatchObject({
      unit: 'ms',
      direction: 'lower-is-better',
      source_key: 'step_time_ms',
    });
    expect(reading.metrics[2]?.direction).toBeNull();
    expect(reading.warnings).toEqual([expect.stringMatching(/^elements of list.* are matched by position/)]);
  });

  test.each([
    [
      'concurrency',
      [
        { concurrency: 16, ttft_p50_ms: 1 },
        { concurrency: 32, ttft_p50_ms: 2 },
      ],
      { 'rows[concurrency=16].ttft_p50_ms': 1, 'rows[concurrency=32].ttft_p50_ms': 2 },
    ],
    ['a pair', [{ pair: 'gpu0,gpu1', bw: 5 }], { 'rows[pair="gpu0,gpu1"].bw': 5 }],
    [
      'all that identify',
      [
        { name: 'a', size: 8, t: 1 },
        { name: 'a', size: 16, t: 2 },
      ],
      { 'rows[name=a,size=8].t': 1, 'rows[name=a,size=16].t': 2 },
    ],
    [
      'their name and then by their median, when they are repeats',
      [
        { size: 8, t: 1 },
        { size: 8, t: 2 },
      ],
      { 'rows[size=8][p50].t': 1.5 },
    ],
    ['position, when nothing distinguishes them', [{ t: 1 }, { t: 2 }], { 'rows[0].t': 1, 'rows[1].t': 2 }],
    ['position, when one lacks the field', [{ rank: 0, t: 1 }, { t: 2 }], { 'rows[0].t': 1, 'rows[1].t': 2 }],
    [
      'id, as a last resort',
      [
        { id: 'x', t: 1 },
        { id: 'y', t: 2 },
      ],
      { 'rows[id=x].t': 1, 'rows[id=y].t': 2 },
    ],
  ])('keys elements of an array by %s', async (_, rows, expected) => {
    expect(valuesOf(await readJson({ rows }))).toEqual(expected);
  });

  test('does not take booleans, text, ids, moments and null for metrics', async () => {
    const noise = {
      ok: true,
      label: '12.5',
      run_id: 7,
      seed: 42,
      start_time: 1.7e9,
      timestamp_ms: 5,
      requestStartNs: 9,
      pid: 11,
      schema_version: 2,
      gap: null,
    };
    expect(valuesOf(await readJson({ ...noise, seeds: [1, 2], mean_ms: 3 }))).toEqual({ mean_ms: 3 });
  });

  test('takes the unit that stands beside a number before that of its name', async () => {
    const reading = await readJson({ link: { unit: 'GB/s', avg: 310 }, step_ms: 4 });
    expect(reading.metrics.map(({ name, unit }) => [name, unit])).toEqual([
      ['link.avg', 'GB/s'],
      ['step_ms', 'ms'],
    ]);
  });

  test('leaves out integers beyond 2^53 and says so', async () => {
    const reading = await read('{"flops": 9007199254740993, "exact": 9007199254740991, "even": 1.25e18}');
    expect(valuesOf(reading)).toEqual({ exact: 9007199254740991, even: 1.25e18 });
    expect(reading.warnings).toEqual(['integers that a double cannot hold are not read: flops']);
  });

  test('reads JSON Lines as an array of its lines', async () => {
    expect(valuesOf(await read('{"rank":0,"t":1}\n\n{"rank":1,"t":2}\n', 'x.jsonl'))).toEqual({
      '[rank=0].t': 1,
      '[rank=1].t': 2,
    });
  });

  test.each([
    ['a number that overflows', '{"a": {"b": 1e400}}', 'number_overflow', 'a.b'],
    ['NaN', '{"a": NaN}', 'json_non_finite', '1:7'],
    ['a repeated key', '{"a": 1, "a": 2}', 'json_duplicate_key', '1:10'],
    ['text that is cut off', '{"a": [1, 2', 'json_syntax', '1:12'],
    ['a bad third line', '{"a":1}\n{"a":2}\n{"a":}', 'json_syntax', '3:6'],
    ['no numbers', '{"a": "b", "run_id": 3}', 'no_numbers', undefined],
  ])('%s is refused with its place', async (_, text, code, at) => {
    expect(await faultOf(read(text))).toMatchObject({ code, details: at === undefined ? {} : { at } });
  });

  test.each([5_000, 100_000])('nesting of %i levels is refused, not a crash', async (depth) => {
    expect(await faultOf(read('['.repeat(depth) + '1' + ']'.repeat(depth)))).toMatchObject({ code: 'json_too_deep' });
  });
});

describe('a run that completed nothing', () => {
  test.each([
    { completed: 0 },
    { completed: 0, failed: 12, ttft_p50_ms: 0 },
    { successful_requests: 0, throughput: 0 },
    [{ completed: 0 }, { completed: 0, latency_ms: 0 }],
  ])('%j is no measurement', async (document) => {
    expect(await reasonOf(JSON.stringify(document))).toMatch(
      /^no request completed \((completed|successful_requests) is 0\)$/,
    );
  });

  test('is left out among others, and counted', async () => {
    const reading = await readJson([
      { concurrency: 1, completed: 5, latency_ms: 3 },
      { concurrency: 2, completed: 0, latency_ms: 0 },
    ]);
    expect(valuesOf(reading)).toEqual({ '[concurrency=1].latency_ms': 3 });
    expect(reading.warnings[0]).toBe('1 run that completed no request left out');
  });
});

describe('elements of an array are matched by what names them', () => {
  test.each([
    [
      'a command',
      [
        { command: 'a', mean: 1 },
        { command: 'b', mean: 2 },
      ],
      ['[command=a].mean', '[command=b].mean'],
    ],
    [
      'the shape of the work',
      [
        { n_prompt: 512, n_gen: 0, avg_ts: 7100 },
        { n_prompt: 0, n_gen: 128, avg_ts: 120 },
      ],
      ['[n_prompt=512,n_gen=0].avg_ts', '[n_prompt=0,n_gen=128].avg_ts'],
    ],
    [
      'parameters inside of them',
      [
        { parameters: { concurrency: 16 }, metrics: { ttft_ms: 1 } },
        { parameters: { concurrency: 32 }, metrics: { ttft_ms: 2 } },
      ],
      ['[parameters.concurrency=16].metrics.ttft_ms', '[parameters.concurrency=32].metrics.ttft_ms'],
    ],
    [
      'the name of their metric, which also says what the value is',
      [{ metric: { name: 'ttft_ms', value: 1 } }, { metric: { name: 'request_throughput', value: 2 } }],
      ['[metric.name=ttft_ms].metric.value', '[metric.name=request_throughput].metric.value'],
    ],
    [
      'a text that differs in each',
      [
        { flavour: 'plain', tokens_per_s: 1 },
        { flavour: 'fused', tokens_per_s: 2 },
      ],
      ['[flavour=plain].tokens_per_s', '[flavour=fused].tokens_per_s'],
    ],
  ])('%s', async (_, rows, keys) => {
    expect(Object.keys(valuesOf(await readJson(rows)))).toEqual(keys);
    const other = await readJson(rows.toReversed());
    expect(Object.keys(valuesOf(other)).toSorted()).toEqual(keys.toSorted());
  });

  test('the name of a metric gives its value a direction', async () => {
    const { metrics } = await readJson([
      { perf_metric_name: 'handle_avg_rps', perf_metric_value: 411 },
      { perf_metric_name: 'http_p99_latency', perf_metric_value: 12 },
    ]);
    expect(metrics.map(({ direction }) => direction)).toEqual(['higher-is-better', 'lower-is-better']);
  });

  test('a table that is written by columns is matched by the text in its rows', async () => {
    const table = (order: readonly number[]) => ({
      serving: {
        'Test name': Object.fromEntries(order.map((row, index) => [index, `qps_${row}`])),
        'Mean TTFT (ms)': Object.fromEntries(order.map((row, index) => [index, 10 * row])),
        'Tput (tok/s)': Object.fromEntries(order.map((row, index) => [index, 100 * row])),
      },
    });
    const reading = await readJson(table([1, 4]));
    expect(valuesOf(reading)).toEqual(valuesOf(await readJson(table([4, 1]))));
    expect(reading.metrics[0]).toMatchObject({
      name: 'serving[Test name=qps_1].Mean TTFT (ms)',
      unit: 'ms',
      direction: 'lower-is-better',
    });
  });

  test('spreads among the rows are left out', async () => {
    const rows = ['BM_x_mean', 'BM_x_stddev', 'BM_x_cv'].map((name, index) => ({ name, real_time: 100 + index }));
    expect(valuesOf(await readJson({ benchmarks: rows }))).toEqual({ 'benchmarks[name=BM_x_mean].real_time': 100 });
  });
});

describe('records and repeats', () => {
  const records = Array.from({ length: 20 }, (_, index) => ({ ttft_s: 0.1 + index / 100, number_output_tokens: 5 }));

  test('records of requests are compared by their median, whatever their order', async () => {
    const reading = await readJson(records);
    expect(valuesOf(reading)).toEqual({ '[p50].ttft_s': expect.closeTo(0.195, 9) });
    expect(reading.metrics[0]).toMatchObject({ unit: 's', direction: 'lower-is-better', statistic: 'p50' });
    expect(valuesOf(await readJson(records.toReversed()))).toEqual(valuesOf(reading));
    expect(reading.warnings[0]).toBe(
      'the document: 20 values without a name of their own are compared by their median',
    );
  });

  test('many records have a tail too', async () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ latency_ms: index + 1 }));
    expect(valuesOf(await readJson({ requests: many }))).toEqual({
      'requests[p50].latency_ms': 50.5,
      'requests[p99].latency_ms': expect.closeTo(99.01, 9),
    });
  });

  test('steps of a log are a series, not points', async () => {
    const steps = [0, 1, 2].map((step) => ({ step, tokens_per_sec: 1000 + step }));
    expect(valuesOf(await readJson(steps))).toEqual({ '[p50].tokens_per_sec': 1001 });
  });

  test('repeats in an array are one figure, and say what stands beside them', async () => {
    const reading = await readJson({ results: [{ command: 'a', mean: 2, stddev: 0.1, user: 1, times: [1, 2, 3] }] });
    expect(reading.metrics.map(({ name, value, direction }) => [name, value, direction])).toEqual([
      ['results[command=a].mean', 2, 'lower-is-better'],
      ['results[command=a].user', 1, 'lower-is-better'],
      ['results[command=a].times[p50]', 2, 'lower-is-better'],
    ]);
  });

  test('values over time and histograms are no figures', async () => {
    const series = { throughput_over_time: [[0, 20], [1, 22], [2, 24]], latency_histogram: { a: 1 }, mean_ms: 3 }; // prettier-ignore
    const reading = await readJson(series);
    expect(valuesOf(reading)).toEqual({ mean_ms: 3 });
    expect(reading.warnings).toEqual(['not compared: series throughput_over_time, latency_histogram']);
  });
});

describe('units', () => {
  test.each([
    ['unit', { unit: 'GB/s', latency: 5 }, 'GB/s', null],
    ['units', { units: 'us', zorp: 5 }, 'us', 'lower-is-better'],
    ['time_unit for times', { time_unit: 'ns', real_time: 5 }, 'ns', 'lower-is-better'],
    ['scoreUnit of a score that is a rate', { score: 5, scoreUnit: 'ops/s' }, 'ops/s', 'higher-is-better'],
    ['scoreUnit of a score that is a time', { scoreUnit: 'us/op', score: 5 }, 'us/op', 'lower-is-better'],
    ['a unit against that of the name', { unit: 's', step_ms: 5 }, 's', 'lower-is-better'],
    ['a unit of an object around', { unit: 'ms', percentiles: { p50: 5 } }, 'ms', 'lower-is-better'],
  ])('%s', async (_, document, unit, direction) => {
    const { metrics } = await readJson(document);
    expect(metrics).toMatchObject([{ unit, direction }]);
  });

  test('time_unit says nothing of a rate beside it', async () => {
    const { metrics } = await readJson({ time_unit: 'us', real_time: 5, bytes_per_second: 7 });
    expect(metrics.map(({ unit }) => unit)).toEqual(['us', 'B/s']);
  });

  test('a name and a unit that contradict each other leave the direction open, and the answer says so', async () => {
    const reading = await readJson({ a: { throughput: 5, unit: 'ms' }, b: { latency: 7, unit: 'tok/s' } });
    expect(reading.metrics.map(({ direction }) => direction)).toEqual([null, null]);
    expect(reading.warnings[0]).toMatch(
      /^name and unit contradict each other.*: a.throughput in ms, b.latency in tok\/s$/,
    );
  });

  test('the same quantity in another unit keeps its direction', async () => {
    const { metrics } = await readJson({ r: { unit: 'images/s', rate_a: 5 }, s: { unit: 'furlongs', rate_b: 5 } });
    expect(metrics.map(({ direction }) => direction)).toEqual(['higher-is-better', null]);
  });
});

describe('numbers that are written as text', () => {
  test.each([
    ['with their unit', { throughput: '2500.5 tok/s' }, { throughput: 2500.5 }, 'tok/s'],
    ['without a blank', { latency: '12ms' }, { latency: 12 }, 'ms'],
    ['with thousands', { latency: '1,012.5 us' }, { latency: 1012.5 }, 'us'],
    ['alone, where the name says what they are', { ttft_ms: '12.0' }, { ttft_ms: 12 }, 'ms'],
  ])('are read %s', async (_, document, values, unit) => {
    const reading = await readJson(document);
    expect(valuesOf(reading)).toEqual(values);
    expect(reading.metrics[0]?.unit).toBe(unit);
  });

  test('are named where their unit is not known', async () => {
    const reading = await readJson({ throughput: '25 zorps', latency_ms: 3 });
    expect(valuesOf(reading)).toEqual({ latency_ms: 3 });
    expect(reading.warnings[0]).toMatch(/not read: throughput$/);
  });

  test.each(['12.4', '2026-01-01', '8x7b', '1.2.3', 'H100'])(
    '%s without a name that says more is none',
    async (text) => {
      expect(valuesOf(await readJson({ toolkit: text, a_ms: 1 }))).toEqual({ a_ms: 1 });
    },
  );
});

describe('settings and counts', () => {
  test('become context where it has a place for them, are named, and are never compared', async () => {
    const reading = await readJson({
      model: 'acme/Net-8B',
      tensor_parallel_size: 8,
      max_concurrency: 16,
      num_prompts: 400,
      total_output_tokens: 5000,
      ttft_std_ms: 3,
      ttft_ms: 12,
    });
    expect(valuesOf(reading)).toEqual({ ttft_ms: 12 });
    expect(reading.context).toEqual({ model: 'acme/Net-8B', tp: 8, concurrency: 16, num_prompts: 400 });
    expect(reading.warnings).toEqual([
      'not compared: settings tensor_parallel_size, max_concurrency, num_prompts; counts of work total_output_tokens; spreads ttft_std_ms',
    ]);
  });

  test('two values of one setting belong to no context', async () => {
    const { context } = await readJson({ a: { tp: 8, x_ms: 1 }, b: { tp: 4, x_ms: 1 } });
    expect(context).toEqual({});
  });

  test('alone they are no measurement', async () => {
    expect(await faultOf(readJson({ num_prompts: 400, batch_size: 8 }))).toMatchObject({
      code: 'no_numbers',
      details: { data: { left_out: ['num_prompts', 'batch_size'] } },
    });
  });

  test('of a folder of arguments nothing is compared, of a description only what is known to be measured', async () => {
    const reading = await readJson({ args: { alpha_x: 3, ttft_ms: 9 }, machine: { zorps: 4, boot_ms: 2 }, gain: 1 });
    expect(Object.keys(valuesOf(reading))).toEqual(['machine.boot_ms', 'gain']);
  });
});

/** Numbers and containers, with keys that never identify anything unless the test wants them to. */
const documents = fc.letrec<{ value: JsonValue; object: JsonValue; array: JsonValue }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.double({ noNaN: true, noDefaultInfinity: true }), tie('object'), tie('array')),
  object: fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  array: fc.array(tie('value'), { maxLength: 4 }),
})).object;

const reversedKeys = (value: JsonValue): JsonValue => {
  if (Array.isArray(value)) return value.map(reversedKeys);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, reversedKeys(inner)]),
  );
};

const read0 = async (document: JsonValue): Promise<Record<string, number> | string> =>
  read(JSON.stringify(document), 'x.json', 'json_document').then(valuesOf, (error: { code: string }) => error.code);

describe('laws of the document reader', () => {
  test('a document reads the same member by member and as a whole', async () => {
    // An escape in a key makes the reader look at the whole document first.
    const whole = (text: string): string => text.replace('{', '{"\\u0001": "",');
    const metricsOf = async (text: string) => (await read(text, 'x.json', 'json_document')).metrics;
    const units = fc.record({ a_ms: fc.integer(), unit: fc.constantFrom('GB/s', 'us'), b: fc.integer() });
    const objects = fc.oneof(documents, fc.dictionary(fc.constantFrom('p', 'q.r'), units, { minKeys: 1 }));
    await fc.assert(
      fc.asyncProperty(objects, async (document) => {
        const text = JSON.stringify(document);
        if (!text.startsWith('{"')) return;
        const byKey = (metrics: Awaited<ReturnType<typeof metricsOf>>) =>
          Object.fromEntries(metrics.map((metric) => [metric.name, metric]));
        const outcome = await metricsOf(text).then(byKey, (error: { code: string }) => error.code);
        expect(outcome).toEqual(await metricsOf(whole(text)).then(byKey, (error: { code: string }) => error.code));
      }),
      { numRuns: 150 },
    );
  });

  test('the order of keys does not matter', async () => {
    await fc.assert(
      fc.asyncProperty(documents, async (document) => {
        expect(await read0(reversedKeys(document))).toEqual(await read0(document));
      }),
      { numRuns: 150 },
    );
  });

  test('every path selects the number that it names', async () => {
    await fc.assert(
      fc.asyncProperty(documents, async (document) => {
        const parsed: JsonValue = JSON.parse(JSON.stringify(document));
        const values = await read0(document);
        if (typeof values === 'string') return;
        for (const [path, value] of Object.entries(values)) expect(resolvePath(parsed, parsePath(path))).toBe(value);
      }),
      { numRuns: 150 },
    );
  });

  test('the order of elements that identify themselves does not matter', async () => {
    const rows = fc.uniqueArray(
      fc.record({
        name: fc.string({ minLength: 1 }),
        t_ms: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0.1, max: 9 }),
      }),
      {
        selector: ({ name }) => name,
        minLength: 1,
        maxLength: 6,
      },
    );
    await fc.assert(
      fc.asyncProperty(rows, async (items) => {
        expect(await read0({ rows: items.toReversed() })).toEqual(await read0({ rows: items }));
      }),
      { numRuns: 80 },
    );
  });
});
