// The bound of a row as its balances need it: the least time of a step alone, the most tokens and the least bytes at its load, and the
// least time of a prompt at the best products that were ever measured. A row that cannot be estimated says why, and is not held against it.
import { Fault } from '../../text/fault.ts';
import type { Rates } from '../../roofline/bound.ts';
import { boundOfRow as estimateOfRow } from '../../roofline/row-bound.ts';
import type { AtlasRow } from '../row.ts';
import { hardwareOf, type Evidence, type ModelEvidence } from './evidence.ts';
import { speculates, type RowFacts } from './row-facts.ts';

export interface DecodeBound {
  /** Least milliseconds of a step of one sequence, everything at once, on datasheet rates. */
  readonly stepMs: number;
  /** Bytes of that step: below the L2 size a bound from HBM does not hold. */
  readonly bytesAlone: number;
  /** Most output tokens per second over all GPUs at the concurrency. */
  readonly outputPerS: number;
  /** HBM bytes of one GPU per step at the concurrency. */
  readonly stepBytes: number;
  /** Tokens per step, drafts included. */
  readonly accepted: number;
}

export interface PrefillBound {
  /** FLOPs of one rank over all its stages. */
  readonly flops: number;
  /** Seconds at the best product that was ever measured on that GPU, in each format. */
  readonly seconds: number;
}

export interface RowBound {
  /** Null for a row without a load or lengths, or with a speculation of unknown length. */
  readonly decode: DecodeBound | null;
  /** One prompt, its cached part left out; null without a length. */
  readonly prefill: PrefillBound | null;
  /** HBM bytes per second of one GPU: datasheet and best ever measured. */
  readonly hbm: { readonly datasheet: number | null; readonly best: number | null };
  readonly replicas: number;
  readonly stages: number;
  /** The routing of experts is a mean, so that a real step may read less. */
  readonly routed: boolean;
}

export type BoundOutcome =
  { readonly kind: 'bound'; readonly bound: RowBound } | { readonly kind: 'none'; readonly because: string };

export interface Lines {
  readonly datasheet: Rates;
  readonly best: Rates;
}

/** Rates of products that nothing exceeds: the best that was measured, the datasheet where nobody did. */
export const bestRates = ({ datasheet, best }: Lines): Rates => ({
  ...datasheet,
  bf16: best.bf16 ?? datasheet.bf16,
  fp8: best.fp8 ?? datasheet.fp8,
  nvfp4: best.nvfp4 ?? datasheet.nvfp4,
  mxfp4: best.mxfp4 ?? datasheet.mxfp4,
  int8: best.int8 ?? datasheet.int8,
});

/** Draft tokens of a step: as stated, else as many as were accepted; null for a speculation of unknown length. */
const draftsOf = (row: AtlasRow): number | null => {
  const { num_speculative_tokens: stated, acceptance_length: accepted } = row;
  if (stated !== null) return stated;
  if (accepted !== null) return Math.max(0, Math.ceil(accepted) - 1);
  return speculates(row) ? null : 0;
}; // prettier-ignore

/** Sequences above which no deployment decodes; a larger figure is no load. */
const MOST_SEQUENCES = 1e6;

const decodeOf = (row: AtlasRow, model: ModelEvidence, lines: Lines): DecodeBound | null => {
  const drafts = draftsOf(row);
  if (drafts === null || row.concurrency > MOST_SEQUENCES) return null;
  const facts = { ...row, num_speculative_tokens: drafts };
  const { decode, gpus, replicas } = estimateOfRow(facts, model, lines.datasheet);
  const alone = estimateOfRow({ ...facts, concurrency: replicas }, model, lines.datasheet).decode;
  if (decode === null || alone === null) return null;
  return {
    stepMs: 1000 * alone.leastSeconds,
    bytesAlone: alone.hbmBytes,
    outputPerS: decode.mostOutputTpsPerGpu * gpus,
    stepBytes: decode.hbmBytes / row.pipeline_parallel,
    accepted: decode.tokensPerStep,
  };
};

/** Prompt tokens that no cache held; the attention of the others' keys is left out, which makes the bound lower. */
const computedTokens = ({ row, isl }: RowFacts): number | null =>
  isl === null ? null : Math.floor(isl * (1 - (row.prefix_cache_hit_rate ?? 0)));

const prefillOf = (facts: RowFacts, model: ModelEvidence, lines: Lines): PrefillBound | null => {
  const tokens = { ...facts.row, mean_input_tokens: computedTokens(facts) };
  const { prefill } = estimateOfRow(tokens, model, bestRates(lines));
  return prefill === null ? null : { flops: prefill.flops, seconds: prefill.flops / prefill.peakFlopsPerSecond };
};

const compute = (facts: RowFacts, model: ModelEvidence, lines: Lines): RowBound => {
  const { row } = facts;
  return {
    decode: decodeOf(row, model, lines),
    prefill: prefillOf(facts, model, lines),
    hbm: { datasheet: lines.datasheet.hbm, best: lines.best.hbm },
    replicas: estimateOfRow({ ...row, concurrency: 0, mean_input_tokens: null }, model, lines.datasheet).replicas,
    stages: row.pipeline_parallel,
    routed: model.model.shape.layers.some(({ mlp }) => mlp?.kind === 'moe'),
  };
};

/** Bits of a weight by what people call its format; null where they say none. */
const bitsOf = (quant: string): number | null => {
  if (/fp4|int4|w4|awq|gptq/i.test(quant)) return 4;
  const [bits] = /16|8/.exec(quant) ?? [];
  return bits === undefined ? null : Number(bits);
};

/** A row in a smaller format than the config's reads fewer bytes than the config means. */
const isSmaller = ({ quant }: AtlasRow, { format }: ModelEvidence): boolean =>
  (bitsOf(quant) ?? Infinity) < (bitsOf(format) ?? 0);

/** Why the config of a model is not that of a row; null where a bound of it holds. */
export const unfitBecause = (row: AtlasRow, model: ModelEvidence): string | null => {
  if (model.name !== null && model.name !== row.model) return `the config is not that of ${row.model}`;
  if (isSmaller(row, model)) return `the config is in ${model.format}, the row in ${row.quant}`;
  if (row.disagg === true || row.roles.length > 0)
    return 'disaggregated: the sizes of a row are not those of its roles';
  return null;
};

const none = (because: string): BoundOutcome => ({ kind: 'none', because });

const NO_MODEL = none('no config of the model was given');

const outcomeOf = (facts: RowFacts, model: ModelEvidence, evidence: Evidence): BoundOutcome => {
  const { row } = facts;
  const unfit = unfitBecause(row, model);
  if (unfit !== null) return none(unfit);
  const hardware = hardwareOf(evidence, row.hardware);
  if (hardware === null) return none(`no ceilings of ${row.hardware}`);
  try {
    return { kind: 'bound', bound: compute(facts, model, hardware.rates.lines) };
  } catch (error) {
    if (error instanceof Fault) return none(error.message);
    throw error;
  }
}; // prettier-ignore

const bounds = new WeakMap<Evidence, WeakMap<AtlasRow, BoundOutcome>>();

/** The bound of a row, computed once for each evidence. */
export const boundOfRow = (facts: RowFacts, evidence: Evidence): BoundOutcome => {
  const { model } = evidence;
  if (model === undefined) return NO_MODEL;
  const known = bounds.get(evidence) ?? new WeakMap<AtlasRow, BoundOutcome>();
  bounds.set(evidence, known);
  const found = known.get(facts.row) ?? outcomeOf(facts, model, evidence);
  known.set(facts.row, found);
  return found;
};
