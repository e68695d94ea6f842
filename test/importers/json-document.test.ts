import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isIdentity } from '../../src/importers/identity.ts';
import { parsePath, resolvePath } from '../../src/importers/json-path.ts';
import { unitOfName } from '../../src/metrics/unit-of-name.ts';
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
    expect(reading.metrics[0]).toMatchObject({ unit: 'ms', direction: null, source_key: 'step_time_ms' });
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
      'position, when nothing tells them apart',
      [
        { size: 8, t: 1 },
        { size: 8, t: 2 },
      ],
      { 'rows[0].size': 8, 'rows[0].t': 1, 'rows[1].size': 8, 'rows[1].t': 2 },
    ],
    [
      'position, when one lacks the field',
      [{ rank: 0, t: 1 }, { t: 2 }],
      { 'rows[0].rank': 0, 'rows[0].t': 1, 'rows[1].t': 2 },
    ],
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
    const reading = await read('{"flops": 9007199254740993, "exact": 9007199254740991}');
    expect(valuesOf(reading)).toEqual({ exact: 9007199254740991 });
    expect(reading.warnings).toEqual(['integers beyond 2^53 are not read: flops']);
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
    expect(valuesOf(reading)).toEqual({ '[concurrency=1].completed': 5, '[concurrency=1].latency_ms': 3 });
    expect(reading.warnings).toEqual(['1 run that completed no request left out']);
  });
});

describe('names', () => {
  test.each([
    'id',
    'run_id',
    'runId',
    'gpu_uuid',
    'sha256',
    'git_commit',
    'start_time',
    'request_end_ns',
    'createdAt',
    'created_at',
    'port',
    'min_request_timestamp_ns',
    'requestTimestampMs',
    'layer_index',
  ])('%s identifies something', (name) => expect(isIdentity(name)).toBe(true));
  test.each([
    'time_us',
    'cold_start_ms',
    'p99_ttft_ms',
    'valid_tokens',
    'bandwidth',
    'transport',
    'step_time',
    'restart_us',
    'grid',
    'flash_ms',
    'p50',
    'date_parse_ms',
  ])('%s is a measurement', (name) => expect(isIdentity(name)).toBe(false));
  test.each([
    ['ttft_p50_ms', 'ms'],
    ['throughput_tok_per_s', 'tok/s'],
    ['busbw_gb_per_s', 'GB/s'],
    ['kernel_class_gpu_pct', '%'],
    ['items_per_s', null],
    ['ms', null],
    ['forms', null],
  ])('%s states the unit %s', (name, unit) => expect(unitOfName(name)).toBe(unit));
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
