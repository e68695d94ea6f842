// What a cell lacks of the ladder from kernels (L1) to counters or a sweep (L3). What it has is said by its grounding.
import { evidenceWords, type Grounding, type SolRigor } from '../grounding/sol-rigor.ts';

export interface Ladder {
  readonly sol_rigor: SolRigor;
  readonly has: readonly string[];
  /** What would make it L3; empty where it is, and where the config says why an arm stays below. */
  readonly missing_for_l3: readonly string[];
}

export const ladderOf = (grounding: Grounding, isExempt: boolean): Ladder => {
  const { sol_rigor, dcgm_grounded: isGrounded, evidence } = grounding;
  const has = evidenceWords(grounding);
  if (isExempt) return { sol_rigor, has, missing_for_l3: [] };
  return {
    sol_rigor,
    has,
    missing_for_l3: [
      ...(evidence.some(({ level }) => level === 'L1') ? [] : ['kernels of a profile (import_nsys or import_zymtrace)']),
      ...(isGrounded ? [] : ['counters of the GPUs beside the load (roofline_sweep, or dcgm_capture and dcgm_correlate)']),
    ],
  };
}; // prettier-ignore
