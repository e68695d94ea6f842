// Stall meters on the cores of the machine, and what they say about a span of time.
import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The machine did not run the meter of a core for some of this time, in milliseconds of its clock. */
export type Stall = readonly [fromMs: number, toMs: number];

export interface StallMeter {
  readonly start: () => void;
  /** The stalls since the start, of all cores, in order of their beginnings. */
  readonly stop: () => Promise<readonly Stall[]>;
  readonly close: () => void;
  readonly cores: number;
}

/** The sleep of a meter, which is no part of what it was late by. */
const SLEEP_MS = 1;

/** Milliseconds by which the meters were woken late. */
export const stolenMs = (stalls: readonly Stall[]): number =>
  stalls.reduce((sum, [fromMs, toMs]) => sum + toMs - fromMs - SLEEP_MS, 0);

/** Answers whether a core stood still at some time from `fromMs` to `toMs`. */
export const stallFinder = (stalls: readonly Stall[]): ((fromMs: number, toMs: number) => boolean) => {
  // Stalls of two cores overlap: with the latest end so far, one look at the last that begins in time is enough.
  const latestEnd: number[] = [];
  for (const [, toMs] of stalls) latestEnd.push(Math.max(toMs, latestEnd.at(-1) ?? 0));
  return (fromMs, toMs) => {
    let [low, high] = [0, stalls.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((stalls[middle]?.[0] ?? 0) <= toMs) low = middle + 1;
      else high = middle;
    }
    return low > 0 && (latestEnd[low - 1] ?? 0) >= fromMs;
  };
};

const said = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      child.off('message', onMessage).off('error', onEnd).off('exit', onEnd);
      act();
    };
    const onMessage = (message: unknown): void => settle(() => resolve(message));
    const onEnd = (): void => settle(() => reject(new Error('the stall meter ended')));
    child.on('message', onMessage).on('error', onEnd).on('exit', onEnd);
  });

/** Real-time priority above that of the measurement (`chrt -r 1`). */
const PRIORITY = ['-f', '2'];

/** One meter per core. Null where `chrt` and `taskset` are missing or not allowed. */
export const startStallMeter = async (): Promise<StallMeter | null> => {
  const cores = availableParallelism();
  const meters = Array.from({ length: cores }, (_, core) =>
    fork(new URL('./stall-meter.mjs', import.meta.url), [], {
      execPath: 'chrt',
      execArgv: [...PRIORITY, 'taskset', '-c', String(core), process.execPath],
    }),
  );
  const close = (): void => meters.forEach((meter) => meter.connected && meter.disconnect());
  try {
    await Promise.all(meters.map(said));
  } catch {
    close();
    return null;
  }
  const stop = async (): Promise<readonly Stall[]> => {
    const reports = meters.map(async (meter) => {
      const report = said(meter);
      meter.send('stop');
      return (await report) as Stall[]; // checked boundary: what stall-meter.ts sends
    });
    return (await Promise.all(reports)).flat().sort(([a], [b]) => a - b);
  };
  return { cores, close, stop, start: () => meters.forEach((meter) => meter.send('start')) };
};
