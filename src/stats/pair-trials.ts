// Pairs the trials of two sides by the block they were interleaved in, so that drift common to a block cancels. Never
// pairs across blocks and never pairs by order alone.

/** What pairing needs of a trial. */
export interface Blocked {
  readonly block: string | number | null;
}

export interface Pairing<T> {
  readonly pairs: readonly (readonly [baseline: T, candidate: T])[];
  /** Trials whose block holds no partner for them. */
  readonly left: number;
}

const byBlock = <T extends Blocked>(trials: readonly T[]): Map<string | number | null, T[]> => {
  const blocks = new Map<string | number | null, T[]>();
  for (const trial of trials) {
    const block = blocks.get(trial.block);
    if (block === undefined) blocks.set(trial.block, [trial]);
    else block.push(trial);
  }
  return blocks;
};

/**
 * Within each block the k-th baseline trial goes with the k-th candidate trial, in the order given: an ABBA block is
 * two pairs of neighbours. Null when a trial has no block or no block holds both sides.
 */
export const pairByBlock = <T extends Blocked>(baseline: readonly T[], candidate: readonly T[]): Pairing<T> | null => {
  if ([...baseline, ...candidate].some(({ block }) => block === null)) return null;
  const partners = byBlock(candidate);
  const pairs = [...byBlock(baseline)].flatMap(([block, trials]) =>
    trials.flatMap((trial, k) => {
      const partner = partners.get(block)?.[k];
      return partner === undefined ? [] : [[trial, partner] as const];
    }),
  );
  return pairs.length === 0 ? null : { pairs, left: baseline.length + candidate.length - 2 * pairs.length };
};
