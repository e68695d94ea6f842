// When the requests of an open loop are due: fixed before anything is sent, so that a slow server cannot slow the schedule
// down (no coordinated omission).
import { seededRandom } from '../stats/random.ts';

export type Arrival = 'poisson' | 'constant';

/**
 * Offsets in milliseconds from the start, one after another without end. `poisson` draws exponential gaps of mean 1/rate from
 * `seed`; `constant` spaces evenly. `ratePerS` > 0.
 */
export function* arrivalOffsets(ratePerS: number, arrival: Arrival, seed: number): Generator<number, never> {
  const random = seededRandom(seed);
  const meanGapMs = 1000 / ratePerS;
  let offset = 0;
  for (let count = 0; ; count += 1) {
    yield arrival === 'constant' ? count * meanGapMs : offset;
    offset -= meanGapMs * Math.log1p(-random.uniform());
  }
}

/** Resolves at `atMs` of the monotonic clock, to a few hundredths of a millisecond; at once when that has passed or `signal` fires. */
export const sleepUntil = (atMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    // Timers have millisecond steps; the last stretch polls, and every poll lets the sockets be read.
    const COARSE_MS = 2;
    const poll = (): void => {
      if (signal.aborted || performance.now() >= atMs) resolve();
      else setImmediate(poll);
    };
    const remaining = atMs - performance.now();
    if (remaining <= COARSE_MS || signal.aborted) return poll();
    const onAbort = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      poll();
    }, remaining - COARSE_MS);
    signal.addEventListener('abort', onAbort, { once: true });
  });
