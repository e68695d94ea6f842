// Nothing is faster than its bound. A time per token below the least time of a step, more tokens than a load can give, or products faster
// than the best that was ever measured on that GPU: then a label, a count or a unit is wrong. One rule needs no model: a step of several
// GPUs waits for their collectives.
import { likelyCause, type CauseId } from './causes.ts';
import type { Evidence } from './evidence.ts';
import { boundOfRow, type DecodeBound, type RowBound } from './row-bound.ts';
import { positive, rounding, type RowFacts } from './row-facts.ts';
import type { Finding } from './violation.ts';

/** Share by which a bound on datasheet rates may be passed: clocks above the stated ones. */
const DATASHEET = 0.05;
/** The same for the best product ever measured. */
const BEST = 0.01;
/** Factor up to which routing that is not uniform may explain a mixture of experts. */
const ROUTING = 1.5;
/** Weights and cache of one step below which L2 holds them, in bytes. */
const L2 = 200e6;
/** Least ms of a decode step: two all-reduces in each of 16 layers at 3 us over several GPUs, the launch of as many kernels on one. */
const FLOOR_MS = { several: 0.1, one: 0.02 } as const;

/** Where no factor of the row explains it, the label is what is left; hits that nobody counted come first in a warm prompt. */
const causeOf = (facts: RowFacts, factor: number, isPrefill: boolean): CauseId => {
  const cause = likelyCause('bound', factor, facts);
  const { enable_prefix_caching: caching, cache_mode: mode, prefix_cache_hit_rate: hits } = facts.row;
  const warm = isPrefill && hits === null && mode !== 'cold' && (mode === 'warm' || caching === true);
  if (cause === 'unknown') return warm ? 'cache_hits_as_prefill' : 'wrong_gpu_label';
  return cause;
};

const acceptedAtMost = ({ row }: RowFacts): number => Math.max(1, row.acceptance_length ?? 1 + (row.num_speculative_tokens ?? 0)); // prettier-ignore

const floor = (facts: RowFacts): Finding[] => {
  const { row, gpus, osl } = facts;
  const tpot = positive(row.tpot_mean_ms) ?? positive(row.tpot_median_ms);
  const expected = gpus > 1 && row.tensor_parallel > 1 ? FLOOR_MS.several : FLOOR_MS.one;
  if (tpot === null || row.extra['phase'] === 'prefill' || (osl !== null && osl <= 1)) return [];
  const seen = tpot * acceptedAtMost(facts);
  if (seen >= expected) return [];
  const inSeconds = tpot * 1000 >= 0.5 && tpot * 1000 <= 10_000;
  return [{ balance: 'bound', severity: 'impossible', expected, seen, unit: 'ms', cause: inSeconds ? 'seconds_for_ms' : 'unknown', of: 'time of a decode step against what any step takes' }];
}; // prettier-ignore

const severityOf = (factor: number, { routed }: RowBound): Finding['severity'] =>
  routed && factor < ROUTING ? 'odd' : 'impossible';

const step = (facts: RowFacts, bound: RowBound, decode: DecodeBound): Finding[] => {
  const tpot = positive(facts.row.tpot_mean_ms) ?? positive(facts.row.tpot_median_ms);
  const expected = decode.stepMs / decode.accepted;
  if (tpot === null) return [];
  const factor = expected / tpot;
  if (factor <= 1 + DATASHEET + rounding(tpot)) return [];
  return [{ balance: 'bound', severity: severityOf(factor, bound), expected, seen: tpot, unit: 'ms', cause: causeOf(facts, factor, false), of: `TPOT against the least time of a step on ${facts.row.hardware}` }];
}; // prettier-ignore

const rate = (facts: RowFacts, bound: RowBound, { outputPerS: expected }: DecodeBound): Finding[] => {
  const { outputPerS: seen } = facts;
  if (seen === null) return [];
  const factor = seen / expected;
  if (factor <= 1 + DATASHEET) return [];
  return [{ balance: 'bound', severity: severityOf(factor, bound), expected, seen, unit: 'tok/s', cause: causeOf(facts, factor, false), of: `output tok/s against the most that ${facts.row.hardware} can give at this load` }];
}; // prettier-ignore

const decodeFindings = (facts: RowFacts, bound: RowBound): Finding[] => {
  const { decode } = bound;
  return decode === null || decode.bytesAlone < L2 ? [] : [...step(facts, bound, decode), ...rate(facts, bound, decode)];
}; // prettier-ignore

/** Seconds that the prompts of one second, or the one prompt that is in flight, take of one GPU at the least. */
const prefillShare = (facts: RowFacts, { prefill, replicas, stages }: RowBound): number => {
  if (prefill === null) return 0;
  const { row, requestsPerS } = facts;
  const ofRate = requestsPerS === null ? 0 : (requestsPerS / replicas / stages) * prefill.seconds;
  const first = positive(row.ttft_p50_ms) ?? positive(row.ttft_avg_ms);
  const ofFirst = first === null || row.concurrency < 1 ? 0 : (prefill.seconds * 1000) / first;
  return Math.max(ofRate, ofFirst);
};

const prefill = (facts: RowFacts, bound: RowBound): Finding[] => {
  const share = prefillShare(facts, bound);
  if (bound.prefill === null || share <= 1 + BEST) return [];
  const expected = bound.prefill.flops / bound.prefill.seconds / 1e12;
  const of = `FLOP/s of prompts against the best product measured on ${facts.row.hardware}`;
  return [{ balance: 'bound', severity: 'impossible', expected, seen: expected * share, unit: 'TFLOP/s per GPU', cause: causeOf(facts, share, true), of }];
}; // prettier-ignore

export const hardwareBound = (facts: RowFacts, evidence: Evidence): Finding[] => {
  const below = floor(facts);
  if (below.length > 0 || evidence.model === undefined) return below;
  const outcome = boundOfRow(facts, evidence);
  if (outcome.kind === 'none') return [];
  const { bound } = outcome;
  return [...decodeFindings(facts, bound), ...prefill(facts, bound)];
};
