// Heavy calls against the built server: it answers others meanwhile, ends them when their time is up, and lives on.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, freshRoot, removeRoot, type Connection } from './connect.ts';

let client: Connection;
const root = freshRoot();
beforeAll(async () => {
  client = await connect('2.x client, 2025-11-25', { root });
});
afterAll(async () => {
  await client.close();
  removeRoot(root);
});

const write = (name: string, text: string | Buffer): string => {
  writeFileSync(join(root, name), text);
  return join(root, name);
};

const flat = (keys: number, factor: number): string =>
  JSON.stringify(
    Object.fromEntries(Array.from({ length: keys }, (_, at) => [`kernel_${at}_time_ms`, (1 + (at % 7)) * factor])),
  );

/** A record whose schema has a pattern that takes longer than anybody waits. */
const endless = () => ({
  family: 'heavy',
  measurement: 'pattern',
  source: write('pattern.json', JSON.stringify({ ttft_ms: 3, name: `${'a'.repeat(40)}!` })),
  schema: write('schema.json', JSON.stringify({ properties: { name: { pattern: '^(a+)+$' } } })),
});

const codeOf = ({ structured }: { structured: Record<string, unknown> }): unknown => Object(structured['error']).code;

describe('a heavy call', () => {
  it('leaves the server answering, and ends with its time', async () => {
    const order: string[] = [];
    const call = client.call('perf_baseline_record', { ...endless(), time_limit_s: 2 }).then((result) => {
      order.push('call');
      return result;
    });
    await client.request('ping').then(() => order.push('ping'));
    expect(codeOf(await call)).toBe('time_limit');
    expect(order).toEqual(['ping', 'call']);
    expect((await client.call('perf_baseline_list', {})).isError).toBe(false);
  });

  it('is ended by a cancellation', async () => {
    const stop = new AbortController();
    const call = client.call('perf_baseline_record', endless(), { signal: stop.signal });
    const ended = expect(call).rejects.toThrow();
    await client.request('ping');
    stop.abort();
    await ended;
    expect((await client.call('perf_baseline_list', {})).isError).toBe(false);
  });

  it('ends a plan of many metrics with its time, and refuses one of a billion trials', async () => {
    const order: string[] = [];
    const many = { tolerance_percent: 5, cv_percent: 3, gating_metrics: 1000, time_limit_s: 2 };
    const call = client.call('plan_trials', many).then((result) => {
      order.push('call');
      return result;
    });
    await client.request('ping').then(() => order.push('ping'));
    expect(codeOf(await call)).toBe('time_limit');
    expect(order).toEqual(['ping', 'call']);
    const billion = await client.call('plan_trials', { tolerance_percent: 1, cv_percent: 3, trials: 1e9 });
    expect(codeOf(billion)).toBe('invalid_input');
  });

  it('gives the answer that a light one gives', async () => {
    const light = write('light.json', flat(100, 1));
    const heavy = write('heavy.json', flat(100, 1) + ' '.repeat(2 * 1024 * 1024));
    const rows = async (candidate: string): Promise<unknown> =>
      (await client.call('bench_diff', { baseline: write('before.json', flat(100, 1.5)), candidate })).structured[
        'metrics'
      ];
    expect(await rows(heavy)).toEqual(await rows(light));
  });

  it('says its faults as a light one does', async () => {
    const source = write('broken.json', `{"a": 1,${' '.repeat(2 * 1024 * 1024)}}`);
    const { structured, text } = await client.call('perf_baseline_record', {
      family: 'heavy',
      measurement: 'broken',
      source,
    });
    expect(structured['error']).toMatchObject({ code: 'json_syntax', kind: 'input', path: source });
    expect(text).toContain('expected a key in quotes');
  });
});

describe('an answer stays short', () => {
  it('of a diff over fifty thousand metrics', async () => {
    const [baseline, candidate] = [write('a.json', flat(50_000, 1)), write('b.json', flat(50_000, 1.5))];
    const { structured, text } = await client.call('bench_diff', { baseline, candidate });
    expect(structured).toMatchObject({ metrics_count: 50_000, counts: { regression: 50_000 } });
    const whole = await client.call('bench_diff', { baseline, candidate, report: 'json' });
    expect(whole.structured).toMatchObject({ text: '', report_path: expect.stringMatching(/\.json$/) });
    expect(JSON.parse(readFileSync(String(whole.structured['report_path']), 'utf8')).metrics).toHaveLength(50_000);
    expect((await client.call('perf_baseline_list', {})).isError).toBe(false);
    expect(structured['metrics']).toHaveLength(60);
    expect(text).toMatch(/… 49,?9\d\d more rows: in the structured result/);
    expect(JSON.stringify(structured).length).toBeLessThan(100_000);
  });

  it('of a diff whose metrics vanished', async () => {
    const baseline = write('all.json', flat(5000, 1));
    const { structured } = await client.call('bench_diff', { baseline, candidate: write('few.json', flat(10, 1)) });
    expect(structured['points']).toMatchObject([{ vanished_count: 4990 }]);
    expect(Object(structured['points'])[0].vanished).toHaveLength(60);
  });

  it('of a schema with a hundred thousand violations', async () => {
    const source = write('list.json', JSON.stringify({ ttft_ms: 3, list: Array.from({ length: 100_000 }, () => 'x') }));
    const schema = write('list-schema.json', JSON.stringify({ properties: { list: { items: { type: 'number' } } } }));
    const { structured } = await client.call('perf_baseline_record', {
      family: 'heavy',
      measurement: 'list',
      source,
      schema,
    });
    expect(structured['error']).toMatchObject({ code: 'schema_violation', data: { violations_count: 100_000 } });
    expect(Object(structured['error']).data.violations).toHaveLength(20);
  });

  it('of a call with a hundred thousand fields', async () => {
    const fields = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`field_${at}`, at]));
    const result = await client.call('perf_baseline_list', fields);
    expect(codeOf(result)).toBe('too_many_fields');
    expect(result.text.length).toBeLessThan(500);
  });

  it('of a gzip that holds one name of 50 MB', async () => {
    const packed = gzipSync(Buffer.concat([Buffer.from('{"'), Buffer.alloc(50_000_000, 'a'), Buffer.from('": 1}')]));
    const source = write('name.json.gz', packed);
    const result = await client.call('perf_baseline_record', { family: 'heavy', measurement: 'name', source });
    expect(codeOf(result)).toBe('text_too_long');
    expect(JSON.stringify(result).length).toBeLessThan(2000);
  });
});
