// What is counted at a point, over its repeats: requests, the window, and the full part of it.
import type { JsonObject } from '../text/json.ts';
import { middleOf, type PointRun } from './point-repeats.ts';
import { over } from './row-figures.ts';

/** The median of two unlike counts is none: it is taken to the worse side, so that no answer is made up and no failure lost. */
const whole = (value: number | null, toWorse: (value: number) => number): number | null =>
  value === null ? null : toWorse(value);

/** What is counted at a point. */
export const countFields = (runs: readonly PointRun[]) => {
  const completed = whole(
    middleOf(runs, ({ counts }) => counts.completed),
    Math.floor,
  );
  const failed = whole(
    middleOf(runs, ({ counts }) => counts.failed),
    Math.ceil,
  );
  const answered = completed === null ? null : completed + (failed ?? 0);
  return {
    completed_requests: completed,
    failed_requests: failed,
    num_prompts:
      whole(
        middleOf(runs, ({ counts }) => counts.num_prompts),
        Math.ceil,
      ) ?? answered,
    duration_s: middleOf(runs, ({ counts }) => counts.duration_s),
  };
};

/** Requests that neither came back nor failed: the window ended before. */
export const notCompleted = ({ num_prompts: prompts, completed_requests: completed, failed_requests: failed }: ReturnType<typeof countFields>): JsonObject => {
  const open = prompts === null || completed === null ? 0 : prompts - completed - (failed ?? 0);
  return open > 0 ? { not_completed_requests: open } : {};
}; // prettier-ignore

/** The full part of the window over all GPUs, and how long it was. */
export const steadyFields = (runs: readonly PointRun[], gpus: number) => {
  const seconds = middleOf(runs, ({ counts }) => counts.steady?.seconds);
  return {
    rate: over(middleOf(runs, ({ counts }) => counts.steady?.tok_per_s), gpus),
    extra: seconds === null ? {} : { steady_window_s: seconds },
  };
}; // prettier-ignore
