// Builds the list of operations of a decode step or of a prefill, from shape, weights, deployment and load. Every formula of a
// bound is here or in the files it imports, once.
import { attendedKeys, readInDecode, readInPrefill, residentTokens } from './attended-keys.ts';
import { expectedDistinct } from './experts.ts';
import { indexerBytesPerToken, kvBytesPerToken, kvHeadsPerRank, type KvFormat } from './kv-cache.ts';
import type { Split } from './layer-modules.ts';
import type { Attention, ModelShape } from './model-shape.ts';
import { tensorRanks, type Deployment, type Step, type StepOperation, type StepPass } from './step.ts';
import { passTransfers } from './transfers.ts';
import { bytesOf, type ModelWeights, type WeightPart } from './weights.ts';

export interface Model {
  readonly shape: ModelShape;
  readonly weights: ModelWeights;
}

export interface DecodeLoad {
  /** Sequences over all ranks. */
  readonly concurrency: number;
  /** Keys of the first query of a step, itself included. */
  readonly contextTokens: number;
  readonly draftTokens: number;
}

export interface PrefillLoad {
  readonly prompts: number;
  /** Tokens of a prompt that no cache holds. */
  readonly newTokens: number;
  readonly cachedTokens: number;
  readonly chunkTokens: number;
}

/** What one pass asks of a rank. */
interface PassLoad {
  readonly phase: 'decode' | 'prefill';
  readonly sequences: number;
  /** Queries of each sequence. */
  readonly queries: number;
  /** Tokens that are in the cache before the pass. */
  readonly prefix: number;
  /** Rows of logits over all sequences. */
  readonly logits: number;
  /** Tokens that reach the experts, over all ranks. */
  readonly groupTokens: number;
}

/** Adds operations of one name. */
class Operations {
  private readonly byName = new Map<string, { products: StepOperation['products']; flops: number; hbmBytes: number }>();

  add(name: string, products: StepOperation['products'], flops: number, hbmBytes: number): void {
    const found = this.byName.get(name);
    if (found === undefined) this.byName.set(name, { products, flops, hbmBytes });
    else {
      found.flops += flops;
      found.hbmBytes += hbmBytes;
    }
  }

  list(): StepOperation[] {
    return [...this.byName].map(([name, amounts]) => ({ name, ...amounts }));
  }
}

/** Share of a part that one rank holds. */
const rankShare = (split: Split, deployment: Deployment): number => {
  const ranks = tensorRanks(deployment);
  if (split === 'whole') return 1;
  if (split === 'experts') return 1 / deployment.ranks;
  return split === 'ranks' ? 1 / ranks : kvHeadsPerRank(split.kvHeads, ranks) / split.kvHeads;
};

const addWeights = (operations: Operations, part: WeightPart, deployment: Deployment, load: PassLoad): void => {
  const { group, format, experts } = part;
  if (group === 'embedding' || (group === 'lm_head' && load.logits === 0)) return;
  const share = rankShare(part.split, deployment);
  const rows = group === 'lm_head' ? load.logits : load.sequences * load.queries;
  const distinct =
    experts === null ? 1 : expectedDistinct(experts.count, experts.perToken, load.groupTokens) / experts.count;
  const used = experts === null ? rows : (load.groupTokens * experts.perToken) / experts.count;
  operations.add(
    `${group}.${format.name}`,
    format.products,
    2 * part.matrixParams * used * share,
    bytesOf(part) * distinct * share,
  );
};

type KeyedAttention = Exclude<Attention, { kind: 'linear' }>;

/** FLOPs per query and attended key on one rank: with the latent absorbed into the query, or expanded to heads. */
const coreFlops = (attention: KeyedAttention, absorbed: boolean, ranks: number): number => {
  const heads = attention.heads / ranks;
  if (attention.kind === 'gqa') return 2 * heads * (attention.keyDim + attention.valueDim);
  const { kvRank, nope, rope, valueDim } = attention;
  return 2 * heads * (absorbed ? 2 * kvRank + rope : nope + rope + valueDim);
};

interface Cache {
  readonly kvFormat: KvFormat;
  readonly ranks: number;
}

const addCore = (
  operations: Operations,
  attention: KeyedAttention,
  { kvFormat, ranks }: Cache,
  load: PassLoad,
): void => {
  const { phase, sequences, queries, prefix } = load;
  const { reach } = attention;
  const absorbed = phase === 'decode' || reach.kind === 'sparse';
  const keys = attendedKeys(reach, prefix + 1, queries);
  const read = phase === 'decode' ? readInDecode(reach, prefix + 1, queries - 1) : readInPrefill(reach, prefix);
  const bytes = kvBytesPerToken(attention, kvFormat, ranks);
  operations.add(
    `attention_core_${reach.kind}.bf16`,
    'bf16',
    sequences * keys * coreFlops(attention, absorbed, ranks),
    sequences * (read + queries) * bytes,
  );
};

/** Scores of the whole context, in FP8; its keys are written and read beside the cache. */
const addIndexer = (operations: Operations, attention: KeyedAttention, load: PassLoad): void => {
  const { indexer } = attention;
  if (indexer === null) return;
  const { phase, sequences, queries, prefix } = load;
  const keys = attendedKeys({ kind: 'full' }, prefix + 1, queries);
  const read = phase === 'decode' ? prefix + queries : prefix;
  operations.add(
    'indexer_score.fp8',
    'fp8',
    sequences * keys * 2 * indexer.heads * indexer.dim,
    sequences * (read + queries) * indexerBytesPerToken(indexer),
  );
};

/** A prefix in the latent cache is expanded to heads again before unabsorbed attention can use it. */
const addExpansion = (
  operations: Operations,
  model: Model,
  attention: KeyedAttention,
  ranks: number,
  load: PassLoad,
): void => {
  if (attention.kind !== 'mla' || load.phase === 'decode' || attention.reach.kind === 'sparse' || load.prefix === 0)
    return;
  const { heads, kvRank, nope, valueDim } = attention;
  const format = model.weights.main.find(({ group }) => group === 'attention')?.format;
  if (format === undefined) return;
  const flops = (2 * load.prefix * kvRank * heads * (nope + valueDim)) / ranks;
  operations.add(`kv_b_reexpand.${format.name}`, format.products, load.sequences * flops, 0);
};

/** The state of a recurrent layer is read (unless a prompt starts) and written once for each sequence and pass. */
const addRecurrence = (operations: Operations, attention: Attention, ranks: number, load: PassLoad): void => {
  if (attention.kind !== 'linear') return;
  const { stateElements, stateBytesPerElement, stateFlops, convolutionWidth, convolutionKernel } = attention;
  const state = stateElements * stateBytesPerElement + convolutionWidth * (convolutionKernel - 1) * 2;
  const touches = load.prefix === 0 ? 1 : 2;
  operations.add(
    'linear_state.bf16',
    'bf16',
    (load.sequences * load.queries * stateFlops * stateElements) / ranks,
    (load.sequences * touches * state) / ranks,
  );
};

const buildPass = (model: Model, deployment: Deployment, kvFormat: KvFormat, load: PassLoad): StepPass => {
  const { shape, weights } = model;
  const ranks = tensorRanks(deployment);
  const tokens = load.sequences * load.queries;
  const operations = new Operations();
  operations.add('embedding.bf16', 'bf16', 0, (tokens * shape.hidden * 2) / ranks);
  for (const part of weights.main) addWeights(operations, part, deployment, load);
  for (const { attention } of shape.layers) {
    if (attention === null) continue;
    addRecurrence(operations, attention, ranks, load);
    if (attention.kind === 'linear') continue;
    addCore(operations, attention, { kvFormat, ranks }, load);
    addIndexer(operations, attention, load);
    addExpansion(operations, model, attention, ranks, load);
  }
  return {
    operations: operations.list(),
    transfers: passTransfers(shape, deployment, { tokens, logits: load.logits }),
    groupTokens: load.groupTokens,
  };
};

/** Weights that one GPU holds, as a mean over the stages of a pipeline. */
const residentWeights = ({ weights }: Model, deployment: Deployment): number =>
  weights.main.reduce((sum, part) => sum + bytesOf(part) * rankShare(part.split, deployment), 0) / deployment.stages;

/** Cache that one GPU holds for `sequences` of `context` tokens in all layers of its stage. */
const residentCache = ({ shape }: Model, { kvFormat, ranks }: Cache, sequences: number, context: number): number => {
  const perSequence = shape.layers.reduce((sum, { attention }) => {
    if (attention === null) return sum;
    if (attention.kind === 'linear') return sum + (attention.stateElements * attention.stateBytesPerElement) / ranks;
    const indexer = attention.indexer === null ? 0 : context * indexerBytesPerToken(attention.indexer);
    return sum + residentTokens(attention.reach, context) * kvBytesPerToken(attention, kvFormat, ranks) + indexer;
  }, 0);
  return sequences * perSequence;
};

/** Sequences of the whole load that one rank computes at a time: its own under data parallelism, one microbatch of a pipeline. */
const ownShare = ({ mode, ranks, stages }: Deployment): number => 1 / ((mode === 'dp_ep' ? ranks : 1) * stages);

/** One decode step: each sequence has one new token, and as many drafts to verify as the load says. */
export const decodeStep = (model: Model, deployment: Deployment, kvFormat: KvFormat, load: DecodeLoad): Step => {
  const { concurrency, contextTokens, draftTokens } = load;
  const sequences = concurrency * ownShare(deployment);
  const queries = draftTokens + 1;
  const pass = buildPass(model, deployment, kvFormat, {
    phase: 'decode',
    sequences,
    queries,
    prefix: contextTokens - 1,
    logits: sequences * queries,
    groupTokens: (concurrency * queries) / deployment.stages,
  });
  const cache = { kvFormat, ranks: tensorRanks(deployment) };
  return {
    passes: [pass],
    resident: {
      weightBytes: residentWeights(model, deployment),
      kvBytes: residentCache(model, cache, sequences, contextTokens + draftTokens),
    },
  };
};

/** A prefill of the tokens that no cache holds, chunk by chunk; weights are read again in each chunk, logits once. */
export const prefillStep = (model: Model, deployment: Deployment, kvFormat: KvFormat, load: PrefillLoad): Step => {
  const { prompts, newTokens, cachedTokens, chunkTokens } = load;
  const sequences = prompts * ownShare(deployment);
  const chunks = Math.ceil(newTokens / chunkTokens);
  const passes = Array.from({ length: chunks }, (_, chunk) => {
    const queries = Math.min(chunkTokens, newTokens - chunk * chunkTokens);
    return buildPass(model, deployment, kvFormat, {
      phase: 'prefill',
      sequences,
      queries,
      prefix: cachedTokens + chunk * chunkTokens,
      logits: chunk === chunks - 1 ? sequences : 0,
      groupTokens: (prompts * queries) / deployment.stages,
    });
  });
  return { passes, resident: { weightBytes: residentWeights(model, deployment), kvBytes: 0 } };
};
