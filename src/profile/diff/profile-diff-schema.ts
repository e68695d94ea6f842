// The shape of `profile-diff.json`. Names and units as in the other files of the product: durations in ns, changes in
// percent, null where the captures cannot say.
import { z } from 'zod';
import { decisionSchema, nextLeverSchema } from '../../verdict/answer-schema.ts';
import { BUCKETS, CATEGORIES } from '../model/buckets.ts';

const ns = z.number();
const count = z.int().nonnegative();
const maybe = z.number().nullable();

/** Durations of the calls of some group. */
export const distributionSchema = z.strictObject({
  calls: count,
  total_ns: ns,
  mean_ns: maybe,
  median_ns: maybe,
  p95_ns: maybe,
  std_ns: maybe,
});

/** `delta_ns` = `count_effect_ns` + `per_call_effect_ns`: calls gained or lost at the old mean, and the change of the mean. */
const effects = {
  delta_ns: ns,
  count_effect_ns: ns,
  per_call_effect_ns: ns,
};

const launchConfig = z.strictObject({
  grid: z.tuple([z.number(), z.number(), z.number()]),
  block: z.tuple([z.number(), z.number(), z.number()]),
  registers_per_thread: maybe,
  static_shared_bytes: maybe,
  dynamic_shared_bytes: maybe,
  /** Share of the kernel's time that ran with it. */
  time_share: z.number(),
  /** Different launch configurations of the kernel on this side. */
  distinct: count,
});

const rankKernel = z.strictObject({
  rank: z.string(),
  baseline: distributionSchema,
  candidate: distributionSchema,
  ...effects,
  per_call_pct: maybe,
  q: maybe,
  adverse: z.boolean(),
});

export const kernelRowSchema = z.strictObject({
  name: z.string(),
  short_name: z.string(),
  bucket: z.enum(BUCKETS),
  category: z.enum(CATEGORIES),
  collective: z.boolean(),
  /** `paired`: the kernel was renamed or re-tiled; `baseline_name` is what it was called. */
  class: z.enum(['both', 'paired', 'new', 'removed']),
  baseline_name: z.string().nullable(),
  baseline: distributionSchema,
  candidate: distributionSchema,
  ...effects,
  /** Change of the mean duration of a call. */
  per_call_pct: maybe,
  /** The same within equal launch configurations and step types, with the common clock factor taken out. */
  stratified_pct: maybe,
  stratified_effect_ns: maybe,
  /** What a changed mix of launch configurations and step types did to the mean. */
  mix_effect_ns: maybe,
  /** Benjamini-Hochberg q of a stratified rank-sum test; null where single calls are unknown. */
  q: maybe,
  /** Why q is large although the mean moved beyond the threshold: it is no evidence that nothing changed. */
  q_note: z.string().nullable(),
  /** Share of all kernel time, the larger of the two sides. */
  share_pct: z.number(),
  launch: z
    .strictObject({
      baseline: launchConfig.nullable(),
      candidate: launchConfig.nullable(),
      changed: z.array(z.enum(['grid', 'block', 'registers', 'shared_memory'])),
    })
    .nullable(),
  /** Beyond the threshold and q at most 0.05, however little GPU time the kernel has. */
  change: z.enum(['slower', 'faster', 'none', 'untested']),
  /** Slower, and with enough GPU time to matter. */
  adverse: z.boolean(),
  improved: z.boolean(),
  /** Slowest call of the candidate, on the clock of its capture. */
  slowest_start_ns: maybe,
  ranks: z.array(rankKernel),
});

export const bucketRowSchema = z.strictObject({
  bucket: z.enum(BUCKETS),
  baseline: distributionSchema,
  candidate: distributionSchema,
  ...effects,
  per_call_pct: maybe,
  share_pct: z.number(),
  threshold_pct: z.number(),
  adverse: z.boolean(),
});

const timeline = z.strictObject({
  kernel_span_ns: ns,
  kernel_busy_ns: ns,
  kernel_idle_ns: ns,
  compute_only_ns: ns,
  communication_only_ns: ns,
  overlap_ns: ns,
  span_ns: ns,
  busy_ns: ns,
  idle_ns: ns,
  exposed_launch_ns: maybe,
});

const rankRow = z.strictObject({
  rank: z.string(),
  gpu: z.string().nullable(),
  baseline: distributionSchema,
  candidate: distributionSchema,
  ...effects,
  baseline_timeline: timeline.nullable(),
  candidate_timeline: timeline.nullable(),
});

const collectiveSide = z.strictObject({
  /** Collectives whose calls were matched over ranks, one call a rank. */
  matched_collectives: count,
  matched_calls: count,
  unmatched_calls: count,
  /** Shortest call of each matched collective, times the ranks in it. */
  transfer_ns: ns,
  /** The rest: ranks that arrived earlier and waited. */
  waiting_ns: ns,
  waited_by_rank_ns: z.record(z.string(), z.number()),
  /** Waiting charged to the rank that arrived last. */
  caused_by_rank_ns: z.record(z.string(), z.number()),
});

/** How one kernel's calls fare, over all its ranks or in one group of them. */
const collectiveSplit = {
  baseline: collectiveSide,
  candidate: collectiveSide,
  transfer_per_call_ns: z.strictObject({ baseline: maybe, candidate: maybe }),
  waiting_per_call_ns: z.strictObject({ baseline: maybe, candidate: maybe }),
  /** What made a call longer: `cannot_tell` where the file does not hold the other ranks. */
  grew: z.enum(['waiting', 'transfer', 'both', 'neither', 'cannot_tell']),
  /** Rank that others waited for, on each side. */
  late_rank: z.strictObject({ baseline: z.string().nullable(), candidate: z.string().nullable() }),
};

const collectiveRow = z.strictObject({
  kernel: z.string(),
  ...collectiveSplit,
  /** `ranks`: the file lacks the other ranks; `communicators`: groups run it at the same moment and cannot be separated. */
  cannot_tell_why: z.enum(['ranks', 'communicators']).nullable(),
  /** Groups of ranks that run this kernel among themselves; empty where there is one. */
  communicators: z.array(z.strictObject({ ranks: z.array(z.string()), ...collectiveSplit })),
  moved: z.strictObject({ from: z.string(), to: z.string() }).nullable(),
});

const effectOfStep = z.strictObject({
  /** Change of the time of one unit of work on one rank, and what it is made of; the parts and the residual add up to it. */
  change_ns: ns,
  work_ns: ns,
  clock_ns: ns,
  kernel_ns: ns,
  transfer_ns: maybe,
  waiting_ns: maybe,
  /** Collectives whose transfer and waiting cannot be separated. */
  collective_ns: ns,
  /** Kernels that ran beside others: negative where more of their time overlapped. */
  concurrency_ns: ns,
  copies_ns: ns,
  exposed_launch_ns: maybe,
  residual_ns: ns,
});

const simpleRow = z.strictObject({
  name: z.string(),
  baseline: z.strictObject({ calls: count, total_ns: ns }),
  candidate: z.strictObject({ calls: count, total_ns: ns }),
  ...effects,
});

const copyRow = z.strictObject({
  kind: z.string(),
  baseline: z.strictObject({ calls: count, bytes: z.number(), total_ns: ns, gb_per_s: maybe }),
  candidate: z.strictObject({ calls: count, bytes: z.number(), total_ns: ns, gb_per_s: maybe }),
  ...effects,
});

const rangeSide = z.strictObject({
  calls: count,
  total_ns: ns,
  self_ns: ns,
  gpu_ns: maybe,
  gpu_self_ns: maybe,
  kernels: z.number().nullable(),
});

const rangeRow = z.strictObject({
  domain: z.number(),
  name: z.string(),
  baseline: rangeSide,
  candidate: rangeSide,
  ...effects,
  gpu_delta_ns: maybe,
});

const side = z.strictObject({
  label: z.string(),
  captures: count,
  formats: z.array(z.string()),
  sources: z.array(z.string()),
  ranks: z.array(
    z.strictObject({
      rank: z.string(),
      host: z.string().nullable(),
      pid: z.number().nullable(),
      device: z.number(),
      gpu_uuid: z.string().nullable(),
      gpu: z.string().nullable(),
    }),
  ),
  product: z.string().nullable(),
  schema: z.string().nullable(),
  driver: z.string().nullable(),
  graph_mode: z.enum(['graph', 'node', 'none', 'unknown']),
  kernel_calls: count,
  kernel_names: count,
  kernel_total_ns: ns,
  content_id: z.string(),
});

export const profileDiffSchema = z.strictObject({
  schema: z.literal('profile_diff'),
  schema_version: z.literal(1),
  verdict: z.enum(['GREEN', 'YELLOW', 'RED']),
  first_line: z.string(),
  decision: decisionSchema,
  /** The decision in words, as every comparison says it. */
  decision_text: z.string(),
  same_capture: z.boolean(),
  warnings: z.array(z.string()),
  baseline: side,
  candidate: side,
  headline: z.strictObject({
    metric: z.string(),
    basis: z.enum(['work', 'step', 'dominant_kernel', 'none']),
    unit: z.string(),
    baseline_units: maybe,
    candidate_units: maybe,
    /** Wall time of one unit of work on one rank. */
    baseline_ns: maybe,
    candidate_ns: maybe,
    change_pct: maybe,
    threshold_pct: z.number(),
    adverse: z.boolean(),
    /** Candidate units of work over baseline units, in captures as they are. */
    work_ratio: maybe,
    /** Both captures cover the same length of time, so fewer calls mean slower, not cheaper. */
    equal_window: z.boolean(),
  }),
  totals: z.strictObject({
    baseline_ns: ns,
    candidate_ns: ns,
    baseline_calls: count,
    candidate_calls: count,
    calls_pct: maybe,
    ...effects,
  }),
  clock: z.strictObject({
    /** Common factor of the compute kernels, candidate over baseline. */
    factor: z.number(),
    /** Share of compute time that moved by it. */
    agreement: z.number(),
    applied: z.boolean(),
    /** Ranks whose compute kernels have another common factor than the rest. */
    ranks: z.array(z.strictObject({ rank: z.string(), factor: z.number() })),
  }),
  step: effectOfStep.nullable(),
  adverse: z.array(
    z.strictObject({
      kind: z.enum(['headline', 'kernel', 'bucket']),
      name: z.string(),
      rank: z.string().nullable(),
      effect_ns: ns,
      pct: maybe,
    }),
  ),
  next_lever: nextLeverSchema,
  kernels: z.array(kernelRowSchema),
  buckets: z.array(bucketRowSchema),
  ranks: z.array(rankRow),
  collectives: z.array(collectiveRow),
  copies: z.array(copyRow),
  ranges: z.array(rangeRow),
  api: z.array(simpleRow),
  waits: z.array(simpleRow),
  graphs: z.strictObject({
    baseline: z.strictObject({ calls: count, total_ns: ns }),
    candidate: z.strictObject({ calls: count, total_ns: ns }),
  }),
});

export type ProfileDiff = z.infer<typeof profileDiffSchema>;
export type KernelRow = z.infer<typeof kernelRowSchema>;
export type BucketRow = z.infer<typeof bucketRowSchema>;
export type RankRow = z.infer<typeof rankRow>;
export type CollectiveRow = z.infer<typeof collectiveRow>;
export type CollectiveSide = z.infer<typeof collectiveSide>;
export type DistributionRow = z.infer<typeof distributionSchema>;
export type StepEffect = z.infer<typeof effectOfStep>;
export type Headline = ProfileDiff['headline'];
export type LaunchRow = z.infer<typeof launchConfig>;
