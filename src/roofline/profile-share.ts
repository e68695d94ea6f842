// What a profile's kernels say beside the operations of a bound: both sorted into the same few parts, so that the part which takes more
// than its bound is seen. Times of kernels are shares of the measured time per token, for a profile does not count its steps.
import type { LineEstimate } from './estimate.ts';
import type { Ledger } from './ledger.ts';

export const PARTS = ['products', 'experts', 'attention', 'communication', 'other'] as const;
export type Part = (typeof PARTS)[number];

/** Buckets of kernels by the names that a profile gives them; all others are `other`. */
const OF_BUCKET: Readonly<Record<string, Part>> = {
  gemm: 'products',
  moe: 'experts',
  attention: 'attention',
  collective: 'communication',
};

/** Projections, feed-forward blocks and the head are products; what reads a cache or a state is attention. */
const partOfOperation = (name: string): Part => {
  if (name.startsWith('expert_routed')) return 'experts';
  if (/^(attention_core|indexer_score|linear_state)/.test(name)) return 'attention';
  return /^(norm|embedding)/.test(name) ? 'other' : 'products';
};

export interface KernelTime {
  readonly bucket: string;
  /** In any one unit. */
  readonly value: number;
}

export interface PartShare {
  readonly part: Part;
  /** Milliseconds per token. */
  readonly bound_ms: number;
  /** Share of the kernels' time, in percent. */
  readonly kernel_percent: number;
  /** That share of the measured time without what was idle. */
  readonly kernel_ms: number;
  /** How many times its bound the part takes; null where the bound is zero. */
  readonly times_bound: number | null;
}

/** Parts of a measured time per token by bound and by kernels, the largest excess first; empty where there are no kernels. */
export const partShares = (line: LineEstimate, ledger: Ledger, kernels: readonly KernelTime[]): PartShare[] => {
  const total = kernels.reduce((sum, { value }) => sum + value, 0);
  if (total <= 0) return [];
  const perToken = line.tpotMs / line.stepMs;
  const busyMs = ledger.measuredMs - (ledger.idleMs ?? 0);
  const boundOf = (part: Part): number =>
    part === 'communication'
      ? ledger.communicationMs
      : line.operations.reduce((sum, { name, seconds }) => (partOfOperation(name) === part ? sum + seconds : sum), 0) * 1000 * perToken;
  const shares = PARTS.map((part): PartShare => {
    const own = kernels.reduce((sum, { bucket, value }) => ((OF_BUCKET[bucket] ?? 'other') === part ? sum + value : sum), 0);
    const [bound, kernelMs] = [boundOf(part), (busyMs * own) / total];
    return { part, bound_ms: bound, kernel_percent: (100 * own) / total, kernel_ms: kernelMs, times_bound: bound > 0 ? kernelMs / bound : null };
  });
  return shares.sort((a, b) => b.kernel_ms - b.bound_ms - (a.kernel_ms - a.bound_ms));
}; // prettier-ignore
