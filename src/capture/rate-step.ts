// Reads an engine's counter before and during the recording, and waits while it records. A counter that cannot be read makes
// the rate unknown, never the capture fail.
import { setTimeout as sleep } from 'node:timers/promises';
import type { RateQuestion } from './capture-input.ts';
import { rateBetween, type CounterReading } from './capture-overhead.ts';
import type { Capture, Step } from './capture-run.ts';
import { prometheusSum } from '../text/prometheus.ts';
import { limitSignal } from '../verb/time-limit.ts';

const DEFAULT_WINDOW_S = 10;
const COUNTER_LIMIT_S = 5;

const readCounter = async ({ counter }: RateQuestion, signal: AbortSignal): Promise<CounterReading | null> => {
  if (counter === undefined) return null;
  const limited = limitSignal([signal], COUNTER_LIMIT_S);
  try {
    const page = await fetch(counter.url, { signal: limited.signal });
    const value = page.ok ? prometheusSum(await page.text(), counter.metric) : null;
    return value === null ? null : { value, atMs: performance.now() };
  } catch {
    return null; // the overhead then says that the rate is not known
  } finally {
    limited.release();
  }
};

/** Rate of the counter over `work`. */
const rateOver = async (
  question: RateQuestion,
  signal: AbortSignal,
  work: () => Promise<unknown>,
): Promise<number | null> => {
  const first = await readCounter(question, signal);
  await work();
  return rateBetween(first, await readCounter(question, signal));
};

/** Waits for the time of the recording, and measures the rate over it where one is asked for. */
export const waitStep = async (capture: Capture, step: Step<'wait'>): Promise<void> => {
  const { signal } = capture.world;
  const wait = (): Promise<unknown> => sleep(step.seconds * 1000, undefined, { signal });
  const { rate } = capture.input;
  if (rate?.counter === undefined) return void (await wait());
  capture.rates = { ...capture.rates, during: await rateOver(rate, signal, wait) };
};

/** Measures the rate without a profiler, unless it is known or not asked for. */
export const measureBefore = async (capture: Capture): Promise<void> => {
  const { rate } = capture.input;
  if (rate?.counter === undefined || rate.before !== undefined) return;
  capture.world.progress(0, capture.plan.steps.length, 'measuring the rate without a profiler');
  const { signal } = capture.world;
  const wait = (): Promise<unknown> => sleep((rate.windowS ?? DEFAULT_WINDOW_S) * 1000, undefined, { signal });
  capture.rates = { ...capture.rates, before: await rateOver(rate, signal, wait) };
};
