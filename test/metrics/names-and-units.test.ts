// What each name of a long list says, and what each unit is worth: one line for each in test/fixtures/metrics, read through when
// they were written. A line that changes is a change of behaviour (`npx vitest run <file> -u`).
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { factsOfName } from '../../src/metrics/name-facts.ts';
import { contextKey } from '../../src/metrics/context.ts';
import { metricKey, splitKey } from '../../src/metrics/metric.ts';
import { directionOfUnit, factsOfPath, isOpen, withUnit } from '../../src/metrics/path-facts.ts';
import { invalidReasons, isValidTrial, reasonsText } from '../../src/metrics/trial.ts';
import { convertUnit, dimensionOf, sameUnit } from '../../src/metrics/units.ts';
import { Fault } from '../../src/text/fault.ts';

const fixture = (name: string): string => new URL(`../fixtures/metrics/${name}`, import.meta.url).pathname;
const firstOf = (name: string): string[] =>
  readFileSync(fixture(name), 'utf8')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : (line.split(' | ')[0] ?? [])));

test('names', async () => {
  const lines = firstOf('names.txt').map((name) => {
    const { kind, direction, unit, quantity, turned, headline, vague } = factsOfName(name);
    const words = [turned ? 'turned' : '', headline ? 'headline' : '', vague ? 'vague' : ''].filter(
      (word) => word !== '',
    );
    const said = kind === 'metric' ? [direction ?? 'open', unit ?? '-', quantity ?? '-', ...words] : [kind];
    return `${name} | ${said.join(' ')}`;
  });
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(fixture('names.txt'));
});

const BASES = [
  's', 'B/s', 'B', 'FLOPS', 'tok/s', 'tok/s/GPU', 'tok/s/user', 'req/s', 'W', 'J', 'J/tok', 'ratio', 'count', 'Hz', 'C',
]; // prettier-ignore

test('units', async () => {
  const lines = firstOf('units.txt').map((unit) => {
    const dimension = dimensionOf(unit);
    const base = BASES.find((each) => dimensionOf(each) === dimension);
    const worth = base === undefined ? '' : ` ${convertUnit(1, unit, base)} ${base}`;
    return `${unit} | ${dimension ?? 'unknown'}${worth}, ${directionOfUnit(unit) ?? 'no direction'}`;
  });
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(fixture('units.txt'));
});

test.each([
  [90, 'images/min', 'images/s', 1.5],
  [7200, 'zorps/h', 'zorps/min', 120],
  [3, 'us/op', 'ns/op', 3000],
  [5, 'furlongs', 'furlongs', 5],
  [5, ' ms', 'ms ', 5],
  [1, 'TB/s', 'GB/s', 1000],
  [1, 'GiB', 'MiB', 1024],
  [2.5, 'ms', 's', 0.0025],
])('%d %s are %s', (value, from, to, expected) => expect(convertUnit(value, from, to)).toBe(expected));

test.each([
  ['ms', 'MS', true],
  ['GB/s', 'gb/sec', true],
  ['Gb/s', 'GB/s', false],
  ['Gbps', 'Gbit/s', true],
  ['GBps', 'GB/s', true],
  ['furlong', 'Furlong ', true],
  ['furlong', 'ms', false],
  ['ms', 'furlong', false],
  ['furlong', 'mile', false],
  ['s', 'ms', false],
  ['W', 'J', false],
  ['%', 'ratio', false],
])('%s and %s are one unit: %s', (a, b, same) => expect(sameUnit(a, b)).toBe(same));

test.each([
  ['ms', 'GB/s', 'unit_mismatch', 'ms (time) does not convert to GB/s (bandwidth)'],
  ['zorp', 'ms', 'unit_unknown', 'unit "zorp" is not known'],
  ['ms', 'zorp', 'unit_unknown', 'unit "zorp" is not known'],
  ['images/s', 'frames/s', 'unit_mismatch', 'images/s (rate of images) does not convert to frames/s (rate of frames)'],
])('%s to %s is refused: %s', (from, to, code, message) => {
  const convert = (): unknown => {
    try {
      return convertUnit(1, from, to);
    } catch (error) {
      return error;
    }
  };
  const fault = convert();
  expect(fault).toBeInstanceOf(Fault);
  expect(fault).toMatchObject({ code, message });
});

describe('what stands around a name that says nothing', () => {
  const said = (path: string): string => {
    const { kind, direction, unit } = factsOfPath(path);
    return kind === 'metric' ? `${direction ?? 'open'} ${unit ?? '-'}` : kind;
  };
  test.each([
    ['p50', 'open -'],
    ['ttft_ms', 'lower-is-better ms'],
    ['latency.p50', 'lower-is-better -'],
    ['latency_ms.p50', 'lower-is-better ms'],
    ['throughput.a.b.p50', 'higher-is-better -'],
    ['throughput.a.b.c.p50', 'open -'],
    ['latency["a.b"].p50', 'lower-is-better -'],
    ['["latency.ms"].p50', 'lower-is-better ms'],
    ['latency[0]', 'lower-is-better -'],
    ['latency[0].value', 'lower-is-better -'],
    ['rows[metric.name=ttft_ms].value', 'lower-is-better ms'],
    ['rows[tp=8,metric=request_throughput].value', 'higher-is-better -'],
    ['rows[name=ttft].max', 'lower-is-better -'],
    ['rows[name=latency].zorp', 'lower-is-better -'],
    ['rows[name=zorp].foo', 'open -'],
    ['latency[tp=8].value', 'lower-is-better -'],
    ['rows[host=latency].value', 'open -'],
    ['rows[test=ttft_ms].p50', 'lower-is-better ms'],
    ['rows[benchmark=decode_tok_s].value', 'higher-is-better tok/s'],
    ['rows[benchName=latency_us].value', 'lower-is-better us'],
    ['rows[type=latency].value', 'lower-is-better -'],
    ['rows[kind=latency].value', 'lower-is-better -'],
    ['rows[key=latency].value', 'lower-is-better -'],
    ['rows[label=latency].value', 'lower-is-better -'],
    ['rows[filename=latency].value', 'open -'],
    ['latency.seed', 'identity'],
    ['latency.num_prompts', 'setting'],
    ['throughput.latency_ms', 'lower-is-better ms'],
    ['a.tok_per_s', 'higher-is-better tok/s'],
  ])('%s: %s', (path, expected) => expect(said(path)).toBe(expected));

  test.each([
    ['p50', true],
    ['zorp', true],
    ['latency', false],
    ['zorp_pct', false],
    ['power', false],
    ['batch_size', false],
    ['run_id', false],
  ])('%s leaves all open: %s', (name, open) => expect(isOpen(factsOfName(name))).toBe(open));
});

describe('a unit beside a name', () => {
  test.each([
    ['latency', null, 'lower-is-better', null, false],
    ['latency', 'ms', 'lower-is-better', 'ms', false],
    ['latency', 'tok/s', null, 'tok/s', true],
    ['throughput', 'ms', null, 'ms', true],
    ['throughput', 'GB/s', 'higher-is-better', 'GB/s', false],
    ['latency_reduction', 'tok/s', 'higher-is-better', 'tok/s', false],
    ['latency_delta', 'ms', null, 'ms', false],
    ['zorp', 'ms', 'lower-is-better', 'ms', false],
    ['zorp', 'images/s', 'higher-is-better', 'images/s', false],
    ['zorp', 'J/tok', 'lower-is-better', 'J/tok', false],
    ['zorp', 'W', null, 'W', false],
    ['score', 'us', 'lower-is-better', 'us', false],
    ['score', '%', 'higher-is-better', '%', false],
    ['errors', 'req/s', 'lower-is-better', 'req/s', false],
    ['memory', 'GB', 'lower-is-better', 'GB', false],
    ['zorp', 'furlong', null, 'furlong', false],
  ])('%s in %s', (name, stated, direction, unit, conflict) =>
    expect(withUnit(factsOfName(name), stated)).toEqual({ direction, unit, conflict }),
  );
});

test('a key names a metric at a point, labels in order', () => {
  expect(metricKey({ name: 'a', labels: {} })).toBe('a');
  expect(metricKey({ name: 'a', labels: { b: 2, a: 'x', c: 3 } })).toBe('a[a=x,b=2,c=3]');
  expect(splitKey('a[b=2,c=3]')).toEqual({ name: 'a', labels: ['b=2', 'c=3'] });
  expect(splitKey('a')).toEqual({ name: 'a', labels: [] });
  expect(splitKey('a[b=1].c')).toEqual({ name: 'a[b=1].c', labels: [] });
  expect(splitKey('x.a[b=1]')).toEqual({ name: 'x.a', labels: ['b=1'] });
});

test('a context is known by what was measured, not by where', () => {
  const key = contextKey({ model: 'm', tp: 8 });
  expect(contextKey({ tp: 8, model: 'm', seed: 3, node: 'a', gpu_uuids: ['x'], driver: null })).toBe(key);
  for (const other of [{ model: 'm' }, { model: 'm', tp: 4 }, { model: 'm', tp: 8, dp: 1 }, {}])
    expect(contextKey(other)).not.toBe(key);
  expect(key).toMatch(/^[0-9a-f]{64}$/);
});

test('a trial counts unless something but missing telemetry is wrong with it', () => {
  expect(isValidTrial({ validity: [] })).toBe(true);
  expect(isValidTrial({ validity: ['no_telemetry'] })).toBe(true);
  expect(isValidTrial({ validity: ['no_telemetry', 'throttle'] })).toBe(false);
  const trials = [{ validity: ['throttle', 'not_steady'] }, { validity: ['not_steady', 'no_telemetry'] }, { validity: [] }] as const; // prettier-ignore
  expect(invalidReasons(trials)).toEqual({ throttle: 1, not_steady: 2 });
  expect(reasonsText(invalidReasons(trials))).toBe('throttle in 1, not_steady in 2');
  const codes = ['throttle', 'clock_spread', 'power_cap', 'ecc_or_xid', 'foreign_gpu_process', 'not_steady', 'client_lag', 'cache_state', 'undercount', 'no_measurement'] as const; // prettier-ignore
  expect(Object.keys(invalidReasons([{ validity: codes }]))).toEqual(codes);
});
