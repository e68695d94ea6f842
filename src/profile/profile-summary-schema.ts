// The shape of the short account of one profile. Durations in ns, shares in percent, null where the capture does not say.
import { z } from 'zod';
import { distributionSchema } from './diff/profile-diff-schema.ts';
import { BUCKETS, CATEGORIES } from './model/buckets.ts';

const ns = z.number();
const count = z.int().nonnegative();
const maybe = z.number().nullable();
/** Share of all kernel time. */
const share_pct = z.number();

export const profileSummarySchema = z.strictObject({
  format: z.string(),
  sources: z.array(z.string()),
  kernel_calls: count,
  kernel_names: count,
  kernel_total_ns: ns,
  top_kernels: z.array(
    distributionSchema.extend({
      name: z.string(),
      short_name: z.string(),
      bucket: z.enum(BUCKETS),
      category: z.enum(CATEGORIES),
      share_pct,
    }),
  ),
  buckets: z.array(distributionSchema.extend({ bucket: z.string(), share_pct })),
  categories: z.array(z.strictObject({ category: z.string(), calls: count, total_ns: ns, share_pct })),
  ranks: z.array(
    z.strictObject({
      rank: z.string(),
      gpu: z.string().nullable(),
      gpu_uuid: z.string().nullable(),
      kernel_calls: count,
      kernel_total_ns: ns,
      /** Kernel time without collectives. */
      compute_ns: ns,
      span_ns: maybe,
      busy_ns: maybe,
      idle_ns: maybe,
      busy_pct: maybe,
      communication_only_ns: maybe,
      overlap_ns: maybe,
      exposed_launch_ns: maybe,
    }),
  ),
  /** Ranks that are slow at the same work as the others: time for the same calls against the median of the other ranks. */
  slow_ranks: z.array(
    z.strictObject({
      rank: z.string(),
      bucket: z.string(),
      slower_pct: z.number(),
      excess_ns: ns,
      kernel: z.string(),
      kernel_slower_pct: z.number(),
    }),
  ),
  copies: z.array(
    z.strictObject({
      rank: z.string(),
      kind: z.string(),
      calls: count,
      bytes: z.number(),
      total_ns: ns,
      gb_per_s: maybe,
    }),
  ),
  top_ranges: z.array(
    z.strictObject({ name: z.string(), domain: z.number(), calls: count, total_ns: ns, gpu_ns: maybe }),
  ),
  steps: z.strictObject({
    count,
    types: z.array(z.string()),
    mean_ns: maybe,
    /** Whether step time stays within 10 percent over the window; null with too few steps to judge. */
    steady: z.boolean().nullable(),
  }),
  capture: z.strictObject({
    /** Fit to be compared. */
    valid: z.boolean(),
    problems: z.array(z.string()),
    product: z.string().nullable(),
    schema: z.string().nullable(),
    file_bytes: count,
    graph_mode: z.enum(['graph', 'node', 'none', 'unknown']),
    graph_replays: count,
    launches_found: count.nullable(),
    launches_missing: count.nullable(),
  }),
  warnings: z.array(z.string()),
});

export type ProfileSummary = z.infer<typeof profileSummarySchema>;
