// The shape of a sweep's answers, as `roofline_sweep.json` and the answers of verbs hold them. A shape only.
import { z } from 'zod';

export const answersSchema = z.object({
  most_flops: z
    .object({
      concurrency: z.number(),
      basis: z.enum(['flops', 'output_rate']),
      tflops_per_gpu: z.number().nullable(),
      percent_of_peak: z.number().nullable(),
      at_edge: z.boolean(),
    })
    .nullable(),
  memory: z
    .object({
      threshold_percent: z.number(),
      reached: z.boolean(),
      concurrency: z.number(),
      delivered_percent: z.number(),
      delivered_of_best_percent: z.number().nullable(),
      dram_active_percent: z.number().nullable(),
      dram_active_of_best_percent: z.number().nullable(),
      from_concurrency: z.number().nullable(),
    })
    .nullable(),
  because: z.array(z.string()),
});
