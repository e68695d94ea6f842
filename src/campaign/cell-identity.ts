// Who a cell is: model, hardware, quantisation, parallel sizes and the settings that its rows carry. Joined from what the
// caller says, what the bundle says, and the campaign's config, in this order. Guesses nothing: what nobody says and a row must
// have is asked for.
import type { Context } from '../metrics/context.ts';
import { inputFault } from '../text/fault.ts';
import { sameContextValue } from '../verdict/context-match.ts';
import type { CampaignConfig, CellConfig } from './config.ts';
import type { CacheMode, CellBackend, ParallelStrategy } from './row.ts';

/** One role of a disaggregated deployment. */
export type Role = NonNullable<NonNullable<Context['roles']>[number]>;

export interface CellIdentity {
  readonly model?: string | undefined;
  readonly hardware?: string | undefined;
  readonly quant?: string | undefined;
  readonly tensor_parallel?: number | undefined;
  readonly parallel_strategy?: ParallelStrategy | undefined;
  readonly mtp?: boolean | undefined;
  readonly max_num_batched_tokens?: number | undefined;
  readonly data_parallel?: number | undefined;
  readonly pipeline_parallel?: number | undefined;
  readonly expert_parallel?: number | undefined;
  readonly dp_attention?: boolean | undefined;
  readonly n_gpus?: number | undefined;
  readonly disagg?: boolean | undefined;
  readonly roles?: readonly Role[] | undefined;
  readonly cache_mode?: CacheMode | undefined;
  readonly dataset?: string | undefined;
  readonly cudagraph_mode?: string | undefined;
  readonly gpu_memory_utilization?: number | undefined;
  readonly kv_cache_dtype?: string | undefined;
  readonly image?: string | undefined;
  readonly num_speculative_tokens?: number | undefined;
  readonly spec_method?: string | undefined;
  readonly async_scheduling?: boolean | undefined;
  readonly max_num_seqs?: number | undefined;
  readonly enable_prefix_caching?: boolean | undefined;
  readonly prefix_cache_hit_rate?: number | undefined;
  readonly bench_backend?: string | undefined;
  readonly serving_engine?: string | undefined;
  readonly engine_version?: string | undefined;
  readonly node?: string | undefined;
  readonly gpu_uuids?: readonly string[] | undefined;
  readonly backend?: CellBackend | undefined;
}

const stated = (identity: CellIdentity): CellIdentity =>
  Object.fromEntries(Object.entries(identity).filter(([, value]) => value !== undefined && value !== null));

/** The first that says something wins, field by field. */
export const joinIdentities = (...identities: readonly CellIdentity[]): CellIdentity =>
  Object.assign({}, ...identities.toReversed().map(stated)) as CellIdentity; // checked boundary: each part is an identity

const strategyOf = (text: string | null | undefined): ParallelStrategy | undefined => {
  const upper = text?.toUpperCase();
  return upper === 'EP' || upper === 'TP' ? upper : undefined;
};

const cacheModeOf = (text: string | null | undefined): CacheMode | undefined =>
  text === 'warm' || text === 'cold' ? text : undefined;

/** What a result file says about its own configuration. */
export const identityOfContext = (context: Context): CellIdentity => {
  // Output comes from the decode role: its sizes stand where the deployment as a whole has none.
  const decode = context.roles?.find(({ role }) => role === 'decode');
  return stated({
    model: context.model ?? undefined,
    hardware: context.hardware ?? decode?.hardware ?? undefined,
    quant: context.quant ?? undefined,
    tensor_parallel: context.tp ?? decode?.tp ?? undefined,
    parallel_strategy:
      strategyOf(context.parallel_strategy) ?? ((context.ep ?? decode?.ep ?? 1) > 1 ? 'EP' : undefined),
    mtp: context.spec_method === null || context.spec_method === undefined ? undefined : context.spec_method !== 'none',
    max_num_batched_tokens: context.max_num_batched_tokens ?? undefined,
    data_parallel: context.dp ?? undefined,
    pipeline_parallel: context.pp ?? undefined,
    expert_parallel: context.ep ?? decode?.ep ?? undefined,
    dp_attention: context.dp_attention ?? undefined,
    n_gpus: context.n_gpus ?? undefined,
    disagg: context.disagg ?? undefined,
    roles: context.roles ?? undefined,
    cache_mode: cacheModeOf(context.cache_mode),
    dataset: context.dataset ?? undefined,
    cudagraph_mode: context.cudagraph_mode ?? undefined,
    gpu_memory_utilization: context.gpu_memory_utilization ?? undefined,
    kv_cache_dtype: context.kv_cache_dtype ?? undefined,
    image: context.image ?? undefined,
    num_speculative_tokens: context.spec_tokens ?? undefined,
    spec_method: context.spec_method ?? undefined,
    async_scheduling: context.async_scheduling ?? undefined,
    max_num_seqs: context.max_num_seqs ?? undefined,
    enable_prefix_caching: context.prefix_caching ?? undefined,
    serving_engine: context.engine ?? undefined,
    engine_version: context.engine_version ?? undefined,
    node: context.node ?? undefined,
    gpu_uuids: context.gpu_uuids ?? undefined,
  });
};

const CONFIG_FIELDS = [
  'model', 'hardware', 'quant', 'tensor_parallel', 'parallel_strategy', 'mtp', 'max_num_batched_tokens', 'data_parallel',
  'pipeline_parallel', 'expert_parallel', 'n_gpus', 'cache_mode', 'dataset', 'cudagraph_mode', 'gpu_memory_utilization',
  'kv_cache_dtype', 'image', 'num_speculative_tokens', 'async_scheduling', 'max_num_seqs', 'enable_prefix_caching', 'serving_engine',
] as const satisfies readonly (keyof CellConfig & keyof CellIdentity)[]; // prettier-ignore

const identityOfCell = (cell: CellConfig): CellIdentity =>
  stated(Object.fromEntries(CONFIG_FIELDS.map((field) => [field, cell[field]])));

/** Fields on which all cells of a campaign agree. */
const sharedIdentity = ([first, ...others]: readonly CellIdentity[]): CellIdentity => {
  if (first === undefined) return {};
  const entries = Object.entries(first);
  return Object.fromEntries(
    entries.filter(([field, value]) => others.every((other) => Reflect.get(other, field) === value)),
  );
};

/**
 * What the campaign's config says about a cell: that cell, else what all its cells have in common, unless results of another
 * model say that they are none of them.
 */
export const identityOfConfig = (
  { cells }: CampaignConfig,
  cellId: string,
  model: string | undefined,
): CellIdentity => {
  const cell = cells.find(({ cell_id }) => cell_id === cellId);
  if (cell !== undefined) return identityOfCell(cell);
  const shared = sharedIdentity(cells.map(identityOfCell));
  return model === undefined || model === shared.model ? shared : {};
};

/** Facts of a cell that make it another one where they differ, with their names in a context. */
const DECIDING = [
  ['model', 'model'],
  ['hardware', 'hardware'],
  ['quant', 'quant'],
  ['tensor_parallel', 'tp'],
] as const;

/** What results say otherwise than the config of their cell: `hardware H200 (config: B200)`. */
export const unlikeConfig = ({ cells }: CampaignConfig, cellId: string, stated: CellIdentity): string[] => {
  const cell = cells.find(({ cell_id }) => cell_id === cellId);
  if (cell === undefined) return [];
  return DECIDING.flatMap(([field, name]) => {
    const [said, configured] = [stated[field], cell[field]];
    return said === undefined || sameContextValue(name, configured, said)
      ? []
      : [`${field} ${said} (config: ${configured})`];
  });
};

const QUANTS: readonly (readonly [RegExp, string])[] = [
  [/nvfp4|(?<!mx)fp4/i, 'NVFP4'],
  [/mxfp4/i, 'MXFP4'],
  [/fp8/i, 'FP8'],
  [/int4|w4a16|awq|gptq/i, 'INT4'],
  [/int8|w8a8/i, 'INT8'],
  [/bf16/i, 'BF16'],
];

/** The quantisation that the name of a model, or else of its image, states; undefined where neither does. */
export const quantInName = (model: string | undefined, image?: string): string | undefined =>
  QUANTS.find(([pattern]) => pattern.test(model ?? ''))?.[1] ?? (/fp4/i.test(image ?? '') ? 'NVFP4' : undefined);

/** An identity whose rows can be written. */
export interface WholeIdentity extends CellIdentity {
  readonly model: string;
  readonly hardware: string;
  readonly quant: string;
  readonly tensor_parallel: number;
}

const REQUIRED = ['model', 'hardware', 'quant', 'tensor_parallel'] as const;

const isWhole = (identity: CellIdentity): identity is WholeIdentity =>
  REQUIRED.every((field) => identity[field] !== undefined);

/** Throws a Fault `identity_missing` that names every field which neither caller, bundle nor config gives. */
export const requireIdentity = (identity: CellIdentity, cellId: string, bundle: string): WholeIdentity => {
  const whole = { ...identity, quant: identity.quant ?? quantInName(identity.model, identity.image) };
  if (isWhole(whole)) return { ...whole, quant: whole.quant.toUpperCase() };
  const missing = REQUIRED.filter((field) => whole[field] === undefined);
  throw inputFault('identity_missing', `${bundle} does not say ${missing.join(', ')} of cell ${cellId}`, {
    path: bundle,
    fix: `give ${missing.map((field) => `--${field.replaceAll('_', '-')}`).join(', ')}, or name the cell in the campaign's config`,
    data: { missing },
  });
};
