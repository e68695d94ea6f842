import { describe, expect, test } from 'vitest';
import { baselineDocument, parseBaseline } from '../../src/ratchet/baseline-file.ts';
import { checkRatchet, readOnlyReason, type RatchetQuestion } from '../../src/ratchet/check.ts';
import { DEFAULT_THRESHOLDS } from '../../src/ratchet/judge-config.ts';
import { parseResult } from '../../src/ratchet/result-file.ts';
import { parseWaivers } from '../../src/ratchet/waiver.ts';
import type { JsonValue } from '../../src/text/json.ts';

type Times = Readonly<Record<string, number | readonly number[]>>;

const entry = (time: number | readonly number[]) =>
  typeof time === 'number' ? { median_ms: time } : { samples_ms: [...time] };
const result = (times: Times, more: Readonly<Record<string, JsonValue>> = {}) =>
  parseResult(
    { ...more, configs: Object.entries(times).map(([name, time]) => ({ name, ...entry(time) })) },
    'current.json',
  );
const stored = (times: Times) =>
  parseBaseline(
    {
      configs: Object.fromEntries(
        Object.entries(times).map(([name, time]) => [
          name,
          typeof time === 'number' ? { median_ms: time } : { median_ms: time[2] ?? 1, samples_ms: [...time] },
        ]),
      ),
    },
    'baseline.json',
  );

const check = (baseline: Times | null, current: Times, more: Partial<RatchetQuestion> = {}) =>
  checkRatchet({
    candidate: more.candidate ?? result(current),
    baseline: baseline === null ? null : stored(baseline),
    thresholds: DEFAULT_THRESHOLDS,
    waivers: [],
    provenance: { sourceSha256: 'f'.repeat(64), commit: 'abc123def456', at: '2026-11-23T01:02:03Z' },
    readOnly: null,
    strict: false,
    strictContext: false,
    ...more,
  });

const steady = (centre: number): number[] => [0.99, 0.995, 1, 1.005, 1.01].map((factor) => factor * centre);

describe('the first run', () => {
  test('creates the baseline, compares nothing and does not fail', () => {
    const outcome = check(null, { a: 1, b: 2 });
    expect(outcome).toMatchObject({ verdict: 'GREEN', exit_code: 0, baseline_existed: false, promoted: ['a', 'b'] });
    expect(outcome.decision).toMatchObject({ status: 'INCONCLUSIVE', reason: 'no_baseline' });
    expect([...(outcome.next?.keys() ?? [])]).toEqual(['a', 'b']);
  });

  test('has nothing to fail on under strict either', () => {
    expect(check(null, { a: 1 }, { strict: true })).toMatchObject({ exit_code: 0, counts: { new: 1, improvement: 0 } });
  });

  test('a new configuration beside known ones does not block', () => {
    const outcome = check({ a: 1 }, { a: 1, b: 2 }, { strict: true });
    expect(outcome).toMatchObject({ exit_code: 0, promoted: ['b'] });
  });
});

describe('exit codes', () => {
  const noisy = [1, 1.2, 0.9, 1.1, 1.05];
  test.each([
    ['nothing changed', { a: 1 }, { a: 1 }, 0, 0],
    ['a regression', { a: 1 }, { a: 1.04 }, 1, 1],
    ['a configuration that vanished', { a: 1, b: 1 }, { a: 1 }, 0, 1],
    ['samples that settle nothing', { a: noisy }, { a: [1.02, 1.22, 0.92, 1.12, 1.06] }, 0, 3],
    ['a regression beside an undecided one', { a: 1, b: noisy }, { a: 1.5, b: [1, 1.2, 0.95, 1.1, 1.1] }, 1, 1],
    ['a proven gain', { a: steady(1) }, { a: steady(0.9) }, 0, 0],
  ] as const)('%s', (_, baseline, current, lenient, strict) => {
    expect(check(baseline, current).exit_code).toBe(lenient);
    expect(check(baseline, current, { strict: true }).exit_code).toBe(strict);
  });

  test('an invalid measurement is 4 under strict and never promoted', () => {
    const invalid = result({ a: 0.5 }).map((entry) => ({ ...entry, invalid: 'correctness_failed' }));
    expect(check({ a: 1 }, {}, { candidate: invalid, strict: true })).toMatchObject({ exit_code: 4, promoted: [] });
    expect(check(null, {}, { candidate: invalid })).toMatchObject({ exit_code: 0, verdict: 'YELLOW', next: null });
  });

  test('another GPU is a warning, and a refusal under strict context', () => {
    const [known] = result({ a: 1 }, { gpu: 'NVIDIA L4' });
    const baseline = new Map([['a', { result: known ?? expect.unreachable(), stored: {} }]]);
    const current = result({ a: 2 }, { gpu: 'NVIDIA H100' });
    const outcome = check(null, {}, { baseline, candidate: current });
    expect(outcome).toMatchObject({
      exit_code: 0,
      verdict: 'YELLOW',
      promoted: [],
      decision: { status: 'INCOMPARABLE' },
    });
    expect(check(null, {}, { baseline, candidate: current, strictContext: true }).exit_code).toBe(4);
    expect(check(null, {}, { baseline, candidate: current, strict: true }).exit_code).toBe(4);
  });
});

describe('many configurations', () => {
  const many = (factor: number): Times =>
    Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`c${index}`, steady(index === 7 ? factor : 1)]));

  test('one of twenty that is much slower fails, whatever the other nineteen do', () => {
    const outcome = check(many(1), many(10), { strict: true });
    expect(outcome).toMatchObject({ verdict: 'RED', exit_code: 1, counts: { regression: 1, unchanged: 19 } });
    expect(outcome.decision).toMatchObject({ status: 'FAIL', failed: ['c7'] });
  });

  test('a loss that chance over twenty of them may explain is undecided, and the answer says so', () => {
    const spread = (centre: number): number[] => [0.97, 1.03, 0.99, 1.02, 1].map((factor) => factor * centre);
    const wide = (factor: number): Times =>
      Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`c${at}`, at === 7 ? spread(factor) : steady(1)]));
    const outcome = check(wide(1), wide(1.05), { strict: true });
    expect(outcome).toMatchObject({ verdict: 'YELLOW', exit_code: 3, counts: { regression: 0, inconclusive: 1 } });
    expect(outcome.decision).toMatchObject({ status: 'INCONCLUSIVE', reason: 'not_significant_after_holm' });
    expect(outcome.rows[0]?.notes.join()).toContain('20 configurations');
    expect(outcome.rows[0]?.profile).toBe(false);
  });

  test('a gain too large to be believed is neither a pass nor promoted, until somebody vouches for it', () => {
    const gain = { strict: true };
    expect(check({ a: 1 }, { a: 0.001 }, gain)).toMatchObject({
      exit_code: 3,
      verdict: 'YELLOW',
      promoted: [],
      counts: { implausible: 1 },
    });
    expect(check({ a: 1 }, { a: 0.001 }, { ...gain, acceptImplausible: true })).toMatchObject({
      exit_code: 0,
      promoted: ['a'],
    });
  });

  test('a gain of more than three times waits for a second look', () => {
    expect(check({ a: 1 }, { a: 0.25 })).toMatchObject({ exit_code: 0, promoted: [], counts: { improvement: 1 } });
    expect(check({ a: 1 }, { a: 0.25 }, { acceptImplausible: true }).promoted).toEqual(['a']);
  });

  test('with two of them the same samples fail, proven', () => {
    const outcome = check({ a: steady(1), b: steady(1) }, { a: steady(1.5), b: steady(1) });
    expect(outcome).toMatchObject({ verdict: 'RED', exit_code: 1, decision: { status: 'FAIL', strength: 'proven' } });
  });

  test('the worst comes first', () => {
    const { rows } = check({ a: 1, b: 1, c: 1, d: 1 }, { a: 1, b: 1.1, c: 1.3, d: 0.8 });
    expect(rows.map(({ config }) => config)).toEqual(['c', 'b', 'd', 'a']);
  });
});

describe('what is kept', () => {
  test('samples, commit and hash of the promoted result; other entries and their unknown fields as they were', () => {
    const baseline = parseBaseline(
      {
        configs: {
          a: { median_ms: 2, samples_ms: steady(2) },
          old: { median_ms: 1, ci_95_low: 0.9, note: 'from another tool' },
        },
      },
      'baseline.json',
    );
    const outcome = check(null, { a: steady(1) }, { baseline });
    const document = baselineDocument(outcome.next ?? new Map());
    expect(document).toMatchObject({
      schema_version: 2,
      configs: {
        a: {
          median_ms: 1,
          samples_ms: steady(1),
          git_commit: 'abc123def456',
          source_sha256: 'f'.repeat(64),
          promoted_at: '2026-11-23T01:02:03Z',
        },
        old: { median_ms: 1, ci_95_low: 0.9, note: 'from another tool' },
      },
    });
    expect(parseBaseline(document, 'baseline.json').get('a')?.result.samplesMs).toEqual(steady(1));
  });

  test('a gain beside a regression is kept, the regressed entry stays', () => {
    expect(check({ a: 1, b: 1 }, { a: 0.9, b: 1.2 })).toMatchObject({ exit_code: 1, promoted: ['a'] });
  });

  test.each([
    [false, undefined, null],
    [false, 'push', null],
    [false, 'workflow_dispatch', null],
    [false, 'pull_request', 'pull_request'],
    [false, 'pull_request_target', 'pull_request_target'],
    [false, 'merge_group', 'merge_group'],
    [true, 'push', 'no_write'],
  ])('no_write %s in event %s: read only because of %s', (noWrite, event, reason) => {
    expect(readOnlyReason(noWrite, event)).toBe(reason);
  });

  test('a read-only run names what it would promote and hands out no baseline', () => {
    expect(check({ a: 1 }, { a: 0.5 }, { readOnly: 'pull_request' })).toMatchObject({ promoted: ['a'], next: null });
  });
});

describe('bad input', () => {
  test.each([
    [{ regressionPercent: 3 }, 'write regression threshold -3'],
    [{ improvementPercent: -5 }, 'write improvement threshold 5'],
    [{ profilePercent: Number.NaN }, 'write profile threshold NaN'],
  ])('a threshold of the wrong sign %j', (threshold, fix) => {
    const thresholds = { ...DEFAULT_THRESHOLDS, ...threshold };
    expect(() => check({ a: 1 }, { a: 1 }, { thresholds })).toThrow(
      expect.objectContaining({ code: 'threshold_sign', details: { fix } }),
    );
  });

  test.each([
    [{ configs: [] }, 'baseline_invalid'],
    [{}, 'baseline_invalid'],
    [{ configs: { a: 5 } }, 'baseline_invalid'],
    [{ configs: { a: {} } }, 'baseline_invalid'],
    [{ configs: { a: { median_ms: -1 } } }, 'impossible_value'],
  ])('baseline %j is refused', (document, code) => {
    expect(() => parseBaseline(document, 'baseline.json')).toThrow(expect.objectContaining({ code }));
  });

  test.each([
    [{}, 'at waivers'],
    [{ waivers: [{ config: 'a', expires: '2027-01-01' }] }, 'at waivers[0].reason'],
    [
      { waivers: [{ config: 'a', reason: 'x', expires: '2027-02-30' }] },
      '"2027-02-30" is not a day, YYYY-MM-DD at waivers[0].expires',
    ],
    [
      { waivers: [{ config: 'a', reason: 'x', expires: 'soon' }] },
      '"soon" is not a day, YYYY-MM-DD at waivers[0].expires',
    ],
    [
      { waivers: [{ config: 'a', reason: 'x', expires: '2027-01-01', max_regression_percent: 0 }] },
      'at waivers[0].max_regression_percent',
    ],
    [{ waivers: ['a'] }, 'at waivers[0]'],
  ])('waivers %j are refused', (document, message) => {
    expect(() => parseWaivers(document, 'waivers.yaml')).toThrow(message);
  });
});
