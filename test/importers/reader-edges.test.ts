// Edges of single readers, in tables: how many repeats a figure is from, what overflows, how selections fail, what lists leave out.
import { describe, expect, test } from 'vitest';
import { parsePath, renderPath, resolvePath, rowsOfColumns } from '../../src/importers/json-path.ts';
import { describeNumbers, selectValue } from '../../src/importers/select.ts';
import { checkGpuCount } from '../../src/importers/gpu-count.ts';
import { requireAgreement } from '../../src/importers/agree-with-samples.ts';
import { faultOf, fixturePath, read, readJson, valuesOf } from './outcome.ts';

describe('a kernel result states how many iterations it is from as', () => {
  test.each(['iterations', 'num_iterations', 'iters', 'repetitions', 'completed', 'n'])('%s', async (member) => {
    const contradicting = (count: number) => ({ name: 'k', performance: { median_ms: 9, samples_ms: [1.25, 2.25, 3.25], [member]: count } }); // prettier-ignore
    expect(valuesOf(await readJson(contradicting(100)))).toMatchObject({ 'time_p50_ms[config=k]': 9 });
    expect(await faultOf(readJson(contradicting(3)))).toMatchObject({ code: 'samples_contradict' });
  });
});

describe('a stated figure agrees with its samples', () => {
  const agrees = (stated: number, samples: readonly number[], statistic: 'median' | 'mean' = 'median'): boolean => {
    try {
      requireAgreement({ stated, statistic, samples, path: 'f', where: 'w', key: 'k' });
      return true;
    } catch {
      return false;
    }
  };
  test.each([
    [100, [99.9, 100.1, 100.05], true],
    [102.1, [90.05, 100.05, 110.05], true],
    [102.3, [90.05, 100.05, 110.05], false],
    [98, [90.05, 100.05, 110.05], true],
    [97.9, [90.05, 100.05, 110.05], false],
    [0.05, [0.0531, 0.0532, 0.0533], true],
    [0.053, [0.0611, 0.0612, 0.0613], false],
    [120, [99.95, 100.05, 100.15], false],
    [80, [99.95, 100.05, 100.15], false],
    [1e-7, [1.01e-7, 1.02e-7], true],
  ])('%d of %j: %s', (stated, samples, expected) => expect(agrees(stated, samples)).toBe(expected));
  test('by the mean where it is one', () => {
    expect(agrees(2.05, [1.05, 1.05, 4.05], 'mean')).toBe(true);
    expect(agrees(2.05, [1.05, 1.05, 4.05], 'median')).toBe(false);
  });
});

describe('the recorded number of GPUs fits', () => {
  const fits = (context: Parameters<typeof checkGpuCount>[0]): boolean => {
    try {
      checkGpuCount(context, 'f');
      return true;
    } catch {
      return false;
    }
  };
  test.each([
    [{}, true],
    [{ n_gpus: 8 }, true],
    [{ n_gpus: 8, tp: 8 }, true],
    [{ n_gpus: 16, tp: 8 }, true],
    [{ n_gpus: 12, tp: 8 }, false],
    [{ n_gpus: 8, tp: 4, pp: 2 }, true],
    [{ n_gpus: 4, tp: 4, pp: 2 }, false],
    [{ n_gpus: 8, tp: 4, dp: 2 }, true],
    [{ n_gpus: 4, tp: 4, dp: 2 }, false],
    [{ n_gpus: 4, tp: 4, dp: 2, dp_attention: true }, true],
    [{ n_gpus: 6, tp: 4, disagg: true }, true],
    [{ n_gpus: 6, tp: 0 }, true],
    [{ n_gpus: 24, roles: [{ role: 'a', n_gpus: 8 }, { role: 'b', n_gpus: 16 }] }, true],
    [{ n_gpus: 16, roles: [{ role: 'a', n_gpus: 8 }, { role: 'b', n_gpus: 16 }] }, false],
    [{ n_gpus: 6, roles: [{ role: 'a', n_gpus: 8 }, { role: 'b' }] }, true],
    [{ n_gpus: 12, tp: 8, roles: [] }, false],
  ])('%j: %s', (context, expected) => expect(fits(context)).toBe(expected)); // prettier-ignore
});

test('a number that no double holds is refused with its key, whatever the format', async () => {
  const section = 'Running device_local_copy.\nlocal bandwidth (GB/s)\n           0\n 0   1e999\n';
  expect(await faultOf(read(section, 'nv.txt', 'nvbandwidth_text'))).toMatchObject({ code: 'number_overflow', details: { at: 'device_local_copy' } }); // prettier-ignore
});

describe('an AIPerf export', () => {
  const metrics = { request_count: { unit: 'requests', avg: 8 }, request_latency: { unit: 'ms', avg: 5, p50: 4 } };
  test('has no metric without a unit or an average', async () => {
    const odd = { time_to_first_token: { unit: 'ms', p50: 3 }, inter_token_latency: { avg: 3 }, goodput: 7 };
    expect(valuesOf(await readJson({ ...metrics, ...odd, aiperf_version: '1' }))).toEqual({ e2e_mean_ms: 5, e2e_p50_ms: 4 }); // prettier-ignore
  });
  test('counts what its list of errors names', async () => {
    const outcome = await readJson({ ...metrics, aiperf_version: '1', error_summary: [{ count: 2 }, 'x', {}] });
    expect(valuesOf(outcome)).toMatchObject({ ok_rate: 8 / 11, failed_requests: 3 });
  });
  test('converts by the unit that it states', async () => {
    const seconds = { ...metrics, request_latency: { unit: 'sec', avg: 0.005 }, aiperf_version: '1' };
    expect(valuesOf(await readJson(seconds))).toEqual({ e2e_mean_ms: 5 });
  });
});

describe('a selection that fails', () => {
  const rows = Array.from({ length: 60 }, (_, at) => ({ name: `n${at}`, ttft_ms: at + 1 }));
  const select = (selector: string) => selectValue('r.json', selector, { text: JSON.stringify({ rows }) });
  test('names the nearest, twelve numbers, and gives fifty to a program', async () => {
    const fault = await faultOf(select('rows[name=n6x].ttft_ms'));
    expect(fault.details.fix).toMatch(/^did you mean rows\[name=n6\d?\]\.ttft_ms\? choose one of rows\[name=n0\]\.ttft_ms = 1 ms; .*; and 48 more$/); // prettier-ignore
    expect(fault.details.data).toMatchObject({ numbers: { length: 50 } });
  });
  test('names no nearest where none is near', async () => {
    expect((await faultOf(select('zorp'))).details.fix).toMatch(/^choose one of /);
  });
  test('lists all that fit, where several do', async () => {
    const fault = await faultOf(selectValue(fixturePath('sglang-serve.jsonl'), 'ttft_p50_ms[dataset=random]'));
    expect(fault.message).toContain('picks 3 numbers in');
    expect(fault.details.data).toMatchObject({ numbers: { length: 3 } });
  });
  test.each(['ttft_p50_ms[concurrency=8].x', '[concurrency=8]', 'rows[0].name', 'rows[name=n1]'])('%s', async (selector) => {
    expect(await faultOf(select(selector))).toMatchObject({ code: 'selector_no_match' });
  }); // prettier-ignore
});

test('numbers are listed up to a limit', () => {
  const numbers = Array.from({ length: 13 }, (_, at) => ({ selector: `m${at}`, value: at, unit: null }));
  expect(describeNumbers(numbers.slice(0, 12))).not.toContain('more');
  expect(describeNumbers(numbers)).toMatch(/and 1 more$/);
});

describe('a table by columns', () => {
  test.each([
    [{ a: { 0: 1, 1: 2 }, b: { 0: 3, 1: 4 } }, [{ a: 1, b: 3 }, { a: 2, b: 4 }]],
    [{ a: { 0: 1 }, b: { 1: 4 } }, [{ a: 1 }, { b: 4 }]],
    [{ a: { 0: 1 } }, undefined],
    [{ a: {}, b: {} }, undefined],
    [{ a: { x: 1 }, b: { 0: 1 } }, undefined],
    [{ a: { 0: [1] }, b: { 0: 1 } }, undefined],
    [{ a: 1, b: { 0: 1 } }, undefined],
  ])('%j', (table, rows) => expect(rowsOfColumns(table)).toEqual(rows)); // prettier-ignore

  test('is selected by what stands in its rows', () => {
    const table = { t: { name: { 0: 'x', 1: 'y' }, ms: { 0: 1, 1: 2 } } };
    expect(resolvePath(table, parsePath('t[name=y].ms'))).toBe(2);
    expect(resolvePath(table, parsePath('t[0].ms'))).toBeUndefined();
    expect(resolvePath(table, parsePath('t[p50].ms'))).toBe(1.5);
  });
});

describe('a path', () => {
  test.each([
    'a.b',
    'a[0].b',
    '["a.b"].c',
    'a[""]',
    'a[x=1,y="p,q"].b',
    'a[p50].b',
    'a[p99]',
    'a["[0]"]',
    '[0][1]',
    'a[" x"=" y "]',
  ])('%s is written as it was read', (path) =>
    expect(renderPath(parsePath(path))).toBe(renderPath(parsePath(renderPath(parsePath(path))))),
  );
  test.each([
    ['rows[c=1][p50].t', [{ c: 1, t: 1 }, { c: 1, t: 3 }, { c: 2, t: 9 }], 2],
    ['rows[p99].t', [{ t: 0 }, { t: 100 }, { t: 'x' }], 99],
    ['rows[p50]', [1, 2, 4], 2],
    ['rows[p50].zorp', [{ t: 1 }], undefined],
    ['rows[2].t', [{ t: 1 }], undefined],
    ['rows[m.name=a].t', [{ m: { name: 'a' }, t: 5 }], 5],
    ['rows[m.name=b].t', [{ m: { name: 'a' }, t: 5 }], undefined],
    ['rows[c=1,d=2].t', [{ c: 1, d: 3, t: 5 }], undefined],
  ])('%s selects in rows %j', (path, rows, value) => expect(resolvePath({ rows }, parsePath(path))).toBe(value)); // prettier-ignore
  test.each(['a..b', '.a', 'a.', 'a[', 'a[x]', 'a[x=1', 'a]b', '', 'a[01]', 'a[=1]'])('%j is none', async (path) => {
    expect(await faultOf(selectValue('r.json', path, { text: '{"a_ms": 1}' }))).toMatchObject({
      code: 'selector_syntax',
    });
  });
});
