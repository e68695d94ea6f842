// Decides which candidates of a search stay. A candidate goes only when noise does not explain that it is worse than the best one;
// statistical ties stay together.
import { median } from '../stats/describe.ts';
import { studentTQuantile } from '../stats/student-t.ts';

export interface Candidate {
  readonly key: string;
  /** Values above zero where smaller is better. */
  readonly values: readonly number[];
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Pooled standard deviation of ln x over all candidates, with its degrees of freedom. */
const pooledNoise = (logs: readonly (readonly number[])[]): { spread: number; freedom: number } => {
  const freedom = logs.reduce((sum, values) => sum + Math.max(0, values.length - 1), 0);
  const squares = logs.reduce((sum, values) => {
    const centre = mean(values);
    return sum + values.reduce((inner, value) => inner + (value - centre) ** 2, 0);
  }, 0);
  return { spread: freedom === 0 ? Number.POSITIVE_INFINITY : Math.sqrt(squares / freedom), freedom };
};

/**
 * Keys of the candidates that are not shown to be worse than the one with the best median, at a chance of `alpha` of losing the
 * best one over all of them (one-sided t on the logarithms with pooled noise, Bonferroni over the rivals). Every candidate needs at
 * least one value; all stay as long as no noise is known.
 */
export const survivors = (candidates: readonly Candidate[], alpha = 0.05): string[] => {
  const logs = candidates.map(({ values }) => values.map(Math.log));
  const { spread, freedom } = pooledNoise(logs);
  const best = Math.min(...logs.map((values) => median(values)));
  const leader = logs.find((values) => median(values) === best) ?? [];
  if (freedom === 0 || candidates.length < 2) return candidates.map(({ key }) => key);
  const critical = studentTQuantile(1 - alpha / (candidates.length - 1), freedom);
  return candidates
    .filter((_, index) => {
      const values = logs[index] ?? [];
      const reach = critical * spread * Math.sqrt(1 / values.length + 1 / leader.length);
      return median(values) - best <= reach;
    })
    .map(({ key }) => key);
};
