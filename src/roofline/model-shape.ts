// What a model is for a bound: its layers with their dimensions, as the configuration states them. Holds no format of weights,
// no hardware and no load.

/** Keys that a query may see: all of its context, the last `keys` of it, its own chunk, or a selection of `keys`. */
export type Reach =
  | { readonly kind: 'full' }
  | { readonly kind: 'sliding'; readonly keys: number }
  | { readonly kind: 'chunked'; readonly keys: number }
  | { readonly kind: 'sparse'; readonly keys: number };

/** Scores every key of the context to select those that sparse attention reads. */
export interface Indexer {
  readonly heads: number;
  readonly dim: number;
}

/** Grouped-query attention; multi-head attention where `kvHeads` equals `heads`. */
export interface GqaAttention {
  readonly kind: 'gqa';
  readonly heads: number;
  readonly kvHeads: number;
  readonly keyDim: number;
  readonly valueDim: number;
  readonly reach: Reach;
  readonly indexer: Indexer | null;
  /** The query projection is twice as wide: half of it gates the output. */
  readonly outputGate: boolean;
  /** Elements of biases and sinks in a layer. */
  readonly biases: number;
  /** Elements of the norms on queries and keys in a layer. */
  readonly queryKeyNorm: number;
}

/** Multi-head latent attention: the cache holds one latent of `kvRank + rope` elements for all heads. */
export interface MlaAttention {
  readonly kind: 'mla';
  readonly heads: number;
  /** 0 where queries are projected directly. */
  readonly queryRank: number;
  readonly kvRank: number;
  readonly nope: number;
  readonly rope: number;
  readonly valueDim: number;
  readonly reach: Reach;
  readonly indexer: Indexer | null;
}

/** A recurrent layer (gated delta net, Mamba-2): a state of fixed size in place of a cache. */
export interface LinearAttention {
  readonly kind: 'linear';
  readonly variant: 'gated_delta_net' | 'mamba2';
  /** Columns of all input projections together. */
  readonly projectionWidth: number;
  readonly outputWidth: number;
  readonly convolutionWidth: number;
  readonly convolutionKernel: number;
  /** Elements of the recurrent state in a layer, over all heads. */
  readonly stateElements: number;
  readonly stateBytesPerElement: number;
  /** FLOPs per element of the state and token. */
  readonly stateFlops: number;
  /** Elements of norms, decays and biases in a layer. */
  readonly vectors: number;
}

export type Attention = GqaAttention | MlaAttention | LinearAttention;

/** A feed-forward block; `gated` ones have three matrices, others two. */
export interface DenseMlp {
  readonly kind: 'dense';
  readonly width: number;
  readonly gated: boolean;
}

export interface MoeMlp {
  readonly kind: 'moe';
  readonly experts: number;
  readonly perToken: number;
  readonly width: number;
  readonly gated: boolean;
  /** Width of all shared experts together; 0 without any. */
  readonly sharedWidth: number;
  /** The shared expert has a gate of one column. */
  readonly sharedGate: boolean;
  /** Bytes per expert of what the router adds to its scores; null without any. */
  readonly routerBiasBytes: number | null;
  /** The matrices of an expert have biases. */
  readonly expertBias: boolean;
}

export type Mlp = DenseMlp | MoeMlp;

/** A hybrid model may have layers of which one half is missing. */
export interface LayerShape {
  readonly index: number;
  readonly attention: Attention | null;
  readonly mlp: Mlp | null;
}

export interface ModelShape {
  readonly modelType: string;
  readonly hidden: number;
  readonly vocabulary: number;
  /** One matrix serves as embedding and as lm_head. */
  readonly tied: boolean;
  readonly layers: readonly LayerShape[];
  /** Layers for multi-token prediction; never in a main total. */
  readonly mtpLayers: readonly LayerShape[];
  /** What was assumed in reading it, for whoever reads the estimate. */
  readonly assumptions: readonly string[];
}
