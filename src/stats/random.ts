// A seeded pseudo-random generator for resampling and simulation, so that the same seed gives the same figures on every
// machine. Never used where a statistic can be enumerated, and never seeded from a clock.

export interface Random {
  /** A number in [0, 1) with 53 random bits. */
  uniform(): number;
  /** A standard normal deviate. */
  normal(): number;
  /** An integer in 0 … bound - 1. */
  below(bound: number): number;
}

/** Spreads one 32-bit seed over the four words of state (SplitMix32). */
const spread = (seed: number): [number, number, number, number] => {
  let state = seed >>> 0;
  const word = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
  return [word(), word(), word(), word()];
};

/**
 * xoshiro128** (Blackman and Vigna 2018) with Marsaglia's polar method for normal deviates. `seed` is taken modulo
 * 2^32.
 */
export const seededRandom = (seed: number): Random => {
  let [a, b, c, d] = spread(seed);
  let spare: number | undefined;

  const bits = (): number => {
    const scrambled = Math.imul(b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result >>> 0;
  };
  const uniform = (): number => ((bits() >>> 5) * 67108864 + (bits() >>> 6)) / 9007199254740992;
  const normal = (): number => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const radius = x * x + y * y;
      if (radius > 0 && radius < 1) {
        const factor = Math.sqrt((-2 * Math.log(radius)) / radius);
        spare = y * factor;
        return x * factor;
      }
    }
  };
  return { uniform, normal, below: (bound) => Math.floor(uniform() * bound) };
};
