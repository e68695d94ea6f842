// Comparisons of chosen values, whole: every row with its decision, tier, exit codes, and the words for a person. The texts beside the
// fixtures were read through when they were written; one that changes is a change of behaviour (`npx vitest run <file> -u`).
import { expect, test } from 'vitest';
import { type JudgeOptions, judge } from '../../src/compare/judge.ts';
import { deltaLines } from '../../src/compare/delta-record.ts';
import { renderDiffMarkdown } from '../../src/compare/diff-markdown.ts';
import { nextLever } from '../../src/compare/next-lever.ts';
import { type Shape, recommend } from '../../src/compare/recommend.ts';
import { summariseDiff } from '../../src/compare/summarise.ts';
import type { Metric } from '../../src/metrics/metric.ts';
import type { Trial } from '../../src/metrics/trial.ts';
import type { Side } from '../../src/source/side.ts';
import { decisionSchema, memberSchema } from '../../src/verdict/answer-schema.ts';
import { FAIL_ON, comparisonExitCode } from '../../src/verdict/exit-code.ts';
import { defaults, metric, repeated, side, values } from './sides.ts';

const FOLDER = new URL('../fixtures/judgements/', import.meta.url).pathname;

/** Values of several metrics in trials: name to unit and one value a trial. */
const trials = (
  of: Readonly<Record<string, readonly [string, ...number[]]>>,
  more: Partial<Side> = {},
  trial: Partial<Trial> = {},
): Side => {
  const names = Object.keys(of);
  const valuesOf = (name: string): number[] =>
    (of[name] ?? []).flatMap((each) => (typeof each === 'number' ? [each] : []));
  const count = Math.max(...names.map((name) => valuesOf(name).length));
  return side(
    names.map((name): Metric => metric(name, valuesOf(name)[0] ?? 0, of[name]?.[0] ?? null)),
    {
      trials: Array.from({ length: count }, (_, index) => ({
        index,
        block: null,
        started_at: null,
        replicate_level: 'process',
        values: Object.fromEntries(
          names.flatMap((name) => (valuesOf(name)[index] === undefined ? [] : [[name, valuesOf(name)[index] ?? 0]])),
        ),
        validity: [],
        gpu_uuids: ['GPU-1'],
        ...trial,
      })),
      ...more,
    },
  );
};

const around = (value: number, count = 5, by = 0.01): number[] =>
  Array.from({ length: count }, (_, at) => value * (1 + by * (((at * 3) % 5) - 2)));

const inBlocks = (of: Side): Side => ({ ...of, trials: of.trials.map((trial, block) => ({ ...trial, block })) });
const withInvalid = (of: Side, validity: Trial['validity']): Side => ({
  ...of,
  trials: of.trials.map((trial, at) => (at === 0 ? { ...trial, validity } : trial)),
});

const CONTEXT = { model: 'm', hardware: 'H200', n_gpus: 8, tp: 8, concurrency: 16, engine_version: '0.11' };
const SERVING = {
  throughput_tok_per_s: 1000,
  req_per_s: 5,
  ttft_p50_ms: 40,
  ttft_p99_ms: 90,
  tpot_p50_ms: 10,
  ok_rate: 1,
  errors: 0,
};

interface Case {
  readonly before: Side;
  readonly after: Side;
  readonly options?: Partial<JudgeOptions>;
  readonly shape?: Shape;
}

const five = (value: number) => repeated('ttft_p50_ms', 'ms', around(value));

const CASES: Readonly<Record<string, Case>> = {
  'one-number-within': { before: values({ busbw_gb_per_s: 310 }), after: values({ busbw_gb_per_s: 300 }), shape: 'scalar' },
  'one-number-beyond': { before: values({ busbw_gb_per_s: 310 }), after: values({ busbw_gb_per_s: 280 }), shape: 'scalar' },
  'one-number-better': { before: values({ busbw_gb_per_s: 310 }), after: values({ busbw_gb_per_s: 340 }), shape: 'scalar' },
  'one-number-of-no-direction': { before: values({ zorp: 310 }), after: values({ zorp: 280 }), shape: 'scalar' },
  'one-number-too-good': { before: values({ ttft_p50_ms: 310 }), after: values({ ttft_p50_ms: 0.31 }), shape: 'scalar' },
  'one-number-impossible': { before: side([metric('ttft_p50_ms', 310, 'ms')]), after: side([metric('ttft_p50_ms', 0, 'ms')]), shape: 'scalar' },
  'one-number-from-zero': { before: values({ queue_depth: 0 }), after: values({ queue_depth: 3 }), shape: 'scalar' },
  'serving-unchanged': { before: values(SERVING), after: values(SERVING) },
  'serving-worse': { before: values(SERVING), after: values({ ...SERVING, throughput_tok_per_s: 900, ttft_p50_ms: 44.1, ttft_p99_ms: 107.9, errors: 2 }) },
  'serving-better': { before: values(SERVING), after: values({ ...SERVING, throughput_tok_per_s: 1200, ttft_p50_ms: 30 }) },
  'serving-with-lost-and-new': { before: values({ ...SERVING, lost_ms: 3, gone_ms: 4 }), after: values({ ...SERVING, new_ms: 5 }) },
  'serving-surprising': { before: side([metric('ttft_p50_ms', 4000, 'ms'), metric('tpot_p50_ms', 10, 'ms'), metric('e2e_p50_ms', 70, 'ms')]), after: side([metric('ttft_p50_ms', 4, 'ms'), metric('tpot_p50_ms', 2.5, 'ms'), metric('e2e_p50_ms', 3, 'ms')]) },
  'serving-accepted-as-implausible': { before: side([metric('ttft_p50_ms', 4000, 'ms')]), after: side([metric('ttft_p50_ms', 4, 'ms')]), options: { acceptImplausible: true } },
  'names-that-do-not-fit': {
    before: values(Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'lost_a', 'lost_b', 'lost_c', 'lost_d'].map((name) => [`${'long_'.repeat(40)}${name}_ms`, 100]))),
    after: side(['a', 'b', 'c', 'd', 'e', 'f'].map((name, at) => metric(`${'long_'.repeat(40)}${name}_ms`, at === 5 ? 20 : 110 + at))),
  },
  'other-units': { before: side([metric('ttft_p50_ms', 40, 'ms'), metric('bw', 1, 'TB/s')]), after: side([metric('ttft_p50_ms', 0.041, 's'), metric('bw', 990, 'GB/s')]) },
  'another-context': { before: values(SERVING, { context: CONTEXT }), after: values(SERVING, { context: { ...CONTEXT, hardware: 'B200', engine_version: '0.12' } }) },
  'another-context-strict': { before: values(SERVING, { context: CONTEXT }), after: values(SERVING, { context: { ...CONTEXT, hardware: 'B200' } }), options: { strictContext: true } },
  'another-context-on-purpose': { before: values(SERVING, { context: CONTEXT }), after: values(SERVING, { context: { ...CONTEXT, hardware: 'B200' } }), options: { axis: ['hardware'], strictContext: true } },
  'tolerances-of-the-call': { before: values({ a_ms: 10, b_ms: 10 }), after: values({ a_ms: 10.3, b_ms: 10.6 }), options: { policy: { ...defaults, umbrella: { percent: 4 } } } },
  'absolute-tolerance': { before: values({ a_ms: 10, b_ms: 100 }), after: values({ a_ms: 11.5, b_ms: 102.5 }), options: { policy: { ...defaults, umbrella: { absolute: 2 } } } },
  'near-the-peak': { before: values({ busbw_gb_per_s: 310, other_ms: 3 }, { sol: { busbw_gb_per_s: { sol_pct: 68.9, sol_ceiling_key: 'h200.nvlink', sol_ceiling_value: 450, unit: 'GB/s' } } }), after: values({ busbw_gb_per_s: 300, other_ms: 3 }) },
  'trials-worse': { before: five(40), after: five(60) },
  'trials-better': { before: five(40), after: five(30) },
  'trials-alike': { before: five(40), after: five(40.1) },
  'trials-too-few': { before: repeated('ttft_p50_ms', 'ms', [40, 41]), after: repeated('ttft_p50_ms', 'ms', [43, 42]) },
  'trials-of-three': { before: repeated('ttft_p50_ms', 'ms', [40, 41, 40.5]), after: repeated('ttft_p50_ms', 'ms', [53, 52, 52.5]) },
  'trials-noisy': { before: repeated('ttft_p50_ms', 'ms', around(40, 5, 0.1)), after: repeated('ttft_p50_ms', 'ms', around(43, 5, 0.1)) },
  'trials-proven-only': { before: five(40), after: five(42.5), options: { failRule: 'proven' } },
  'trials-in-blocks': { before: inBlocks(five(40)), after: inBlocks(five(60)) },
  'trials-in-blocks-unpaired': { before: inBlocks(five(40)), after: inBlocks(five(41)), options: { analysis: 'unpaired' } },
  'trials-with-invalid': { before: withInvalid(five(40), ['throttle']), after: withInvalid(five(60), ['not_steady', 'throttle']) },
  'trials-all-invalid': { before: five(40), after: { ...five(40), trials: five(40).trials.map((trial) => ({ ...trial, validity: ['throttle'] })) } },
  'trials-unwatched': { before: { ...five(40), trials: five(40).trials.map((trial) => ({ ...trial, validity: ['no_telemetry'] })) }, after: five(60) },
  'trials-of-windows': { before: repeated('ttft_p50_ms', 'ms', around(40), { trial: { replicate_level: 'window' } }), after: repeated('ttft_p50_ms', 'ms', around(60), { trial: { replicate_level: 'window' } }) },
  'trials-of-several': {
    before: trials({ throughput_tok_per_s: ['tok/s', ...around(1000)], ttft_p50_ms: ['ms', ...around(40)], tpot_p50_ms: ['ms', ...around(10)], power_mean_w: ['W', ...around(600)] }),
    after: trials({ throughput_tok_per_s: ['tok/s', ...around(880)], ttft_p50_ms: ['ms', ...around(42.5, 5, 0.02)], tpot_p50_ms: ['ms', ...around(9)], power_mean_w: ['W', ...around(900)] }),
  },
  'trials-that-lost-a-metric': { before: trials({ ttft_p50_ms: ['ms', ...around(40)], lost_ms: ['ms', ...around(4)] }), after: five(40) },
  'trials-of-a-share': { before: trials({ compliance_rate: ['ratio', ...around(0.92, 5, 0.002)] }, {}, { requests: 500 }), after: trials({ compliance_rate: ['ratio', ...around(0.86, 5, 0.002)] }, {}, { requests: 500 }) },
  'trials-of-an-attempted-share': { before: trials({ ok_rate: ['ratio', 1, 1, 1, 1, 1] }, {}, { requests: 500 }), after: trials({ ok_rate: ['ratio', 0.98, 0.99, 0.985, 0.99, 0.98] }, {}, { requests: 490 }) },
  'trials-of-an-attempted-share-of-none': { before: trials({ ok_rate: ['ratio', 1, 1, 1] }, {}, { requests: 500 }), after: trials({ ok_rate: ['ratio', 0, 0, 0] }, {}, { requests: 0 }) },
  'trials-of-a-maximum': { before: repeated('ttft_p100_ms', 'ms', around(90), { trial: { requests: 20 } }), after: repeated('ttft_p100_ms', 'ms', around(130), { trial: { requests: 20 } }) },
  'trials-of-two-sides': { before: trials({ isl_mean_tokens: ['tokens', ...around(1000)] }), after: trials({ isl_mean_tokens: ['tokens', ...around(800)] }) },
  'trials-of-a-tail': { before: repeated('ttft_p99_ms', 'ms', around(90), { trial: { requests: 200 } }), after: repeated('ttft_p99_ms', 'ms', around(130), { trial: { requests: 150 } }) },
  'trials-too-good': { before: five(4000), after: five(4) },
  'trials-impossible': { before: five(40), after: repeated('ttft_p50_ms', 'ms', [0, 40, 41, 42, 43]) },
  'trials-alike-to-the-last-digit': { before: repeated('kernel_count', 'count', [10, 10, 10, 10, 10]), after: repeated('kernel_count', 'count', [11, 11, 11, 11, 11]) },
  'a-named-entry-with-context': { before: { ...five(40), context: CONTEXT }, after: { ...five(30), context: CONTEXT }, options: { namedBaseline: true } },
  'typed-facts': { before: { ...five(40), context: CONTEXT, attested: ['n_gpus', 'validity', 'replicate_level', 'placement', 'cache_state'] }, after: { ...five(30), context: CONTEXT }, options: { namedBaseline: true } },
  'trials-of-uneven-number': {
    before: repeated('ttft_p50_ms', 'ms', around(40, 5, 0.1)),
    after: repeated('ttft_p50_ms', 'ms', around(44, 3, 0.1)),
  },
  'typed-facts-unwatched': {
    before: {
      ...five(40),
      trials: five(40).trials.map((trial) => ({ ...trial, validity: ['no_telemetry'] })),
      context: CONTEXT,
      attested: ['validity'],
    },
    after: { ...five(30), context: CONTEXT },
    options: { namedBaseline: true },
  },
  'latencies-in-a-folder': {
    before: values({ 'a.ttft_p50_ms': 10, 'a.tpot_p50_ms': 5, 'b.ttft_p50_ms': 10, 'b.tpot_p50_ms': 5 }),
    after: values({ 'a.ttft_p50_ms': 12, 'a.tpot_p50_ms': 6, 'b.ttft_p50_ms': 10, 'b.tpot_p50_ms': 5 }),
    shape: 'folder',
  },
}; // prettier-ignore

const NINE_DIGITS = (_: string, value: unknown): unknown =>
  typeof value === 'number' && Number.isFinite(value) ? Number(value.toPrecision(9)) : value;

const asText = ({ before, after, options = {}, shape = 'structured' }: Case): string => {
  const judgement = judge(before, after, { policy: defaults, ...options });
  const [recommendation, lever] = [recommend(judgement, shape), nextLever(judgement)];
  const report = { judgement, family: 'llama', measurement: 'serve', shape, recommendation, lever };
  const strict = comparisonExitCode(judgement, { strict: true });
  const failOn = FAIL_ON.map((reason) => `${reason} ${comparisonExitCode(judgement, { failOn: [reason] })}`);
  const members = Object.entries(judgement).flatMap(([name, value]) =>
    name === 'adverse' || name === 'improved' || name === 'implausible' || name === 'vanished' || name === 'added'
      ? [
          `${name}: ${JSON.stringify(Array.isArray(value) ? value.map((row: { readonly key: string }) => row.key) : value)}`,
        ]
      : Array.isArray(value) && value.length > 0
        ? [`${name}:`, ...value.map((row) => `  ${JSON.stringify(row, NINE_DIGITS)}`)]
        : [`${name}: ${JSON.stringify(value, NINE_DIGITS)}`],
  );
  return [
    summariseDiff(report),
    '',
    `exit ${comparisonExitCode(judgement, {})}, strict ${strict}, fail_on ${failOn.join(', ')}`,
    `lever ${JSON.stringify(lever)}`,
    `recommendation ${JSON.stringify(recommendation)}`,
    '',
    ...members,
    '',
    ...deltaLines(judgement.rows),
    '',
    renderDiffMarkdown(report),
  ].join('\n');
};

test.each(Object.entries(CASES))('%s', async (name, given) => {
  const { decision, family } = judge(given.before, given.after, { policy: defaults, ...given.options });
  expect(decisionSchema.parse(decision)).toEqual(decision);
  for (const member of family) expect(memberSchema.parse(member)).toEqual(member);
  await expect(asText(given)).toMatchFileSnapshot(`${FOLDER}${name}.txt`);
});
