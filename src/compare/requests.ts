// How many requests stand behind the figures of two sides: a percentile of few of them says little.
import type { Side } from '../source/side.ts';
import { isValidTrial } from '../metrics/trial.ts';

type Counted = Pick<Side, 'trials' | 'context'>;

/** Answered requests behind the smallest valid trial of a side, else the number that was asked for; null when neither is known. */
const requestsOf = ({ trials, context }: Counted): number | null => {
  const counts = trials.filter(isValidTrial).map(({ requests }) => requests ?? null);
  const known = counts.filter((requests) => requests !== null);
  return known.length > 0 && known.length === counts.length ? Math.min(...known) : (context.num_prompts ?? null);
};

/** The fewer of both sides, null when a side does not state it. */
export const fewerRequests = (baseline: Counted, candidate: Counted): number | null => {
  const [before, after] = [requestsOf(baseline), requestsOf(candidate)];
  return before === null || after === null ? null : Math.min(before, after);
};
