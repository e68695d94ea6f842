// What DCGM saw of memory against the bytes that the tokens need: DRAM_ACTIVE of the datasheet's bandwidth is what moved, and each step has
// to read the weights and the cache at least once. Less than that cannot be.
import { likelyCause } from './causes.ts';
import type { Evidence } from './evidence.ts';
import { boundOfRow, type RowBound } from './row-bound.ts';
import { positive, type RowFacts } from './row-facts.ts';
import type { Finding } from './violation.ts';

/** Share by which a counter and a window may differ. */
const COUNTER = 0.15;
/** The same for a mixture of experts, whose routing may be less spread than the mean. */
const ROUTED = 0.5;
/** Times the need of decode that prompts, activations and idle steps hardly explain. */
const FAR_ABOVE = 4;
/** Share above the best bandwidth ever measured. */
const ABOVE_BEST = 0.03;

const finding = (part: Pick<Finding, 'severity' | 'expected' | 'seen' | 'cause' | 'of'>): Finding => ({
  balance: 'dcgm_bytes',
  unit: 'TB/s per GPU',
  ...part,
});

/** Bytes per second of one GPU that the output tokens need at least. */
const neededBytes = ({ row, outputPerS }: RowFacts, { decode }: RowBound): number | null =>
  decode === null || outputPerS === null || row.concurrency <= 0
    ? null
    : (decode.stepBytes * outputPerS) / (row.concurrency * decode.accepted);

const against = (facts: RowFacts, bound: RowBound, delivered: number): Finding[] => {
  const needed = neededBytes(facts, bound);
  if (needed === null || needed <= 0) return [];
  const factor = delivered / needed;
  const least = 1 - (bound.routed ? ROUTED : COUNTER);
  const isDecode = facts.row.extra['phase'] === 'decode';
  if (factor >= least && !(isDecode && factor > FAR_ABOVE)) return [];
  const cause = likelyCause('dcgm_bytes', factor, facts);
  const of = 'bytes that DRAM_ACTIVE means against bytes that the tokens need';
  const severity = factor < least ? 'impossible' : 'odd';
  return [finding({ severity, expected: needed / 1e12, seen: delivered / 1e12, cause, of })];
};

export const dcgmBytes = (facts: RowFacts, evidence: Evidence): Finding[] => {
  const active = positive(facts.row.dcgm_dram_active);
  if (active === null || evidence.model === undefined) return [];
  const outcome = boundOfRow(facts, evidence);
  if (outcome.kind === 'none' || outcome.bound.hbm.datasheet === null) return [];
  const { bound } = outcome;
  const delivered = active * outcome.bound.hbm.datasheet;
  const { best } = bound.hbm;
  if (best !== null && delivered > best * (1 + ABOVE_BEST))
    return [
      finding({
        severity: 'odd',
        expected: best / 1e12,
        seen: delivered / 1e12,
        cause: 'unknown',
        of: 'bytes that DRAM_ACTIVE means against the best bandwidth measured',
      }),
    ];
  return against(facts, bound, delivered);
};
