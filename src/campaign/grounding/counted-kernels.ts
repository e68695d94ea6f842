// `ncu_kernels.json` of a cell: counters of single kernels, as an import of ncu wrote them. A counter that was not read is null, never 0.
import { z } from 'zod';
import { readNamedText } from '../../fs/named-text.ts';
import { parseJson } from '../../text/json.ts';
import { checkAgainst } from '../../text/schema-fault.ts';

const amount = z.number().nonnegative().nullable().optional();

/** The predecessor wrote no launches and no bucket. */
export const countedKernelsSchema = z.looseObject({
  hw_key: z.string().nullable().optional(),
  kernels: z.array(
    z.looseObject({
      name: z.string().optional(),
      category: z.string().min(1),
      launches: z.number().int().positive().optional(),
      /** Mean of a launch. */
      kernel_time_ns: amount,
      dram_bytes_total: amount,
      sm_flops_total: amount,
      tensor_flops_total: amount,
      arithmetic_intensity_flops_per_byte: amount,
      achieved_dram_pct_peak: amount,
      achieved_sm_pct_peak: amount,
      achieved_occupancy_pct: amount,
      achieved_tflops: amount,
      block_limit_factor: z.string().nullable().optional(),
    }),
  ),
});

export type CountedKernel = z.output<typeof countedKernelsSchema>['kernels'][number];

/** Nanoseconds over all launches. */
export const timeOf = ({ kernel_time_ns: ns, launches = 1 }: CountedKernel): number => (ns ?? 0) * launches;

/** Throws a Fault `kernels_invalid`. */
export const readCountedKernels = async (path: string): Promise<readonly CountedKernel[]> =>
  checkAgainst(countedKernelsSchema, parseJson(await readNamedText(path), path), {
    path,
    code: 'kernels_invalid',
    keys: Object.keys(countedKernelsSchema.shape),
  }).kernels;
