// The two questions that a sweep is measured for, answered in numbers: which concurrency gives the most FLOP/s, and whether decode
// reads memory at 75 % of its bandwidth. Points that cannot be are left out and counted.
import { formatNumber, formatShare } from '../render/numbers.ts';
import type { SweepPoint, SweepReading } from './sweep-analysis.ts';

/** Share of the datasheet's bandwidth from which decode counts as limited by memory. */
export const MEMORY_BOUND_PERCENT = 75;

export interface AnalysedPoint {
  readonly reading: SweepReading;
  readonly point: SweepPoint;
}

/** Null fields: not known, as `because` says. */
export interface MostFlops {
  readonly concurrency: number;
  /** `flops` where the model is known; else the concurrency of the highest output rate, which is the same for equal lengths. */
  readonly basis: 'flops' | 'output_rate';
  readonly tflops_per_gpu: number | null;
  readonly percent_of_peak: number | null;
  /** The highest concurrency of the sweep: more may give more. */
  readonly at_edge: boolean;
}

export interface MemoryShare {
  readonly threshold_percent: number;
  readonly reached: boolean;
  /** The point of the highest share. */
  readonly concurrency: number;
  readonly delivered_percent: number;
  readonly delivered_of_best_percent: number | null;
  readonly dram_active_percent: number | null;
  readonly dram_active_of_best_percent: number | null;
  /** The lowest concurrency from the threshold on; null where none is. */
  readonly from_concurrency: number | null;
}

export interface SweepAnswers {
  readonly most_flops: MostFlops | null;
  readonly memory: MemoryShare | null;
  /** Why an answer is missing or leaves something out. */
  readonly because: readonly string[];
}

const largest = (points: readonly AnalysedPoint[], of: (point: AnalysedPoint) => number | null): AnalysedPoint | null =>
  points.reduce<AnalysedPoint | null>((most, each) => {
    const value = of(each);
    return value !== null && (most === null || value > (of(most) ?? 0)) ? each : most;
  }, null);

const mostFlops = (decode: readonly AnalysedPoint[]): MostFlops | null => {
  const byFlops = largest(decode, ({ point }) => point.achievedFlopsPerSecond);
  const found = byFlops ?? largest(decode, ({ reading }) => reading.outputTokPerSec);
  if (found === null) return null;
  const { concurrency } = found.reading.facts;
  const { achievedFlopsPerSecond: flops, achievedPercent } = found.point;
  return {
    concurrency,
    basis: byFlops === null ? 'output_rate' : 'flops',
    tflops_per_gpu: flops === null ? null : flops / 1e12,
    percent_of_peak: achievedPercent,
    at_edge: decode.every(({ reading }) => reading.facts.concurrency <= concurrency),
  };
};

const memoryShare = (decode: readonly AnalysedPoint[]): MemoryShare | null => {
  const found = largest(decode, ({ point }) => point.deliveredPercent);
  const delivered = found?.point.deliveredPercent ?? null;
  if (found === null || delivered === null) return null;
  const { point, reading } = found;
  const reached = decode.filter(({ point: { deliveredPercent: share } }) => share !== null && share >= MEMORY_BOUND_PERCENT);
  return {
    threshold_percent: MEMORY_BOUND_PERCENT,
    reached: reached.length > 0,
    concurrency: reading.facts.concurrency,
    delivered_percent: delivered,
    delivered_of_best_percent: point.deliveredOfBestPercent,
    dram_active_percent: point.dramActivePercent,
    dram_active_of_best_percent: point.dramActiveOfBestPercent,
    from_concurrency: reached.length === 0 ? null : Math.min(...reached.map((each) => each.reading.facts.concurrency)),
  };
}; // prettier-ignore

/** Answers from all points of a sweep; `reason` says why the model or the hardware gives no figures. */
export const sweepAnswers = (all: readonly AnalysedPoint[], reason: string | null): SweepAnswers => {
  const decode = all.filter(({ reading }) => reading.phase === 'decode');
  const possible = decode.filter(({ point }) => point.impossible.length === 0);
  const flagged = all.flatMap(({ reading, point }) =>
    point.impossible.map((text) => `${reading.phase} at concurrency ${reading.facts.concurrency}, ${formatNumber(reading.facts.mean_input_tokens ?? 0)} tokens: ${text}`),
  );
  return {
    most_flops: mostFlops(possible),
    memory: memoryShare(possible),
    because: [...(reason === null ? [] : [reason]), ...(decode.length === 0 ? ['the sweep has no decode point'] : []), ...flagged],
  };
}; // prettier-ignore

const counterText = ({ dram_active_percent: dram, dram_active_of_best_percent: ofBest }: MemoryShare): string => {
  if (dram === null) return '';
  const reach = ofBest === null ? '' : `, ${formatShare(ofBest)} of what the best measured bandwidth reaches`;
  return `; DRAM_ACTIVE ${formatShare(dram)}${reach}`;
};

const flopsLine = (most: MostFlops | null): string[] => {
  if (most === null) return [];
  const { concurrency, tflops_per_gpu: tflops, percent_of_peak: share, at_edge: edge } = most;
  const peak = share === null ? '' : ` (${formatShare(share)} of the peak)`;
  const amount = tflops === null ? 'by output rate; TFLOPS are not known' : `${formatNumber(tflops, 4)} TFLOPS per GPU${peak}`;
  return [`most TFLOPS of decode at concurrency ${concurrency}: ${amount}${edge ? '; the highest of the sweep, so more may give more' : ''}`];
}; // prettier-ignore

const memoryLine = (memory: MemoryShare | null): string[] => {
  if (memory === null) return [];
  const { reached, concurrency, delivered_percent: share, from_concurrency: from, threshold_percent: limit } = memory;
  const best = memory.delivered_of_best_percent === null ? '' : ` (${formatShare(memory.delivered_of_best_percent)} of the best measured)`;
  const verdict = reached ? `yes, from concurrency ${from ?? concurrency}` : 'no';
  return [`decode at ${limit}% of memory bandwidth: ${verdict}; at most ${formatShare(share)}${best} at concurrency ${concurrency}${counterText(memory)}`];
}; // prettier-ignore

/** The answer about memory as a sentence; where there is none, why. */
export const memorySentence = ({ memory, because }: SweepAnswers): string => {
  if (memory === null)
    return `Whether decode is memory-bound is not answered: ${because[0] ?? 'no point of decode has a share of the bandwidth'}`;
  const { reached, concurrency, delivered_percent: share, from_concurrency: from, threshold_percent: limit } = memory;
  return reached
    ? `Decode reaches ${formatShare(share)} of memory bandwidth (C=${concurrency}): memory-bound, at ${limit} % or more, from C=${from ?? concurrency}`
    : `Decode reaches ${formatShare(share)} of memory bandwidth (C=${concurrency}), below the ${limit} % that count as memory-bound`;
};

/** The answers in lines. */
export const answerLines = ({ most_flops: most, memory, because }: SweepAnswers): string[] => [
  ...flopsLine(most),
  ...memoryLine(memory),
  ...because.map((text) => `not answered or left out: ${text}`),
];
