// Holds the recorded number of GPUs against the parallelism that is stated beside it. The number itself is never derived.
import type { Context } from '../measurement/context.ts';
import { inputFault } from '../text/fault.ts';

/**
 * GPUs of one replica group by the stated sizes. Expert parallelism never multiplies; with data-parallel attention in SGLang
 * the data-parallel ranks share the tensor-parallel GPUs.
 */
const product = ({ tp, pp, dp, dp_attention: shared }: Context): number | undefined => {
  if (tp == null) return undefined;
  return tp * (pp ?? 1) * (shared === true ? 1 : (dp ?? 1));
};

/** Throws a Fault `gpu_count_conflict` when the recorded count cannot hold the stated parallelism or the stated roles. */
export const checkGpuCount = (context: Context, path: string): void => {
  const recorded = context.n_gpus;
  if (recorded == null) return;
  const counts = (context.roles ?? []).map(({ n_gpus: count }) => count);
  const known = counts.filter((count) => count != null);
  const roles =
    known.length > 0 && known.length === counts.length ? known.reduce((sum, count) => sum + count, 0) : undefined;
  const expected = context.disagg === true || roles !== undefined ? undefined : product(context);
  const fits =
    (roles === undefined || roles === recorded) &&
    (expected === undefined || expected === 0 || recorded % expected === 0);
  if (fits) return;
  throw inputFault(
    'gpu_count_conflict',
    `${path}: n_gpus is ${recorded}, but ${roles === undefined ? 'tp x pp x dp' : 'the roles sum'} ${roles === undefined ? 'is' : 'to'} ${roles ?? expected}`,
    {
      path,
      at: 'n_gpus',
      fix: 'correct the recorded number of GPUs or the parallel sizes',
    },
  );
};
