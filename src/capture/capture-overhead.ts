// What capturing cost, as the share of the rate that was lost. Says null and why where a rate is not known; never assumes one.
import { formatNumber, formatShare } from '../render/numbers.ts';
import type { RateQuestion } from './capture-input.ts';

export interface CaptureOverhead {
  /** Rate without and with the profiler, in `unit`. */
  readonly before: number | null;
  readonly during: number | null;
  readonly unit: string;
  /** (before - during) / before, in percent; negative when it ran faster. */
  readonly overhead_pct: number | null;
  readonly reason: string | null;
}

export interface CounterReading {
  readonly value: number;
  readonly atMs: number;
}

/** Increase per second between two readings; null when the counter went back (a restart) or no time passed. */
export const rateBetween = (first: CounterReading | null, last: CounterReading | null): number | null => {
  if (first === null || last === null || last.atMs <= first.atMs || last.value < first.value) return null;
  return (last.value - first.value) / ((last.atMs - first.atMs) / 1000);
};

/** The overhead from two rates; measured ones stand in where none was given. */
export const captureOverhead = (
  question: RateQuestion,
  measured: { readonly before: number | null; readonly during: number | null },
): CaptureOverhead => {
  const before = question.before ?? measured.before;
  const during = question.during ?? measured.during;
  const unit = question.unit ?? 'tok/s';
  const unknown =
    before === null ? 'the rate before the capture is not known' : 'the rate during the capture is not known';
  if (before === null || during === null) return { before, during, unit, overhead_pct: null, reason: unknown };
  if (before <= 0) return { before, during, unit, overhead_pct: null, reason: 'nothing ran before the capture' };
  return { before, during, unit, overhead_pct: (100 * (before - during)) / before, reason: null };
};

/** `overhead: 23.1% (412.0 -> 316.8 tok/s)`, or why it is not known. */
export const overheadText = ({ before, during, unit, overhead_pct: pct, reason }: CaptureOverhead): string =>
  before === null || during === null || pct === null
    ? `overhead: not known, ${reason ?? 'no rate'}`
    : `overhead: ${formatShare(pct)} (${formatNumber(before, 4)} -> ${formatNumber(during, 4)} ${unit})`;
