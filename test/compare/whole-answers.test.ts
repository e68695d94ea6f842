// Answers of a comparison with a baseline, whole, and the report beside them. The texts beside the fixtures were read through when they
// were written; one that changes is a change of behaviour (`npx vitest run <file> -u`).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { profileDeltas, profileFields } from '../../src/compare/profile-rows.ts';
import { diffProfiles } from '../../src/profile/diff-profiles.ts';
import { smallSide, times } from '../profile/small-side.ts';
import type { Calls, SmallSide } from '../profile/small-side.ts';
import { openWorkbench, type Answer, type Input } from '../tools/baseline/workbench.ts';

const FOLDER = new URL('../fixtures/answers/', import.meta.url).pathname;
const bench = openWorkbench('whole-answers');

const NINE_DIGITS = (_: string, value: unknown): unknown =>
  typeof value === 'number' && Number.isFinite(value) ? Number(value.toPrecision(9)) : value;

/** One line for each member, one for each row of a list. */
const linesOf = (value: object): string[] =>
  Object.entries(value).flatMap(([name, member]) => {
    if (typeof member === 'string' && member.includes('\n')) return [`${name}:`, ...member.split('\n').map((line) => `  ${line}`)];
    if (Array.isArray(member) && member.length > 0) return [`${name}:`, ...member.map((row) => `  ${JSON.stringify(row, NINE_DIGITS)}`)];
    return [`${name}: ${JSON.stringify(member, NINE_DIGITS)}`];
  }); // prettier-ignore

/** Without what differs from run to run. */
const steady = (text: string): string =>
  text
    .replaceAll(bench.root, '<root>')
    .replaceAll(/20\d{6}T\d{6,12}Z/g, '<slug>')
    .replaceAll(/20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<time>')
    .replaceAll(/"?node": "[^"]*"/g, '<node>')
    .replaceAll(/(duration_ms|elapsed_s)":? ?[\d.]+/g, '$1 <n>');

const textOf = (answer: Answer): string => {
  const { diff_dir } = answer;
  const report = diff_dir === null ? '' : readFileSync(join(diff_dir, 'diff.md'), 'utf8');
  return steady(`${linesOf(answer).join('\n')}\n\n${report}`);
};

const SERVING = { throughput_tok_per_s: 1000, ttft_p50_ms: 40, tpot_p50_ms: 10 };
/** Latencies of many points; those that `slower` says take 20 percent longer. */
const points = (count: number, slower: (at: number) => boolean = () => false) => ({
  rows: Array.from({ length: count }, (_, at) => ({ name: `point_${at}`, latency_ms: (100 + at) * (slower(at) ? 1.2 : 1) })),
}); // prettier-ignore

/** A document of a known format, which says itself what it did not measure. */
const perfbench = (more: Readonly<Record<string, number | null>> = {}) => ({
  schema: 'inference_perfbench_v1',
  model: 'm',
  deployment: { vllm_version: '0.11.0', tensor_parallel_size: 2 },
  workload: { dataset: 'chat', concurrency_sweep: [1] },
  metrics: {
    1: { throughput_toks_per_s: 141.2, ttft_p50_ms: 38, ttft_p95_ms: 68.4, itl_p50_ms: 7.05, errors: 0, ...more },
  },
});

const trialsOf = (...values: readonly number[]) => values.map((value) => ({ values: { value } }));
/** Ten rates, five of which follow the value. */
const rates = (value: number) =>
  Object.fromEntries(
    Array.from({ length: 10 }, (_, at) => [
      `rate_${'abcdefghij'[at]}_tok_per_s`,
      at % 2 === 0 ? value * (10 + at) : 100,
    ]),
  );

interface Case {
  readonly before: readonly unknown[];
  readonly after: unknown;
  readonly record?: Input;
  readonly diff?: Input;
  /** Which entry is tagged golden. */
  readonly golden?: number;
}

const CASES: Readonly<Record<string, Case>> = {
  'a-number': { before: ['310\n'], after: '280\n', record: { unit: 'GB/s', direction: 'higher-is-better', sol_ceiling_key: 'a-number=h200_sxm.nvlink4_oneway_tbps' } },
  'a-number-called-seed': { before: ['310\n'], after: '280\n', record: { unit: 'GB/s', direction: 'higher-is-better' } },
  'a-document': { before: [SERVING], after: { ...SERVING, ttft_p50_ms: 44, gone_ms: 3 }, diff: { tolerances: { ttft_p50_ms: { percent: 15 } } } },
  'steps-within-the-tolerance': { before: [10, 10.3, 10.6].map((ms) => ({ ...SERVING, tpot_p50_ms: ms, throughput_tok_per_s: 10_000 / ms })), after: { ...SERVING, tpot_p50_ms: 10.9, throughput_tok_per_s: 10_000 / 10.9 }, golden: 0 },
  'trials-that-fail': { before: ['100\n'], after: null, record: { unit: 'ms', direction: 'lower-is-better', trials: trialsOf(100, 101, 99, 100.5, 99.5) }, diff: { current_value: [120, 121, 119, 120.5, 119.5] } },
  'trials-that-are-open': { before: ['100\n'], after: null, record: { unit: 'ms', direction: 'lower-is-better', trials: trialsOf(100, 108, 93, 102, 97) }, diff: { current_value: [104, 112, 98, 107, 101], strict: true } },
  'trials-too-good': { before: ['100\n'], after: null, record: { unit: 'ms', direction: 'lower-is-better', trials: trialsOf(100, 101, 99, 100.5, 99.5) }, diff: { current_value: [0.1, 0.101, 0.102] } },
  'many-headlines': { before: [100, 103, 106].map(rates), after: rates(88), golden: 1 },
  'headlines-of-several-units': { before: [{ throughput_tok_per_s: 1000, ttft_p50_ms: 10, itl_p50_ms: 1, power_w: 100 }], after: { throughput_tok_per_s: 1000, ttft_p50_ms: 12, itl_p50_ms: 5, power_w: 130 } },
  'many-rows': { before: [points(70)], after: points(70, (at) => at < 60) },
  'many-rows-gained': { before: [points(70, () => true)], after: points(70) },
  'many-lost-and-new': { before: [{ ...SERVING, ...points(60) }], after: SERVING },
  'what-one-side-did-not-measure': { before: [perfbench()], after: perfbench({ ttft_p95_ms: null }) },
  'what-the-baseline-did-not-measure': { before: [perfbench({ ttft_p95_ms: null })], after: perfbench() },
  'another-context': { before: [SERVING], after: SERVING, record: { context: { model: 'm', tp: 8 } }, diff: { context: { model: 'm', tp: 4 } } },
}; // prettier-ignore

describe('the answer for', () => {
  test.each(Object.entries(CASES))('%s', async (name, { before, after, record = {}, diff = {}, golden }) => {
    const slugs: string[] = [];
    for (const [at, content] of before.entries()) {
      const source = bench.file(`${name}-${at}.json`, content);
      slugs.push((await bench.record(name, source, record))['slug']);
    }
    if (golden !== undefined) await bench.answer('tag', { entry: `f/${name}@${slugs[golden] ?? ''}`, tag: 'golden' });
    const answer = await bench.diff(name, after === null ? [] : bench.file(`${name}-after.json`, after), diff);
    await expect(textOf(answer)).toMatchFileSnapshot(`${FOLDER}${name}.txt`);
  });
});

describe('a comparison is refused', () => {
  const refusal = (name: string, more: Input): Promise<Answer> =>
    bench.refusal('diff', { baseline: `f/${name}`, current: join(bench.root, `${name}-after.json`), ...more });

  test('where a tolerance is for no metric, with the nearest name or eight of them', async () => {
    await bench.record(
      'refused',
      bench.file('refused.json', {
        ...SERVING,
        ...Object.fromEntries('abcdefghi'.split('').map((name) => [`m_${name}_ms`, 1])),
      }),
    );
    bench.file('refused-after.json', SERVING);
    const of = (glob: string) => refusal('refused', { tolerances: { [glob]: { percent: 5 } } });
    expect(await of('ttft_p50_m')).toMatchObject({
      code: 'tolerance_unmatched',
      message: 'no metric is called ttft_p50_m',
      fix: 'did you mean ttft_p50_ms?',
    });
    const { fix } = await of('something_else_altogether');
    expect(fix.replace(/^name one of /, '').split(', ')).toHaveLength(8);
  });

  test('where the context differs under strict_context, and where two sources are given', async () => {
    const context = (tp: number) => ({ context: { tp } });
    await bench.record('refused-context', bench.file('refused-context.json', SERVING), context(8));
    bench.file('refused-context-after.json', SERVING);
    expect(await refusal('refused-context', { ...context(4), strict_context: true })).toMatchObject({
      code: 'context_mismatch',
      exit: 4,
    });
    expect(await refusal('refused-context', { current_value: [1] })).toMatchObject({ exit: 2 });
  });
});

describe('a profile diff in the words of a comparison:', () => {
  const GEMM = 'nvjet_tst_128x256_64x4_2x1_v_bz_TNT';
  const calls = (kernel: string, ns: number, count = 10): Calls => ({ kernel, ns: times(count, ns) });
  const vary = (kernel: string, ns: number): Calls => ({ kernel, ns: Array.from({ length: 12 }, (_, at) => ns + 60 * at) });
  const side = (list: readonly Calls[], stepNs: number | null, id: string): SmallSide => ({
    calls: list,
    ...(stepNs === null ? {} : { spanNs: [10 * stepNs], stepNs: [times(10, stepNs)] }),
    facts: { contentId: id },
  });
  const few = [calls(GEMM, 4000), calls('void softmax<float>(float*)', 1000), calls('void old_one<float>(float*)', 500)];
  const other = [calls(GEMM, 4600), calls('void softmax<float>(float*)', 800), calls('void new_one<float>(float*)', 700)];
  test('one capture a side is said for either side', () => {
    const [one, two] = [smallSide(side(few, 6000, 'a')), smallSide(side(few, 6001, 'c'))];
    const missing = (before: readonly (typeof one)[], after: readonly (typeof one)[]) =>
      profileFields(diffProfiles(before, after), []).tier_missing.includes('one_capture_a_side');
    const [three, four] = [smallSide(side(other, 7000, 'b')), smallSide(side(other, 7001, 'd'))];
    expect([missing([one], [three]), missing([one, two], [three]), missing([one], [three, four]), missing([one, two], [three, four])]).toEqual([true, true, true, false]);
  });

  test.each([
    ['a slower kernel', side(few, 6000, 'a'), side(other, 7000, 'b')],
    ['a faster kernel', side(other, 7000, 'a'), side(few, 6000, 'b')],
    ['no times', side(few, null, 'a'), side(other, null, 'b')],
    ['a bucket that no kernel explains', side([vary('nvjet_gemm_a', 700), calls('b', 1000)], null, 'a'), side([vary('nvjet_gemm_a', 780), calls('b', 1000)], null, 'b')],
    ['many kernels that are new', side([calls(GEMM, 4000)], null, 'a'), side([calls(GEMM, 4000), ...Array.from({ length: 60 }, (_, at) => calls(`new_${'x'.repeat(at)}_kernel`, 100))], null, 'b')],
  ])('%s', async (name, before, after) => {
    const diff = diffProfiles([smallSide(before)], [smallSide(after)]);
    const deltas = profileDeltas(diff);
    const text = [...linesOf(profileFields(diff, deltas)), ...linesOf({ deltas })].join('\n');
    await expect(`${text}\n`).toMatchFileSnapshot(`${FOLDER}profile-${name.replaceAll(' ', '-')}.txt`);
  });
}); // prettier-ignore
