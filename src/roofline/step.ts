// The one list of operations that a step consists of: FLOPs, HBM bytes and link bytes of one rank. The estimate, a measured
// time per token and a profile are all held against this list. It holds amounts, never a time.
import type { WeightFormat } from './weight-format.ts';

export interface StepOperation {
  /** Module group or part of attention, and the format it is computed from: `expert_routed.nvfp4`. */
  readonly name: string;
  readonly products: WeightFormat['products'];
  readonly flops: number;
  readonly hbmBytes: number;
}

export interface StepTransfer {
  readonly name: 'all_reduce' | 'logits_all_gather' | 'ep_dispatch' | 'ep_combine' | 'pipeline';
  readonly count: number;
  readonly messageBytes: number;
  /** Bytes that a rank sends one way, over all of them: as a ring, or a copy for each expert that a token takes. */
  readonly ringBytes: number;
  /** The same where the switch reduces, or with one copy for each remote rank. Never more than `ringBytes`. */
  readonly switchBytes: number;
  readonly link: 'scale_up' | 'pipeline';
}

/** One run through all layers. */
export interface StepPass {
  readonly operations: readonly StepOperation[];
  readonly transfers: readonly StepTransfer[];
  /** Tokens that reach the experts of a layer in this pass, over all ranks of the group. */
  readonly groupTokens: number;
}

export interface Step {
  readonly passes: readonly StepPass[];
  readonly resident: { readonly weightBytes: number; readonly kvBytes: number };
}

/**
 * How ranks share a model. `tp`: every matrix is divided; `tp_ep`: as `tp`, with whole experts on each rank; `dp_ep`: attention
 * is whole on every rank, which holds its own sequences, and experts are spread over the ranks.
 */
export type ParallelMode = 'tp' | 'tp_ep' | 'dp_ep';

export interface Deployment {
  readonly mode: ParallelMode;
  /** Ranks of one pipeline stage. */
  readonly ranks: number;
  readonly stages: number;
  /** Bytes of an element sent to experts: 2, or 1.03125 as FP8 with scales. */
  readonly dispatchBytes: number;
}

/** Ranks that share one matrix of attention. */
export const tensorRanks = ({ mode, ranks }: Deployment): number => (mode === 'dp_ep' ? 1 : ranks);
export const gpuCount = ({ ranks, stages }: Deployment): number => ranks * stages;
