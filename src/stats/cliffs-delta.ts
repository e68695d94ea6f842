// Cliff's delta: how often a value of one sample beats a value of the other, from -1 to 1. An effect size, not a test.

/**
 * (#(candidate > baseline) - #(candidate < baseline)) / nm; positive when the candidate is larger. Both samples non-
 * empty.
 */
export const cliffsDelta = (baseline: readonly number[], candidate: readonly number[]): number => {
  let balance = 0;
  for (const a of baseline) for (const b of candidate) balance += Math.sign(b - a);
  return balance / (baseline.length * candidate.length);
};

/** The bands of Romano et al. 2006 for |delta|: below 0.147, 0.33 and 0.474. */
export const cliffsDeltaBand = (delta: number): 'negligible' | 'small' | 'medium' | 'large' => {
  const size = Math.abs(delta);
  if (size < 0.147) return 'negligible';
  if (size < 0.33) return 'small';
  return size < 0.474 ? 'medium' : 'large';
};
