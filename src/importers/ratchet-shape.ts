// The shape of a ratchet result as it is published; the reader beside it also takes older forms. Open: a benchmark may write more.
import { z } from 'zod';

const above = z.number().positive();

const configSchema = z.looseObject({
  name: z.string().min(1).max(200),
  performance: z.looseObject({
    /** Median time of one iteration. */
    median_ms: above,
    /** One time per trial: with them a verdict is a decision. */
    samples_ms: z.array(above).optional(),
    throughput_gflops: above.optional(),
    bandwidth_gb_s: above.optional(),
  }),
  correctness: z.looseObject({ passed: z.boolean() }).optional(),
  gpu: z.string().optional(),
  git_commit: z.string().optional(),
  timestamp: z.string().optional(),
});

/** One configuration, or several under `configs`. */
export const ratchetResultSchema = z.union([z.looseObject({ configs: z.array(configSchema).min(1) }), configSchema]);
