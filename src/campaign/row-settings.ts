// What a row says of its point before any figure: cell, load, settings, and the GPUs that served. What nobody states is unknown, not a
// default that was not measured.
import { checkGpuCount, sumOfRoles } from '../importers/gpu-count.ts';
import type { WholeIdentity } from './cell-identity.ts';
import { gpusBySizes } from './disaggregation.ts';
import { ROW_VERSION, engineOf, type RowStatus } from './row.ts';

/** GPUs that served: recorded, else by the parallel sizes. Throws a Fault `gpu_count_conflict` where both are stated and differ. */
export const gpusOf = (
  identity: WholeIdentity,
  path: string,
): { readonly n: number; readonly source: 'recorded' | 'derived' } => {
  const { tensor_parallel: tp, pipeline_parallel: pp = 1, data_parallel: dp, dp_attention, disagg, roles = [], n_gpus: recorded } = identity;
  const served = recorded ?? sumOfRoles(roles);
  if (served === undefined) return { n: gpusBySizes(roles) ?? tp * pp * (dp_attention === true ? 1 : (dp ?? 1)), source: 'derived' };
  checkGpuCount({ n_gpus: served, tp, pp, dp, dp_attention, disagg, roles: roles.map((role) => ({ ...role })) }, path);
  return { n: served, source: 'recorded' };
}; // prettier-ignore

const settingsOf = (identity: WholeIdentity) => ({
  model: identity.model,
  hardware: identity.hardware,
  quant: identity.quant,
  tensor_parallel: identity.tensor_parallel,
  parallel_strategy: identity.parallel_strategy ?? 'TP',
  mtp: identity.mtp ?? false,
  max_num_batched_tokens: identity.max_num_batched_tokens ?? 0,
  pipeline_parallel: identity.pipeline_parallel ?? 1,
  expert_parallel: identity.expert_parallel ?? null,
  dp_attention: identity.dp_attention ?? null,
  cache_mode: identity.cache_mode ?? 'unknown',
  dataset: identity.dataset ?? 'unknown',
  cudagraph_mode: identity.cudagraph_mode ?? 'unknown',
  gpu_memory_utilization: identity.gpu_memory_utilization ?? null,
  kv_cache_dtype: identity.kv_cache_dtype ?? 'unknown',
  image: identity.image ?? 'unknown',
  num_speculative_tokens: identity.num_speculative_tokens ?? null,
  spec_method: identity.spec_method ?? null,
  async_scheduling: identity.async_scheduling ?? null,
  max_num_seqs: identity.max_num_seqs ?? null,
  enable_prefix_caching: identity.enable_prefix_caching ?? null,
  bench_backend: identity.bench_backend ?? '',
  backend: identity.backend ?? '',
  serving_engine: engineOf({ serving_engine: identity.serving_engine ?? '', backend: identity.backend ?? '' }),
  engine_version: identity.engine_version ?? null,
  node: identity.node ?? null,
  gpu_uuids: identity.gpu_uuids === undefined ? null : [...identity.gpu_uuids],
});

/** Replicas that the number of GPUs means where nobody states them. */
const replicasOf = (identity: WholeIdentity, gpus: number): number => {
  const { data_parallel: stated, tensor_parallel: tp, pipeline_parallel: pp = 1, disagg, roles = [] } = identity;
  if (stated !== undefined) return stated;
  return disagg === true || roles.length > 0 ? 1 : Math.max(1, Math.floor(gpus / (tp * pp)));
};

/** The point that a row is of. */
interface RowPoint {
  readonly cellId: string;
  readonly identity: WholeIdentity;
  readonly concurrency: number;
  readonly status: RowStatus;
}

/** What every row begins with: which point it is of, under which settings, on how many GPUs. */
export const headOf = ({ cellId, identity, concurrency, status }: RowPoint, gpus: ReturnType<typeof gpusOf>) => ({
  schema_version: ROW_VERSION,
  cell_id: cellId,
  concurrency,
  status,
  ...settingsOf(identity),
  data_parallel: replicasOf(identity, gpus.n),
  n_gpus: gpus.n,
  n_gpus_source: gpus.source,
});
