// Where a measured time per token went: the bound, communication, idle GPU time that a profile saw, and the rest, which is
// kernels below their peak. A time below the bound is not explained but named as impossible.
import type { LineEstimate } from './estimate.ts';

export interface MeasuredTpot {
  readonly tpotMs: number;
  /** Share of the time in which the GPU ran nothing, 0 to 1; null where no profile says. */
  readonly idleShare: number | null;
}

/** Milliseconds per token; the parts add up to `measuredMs`. */
export interface Ledger {
  readonly measuredMs: number;
  readonly boundMs: number;
  readonly communicationMs: number;
  readonly idleMs: number | null;
  /** What is left: below zero, parts overlap or one of them is wrong. */
  readonly inefficiencyMs: number;
  /** 100 x bound with communication / measured. */
  readonly sharePercent: number;
  /** The measured time is below the bound: a unit, a label or a count is wrong. */
  readonly impossible: boolean;
}

/** The ledger of a measured TPOT against one line, by the same list of operations as its estimate. */
export const ledgerOf = (line: LineEstimate, { tpotMs, idleShare }: MeasuredTpot): Ledger => {
  const perToken = line.tpotMs / line.stepMs;
  const communicationMs = line.communicationMs * perToken;
  const boundMs = line.tpotMs - communicationMs;
  const idleMs = idleShare === null ? null : idleShare * tpotMs;
  return {
    measuredMs: tpotMs,
    boundMs,
    communicationMs,
    idleMs,
    inefficiencyMs: tpotMs - line.tpotMs - (idleMs ?? 0),
    sharePercent: (100 * line.tpotMs) / tpotMs,
    impossible: tpotMs < line.overlappedStepMs * perToken,
  };
};
