// Decides when a server has settled: two neighbouring windows of answered requests that agree. Judges only what it is given;
// the clock and the sending belong to the session.
import { median } from '../stats/describe.ts';
import { mannWhitney } from '../stats/mann-whitney.ts';
import { latenciesOf, type RequestRecord } from './request-record.ts';

/** How warm-up ends. `auto`: when two windows agree, at the latest after `maxSeconds`, and then the trial is `not_steady`. */
export type WarmUpRule =
  | { readonly kind: 'none' }
  | { readonly kind: 'requests'; readonly requests: number }
  | { readonly kind: 'auto'; readonly maxSeconds: number };

export interface SteadinessWindow {
  readonly requests: number;
  /** Median end-to-end latency of the answered requests, null when none was answered. */
  readonly e2eP50Ms: number | null;
  /** Output tokens of the answered requests per second between the first and the last ending; null for less than two. */
  readonly tokensPerS: number | null;
}

/** Largest relative difference of two windows that still agree. */
export const AGREEMENT = 0.1;

/** Requests in one window: two rounds of a closed loop, at least eight. */
export const windowSize = (concurrency: number | null): number => Math.max(8, 2 * (concurrency ?? 8));

const agree = (a: number | null, b: number | null, allowed: number): boolean =>
  a !== null && b !== null && Math.abs(a - b) <= allowed * Math.min(a, b);

export const summariseWindow = (records: readonly RequestRecord[]): SteadinessWindow => {
  const answered = records.filter((record) => record.failure === null);
  const latencies = answered.map((record) => latenciesOf(record)?.e2eMs ?? null).filter((value) => value !== null);
  const ends = answered.map((record) => record.endMs);
  const spanMs = Math.max(...ends) - Math.min(...ends);
  const tokens = answered.reduce((sum, record) => sum + (record.outputTokens ?? 0), 0);
  return {
    requests: records.length,
    e2eP50Ms: latencies.length === 0 ? null : median(latencies),
    tokensPerS: answered.length < 2 || spanMs <= 0 ? null : (tokens / spanMs) * 1000,
  };
};

/** True when the last two windows have the same median latency; in a closed loop (`compareRate`) the same token rate too. */
export const windowsAgree = (
  windows: readonly SteadinessWindow[],
  compareRate: boolean,
  allowed = AGREEMENT,
): boolean => {
  const [previous, last] = windows.slice(-2);
  if (previous === undefined || last === undefined) return false;
  return (
    agree(previous.e2eP50Ms, last.e2eP50Ms, allowed) &&
    (!compareRate || agree(previous.tokensPerS, last.tokensPerS, allowed))
  );
};

/** Cuts records, in the order of their ending, into full windows; the unfinished last window is left out. */
export const windowsOf = (records: readonly RequestRecord[], size: number): SteadinessWindow[] =>
  Array.from({ length: Math.floor(records.length / size) }, (_, index) =>
    summariseWindow(records.slice(index * size, (index + 1) * size)),
  );

/** Smallest half of a window that can show a drift. */
const DRIFT_MINIMUM = 8;

/**
 * True when the second half of a measured window has another latency than the first: medians further apart than twice the
 * agreement, and not by chance (Mann-Whitney, 1 percent). The server was still settling, or a queue was growing.
 */
export const stillDrifts = (records: readonly RequestRecord[]): boolean => {
  const inOrder = records.toSorted((a, b) => a.intendedMs - b.intendedMs);
  const latencies = inOrder.map((record) => latenciesOf(record)?.e2eMs ?? null).filter((value) => value !== null);
  const half = Math.floor(latencies.length / 2);
  if (half < DRIFT_MINIMUM) return false;
  const [early, late] = [latencies.slice(0, half), latencies.slice(-half)];
  return !agree(median(early), median(late), 2 * AGREEMENT) && mannWhitney(early, late).pTwoSided < 0.01;
};
