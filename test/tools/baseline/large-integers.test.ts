// Integers beyond what a double holds, through record and diff: a measured one is refused by name or left out by name, one that is
// no measurement stands in nobody's way.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openWorkbench } from './workbench.ts';

const bench = openWorkbench('large-integers');
const HUGE = '9007199254740993';
const EXAMPLE = readFileSync(join('examples', 'measurements', 'vllm-serve-baseline.json'), 'utf8');

/** The example with another number under `key`. */
const withNumber = (key: string, literal: string): string => {
  expect(EXAMPLE).toMatch(new RegExp(`"${key}": `));
  return EXAMPLE.replace(new RegExp(`("${key}": )[^,\\n]+`), `$1${literal}`);
};

describe('a measured integer that a double cannot hold', () => {
  test.each([
    ['a vLLM result', withNumber('total_output_tokens', HUGE), /total_output_tokens|completed|osl/],
    ['a file of one number', HUGE, /huge/],
    ['a value with its unit', `{"value": ${HUGE}, "unit": "ns"}`, /value/],
    ['repeats', `{"values": [1, ${HUGE}], "unit": "ns"}`, /value/],
    ['a ratchet result', `{"name": "k", "performance": {"median_ms": ${HUGE}}}`, /median_ms/],
  ])('is refused by name in %s', async (_, text, name) => {
    const source = bench.file('huge.json', text);
    const error = await bench.refusal('record', { family: 'f', measurement: 'm', source });
    expect(error).toMatchObject({ code: 'number_inexact', message: expect.stringContaining(HUGE) });
    expect(error.message).toMatch(name);
  });

  test('is left out by name in a document of no known format', async () => {
    const source = bench.file('own.json', `{"flops": ${HUGE}, "latency_ms": 3.5}`);
    const { metrics, warnings } = await bench.record('own', source);
    expect(metrics).toEqual([{ key: 'latency_ms', value: 3.5, unit: 'ms' }]);
    expect(warnings).toContain('integers that a double cannot hold are not read: flops');
  });

  test('is refused where it is selected, and where a call states it', async () => {
    const source = bench.file('own.json', `{"flops": ${HUGE}, "latency_ms": 3.5}`);
    const selected = { family: 'f', measurement: 'm', source, select: 'flops' };
    expect(await bench.refusal('record', selected)).toMatchObject({ code: 'number_inexact' });
    const stated = { family: 'f', measurement: 'm', value: Number(HUGE), unit: 'FLOP' };
    expect(await bench.refusal('record', stated)).toMatchObject({ code: 'number_inexact' });
    const text = { family: 'f', measurement: 'm', args: ['--value', HUGE, '--unit', 'FLOP'] };
    expect(await bench.refusal('record', text)).toMatchObject({ code: 'number_inexact' });
  });

  test('is refused in the candidate and in a policy', async () => {
    const baseline = bench.file('base.json', EXAMPLE);
    await bench.record('serve', baseline);
    const current = bench.file('cand.json', withNumber('total_output_tokens', HUGE));
    expect(await bench.refusal('diff', { baseline: 'f/serve', current })).toMatchObject({ code: 'number_inexact' });
    const policy = bench.file('policy.yaml', `rules:\n  - metric: ttft_*\n    absolute: ${HUGE}\n`);
    const judged = { baseline: 'f/serve', current: baseline, policy };
    expect(await bench.refusal('diff', judged)).toMatchObject({
      code: 'number_inexact',
      message: expect.stringContaining(`absolute is ${HUGE}`),
    });
  });
});

describe('an integer beyond 2^53 that is no measurement', () => {
  test.each([
    ['a time in nanoseconds', '"start_time_ns": 1764374400123456789'],
    ['an id', '"request_id": 12345678901234567891'],
    ['a seed', '"seed": 18446744073709551615'],
  ])('does not keep a result out: %s', async (_, member) => {
    const source = bench.file('run.json', EXAMPLE.replace('{', `{${member},`));
    await bench.record('with-id', source);
    const { verdict } = await bench.diff('with-id', source);
    expect(verdict).toBe('GREEN');
  });

  test('is kept as a metric where a double holds it', async () => {
    const source = bench.file('own.json', '{"flops": 1.25e18, "latency_ms": 3.5}');
    const { metrics } = await bench.record('exact', source);
    expect(metrics).toContainEqual(expect.objectContaining({ key: 'flops', value: 1.25e18 }));
  });
});
