// The matrices and vectors that a layer is made of: their sizes, the module name they are stored under, and how tensor
// parallelism divides them. Knows no format of weights.
import type { Attention, GqaAttention, Indexer, LayerShape, LinearAttention, MlaAttention, Mlp, ModelShape, MoeMlp } from './model-shape.ts'; // prettier-ignore

export type ModuleGroup =
  | 'embedding'
  | 'attention'
  | 'indexer'
  | 'linear_attention'
  | 'mlp_dense'
  | 'router'
  | 'expert_shared'
  | 'expert_routed'
  | 'lm_head'
  | 'norm'
  | 'mtp_projection';

/** How a rank holds it: its share of the ranks, whole, its share of the experts, or whole KV heads of so many. */
export type Split = 'ranks' | 'whole' | 'experts' | { readonly kvHeads: number };

export interface Matrix {
  readonly group: ModuleGroup;
  /** Module name under the layer, such as `self_attn.o_proj`. */
  readonly module: string;
  readonly out: number;
  readonly columns: number;
  readonly split: Split;
  /** Alike matrices: experts of a layer. */
  readonly count: number;
}

/** Elements that are never quantised: norms, biases, sinks. They count as memory traffic and as no FLOPs. */
export interface Vectors {
  readonly group: ModuleGroup;
  readonly elements: number;
  readonly bytesPerElement: number;
  readonly split: Split;
}

export interface Modules {
  readonly matrices: readonly Matrix[];
  readonly vectors: readonly Vectors[];
}

type Sized = readonly [module: string, out: number, columns: number, split: Split];

const matricesOf = (group: ModuleGroup, sizes: readonly Sized[], count = 1): Matrix[] =>
  sizes
    .filter(([, out, columns]) => out > 0 && columns > 0)
    .map(([module, out, columns, split]) => ({ group, module, out, columns, split, count }));

const vectorsOf = (group: ModuleGroup, elements: number, split: Split, bytesPerElement = 2): Vectors[] =>
  elements > 0 ? [{ group, elements, bytesPerElement, split }] : [];

const join = (...parts: readonly Modules[]): Modules => ({
  matrices: parts.flatMap(({ matrices }) => matrices),
  vectors: parts.flatMap(({ vectors }) => vectors),
});

/** `queryWidth`: what the indexer's queries are projected from. Whole on every rank. */
const indexerModules = ({ heads, dim }: Indexer, queryWidth: number, hidden: number): Modules => ({
  matrices: matricesOf('indexer', [
    ['self_attn.indexer.wq_b', heads * dim, queryWidth, 'whole'],
    ['self_attn.indexer.wk', dim, hidden, 'whole'],
    ['self_attn.indexers_proj', heads, hidden, 'whole'],
  ]),
  vectors: vectorsOf('norm', 2 * dim, 'whole'),
});

const NOTHING: Modules = { matrices: [], vectors: [] };

const gqaModules = (attention: GqaAttention, hidden: number): Modules => {
  const { heads, kvHeads, keyDim, valueDim, outputGate, indexer } = attention;
  const own: Modules = {
    matrices: matricesOf('attention', [
      ['self_attn.q_proj', heads * keyDim * (outputGate ? 2 : 1), hidden, 'ranks'],
      ['self_attn.k_proj', kvHeads * keyDim, hidden, { kvHeads }],
      ['self_attn.v_proj', kvHeads * valueDim, hidden, { kvHeads }],
      ['self_attn.o_proj', hidden, heads * valueDim, 'ranks'],
    ]),
    vectors: [
      ...vectorsOf('attention', attention.biases, 'ranks'),
      ...vectorsOf('norm', attention.queryKeyNorm, 'whole'),
    ],
  };
  return join(own, indexer === null ? NOTHING : indexerModules(indexer, hidden, hidden));
};

const mlaModules = (attention: MlaAttention, hidden: number): Modules => {
  const { heads, queryRank, kvRank, nope, rope, valueDim, indexer } = attention;
  const queries = heads * (nope + rope);
  const own: Modules = {
    matrices: matricesOf('attention', [
      ...(queryRank > 0
        ? ([
            ['self_attn.q_a_proj', queryRank, hidden, 'whole'],
            ['self_attn.q_b_proj', queries, queryRank, 'ranks'],
          ] as const)
        : ([['self_attn.q_proj', queries, hidden, 'ranks']] as const)),
      ['self_attn.kv_a_proj_with_mqa', kvRank + rope, hidden, 'whole'],
      ['self_attn.kv_b_proj', heads * (nope + valueDim), kvRank, 'ranks'],
      ['self_attn.o_proj', hidden, heads * valueDim, 'ranks'],
    ]),
    vectors: vectorsOf('norm', queryRank + kvRank, 'whole'),
  };
  return join(own, indexer === null ? NOTHING : indexerModules(indexer, queryRank > 0 ? queryRank : hidden, hidden));
};

const linearModules = (attention: LinearAttention, hidden: number): Modules => {
  const { projectionWidth, outputWidth, convolutionWidth, convolutionKernel, vectors } = attention;
  return {
    matrices: matricesOf('linear_attention', [
      ['linear_attn.in_proj', projectionWidth, hidden, 'ranks'],
      ['linear_attn.conv1d', convolutionWidth, convolutionKernel, 'ranks'],
      ['linear_attn.out_proj', hidden, outputWidth, 'ranks'],
    ]),
    vectors: vectorsOf('linear_attention', vectors, 'ranks'),
  };
};

const attentionModules = (attention: Attention | null, hidden: number): Modules => {
  if (attention === null) return NOTHING;
  if (attention.kind === 'gqa') return gqaModules(attention, hidden);
  return attention.kind === 'mla' ? mlaModules(attention, hidden) : linearModules(attention, hidden);
};

const feedForward = (prefix: string, width: number, hidden: number, gated: boolean, split: Split): Sized[] => [
  ...(gated ? ([[`${prefix}.gate_proj`, width, hidden, split]] as const) : []),
  [`${prefix}.up_proj`, width, hidden, split],
  [`${prefix}.down_proj`, hidden, width, split],
];

const moeModules = (mlp: MoeMlp, hidden: number): Modules => {
  const { experts, width, gated } = mlp;
  const expertBiases = mlp.expertBias ? experts * ((gated ? 2 : 1) * width + hidden) : 0;
  const routed = feedForward('mlp.experts.0', width, hidden, gated, 'experts');
  const shared = feedForward('mlp.shared_experts', mlp.sharedWidth, hidden, gated, 'ranks');
  return {
    matrices: [
      ...matricesOf('router', [['mlp.gate', experts, hidden, 'whole']]),
      ...matricesOf('expert_routed', routed, experts),
      ...matricesOf('expert_shared', shared),
      ...matricesOf('expert_shared', mlp.sharedGate ? [['mlp.shared_expert_gate', 1, hidden, 'whole']] : []),
    ],
    vectors: [
      ...vectorsOf('expert_routed', expertBiases, 'experts'),
      ...(mlp.routerBiasBytes === null ? [] : vectorsOf('router', experts, 'whole', mlp.routerBiasBytes)),
    ],
  };
};

const mlpModules = (mlp: Mlp | null, hidden: number): Modules => {
  if (mlp === null) return NOTHING;
  if (mlp.kind === 'moe') return moeModules(mlp, hidden);
  return { matrices: matricesOf('mlp_dense', feedForward('mlp', mlp.width, hidden, mlp.gated, 'ranks')), vectors: [] };
};

/** Matrices and vectors of one layer: a norm before each half that it has. */
export const layerModules = ({ attention, mlp }: LayerShape, hidden: number): Modules => {
  const norms = [attention, mlp].filter((half) => half !== null).length * hidden;
  return join(attentionModules(attention, hidden), mlpModules(mlp, hidden), {
    matrices: [],
    vectors: vectorsOf('norm', norms, 'whole'),
  });
};

/** What is outside of all layers. A tied head is the embedding: one matrix, which serves as both. */
export const outerModules = ({ hidden, vocabulary, tied }: ModelShape): Modules => ({
  matrices: [
    ...(tied ? [] : matricesOf('embedding', [['model.embed_tokens', vocabulary, hidden, 'ranks']])),
    ...matricesOf('lm_head', [['lm_head', vocabulary, hidden, 'ranks']]),
  ],
  vectors: vectorsOf('norm', hidden, 'whole'),
});

/** What a layer for multi-token prediction has beside a layer of its kind: the projection of two hidden states, three norms. */
export const predictionModules = (hidden: number): Modules => ({
  matrices: matricesOf('mtp_projection', [['eh_proj', hidden, 2 * hidden, 'whole']]),
  vectors: vectorsOf('norm', 3 * hidden, 'whole'),
});
