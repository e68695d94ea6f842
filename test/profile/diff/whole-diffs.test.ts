// Diffs of small captures with chosen numbers, whole: every row, effect, share, q, note and word. The texts beside the fixtures were
// compared with the numbers by hand; one that changes is a change of behaviour (`npx vitest run <file> -u`).
import { expect, test } from 'vitest';
import { diffProfiles } from '../../../src/profile/diff-profiles.ts';
import { profileDiffSchema } from '../../../src/profile/diff/profile-diff-schema.ts';
import type { DiffOptions } from '../../../src/profile/diff/findings.ts';
import type { ProfileSide } from '../../../src/profile/model/profile-side.ts';
import { smallSide, times } from '../small-side.ts';
import type { Calls, SmallSide } from '../small-side.ts';
import { simulatedSide } from '../simulated-side.ts';
import { asText } from './diff-text.ts';
import { LAYER } from './scenarios.ts';

const DIFFS = new URL('../../fixtures/profile/diffs/', import.meta.url).pathname;

const GEMM = 'nvjet_tst_128x256_64x4_2x1_v_bz_TNT';
const NORM = 'void vllm::rms_norm_kernel<float>(float*, int)';
const FLASH = 'void flash::flash_fwd_kernel<(int)128>(float*)';

/** Calls that vary around `ns`. */
const around = (ns: number, count = 12): number[] => Array.from({ length: count }, (_, at) => ns + ((at * 7) % 12) - 5);

const base: readonly Calls[] = [0, 1].flatMap((rank) => [
  { kernel: GEMM, rank, ns: around(4000) },
  { kernel: NORM, rank, ns: around(1000) },
  { kernel: FLASH, rank, ns: around(2000) },
]);

const scaled = (factors: Readonly<Record<string, number>>, only: (rank: number) => boolean = () => true): Calls[] =>
  base.map((each) => {
    const factor = only(each.rank ?? 0) ? (factors[each.kernel] ?? 1) : 1;
    return { ...each, ns: each.ns.map((ns) => Math.round(ns * factor)) };
  });

const ranksNamed = (...labels: readonly string[]): ProfileSide['ranks'] =>
  labels.map((label, device) => ({
    label,
    host: null,
    pid: device,
    device,
    gpuUuid: null,
    gpuName: `GPU of ${label}`,
  }));

const STEPS = { spanNs: [100_000, 101_000], stepNs: [times(12, 8000), times(12, 8000)] };
const SLOWER_STEPS = { spanNs: [112_000, 113_000], stepNs: [times(12, 9000), times(12, 9000)] };

interface Case {
  readonly before: readonly SmallSide[];
  readonly after: readonly SmallSide[];
  readonly options?: DiffOptions;
}

const extras: Partial<ProfileSide> = {
  copies: [
    { rank: 0, kind: 'Host-to-Device', count: 4, bytes: 4000, totalNs: 800, maxNs: 300 },
    { rank: 1, kind: 'Host-to-Device', count: 2, bytes: 2000, totalNs: 400, maxNs: 300 },
    { rank: 0, kind: 'Device-to-Device', count: 1, bytes: 0, totalNs: 50, maxNs: 50 },
  ],
  memsets: [{ rank: 0, count: 3, bytes: 300, totalNs: 30 }],
  waits: [{ pid: 1, type: 'cudaStreamSynchronize', count: 3, totalNs: 500 }],
  apis: [
    { name: 'cudaLaunchKernel', count: 30, totalNs: 900, maxNs: 90 },
    { name: 'cudaMalloc', count: 1, totalNs: 700, maxNs: 700 },
  ],
  ranges: [
    { domain: 0, name: 'forward', count: 3, totalNs: 900, selfNs: 300, gpuNs: 600, gpuSelfNs: 100, kernels: 9, kernelsSelf: 2 },
    { domain: 0, name: 'forward', count: 1, totalNs: 300, selfNs: 100, gpuNs: 200, gpuSelfNs: 50, kernels: 3, kernelsSelf: 1 },
    { domain: 1, name: 'forward', count: 1, totalNs: 100, selfNs: 50, gpuNs: null, gpuSelfNs: null, kernels: null, kernelsSelf: null },
  ],
}; // prettier-ignore

const moreExtras: Partial<ProfileSide> = {
  copies: [
    { rank: 0, kind: 'Host-to-Device', count: 8, bytes: 8000, totalNs: 4000, maxNs: 900 },
    { rank: 1, kind: 'Device-to-Host', count: 1, bytes: 10, totalNs: 50, maxNs: 50 },
  ],
  memsets: [{ rank: 1, count: 6, bytes: 600, totalNs: 90 }],
  waits: [
    { pid: 1, type: 'cudaStreamSynchronize', count: 5, totalNs: 900 },
    { pid: 2, type: 'cudaEventSynchronize', count: 1, totalNs: 400 },
  ],
  apis: [
    { name: 'cudaLaunchKernel', count: 60, totalNs: 2000, maxNs: 90 },
    { name: 'cudaFree', count: 1, totalNs: 1100, maxNs: 1100 },
  ],
  ranges: [
    { domain: 0, name: 'forward', count: 4, totalNs: 1600, selfNs: 400, gpuNs: 1000, gpuSelfNs: 100, kernels: 12, kernelsSelf: 2 },
    { domain: 0, name: 'sample', count: 1, totalNs: 50, selfNs: 50, gpuNs: 20, gpuSelfNs: 20, kernels: 1, kernelsSelf: 1 },
  ],
}; // prettier-ignore

const CASES: Readonly<Record<string, Case>> = {
  'nothing-changed': { before: [{ calls: base, ...STEPS }], after: [{ calls: base, ...STEPS, facts: { contentId: 'b' } }] },
  'a-slower-gemm': { before: [{ calls: base, ...STEPS }], after: [{ calls: scaled({ [GEMM]: 1.2 }), ...SLOWER_STEPS }] },
  'a-slower-gemm-on-one-rank': { before: [{ calls: base, ...STEPS }], after: [{ calls: scaled({ [GEMM]: 1.3 }, (rank) => rank === 1), ...SLOWER_STEPS }] },
  'a-faster-gemm': { before: [{ calls: scaled({ [GEMM]: 1.2 }), ...SLOWER_STEPS }], after: [{ calls: base, ...STEPS }] },
  'everything-slower': { before: [{ calls: base, ...STEPS }], after: [{ calls: scaled({ [GEMM]: 1.1, [NORM]: 1.1, [FLASH]: 1.1 }), ...SLOWER_STEPS }] },
  'no-steps': { before: [{ calls: base, spanNs: [100_000, 101_000] }], after: [{ calls: scaled({ [GEMM]: 1.2 }), spanNs: [120_000, 121_000] }] },
  'no-times': { before: [{ calls: base }], after: [{ calls: scaled({ [GEMM]: 1.2 }) }] },
  'given-work': { before: [{ calls: base, ...STEPS }], after: [{ calls: base, ...SLOWER_STEPS, facts: { contentId: 'b' } }], options: { work: { unit: 'token', baseline: 100, candidate: 90 }, baselineLabel: 'main', candidateLabel: 'pr 7' } },
  'kernels-that-come-and-go': {
    before: [{ calls: [...base, { kernel: 'void old_kernel<int>(int*)', ns: times(6, 900) }, { kernel: 'void tiled_gemm_64x64(float*)', ns: times(12, 700) }], ...STEPS }],
    after: [{ calls: [...base, { kernel: 'void new_kernel<int>(int*)', ns: times(6, 1800) }, { kernel: 'void tiled_gemm_128x64(float*)', ns: times(12, 950) }], ...SLOWER_STEPS }],
  },
  'launches-and-step-types': {
    before: [{ calls: [{ kernel: GEMM, ns: around(4000), stepType: 'decode' }, { kernel: GEMM, ns: around(9000), stepType: 'prefill', grid: 264 }, { kernel: NORM, ns: around(1000), block: 256, registers: 32, shared: 1024 }], ...STEPS }],
    after: [{ calls: [{ kernel: GEMM, ns: around(4000), stepType: 'decode' }, { kernel: GEMM, ns: around(9000, 24), stepType: 'prefill', grid: 264 }, { kernel: NORM, ns: around(1400), block: 512, registers: 40, shared: 2048 }, { kernel: NORM, ns: around(1400, 2), block: 64 }], ...SLOWER_STEPS }],
  },
  'summaries-without-calls': {
    before: [{ calls: [{ kernel: GEMM, ns: times(10, 4000), given: { medianNs: 3900, p95Ns: 5000, minNs: 3000, maxNs: 6000 } }, { kernel: NORM, ns: times(4, 1000), given: { medianNs: null, p95Ns: null, minNs: null, maxNs: null } }] }],
    after: [{ calls: [{ kernel: GEMM, ns: times(10, 5000), given: { medianNs: 4900, p95Ns: 6000, minNs: 4000, maxNs: 9000 } }, { kernel: NORM, ns: times(4, 1000), given: { medianNs: null, p95Ns: null, minNs: null, maxNs: null } }] }],
  },
  'what-is-no-kernel': { before: [{ calls: base, ...STEPS, ...extras }], after: [{ calls: base, ...SLOWER_STEPS, ...moreExtras, facts: { contentId: 'b' } }] },
  'two-captures-a-side': {
    before: [{ calls: base, ...STEPS }, { calls: scaled({ [NORM]: 1.01 }), ...STEPS }],
    after: [{ calls: scaled({ [GEMM]: 1.2 }), ...SLOWER_STEPS }, { calls: scaled({ [GEMM]: 1.21 }), ...SLOWER_STEPS }],
  },
  'graphs': {
    before: [{ calls: base, ...STEPS, graphs: [{ rank: 0, graphId: 7, count: 4, totalNs: 4000 }, { rank: 0, graphId: 9, count: 4, totalNs: 400 }], facts: { graphMode: 'graph' } }],
    after: [{ calls: base, ...SLOWER_STEPS, graphs: [{ rank: 0, graphId: 17, count: 4, totalNs: 6000 }, { rank: 0, graphId: 19, count: 4, totalNs: 400 }], facts: { graphMode: 'graph' } }],
  },
  'other-facts': {
    before: [{ calls: base, ...STEPS, facts: { product: 'a 1', schema: '1', warnings: ['rows dropped'] } }],
    after: [{ calls: base, ...STEPS, facts: { contentId: 'b', product: 'a 2', schema: '2', driver: '590.10' } }],
  },
  'ranks-of-other-names': { before: [{ calls: base, ...STEPS }], after: [{ calls: base, ...STEPS, ranks: ranksNamed('rank 0', 'rank 12'), facts: { contentId: 'b' } }] },
  'ranks-that-hardly-worked': {
    before: [{ calls: [...base, { kernel: NORM, rank: 2, ns: times(2, 100) }], ranks: ranksNamed('rank 3', 'rank 12', 'rank 01') }],
    after: [{ calls: [...base, { kernel: NORM, rank: 2, ns: times(3, 110) }], ranks: ranksNamed('rank 3', 'rank 12', 'rank 5'), facts: { contentId: 'b' } }],
  },
  'kernels-that-moved-to-another-rank': {
    before: [{ calls: [...base, { kernel: 'void moved<int>(int*)', rank: 0, ns: around(800) }, { kernel: 'void relaunched<int>(int*)', rank: 0, ns: around(700) }, { kernel: 'void relaunched_here<int>(int*)', rank: 1, ns: around(600) }], ...STEPS }],
    after: [{ calls: [...base, { kernel: 'void moved<int>(int*)', rank: 1, ns: around(900) }, { kernel: 'void relaunched<int>(int*)', rank: 1, grid: 66, ns: around(790) }, { kernel: 'void relaunched_here<int>(int*)', rank: 1, grid: 66, ns: around(690) }], ...SLOWER_STEPS }],
  },
  'slower-on-one-rank-and-faster-on-the-other': {
    before: [{ calls: base, ...STEPS }],
    after: [{ calls: base.map((each) => (each.kernel === GEMM ? { ...each, ns: each.ns.map((ns) => Math.round(ns * (each.rank === 0 ? 1.12 : 0.8))) } : each)), ...STEPS }],
  },
  'a-retiled-kernel-without-times': {
    before: [{ calls: [...base, { kernel: 'void tiled_gemm_64x64(float*)', ns: times(20, 700) }] }],
    after: [{ calls: [...base, { kernel: 'void tiled_gemm_128x64(float*)', ns: times(6, 720) }] }],
  },
  'another-number-of-ranks': { before: [{ calls: base, ...STEPS }], after: [{ calls: base.filter(({ rank }) => rank === 0), ...STEPS }] },
}; // prettier-ignore

test.each(Object.entries(CASES))('%s', async (name, { before, after, options }) => {
  const diff = diffProfiles(before.map(smallSide), after.map(smallSide), options);
  expect(profileDiffSchema.parse(diff)).toEqual(diff);
  await expect(`${asText(diff)}\n`).toMatchFileSnapshot(`${DIFFS}${name}.txt`);
});

test('collectives, copies and a host, of two simulated ranks', async () => {
  const run = { ranks: 2, steps: 6, ops: LAYER };
  const after = { ...run, seed: 2, delayOf: (rank: number) => (rank === 1 ? 150_000 : 0) };
  const diff = diffProfiles([simulatedSide({ ...run, seed: 1 })], [simulatedSide(after)]);
  await expect(`${asText(diff)}\n`).toMatchFileSnapshot(`${DIFFS}late-rank.txt`);
});
