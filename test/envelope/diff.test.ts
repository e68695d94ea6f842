import { describe, expect, it } from 'vitest';
import { diffExitCode, diffFiles, type DiffOptions, type DiffResult } from '../../src/envelope/diff.ts';
import { diffJson, diffMarkdown, diffTable } from '../../src/envelope/diff-report.ts';
import { existsSync } from 'node:fs';
import { compareRuns } from '../../src/envelope/compare-runs.ts';
import { readSide, type DiffFile } from '../../src/envelope/diff-files.ts';
import { CONTEXT, DEFAULTS, around, fileOf, type Figures, type FileOptions } from './readings.ts';

const OPTIONS: DiffOptions = { tolerance: null, defaults: DEFAULTS, strictContext: false };
const STRICT = { strict: true, strictContext: false };

const diff = (
  before: Figures,
  after: Figures,
  given: FileOptions = {},
  options: Partial<DiffOptions> = {},
): DiffResult =>
  diffFiles([fileOf('base.json', before)], [fileOf('cand.json', after, given)], { ...OPTIONS, ...options });

const BEFORE = { throughput_tok_per_s: 1000, ttft_p99_ms: 80, tpot_p50_ms: 10, ok_rate: 1 };
const verdicts = (result: DiffResult): [string, string][] => result.metrics.map(({ name, verdict }) => [name, verdict]);

describe('one value a side', () => {
  it('is reported in words, regressions first and the worst on top, then improvements, then the rest by name', () => {
    const before = { ...BEFORE, e2e_p50_ms: 1200, itl_p50_ms: 9, mystery: 3 };
    const after = {
      throughput_tok_per_s: 950,
      ttft_p99_ms: 100,
      tpot_p50_ms: 10.1,
      ok_rate: 1,
      e2e_p50_ms: 1100,
      itl_p50_ms: 5,
      mystery: 9,
    };
    expect(verdicts(diff(before, after))).toEqual([
      ['ttft_p99_ms', 'regression'],
      ['throughput_tok_per_s', 'regression'],
      ['itl_p50_ms', 'improvement'],
      ['e2e_p50_ms', 'improvement'],
      ['mystery', 'unknown'],
      ['ok_rate', 'no_change'],
      ['tpot_p50_ms', 'no_change'],
    ]);
  });

  it('gives no tolerance to the share of requests that were answered, one point to that within the levels', () => {
    const within = diff({ ...BEFORE, compliance_rate: 0.999 }, { ...BEFORE, compliance_rate: 0.99 });
    expect(verdicts(within)).toContainEqual(['compliance_rate', 'no_change']);
    const result = diff({ ...BEFORE, compliance_rate: 0.999 }, { ...BEFORE, ok_rate: 0.999, compliance_rate: 0.98 });
    expect(verdicts(result).slice(0, 2)).toEqual([
      ['compliance_rate', 'regression'],
      ['ok_rate', 'regression'],
    ]);
  });

  it.each([
    ['named', 'ttft_p99_ms'],
    ['matched by a glob', 'ttft_*'],
  ])('has the tolerance of its own that is given to a metric %s', (_how, match) => {
    const rules = [{ match, tolerance_percent: 30 }];
    expect(verdicts(diff(BEFORE, { ...BEFORE, ttft_p99_ms: 100 }, {}, { rules }))).toContainEqual(['ttft_p99_ms', 'no_change']);
  }); // prettier-ignore

  it('refuses a tolerance for a metric that neither side has, and names the nearest', () => {
    const rules = [{ match: 'ttft_p9_ms', tolerance_percent: 30 }];
    expect(() => diff(BEFORE, BEFORE, {}, { rules })).toThrow(
      expect.objectContaining({
        code: 'tolerance_unmatched',
        details: expect.objectContaining({ fix: 'did you mean ttft_p99_ms?' }),
      }),
    );
  });

  it.each([
    ['the same', BEFORE, 0],
    ['better', { ...BEFORE, throughput_tok_per_s: 1200 }, 0],
    ['worse within the tolerance', { ...BEFORE, ttft_p99_ms: 81.6 }, 0],
    ['a slower p99', { ...BEFORE, ttft_p99_ms: 81.7 }, 1],
    ['less throughput', { ...BEFORE, throughput_tok_per_s: 979 }, 1],
    ['a lower ok_rate', { ...BEFORE, ok_rate: 0.9999 }, 1],
    ['a metric that vanished', { ttft_p99_ms: 80, tpot_p50_ms: 10, ok_rate: 1 }, 1],
    ['a metric that is new', { ...BEFORE, itl_p50_ms: 5 }, 0],
  ])('with %s exits %3$i under --strict', (_, after, code) => {
    expect(diffExitCode(diff(BEFORE, after), STRICT)).toBe(code);
    expect(diffExitCode(diff(BEFORE, after), { strict: false, strictContext: false })).toBe(0);
  });

  it('follows the tolerance', () => {
    const after = { ...BEFORE, ttft_p99_ms: 83 };
    expect(diffExitCode(diff(BEFORE, after, {}, { tolerance: 0.05 }), STRICT)).toBe(0);
    expect(diffExitCode(diff(BEFORE, after, {}, { tolerance: 0.01 }), STRICT)).toBe(1);
  });

  it('leaves the decision open, and says how many trials would settle it', () => {
    expect(diff(BEFORE, BEFORE).decision).toMatchObject({
      status: 'INCONCLUSIVE',
      basis: 'point',
      reason: 'insufficient_n',
    });
    expect(diff(BEFORE, BEFORE).decision.trials_needed).toBeGreaterThan(1);
  });

  it('of itself finds nothing', () => {
    expect(diff(BEFORE, BEFORE).summary).toEqual({
      regression: 0,
      improvement: 0,
      no_change: 4,
      unknown: 0,
      missing: 0,
    });
  });
});

it('one trial below zero makes a time invalid, also where the median of the trials is not', () => {
  const runs = (...values: readonly number[]) =>
    fileOf(`runs ${values.join(' ')}`, { ...BEFORE, ttft_p99_ms: 80 }, { trials: values.map((ttft_p99_ms) => ({ ...BEFORE, ttft_p99_ms })) }); // prettier-ignore
  const { decision } = diffFiles([runs(80, 81, 79)], [runs(80, -3, 79)], OPTIONS);
  expect(decision).toMatchObject({ status: 'INCONCLUSIVE', reason: 'value_impossible' });
  expect(diffFiles([runs(80, 81, 79)], [runs(80, 0, 79)], OPTIONS).decision.reason).not.toBe('value_impossible');
});

describe('trials', () => {
  const trials = (centre: number, count = 5, given: FileOptions = {}) =>
    fileOf(
      `${centre}-${count}.json`,
      { throughput_tok_per_s: centre },
      { trials: around('throughput_tok_per_s', centre, count), ...given },
    );
  const strictly = (a: ReturnType<typeof fileOf>, b: ReturnType<typeof fileOf>): number =>
    diffExitCode(diffFiles([a], [b], OPTIONS), STRICT);

  it.each([
    ['no change', 1000, 5, 0],
    ['a proven loss', 900, 5, 1],
    ['a gain', 1100, 5, 0],
    ['a loss as large as the tolerance', 981, 5, 3],
    ['two trials a side, far apart', 900, 2, 1],
    ['two trials a side, near the tolerance', 983, 2, 3],
  ])('with %s exits %4$i under --strict', (_, centre, count, code) => {
    expect(strictly(trials(1000, count), trials(centre, count))).toBe(code);
  });

  it('bring decision and interval into the rows', () => {
    const [row] = diffFiles([trials(1000)], [trials(900)], OPTIONS).metrics;
    expect(row).toMatchObject({
      verdict: 'regression',
      decision: { status: 'FAIL', strength: 'proven', basis: 'interval' },
    });
    expect(row?.interval?.low).toBeGreaterThan(0.09);
    expect(row?.interval?.level).toBeGreaterThanOrEqual(0.9);
  });

  it('that are invalid are left out and said; a side with no valid one is no basis', () => {
    const result = diffFiles([trials(1000)], [trials(900, 5, { invalid: [0] })], OPTIONS);
    expect(result.warnings).toContain('c16: 1 of 5 candidate trials invalid (throttle in 1): left out');
    expect(strictly(trials(1000), trials(900, 5, { invalid: [0, 1, 2, 3, 4] }))).toBe(4);
  });

  it.each([
    ['160 requests a trial', 160, false, 'PASS', 0],
    ['400 requests a trial', 400, true, 'INCONCLUSIVE', 3],
  ])('of %s: a p99 that trials leave open gates only with enough requests', (_, requests, gating, status, code) => {
    const headline = ['ttft_p99_ms', 'throughput_tok_per_s'];
    const side = (name: string, tail: number): DiffFile =>
      fileOf(
        name,
        { throughput_tok_per_s: 1000, ttft_p99_ms: tail, ttft_p50_ms: 40 },
        {
          requests,
          trials: around('throughput_tok_per_s', 1000, 5).map((figures, index) => ({
            ...figures,
            ttft_p50_ms: 40,
            ttft_p99_ms: tail * (1 + 0.3 * ((index % 3) - 1)),
          })),
        },
      );
    const result = diffFiles([side('a.json', 100)], [side('b.json', 101)], { ...OPTIONS, headline });
    expect(result.metrics[0]).toMatchObject({ name: 'ttft_p99_ms', verdict: 'unknown', gating });
    expect(result.decision.status).toBe(status);
    expect(diffExitCode(result, STRICT)).toBe(code);
    expect(diffTable(result).includes('too few requests for its tail to gate')).toBe(!gating);
  });

  it('may be files of one context', () => {
    const files = (centre: number) =>
      around('throughput_tok_per_s', centre, 5).map((figures, index) => fileOf(`${centre}-${index}.json`, figures));
    const result = diffFiles(files(1000), files(900), OPTIONS);
    expect(result.points[0]?.trials).toEqual({
      baseline: { valid: 5, invalid: 0, reasons: {} },
      candidate: { valid: 5, invalid: 0, reasons: {} },
    });
    expect(diffExitCode(result, STRICT)).toBe(1);
    expect(result.metrics[0]?.baseline).toBeCloseTo(1000, -1);
  });

  it('are no files of different contexts', () => {
    const other = fileOf('other.json', { throughput_tok_per_s: 1 }, { context: { ...CONTEXT, quant: 'fp8' } });
    expect(() => diffFiles([fileOf('base.json', BEFORE)], [fileOf('cand.json', BEFORE), other], OPTIONS)).toThrow(
      expect.objectContaining({ code: 'trials_differ' }),
    );
  });

  it('that ran in blocks are compared in pairs', () => {
    const drifting = (centre: number): Figures[] =>
      Array.from({ length: 6 }, (_, index) => ({
        throughput_tok_per_s: centre * (1 + 0.1 * index + 0.0003 * (index % 2)),
      }));
    const side = (centre: number, blocks: boolean) =>
      fileOf(`${centre}.json`, { throughput_tok_per_s: centre }, { trials: drifting(centre), blocks });
    expect(strictly(side(1000, true), side(995, true))).toBe(0);
    expect(strictly(side(1000, false), side(995, false))).toBe(3);
  });
});

describe('context', () => {
  const other = { context: { ...CONTEXT, engine_version: '0.12.0' } };

  it('that differs is warned of, and still compared', () => {
    const result = diff(BEFORE, BEFORE, other);
    expect(result.context_match).toMatchObject({
      engine_version: { baseline: '0.11.0', candidate: '0.12.0', match: false },
      all_match: false,
    });
    expect(result.warnings[0]).toMatch(/engine_version 0.11.0 -> 0.12.0/);
    expect(diffExitCode(result, STRICT)).toBe(0);
  });

  it('that differs is refused under --strict-context', () => {
    const result = diff(BEFORE, BEFORE, other, { strictContext: true });
    expect(diffExitCode(result, { strict: false, strictContext: true })).toBe(4);
  });

  it('that was changed on purpose is neither', () => {
    const result = diff(BEFORE, BEFORE, other, { axis: ['engine.version'], strictContext: true });
    expect(result.warnings).toEqual([]);
    expect(diffExitCode(result, { strict: true, strictContext: true })).toBe(0);
  });

  it('of suite and machine is looked up in the envelopes', () => {
    const suite = (id: string, sha: string) => ({
      envelope: { suite_id: id, hardware_fingerprint: { fingerprint_sha256: sha } },
    });
    const result = diffFiles(
      [fileOf('a', BEFORE, suite('s1', 'aa'))],
      [fileOf('b', BEFORE, suite('s2', 'bb'))],
      OPTIONS,
    );
    expect(result.warnings).toEqual([
      'context differs: suite_id s1 -> s2',
      'context differs: hardware_fingerprint aa -> bb',
    ]);
    expect(diffExitCode(result, { strict: false, strictContext: true })).toBe(4);
  });
});

describe('load points', () => {
  const at = (path: string, concurrency: number | null, throughput: number) =>
    fileOf(path, { throughput_tok_per_s: throughput }, { context: { ...CONTEXT, concurrency } });

  it('meet their own baseline', () => {
    const result = diffFiles([at('b4', 4, 400), at('b16', 16, 1000)], [at('c16', 16, 900)], OPTIONS);
    expect(result.metrics).toHaveLength(1);
    expect(result.metrics[0]).toMatchObject({ point: 'c16', baseline: 1000, candidate: 900 });
    expect(result.warnings).toContain('baseline c4 has no candidate');
  });

  it('without a baseline are refused by name', () => {
    expect(() => diffFiles([at('b4', 4, 400)], [at('c16', 16, 900)], OPTIONS)).toThrow(
      expect.objectContaining({
        code: 'load_point_without_baseline',
        message: 'c16 was measured at c16, the baseline at c4',
      }),
    );
  });

  it('that one side does not state are taken to be the same, and that is said', () => {
    const result = diffFiles([at('old', null, 1000)], [at('new', 16, 1000)], OPTIONS);
    expect(result.metrics[0]).toMatchObject({ point: 'c16', verdict: 'no_change' });
    expect(result.warnings.join()).toMatch(/taken to be c16/);
  });

  it('of one file are several points, each with its rows', () => {
    const both = (path: string, factor: number) => {
      const [four, sixteen] = [at(path, 4, 400 * factor), at(path, 16, 1000 * factor)];
      const metrics = [...four.reading.metrics, ...sixteen.reading.metrics];
      return { ...four, reading: { ...four.reading, metrics, context: { ...CONTEXT, concurrency: null } } };
    };
    const result = diffFiles([both('a', 1)], [both('b', 0.9)], OPTIONS);
    expect(result.metrics.map(({ point, verdict }) => [point, verdict])).toEqual([
      ['c16', 'regression'],
      ['c4', 'regression'],
    ]);
  });
});

describe('lengths among the labels', () => {
  const labelled = (path: string, lengths: readonly number[]) => {
    const file = fileOf(path, { throughput_tok_per_s: 1000 }, {});
    const metrics = lengths.flatMap((isl) =>
      file.reading.metrics.map((metric) => ({ ...metric, labels: { concurrency: 16, isl, osl: 128 } })),
    );
    return { ...file, reading: { ...file.reading, metrics } };
  };

  it('belong to the circumstances when the file holds one of each', () => {
    const result = diffFiles([labelled('a', [1024])], [labelled('b', [2048])], OPTIONS);
    expect(result.metrics[0]).toMatchObject({ name: 'throughput_tok_per_s', point: 'c16' });
    expect(result.warnings.join()).toMatch(/isl 1024 -> 2048/);
  });

  it('are load points when it holds several', () => {
    const result = diffFiles([labelled('a', [1024, 8192])], [labelled('b', [8192, 1024])], OPTIONS);
    expect(result.points.map(({ point }) => point)).toEqual(['c16-isl8192', 'c16-isl1024']);
    expect(result.warnings).toEqual([]);
  });
});

describe('the report', () => {
  const result = diff(
    { ...BEFORE, power_avg_w: 0.5 },
    { throughput_tok_per_s: 1234.5, ttft_p99_ms: 100, tpot_p50_ms: 10, power_avg_w: 0.5 },
  );

  it('is a table with the worst on top', () => {
    expect(diffTable(result)).toBe(
      [
        'Metric                Baseline  Candidate   Δ abs    Δ rel  Tolerance  Verdict',
        'ttft_p99_ms              80.00      100.0  +20.00  +25.00%         2%  ↑ regression',
        'ok_rate                   1.00          -       -        -         2%  ! missing',
        'throughput_tok_per_s   1,000.0    1,234.5  +234.5  +23.45%         2%  ↑ improvement',
        'power_avg_w             0.5000     0.5000  0.0000    0.00%         2%  ? unknown',
        'tpot_p50_ms              10.00      10.00  0.0000    0.00%         2%  ≈ no_change',
        '',
        '1 regression, 1 improvement, 1 unchanged, 1 unknown, 1 missing at ±2 %. Decision: INCONCLUSIVE: a metric vanished.',
      ].join('\n'),
    );
  });

  it('is Markdown that text from a file cannot break out of', () => {
    const evil = diff(BEFORE, BEFORE, { context: { ...CONTEXT, model: 'a|b\n# owned' } });
    const lines = diffMarkdown(evil).split('\n');
    expect(lines.some((line) => line.startsWith('# '))).toBe(false);
    expect(lines).toContain('| tpot_p50_ms | 10.00 | 10.00 | 0.0000 | 0.00% | 2% | ≈ no_change |');
  });

  it('is JSON with the keys that the envelope tool has, and the exit code', () => {
    const json = diffJson(result, 1);
    expect(Object.keys(json)).toEqual(
      expect.arrayContaining([
        'baseline_path',
        'candidate_path',
        'context_match',
        'metrics',
        'decision',
        'summary',
        'exit_code',
      ]),
    );
    expect(Object.keys(result.metrics[0] ?? {})).toEqual(
      expect.arrayContaining([
        'name',
        'baseline',
        'candidate',
        'delta_abs',
        'delta_rel',
        'verdict',
        'decision',
        'interval',
      ]),
    );
    expect(Object.keys(result.context_match)).toEqual([
      'suite_id',
      'model_id',
      'engine_name',
      'engine_version',
      'quantization_format',
      'hardware_fingerprint',
      'all_match',
    ]);
  });
});

describe('result files of other tools', () => {
  const SAMPLES = new URL('../../../shared/samples/', import.meta.url);
  const isThere = existsSync(SAMPLES);
  if (!isThere) console.log('skipped: ../shared/samples is not here');

  it.skipIf(!isThere).each([
    ['vllm/serve_2025-09_gpt-oss-120b_conc64.json', ['c64']],
    [
      'sglang/bench_serving_llama_405b_online_output.jsonl',
      [1, 2, 4, 8].map((rate) => `rps${rate}-isl1024-osl1024`).concat('rps4', 'rps8'),
    ],
    ['aiperf/qwen_concurrency4__profile_export_aiperf.json', ['c4']],
    ['guidellm/guidellm_report_v2_mock_backend.json', ['rps2', 'rps4']],
    ['inferencex/agg_gptoss_single_node_tp8.json', ['c64']],
  ])('%s is compared point by point, and with itself shows no change', async (name, points) => {
    const files = await readSide([new URL(name, SAMPLES).pathname]);
    const result = diffFiles(files, files, OPTIONS);
    expect(result.points.map(({ point }) => point)).toEqual(points);
    expect(result.summary).toMatchObject({ regression: 0, improvement: 0, missing: 0 });
    expect(result.context_differs).toBe(false);
  });

  it.skipIf(!isThere)('of InferenceX stand on the front of tok/s/GPU over tok/s/user', async () => {
    const files = await readSide([new URL('inferencex/agg_gptoss_single_node_tp8.json', SAMPLES).pathname]);
    expect(compareRuns(files).pareto['throughput_vs_interactivity']).toEqual([0]);
  });
});
