// Finds where a monotone function crosses a level, by bisection down to the last bit. Never asks for a derivative.

/**
 * The x in [low, high] at which the increasing function `f` reaches `level`; an end of the range where it does not.
 * Bisection stops when the range holds no further double.
 */
export const solveIncreasing = (
  f: (x: number) => number,
  level: number,
  range: readonly [low: number, high: number],
): number => {
  let [low, high] = range;
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return middle;
    if (f(middle) < level) low = middle;
    else high = middle;
  }
};

/** Doubles `start` until the increasing function `f` is at least `level`; stops at 2^100 times the start. */
export const upperBracket = (f: (x: number) => number, level: number, start: number): number => {
  let bound = start;
  for (let doubled = 0; doubled < 100 && f(bound) < level; doubled += 1) bound *= 2;
  return bound;
};
