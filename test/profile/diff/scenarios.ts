// Runs with one thing planted in the candidate, and what the first line of their diff must say.
import type { SimulatedOp, SimulatedRun } from '../simulate-run.ts';

export const GEMM = 'nvjet_tst_128x256_64x4_2x1_v_bz_TNT';
const RETILED = 'nvjet_tst_256x128_64x5_2x1_v_bz_TNT';
const NORM = 'void vllm::rms_norm_kernel<c10::BFloat16>(c10::BFloat16*, int)';
const SILU = 'void vllm::act_and_mul_kernel<c10::BFloat16>(c10::BFloat16*, int)';
export const ATTENTION =
  'void flash::flash_fwd_kernel<Flash_fwd_kernel_traits<(int)128, (int)64>>(flash::Flash_fwd_params)';
export const ALL_REDUCE = 'ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<(unsigned long)4096>)';

export const LAYER: readonly SimulatedOp[] = [
  { name: NORM, ns: 20_000, times: 2 },
  { name: GEMM, ns: 180_000, times: 2 },
  { name: ATTENTION, ns: 150_000 },
  { name: SILU, ns: 30_000 },
  { name: 'copy', kind: 'copy', ns: 15_000, bytes: 1_000_000 },
  { name: ALL_REDUCE, ns: 60_000 },
];

const BASE: SimulatedRun = { ranks: 4, steps: 24, ops: LAYER };

const change = (name: string, to: Partial<SimulatedOp>): readonly SimulatedOp[] =>
  LAYER.map((op) => (op.name === name ? { ...op, ...to } : op));

const slowerOn =
  (name: string, factor: number, only: (rank: number, step: number) => boolean = () => true) =>
  (op: SimulatedOp, rank: number, step: number): number =>
    op.name === name && only(rank, step) ? factor : 1;

export interface Scenario {
  readonly name: string;
  readonly before?: Partial<SimulatedRun>;
  readonly after: Partial<SimulatedRun>;
  readonly verdict: 'GREEN' | 'YELLOW' | 'RED';
  /** Against the first line. */
  readonly says: RegExp;
  /** Must not stand in the first line. */
  readonly never?: RegExp;
}

export const runsOf = ({ before, after }: Scenario): readonly [SimulatedRun, SimulatedRun] => [
  { ...BASE, ...before, seed: 1 },
  { ...BASE, ...before, ...after, seed: 2 },
];

const blamesNone = /nvjet|flash|rms_norm|act_and_mul/;

export const SCENARIOS: readonly Scenario[] = [
  { name: 'another noise', after: {}, verdict: 'GREEN', says: /^GREEN: no kernel takes longer/ },
  {
    name: 'a slower GEMM on every rank',
    after: { factorOf: slowerOn(GEMM, 1.25) },
    verdict: 'RED',
    says: /^RED for gemm: nvjet_tst_128x256\S* takes 2\d\.\d% longer per call/,
  },
  {
    name: 'a slower GEMM on rank 2 only',
    after: { factorOf: slowerOn(GEMM, 1.4, (rank) => rank === 2) },
    verdict: 'RED',
    says: /for gemm: nvjet_tst_\S+ on rank 2 takes \d\d\.\d% longer per call.*the other ranks wait for it in ncclDevKernel_AllReduce/,
  },
  {
    name: 'every kernel of rank 1 slower: a throttled GPU',
    after: { factorOf: (op, rank) => (rank === 1 && !op.name.startsWith('nccl') ? 1.2 : 1) },
    verdict: 'RED',
    says: /for the clock: clock or power changed on rank 1: its compute kernels take (19|20)\.\d% longer.*the other ranks wait/,
  },
  {
    name: 'a slow link',
    after: { factorOf: slowerOn(ALL_REDUCE, 2) },
    verdict: 'RED',
    says: /for communication: collective ncclDevKernel_AllReduce\S* takes .*the transfer grew, waiting did not/,
    never: blamesNone,
  },
  {
    name: 'a late host on rank 3',
    after: { delayOf: (rank) => (rank === 3 ? 150_000 : 0) },
    verdict: 'RED',
    says: /for communication: .*waiting grew, the transfer did not, rank 3 (now )?comes late/,
    never: blamesNone,
  },
  {
    name: 'a clock drop on every GPU',
    after: { factorOf: (op) => (op.name.startsWith('nccl') ? 1 : 1.15) },
    verdict: 'RED',
    says: /^RED for the clock: clock or power changed/,
    never: blamesNone,
  },
  {
    name: 'a clock drop on seven GPUs of eight',
    before: { ranks: 8 },
    after: { factorOf: (op, rank) => (rank === 7 || op.name.startsWith('nccl') ? 1 : 1.1) },
    verdict: 'RED',
    says: /^RED for the clock: clock or power changed on 7 of 8 ranks: compute kernels take (9\.9|10\.\d)% longer all alike, and the other ranks wait for them in ncclDevKernel_AllReduce/,
    never: /nvjet|flash|rms_norm|act_and_mul|rank 7/,
  },
  {
    name: 'a clock drop on four GPUs of eight',
    before: { ranks: 8 },
    after: { factorOf: (op, rank) => (rank >= 4 || op.name.startsWith('nccl') ? 1 : 1.1) },
    verdict: 'RED',
    says: /^RED for the clock: clock or power changed on 4 of 8 ranks: compute kernels take (9\.9|10\.\d)% longer all alike, and the other ranks wait for them in ncclDevKernel_AllReduce/,
    never: /nvjet|flash|rms_norm|act_and_mul/,
  },
  {
    name: 'a clock drop on two GPUs of eight',
    before: { ranks: 8 },
    after: { factorOf: (op, rank) => (rank > 1 || op.name.startsWith('nccl') ? 1 : 1.1) },
    verdict: 'RED',
    says: /^RED for the clock: clock or power changed on 2 of 8 ranks: compute kernels take (9\.9|10\.\d)% longer all alike, and the other ranks wait for them in ncclDevKernel_AllReduce/,
    never: /nvjet|flash|rms_norm|act_and_mul/,
  },
  {
    name: 'a re-tiled GEMM that is slower',
    after: { ops: change(GEMM, { name: RETILED, ns: 220_000 }) },
    verdict: 'RED',
    says: /^RED for gemm: nvjet_tst_256x128\S* takes 2\d\.\d% longer per call.*renamed from nvjet_tst_128x256/,
  },
  {
    name: 'another launch configuration, slower',
    after: { ops: change(ATTENTION, { grid: 66, ns: 200_000 }) },
    verdict: 'RED',
    says: /^RED for attention: flash_fwd_kernel takes 3\d\.\d% longer per call.*its launch changed \(grid\)/,
  },
  {
    name: 'one kernel runs twice as often',
    after: { ops: change(ATTENTION, { times: 2 }) },
    verdict: 'RED',
    says: /^RED for attention: flash_fwd_kernel runs 2\.0 times as often per step/,
  },
  {
    name: 'a kernel that is new',
    after: { ops: [...LAYER, { name: 'void vllm::convert_fp8_kernel<float>(float*)', ns: 90_000 }] },
    verdict: 'RED',
    says: /^RED for new kernels: new kernel convert_fp8_kernel adds 8\d\.\d+ us per step/,
  },
  {
    name: 'one kernel replaced by a slower one of another name',
    after: { ops: change(SILU, { name: 'void sglang::silu_and_mul_fused<float>(float*)', ns: 120_000 }) },
    verdict: 'RED',
    says: /^RED for new kernels: new kernel silu_and_mul_fused adds 8\d\.\d+ us per step more than act_and_mul_kernel did/,
  },
  {
    name: 'a slow host on every rank',
    after: { delayOf: () => 200_000 },
    verdict: 'RED',
    says: /^RED for GPU idle time: every GPU is idle 19\d\.\d+ us longer per step/,
    never: blamesNone,
  },
  {
    name: 'slower launches',
    before: { launchNs: 4000, ops: LAYER.map((op) => ({ ...op, ns: op.ns / 10 })) },
    after: { launchNs: 30_000 },
    verdict: 'RED',
    says: /^RED for GPU idle time: .*most of it waiting for launches/,
    never: blamesNone,
  },
  {
    name: 'copies that take longer',
    after: { factorOf: slowerOn('copy', 8) },
    verdict: 'RED',
    says: /^RED for copies: Host-to-Device copies take 10\d\.\d+ us longer per step.*at 8\.\d GB\/s instead of 6\d\.\d GB\/s/,
    never: blamesNone,
  },
  {
    name: 'communication that no longer overlaps with compute',
    before: {
      ops: [
        ...LAYER.slice(0, 5),
        { name: ALL_REDUCE, ns: 200_000, stream: 20 },
        { name: GEMM, ns: 180_000 },
        { name: NORM, ns: 5000, after: [20] },
      ],
    },
    after: {
      ops: [
        ...LAYER.slice(0, 5),
        { name: ALL_REDUCE, ns: 200_000, stream: 20, after: [7] },
        { name: GEMM, ns: 180_000, after: [20] },
        { name: NORM, ns: 5000, after: [20] },
      ],
    },
    verdict: 'RED',
    says: /^RED for communication: .*no longer overlaps? with compute/,
    never: /takes \d+\.\d% longer per call/,
  },
  {
    name: 'compute on two streams that no longer overlaps',
    before: {
      ops: [...LAYER.slice(0, 3), { name: SILU, ns: 150_000, stream: 20 }, { name: NORM, ns: 5000, after: [20] }],
    },
    after: {
      ops: [
        ...LAYER.slice(0, 3),
        { name: SILU, ns: 150_000, stream: 20, after: [7] },
        { name: NORM, ns: 5000, after: [20] },
      ],
    },
    verdict: 'RED',
    says: /^RED/,
    never: blamesNone,
  },
  {
    name: 'one GPU alone with a slow host',
    before: { ranks: 1 },
    after: { delayOf: () => 200_000 },
    verdict: 'RED',
    says: /^RED for GPU idle time/,
    never: blamesNone,
  },
  {
    name: 'a clock drop on two GPUs of eight while another rank is late in every step',
    before: { ranks: 8 },
    after: {
      factorOf: (op, rank) => (rank > 1 || op.name.startsWith('nccl') ? 1 : 1.1),
      delayOf: (rank, step) => (step % 8 === rank ? 400_000 : 0),
    },
    verdict: 'RED',
    says: /^RED for communication: .*waiting grew/,
    never: blamesNone,
  },
  {
    name: 'fewer steps in a window of equal length, nothing slower per call',
    before: { windowNs: 12_000_000 },
    after: { delayOf: () => 100_000 },
    verdict: 'RED',
    says: /GPU idle time.*fewer kernel calls were done in the same length of time/,
  },
  {
    name: 'twice as many steps',
    after: { steps: 48 },
    verdict: 'GREEN',
    says: /^GREEN: no kernel takes longer.*more kernel calls are in the capture/,
  },
  {
    name: 'a faster GEMM',
    after: { factorOf: slowerOn(GEMM, 0.8) },
    verdict: 'GREEN',
    says: /^GREEN, improved beyond tolerance: nvjet_tst_\S+ takes (19|20)\.\d% less per call/,
  },
  {
    name: 'a GEMM slower on rank 0 in every second step',
    after: { factorOf: slowerOn(GEMM, 1.6, (rank, step) => rank === 0 && step % 2 === 0) },
    verdict: 'RED',
    says: /nvjet_tst_\S+ on rank 0/,
  },
  {
    name: 'a host that is slow by far, beside a kernel that is a little slower',
    after: { delayOf: () => 300_000, factorOf: slowerOn(NORM, 1.08) },
    verdict: 'RED',
    says: /^RED for GPU idle time: every GPU is idle 2\d\d\.\d+ us longer per step/,
  },
  {
    name: 'one rank alone, slower attention',
    before: { ranks: 1 },
    after: { factorOf: slowerOn(ATTENTION, 1.15) },
    verdict: 'YELLOW',
    says: /^YELLOW for attention: flash_fwd_kernel takes 1[45]\.\d% longer per call/,
  },
  {
    name: 'eight ranks, the link of one of two tensor-parallel groups slow',
    before: {
      ranks: 8,
      ops: LAYER.map((op) =>
        op.name === ALL_REDUCE
          ? {
              ...op,
              groups: [
                [0, 1, 2, 3],
                [4, 5, 6, 7],
              ],
            }
          : op,
      ),
      delayOf: (rank) => (rank < 4 ? 0 : 25_000),
    },
    after: { factorOf: slowerOn(ALL_REDUCE, 2.5, (rank) => rank >= 4) },
    verdict: 'RED',
    says: /^RED for communication: collective ncclDevKernel_AllReduce\S* among ranks 4, 5, 6, 7 takes .*the transfer grew, waiting did not/,
    never: /comes late/,
  },
  {
    name: 'two groups at the same moment, a late rank in one of them',
    before: {
      ranks: 4,
      ops: LAYER.map((op) =>
        op.name === ALL_REDUCE
          ? {
              ...op,
              groups: [
                [0, 1],
                [2, 3],
              ],
            }
          : op,
      ),
    },
    after: { delayOf: (rank) => (rank === 2 ? 120_000 : 0) },
    verdict: 'RED',
    says: /^RED for communication: collective ncclDevKernel_AllReduce\S* among ranks 2, 3 takes .*waiting grew, the transfer did not, rank 2 (now )?comes late/,
  },
  {
    name: 'two streams of every rank run one collective at the same moment, in rows and in columns of the ranks; a slow link between columns',
    before: {
      ops: [
        ...LAYER.slice(0, 5),
        {
          name: ALL_REDUCE,
          ns: 90_000,
          stream: 20,
          groups: [
            [0, 1],
            [2, 3],
          ],
          after: [7],
        },
        {
          name: ALL_REDUCE,
          ns: 120_000,
          stream: 21,
          groups: [
            [0, 2],
            [1, 3],
          ],
          after: [7],
        },
        { name: NORM, ns: 5000, after: [20, 21] },
      ],
      delayOf: (rank, step) => 4000 * ((rank * 7 + step * 3) % 5),
    },
    after: { factorOf: (op, rank) => (op.stream === 21 && rank % 2 === 1 ? 2 : 1) },
    verdict: 'RED',
    says: /^RED for communication: collective ncclDevKernel_AllReduce\S* among ranks 1, 3 takes \d+\.\d% longer per call .*the transfer grew, waiting did not/,
  },
];
