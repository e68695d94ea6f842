// Holds the recorded number of GPUs against the parallelism that is stated beside it. The number itself is never derived.
import type { Context } from '../metrics/context.ts';
import { inputFault } from '../text/fault.ts';

/**
 * GPUs of one replica group by the stated sizes; undefined without a tensor-parallel size. Expert parallelism never
 * multiplies; with data-parallel attention the data-parallel ranks share the tensor-parallel GPUs.
 */
const product = (context: Context): number | undefined => {
  const tp = context.tp ?? 0;
  if (tp === 0 || context.disagg === true) return undefined;
  return tp * (context.pp ?? 1) * (context.dp_attention === true ? 1 : (context.dp ?? 1));
};

/** GPUs of all roles; undefined where one of them does not say. */
export const sumOfRoles = (
  roles: readonly { readonly n_gpus?: number | null | undefined }[] | null | undefined,
): number | undefined => {
  const counts = (roles ?? []).map((role) => role.n_gpus ?? 0);
  return counts.length === 0 || counts.includes(0) ? undefined : counts.reduce((sum, count) => sum + count, 0);
};

const conflict = (path: string, recorded: number, stated: string) =>
  inputFault('gpu_count_conflict', `${path}: n_gpus is ${recorded}, but ${stated}`, {
    path,
    at: 'n_gpus',
    fix: 'correct the recorded number of GPUs or the parallel sizes',
  });

/** Throws a Fault `gpu_count_conflict` when the recorded number is not that of the roles, nor TP x PP x DP, or a multiple of it where DP is not stated. */
export const checkGpuCount = (context: Context, path: string): void => {
  const recorded = context.n_gpus ?? undefined;
  if (recorded === undefined) return;
  const roles = sumOfRoles(context.roles);
  if (roles !== undefined && roles !== recorded) throw conflict(path, recorded, `the roles have ${roles}`);
  const group = roles === undefined ? product(context) : undefined;
  if (group === undefined) return;
  // Without a stated number of replicas there may be several.
  const saysReplicas = (context.dp ?? null) !== null && context.dp_attention !== true;
  const fits = saysReplicas ? recorded === group : recorded % group === 0;
  if (!fits) throw conflict(path, recorded, `tp x pp x dp is ${group}`);
};
