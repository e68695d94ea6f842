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

interface Case {
  readonly before: readonly unknown[];
  readonly after: unknown;
  readonly record?: Input;
  readonly diff?: Input;
  /** Tag for the first entry. */
  readonly golden?: true;
}

const CASES: Readonly<Record<string, Case>> = {
  'a-number': { before: ['310\n'], after: '280\n', record: { unit: 'GB/s', direction: 'higher-is-better', sol_ceiling_key: 'a-number=h200_sxm.nvlink4_oneway_tbps' } },
  'a-number-called-seed': { before: ['310\n'], after: '280\n', record: { unit: 'GB/s', direction: 'higher-is-better' } },
  'a-document': { before: [SERVING], after: { ...SERVING, ttft_p50_ms: 44, gone_ms: 3 }, diff: { tolerances: { ttft_p50_ms: { percent: 15 } } } },
  'steps-within-the-tolerance': { before: [10, 10.3, 10.6].map((ms) => ({ ...SERVING, tpot_p50_ms: ms, throughput_tok_per_s: 10_000 / ms })), after: { ...SERVING, tpot_p50_ms: 10.9, throughput_tok_per_s: 10_000 / 10.9 }, golden: true },
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
    if (golden === true) await bench.answer('tag', { entry: `f/${name}@${slugs[0] ?? ''}`, tag: 'golden' });
    const answer = await bench.diff(name, bench.file(`${name}-after.json`, after), diff);
    await expect(textOf(answer)).toMatchFileSnapshot(`${FOLDER}${name}.txt`);
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
