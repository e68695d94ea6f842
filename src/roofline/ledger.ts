// Where a measured time per token went: the bound, communication, idle GPU time that a profile saw, and the rest, which is
// kernels below their peak. A time below the bound is not explained but named as impossible.
import type { Collectives, LineEstimate } from './estimate.ts';

export interface MeasuredTpot {
  readonly tpotMs: number;
  /** Share of the time in which the GPU ran nothing, 0 to 1; null where no profile says. */
  readonly idleShare: number | null;
}

/** Milliseconds per token; the parts add up to `measuredMs`. */
export interface Ledger {
  readonly measuredMs: number;
  readonly boundMs: number;
  /** Bytes over the link, or the least time of so many collectives where that is longer. */
  readonly communicationMs: number;
  readonly communicationBy: 'bytes' | 'latency' | 'none';
  readonly idleMs: number | null;
  /** What is left: below zero, parts overlap or one of them is wrong. */
  readonly inefficiencyMs: number;
  /** 100 x bound with the bytes of communication / measured. */
  readonly sharePercent: number;
  /** The measured time is below the bound: a unit, a label or a count is wrong. */
  readonly impossible: boolean;
}

/** The ledger of a measured TPOT against one line, by the same list of operations as its estimate. */
export const ledgerOf = (line: LineEstimate, collectives: Collectives, { tpotMs, idleShare }: MeasuredTpot): Ledger => {
  const perToken = line.tpotMs / line.stepMs;
  const byBytes = line.communicationMs * perToken;
  const communicationMs = Math.max(byBytes, (collectives.leastMs ?? 0) * perToken);
  const boundMs = line.tpotMs - byBytes;
  const idleMs = idleShare === null ? null : idleShare * tpotMs;
  return {
    measuredMs: tpotMs,
    boundMs,
    communicationMs,
    communicationBy: communicationMs === 0 ? 'none' : communicationMs > byBytes ? 'latency' : 'bytes',
    idleMs,
    inefficiencyMs: tpotMs - boundMs - communicationMs - (idleMs ?? 0),
    sharePercent: (100 * line.tpotMs) / tpotMs,
    impossible: tpotMs < line.overlappedStepMs * perToken,
  };
};
