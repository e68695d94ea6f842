// The part of a window in which the load was full: without the ramp at its start and the drain at its end, which make the
// throughput of a short run too low. From the times of single requests only; where they are not known there is no such figure.
import type { SteadyWindow } from '../metrics/reading.ts';

/** What readers and importers say of a window of fewer requests than twice the concurrency. */
export const UNDERCOUNTED = 'throughput is undercounted';

/** An answered request. Times in seconds on one clock. */
export interface TimedRequest {
  readonly start: number;
  /** When its first token came; undefined where nobody says: then its tokens count from the start. */
  readonly first: number | undefined;
  readonly end: number;
  readonly outputTokens: number;
}

/** Share of the most requests in flight from which a window counts as full. */
const FULL = 0.9;

/** Time of the first and of the last moment at which the load was full. */
const fullPart = (requests: readonly TimedRequest[], concurrency: number): readonly [number, number] | undefined => {
  const events = requests
    .flatMap(({ start, end }) => [
      { at: start, change: 1 },
      { at: end, change: -1 },
    ])
    .toSorted((a, b) => a.at - b.at || b.change - a.change);
  let inFlight = 0;
  const levels = events.map(({ at, change }) => ({ at, level: (inFlight += change) }));
  const peak = levels.reduce((most, { level }) => Math.max(most, level), 0);
  const least = FULL * Math.min(peak, concurrency);
  const first = levels.findIndex(({ level }) => level >= least);
  const last = levels.findLastIndex(({ level }) => level >= least);
  const [from, to] = [levels[first]?.at, levels[last + 1]?.at];
  return from === undefined || to === undefined || to <= from ? undefined : [from, to];
};

/** Tokens of a request that came between two times; those after the first came evenly. */
const tokensWithin = ({ start, first = start, end, outputTokens }: TimedRequest, from: number, to: number): number => {
  const hasFirst = first >= from && first <= to ? 1 : 0;
  const overlap = Math.max(0, Math.min(end, to) - Math.max(first, from));
  const after = end > first ? (Math.max(0, outputTokens - 1) * overlap) / (end - first) : 0;
  return outputTokens === 0 ? 0 : hasFirst + after;
};

/** The full part of a window; undefined where no request is timed, or the load was never held. */
export const steadyWindow = (requests: readonly TimedRequest[], concurrency: number | undefined): SteadyWindow | undefined => {
  if (concurrency === undefined || concurrency <= 0 || requests.length === 0) return undefined;
  const part = fullPart(requests, concurrency);
  if (part === undefined) return undefined;
  const [from, to] = part;
  const tokens = requests.reduce((sum, request) => sum + tokensWithin(request, from, to), 0);
  return tokens > 0 ? { tok_per_s: tokens / (to - from), seconds: to - from } : undefined;
}; // prettier-ignore
