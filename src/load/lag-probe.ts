// Measures how late this process itself is: a timer that notes by how much it was missed. A generator that is late reports
// its own delay as the server's latency, so the measurement says how late it was.
import { quantile } from '../stats/describe.ts';

const INTERVAL_MS = 10;

export interface LagProbe {
  /** Forgets what was noted so far. */
  readonly reset: () => void;
  /** Ends the probe; p99 and maximum of the lateness in milliseconds, null when it never fired. */
  readonly stop: () => { readonly p99Ms: number; readonly maxMs: number } | null;
}

export const startLagProbe = (): LagProbe => {
  let lags: number[] = [];
  let dueMs = performance.now() + INTERVAL_MS;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    lags.push(Math.max(0, nowMs - dueMs));
    dueMs = nowMs + INTERVAL_MS;
  }, INTERVAL_MS);
  const stop = (): ReturnType<LagProbe['stop']> => {
    clearInterval(timer);
    return lags.length === 0 ? null : { p99Ms: quantile(lags, 0.99), maxMs: quantile(lags, 1) };
  };
  return { reset: () => void (lags = []), stop };
};
