// The bound of a row from the shape of its model: the least time of a decode step, the most tokens at its load, the least bytes of a step
// and the least time of a prompt, each on one GPU of its label. A row that cannot be estimated says why, and is not held against anything.
import { Fault } from '../../text/fault.ts';
import { boundOf, type Rates } from '../../roofline/bound.ts';
import { decodeStep, prefillStep, type Model } from '../../roofline/build-step.ts';
import { kvFormatOf, type KvFormat } from '../../roofline/kv-cache.ts';
import { placementOf, type Placement } from '../../roofline/parallelism.ts';
import type { AtlasRow } from '../row.ts';
import { hardwareOf, type Evidence, type ModelEvidence } from './evidence.ts';
import type { RowFacts } from './row-facts.ts';

export interface RowBound {
  /** Least milliseconds of a decode step of one sequence, everything at once, on datasheet rates. */
  readonly stepMs: number;
  /** Most output tokens per second over all GPUs at the concurrency; null where the row has none. */
  readonly outputPerS: number | null;
  /** HBM bytes of one GPU per decode step at the concurrency; null where the row has none. */
  readonly stepBytes: number | null;
  /** HBM bytes per second of one GPU: datasheet and best ever measured. */
  readonly hbm: { readonly datasheet: number | null; readonly best: number | null };
  /** One prompt, its cached part left out; null without a length. */
  readonly prefill: PrefillBound | null;
  /** Tokens per step, drafts included. */
  readonly accepted: number;
  readonly replicas: number;
  readonly stages: number;
  /** Bytes of the step that one sequence needs: below the L2 size a bound from HBM does not hold. */
  readonly bytesAlone: number;
  /** The routing of experts is a mean, so that a real step may read less. */
  readonly routed: boolean;
}

export interface PrefillBound {
  /** FLOPs of one rank over all its stages. */
  readonly flops: number;
  /** Seconds at the best product that was ever measured on that GPU, in each format. */
  readonly seconds: number;
}

export type BoundOutcome =
  { readonly kind: 'bound'; readonly bound: RowBound } | { readonly kind: 'none'; readonly because: string };

/** How the ranks of a row share its model. Throws a Fault `parallelism_unknown`. */
export const placementOfRow = (row: AtlasRow): Placement => {
  const { tensor_parallel: tensor, pipeline_parallel: pipeline, data_parallel: data } = row;
  if (row.dp_attention === true) return placementOf({ tensor: 1, pipeline, data: tensor, expert: tensor }, false);
  const expert = row.expert_parallel ?? (row.parallel_strategy === 'EP' ? tensor * data : 1);
  return placementOf({ tensor, pipeline, data, expert: Math.max(1, expert) }, false);
};

const kvFormat = (row: AtlasRow, { kvCache }: ModelEvidence): KvFormat => {
  const stated = row.kv_cache_dtype;
  if (stated === 'unknown' || stated === 'auto') return kvCache ?? kvFormatOf('auto');
  return kvFormatOf(stated);
};

/** Tokens per step that the row could at most have had. */
const acceptedOf = ({ acceptance_length: length, num_speculative_tokens: drafts, mtp, spec_method: method }: AtlasRow): number =>
  Math.max(1, length ?? (mtp || method !== null ? (drafts ?? 0) + 1 : 1)); // prettier-ignore

/** The best that was measured, else the datasheet: the faster of both is what nothing exceeds. */
const bestRates = (datasheet: Rates, best: Rates): Rates => ({
  ...datasheet,
  bf16: best.bf16 ?? datasheet.bf16,
  fp8: best.fp8 ?? datasheet.fp8,
  nvfp4: best.nvfp4 ?? datasheet.nvfp4,
  mxfp4: best.mxfp4 ?? datasheet.mxfp4,
  int8: best.int8 ?? datasheet.int8,
});

const isRouted = ({ shape }: Model): boolean => shape.layers.some(({ mlp }) => mlp?.kind === 'moe');

/** The bound of a prompt on one rank. Throws a Fault `ceiling_missing`. */
export const prefillBound = (
  evidence: ModelEvidence,
  { deployment }: Pick<Placement, 'deployment'>,
  { datasheet, best }: { readonly datasheet: Rates; readonly best: Rates },
  prompt: { readonly prompts: number; readonly newTokens: number; readonly cachedTokens: number },
): PrefillBound => {
  const load = { ...prompt, chunkTokens: prompt.newTokens };
  const { flops, computeSeconds } = boundOf(
    prefillStep(evidence.model, deployment, 'bf16', load),
    bestRates(datasheet, best),
  );
  return { flops, seconds: computeSeconds };
};

const prefillOf = (facts: RowFacts, evidence: ModelEvidence, place: Placement, rates: { readonly datasheet: Rates; readonly best: Rates }): PrefillBound | null => {
  const isl = Math.floor(facts.isl ?? 0);
  const cachedTokens = Math.floor(isl * (facts.row.prefix_cache_hit_rate ?? 0));
  const newTokens = isl - cachedTokens;
  return newTokens < 1 ? null : prefillBound(evidence, place, rates, { prompts: 1, newTokens, cachedTokens });
}; // prettier-ignore

/** Sequences above which no deployment decodes; a larger figure is no load. */
const MOST_SEQUENCES = 1e6;

const compute = (facts: RowFacts, evidence: ModelEvidence, lines: { readonly datasheet: Rates; readonly best: Rates }): RowBound => {
  const { row } = facts;
  const place = placementOfRow(row);
  const { deployment, replicas } = place;
  const accepted = acceptedOf(row);
  const load = { contextTokens: Math.max(1, Math.floor(facts.isl ?? 1)), draftTokens: Math.ceil(accepted) - 1 };
  const format = kvFormat(row, evidence);
  const stepOf = (concurrency: number) => boundOf(decodeStep(evidence.model, deployment, format, { ...load, concurrency }), lines.datasheet);
  const alone = stepOf(1);
  const each = row.concurrency / replicas;
  const full = row.concurrency > 0 && row.concurrency < MOST_SEQUENCES ? stepOf(Math.max(1, each)) : null;
  return {
    stepMs: 1000 * alone.overlapped.switched,
    outputPerS: full === null ? null : (Math.max(1, each) * accepted * replicas) / full.overlapped.switched,
    stepBytes: full === null ? null : full.hbmBytes / deployment.stages,
    hbm: { datasheet: lines.datasheet.hbm, best: lines.best.hbm },
    prefill: prefillOf(facts, evidence, place, lines),
    accepted,
    replicas,
    stages: deployment.stages,
    bytesAlone: alone.hbmBytes,
    routed: isRouted(evidence.model),
  };
}; // prettier-ignore

const none = (because: string): BoundOutcome => ({ kind: 'none', because });

/** True of rows that the model which the caller gave is of. */
const isOfModel = ({ row }: RowFacts, { name }: ModelEvidence): boolean => name === null || name === row.model;

const bounds = new WeakMap<Evidence, WeakMap<AtlasRow, BoundOutcome>>();

const outcomeOf = (facts: RowFacts, evidence: Evidence): BoundOutcome => {
  const { row } = facts;
  if (evidence.model === undefined) return none('no config of the model was given');
  if (!isOfModel(facts, evidence.model)) return none(`the config is not that of ${row.model}`);
  const hardware = hardwareOf(evidence, row.hardware);
  if (hardware === null) return none(`no ceilings of ${row.hardware}`);
  if (row.disagg === true || row.roles.length > 0) return none('disaggregated: the sizes of a row are not those of its roles');
  try {
    return { kind: 'bound', bound: compute(facts, evidence.model, hardware.rates.lines) };
  } catch (error) {
    if (error instanceof Fault) return none(error.message);
    throw error;
  }
}; // prettier-ignore

/** The bound of a row, computed once. */
export const boundOfRow = (facts: RowFacts, evidence: Evidence): BoundOutcome => {
  const known = bounds.get(evidence) ?? new WeakMap<AtlasRow, BoundOutcome>();
  bounds.set(evidence, known);
  const found = known.get(facts.row) ?? outcomeOf(facts, evidence);
  known.set(facts.row, found);
  return found;
};
