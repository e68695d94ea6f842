// What the row of a measurement cannot beat: the least time per token and the most work per second of its model, sizes and load.
// For whoever holds a row against physics; it takes a row's own fields and never fills in a load that the row does not say.
import { Fault } from '../text/fault.ts';
import { boundOf, type Bound, type Rates } from './bound.ts';
import { decodeStep, prefillStep, type Model } from './build-step.ts';
import { kvFormatOf, type KvFormat } from './kv-cache.ts';
import { placementOf, type Placement } from './parallelism.ts';
import { gpuCount, type Step } from './step.ts';

/** Fields of a row that decide its bound, by the names that rows have. */
export interface RowFacts {
  readonly tensor_parallel: number;
  readonly pipeline_parallel: number;
  readonly data_parallel: number;
  readonly expert_parallel: number | null;
  readonly dp_attention: boolean | null;
  readonly parallel_strategy: 'EP' | 'TP';
  readonly kv_cache_dtype: string;
  /** Requests in flight over all GPUs. */
  readonly concurrency: number;
  readonly mean_input_tokens: number | null;
  readonly mean_output_tokens: number | null;
  readonly num_speculative_tokens: number | null;
  readonly acceptance_length: number | null;
}

export interface RowModel {
  readonly model: Model;
  /** Format of the KV cache that the checkpoint states; what `auto` means then. */
  readonly kvCache: KvFormat | null;
}

/** One decode step of one GPU, or the prefill of one prompt; bytes and FLOPs of that GPU. */
export interface WorkBound {
  readonly flops: number;
  readonly hbmBytes: number;
  /** FLOP/s that its mix of formats allows, B/s of memory: the peaks that shares are taken of. */
  readonly peakFlopsPerSecond: number;
  readonly peakBytesPerSecond: number | null;
  /** Each operation limited by itself, one after another. */
  readonly seconds: number;
  /** Everything at once: below this nothing can be. */
  readonly leastSeconds: number;
}

export interface RowBound {
  /** GPUs that the sizes mean, over all replicas. */
  readonly gpus: number;
  /** Copies of the model that share the load of the row. */
  readonly replicas: number;
  /** Null where the row is no decode point: no concurrency or no lengths. */
  readonly decode:
    | (WorkBound & {
        /** Tokens of a sequence in a step: 1, or the accepted ones with the bonus token. */
        readonly tokensPerStep: number;
        /** Milliseconds per token of `seconds` and of `leastSeconds`. */
        readonly tpotMs: number;
        readonly leastTpotMs: number;
        /** Output tokens per second and GPU that `leastSeconds` allow. */
        readonly mostOutputTpsPerGpu: number;
      })
    | null;
  /** Null where the row has no prompt length. Of a prompt that no cache holds. */
  readonly prefill:
    | (WorkBound & {
        readonly promptTokens: number;
        /** Over all GPUs of a replica, what each rank repeats included. */
        readonly flopsPerToken: number;
        /** Prompt tokens per second and GPU that the peaks allow. */
        readonly mostInputTpsPerGpu: number;
      })
    | null;
  readonly assumptions: readonly string[];
}

const hasExperts = ({ shape }: Model): boolean => shape.layers.some(({ mlp }) => mlp?.kind === 'moe');

/** Experts lie where the row says, else over the ranks that its strategy means. */
const expertRanks = (facts: RowFacts, model: Model): number => {
  if (!hasExperts(model)) return 1;
  if (facts.expert_parallel !== null && facts.expert_parallel > 0) return facts.expert_parallel;
  if (facts.parallel_strategy === 'TP') return 1;
  return facts.tensor_parallel > 1 ? facts.tensor_parallel : facts.data_parallel;
};

/**
 * How the ranks of a row share its model. Attention for own sequences inside the tensor ranks (`dp_attention`) is expert
 * parallelism over those ranks. Throws a Fault `parallelism_unknown`.
 */
export const placementOfRow = (facts: RowFacts, model: Model, fp8Dispatch = false): Placement => {
  const { tensor_parallel: tensor, pipeline_parallel: pipeline, data_parallel: data } = facts;
  if (facts.dp_attention === true && hasExperts(model))
    return placementOf({ tensor: 1, pipeline, data: tensor, expert: tensor }, fp8Dispatch);
  return placementOf({ tensor, pipeline, data, expert: expertRanks(facts, model) }, fp8Dispatch);
};

/** Format of a row's KV cache; what `auto` and `unknown` mean is assumed aloud. Throws a Fault `kv_format_unknown`. */
export const kvFormatOfRow = (facts: Pick<RowFacts, "kv_cache_dtype">, kvCache: KvFormat | null, assume: (text: string) => void): KvFormat => {
  const stated = facts.kv_cache_dtype.trim().toLowerCase();
  if (stated !== 'unknown' && stated !== '' && stated !== 'auto') return kvFormatOf(stated);
  assume(kvCache === null ? 'the KV cache is BF16, as nobody says otherwise' : `the KV cache is ${kvCache}, as the checkpoint states`);
  return kvCache ?? 'bf16';
}; // prettier-ignore

const sum = (step: Step, of: (operation: Step['passes'][number]['operations'][number]) => number): number =>
  step.passes.reduce((all, { operations }) => all + operations.reduce((part, operation) => part + of(operation), 0), 0);

const workOf = (step: Step, bound: Bound, rates: Rates): WorkBound => ({
  flops: sum(step, ({ flops }) => flops),
  hbmBytes: sum(step, ({ hbmBytes }) => hbmBytes),
  peakFlopsPerSecond: bound.flops / bound.computeSeconds,
  peakBytesPerSecond: rates.hbm,
  seconds: bound.sum.switched,
  leastSeconds: bound.overlapped.switched,
});

/** Drafts that are verified, and tokens that a step yields; the most where nobody measured them, so that the bound holds. */
export const speculation = (
  facts: Pick<RowFacts, 'num_speculative_tokens' | 'acceptance_length'>,
  assume: (text: string) => void,
): { drafts: number; perStep: number } => {
  const drafts = facts.num_speculative_tokens ?? 0;
  if (drafts === 0) return { drafts, perStep: 1 };
  const { acceptance_length: accepted } = facts;
  if (accepted !== null && accepted >= 1 && accepted <= drafts + 1) return { drafts, perStep: accepted };
  assume(
    `every draft is accepted, which makes this a bound: nobody measured an acceptance length from 1 to ${drafts + 1}; with none accepted a token takes ${drafts + 1} times as long`,
  );
  return { drafts, perStep: drafts + 1 };
};

const decodeBound = (facts: RowFacts, { model }: RowModel, rates: Rates, placement: Placement, format: KvFormat, assume: (text: string) => void): RowBound['decode'] => {
  const { concurrency, mean_input_tokens: input, mean_output_tokens: output } = facts;
  if (concurrency === 0 || input === null || output === null || output <= 1) return null;
  const { deployment, replicas } = placement;
  const { drafts, perStep } = speculation(facts, assume);
  const inFlight = concurrency / replicas;
  const step = decodeStep(model, deployment, format, { concurrency: inFlight, contextTokens: Math.max(1, input + output / 2), draftTokens: drafts });
  const work = workOf(step, boundOf(step, rates), rates);
  return {
    ...work,
    tokensPerStep: perStep,
    tpotMs: (1000 * work.seconds) / perStep,
    leastTpotMs: (1000 * work.leastSeconds) / perStep,
    mostOutputTpsPerGpu: (inFlight * perStep) / work.leastSeconds / gpuCount(deployment),
  };
}; // prettier-ignore

const prefillBound = (facts: RowFacts, { model }: RowModel, rates: Rates, placement: Placement, format: KvFormat): RowBound['prefill'] => {
  const { mean_input_tokens: prompt } = facts;
  if (prompt === null || prompt < 1) return null;
  const { deployment } = placement;
  const newTokens = Math.round(prompt);
  const step = prefillStep(model, deployment, format, { prompts: 1, newTokens, cachedTokens: 0, chunkTokens: newTokens });
  const bound = boundOf(step, rates);
  const work = workOf(step, bound, rates);
  return {
    ...work,
    promptTokens: newTokens,
    flopsPerToken: (work.flops * deployment.ranks) / newTokens,
    mostInputTpsPerGpu: newTokens / (bound.computeSeconds * deployment.ranks),
  };
}; // prettier-ignore

/**
 * The bound of a row on the rates of its GPU (`hardwareRates(…).lines.datasheet` for what nothing can beat). Throws a Fault
 * `ceiling_missing`, `kv_format_unknown` or `parallelism_unknown`: then there is no bound, and nothing can be said.
 */
export const boundOfRow = (facts: RowFacts, read: RowModel, rates: Rates): RowBound => {
  const assumptions = new Set<string>();
  const assume = (text: string): void => void assumptions.add(text);
  const { model } = read;
  const placement = placementOfRow(facts, model);
  if (placement.deployment.stages > model.shape.layers.length)
    throw new Fault('input', 'parallelism_unknown', `${placement.deployment.stages} stages for ${model.shape.layers.length} layers`, { fix: 'correct the pipeline size of the row' });
  const format = kvFormatOfRow(facts, read.kvCache, assume);
  return {
    gpus: gpuCount(placement.deployment) * placement.replicas,
    replicas: placement.replicas,
    decode: decodeBound(facts, read, rates, placement, format, assume),
    prefill: prefillBound(facts, read, rates, placement, format),
    assumptions: [...assumptions],
  };
}; // prettier-ignore
