// Finds the name a caller most likely meant. Never corrects silently: the result only goes into an error message.

const distance = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
};

/** The candidate with the smallest edit distance to `name`, or undefined when none is close (over a third changed). */
export const nearestName = (name: string, candidates: readonly string[]): string | undefined => {
  const normal = name.toLowerCase().replaceAll('-', '_');
  const scored = candidates.map((candidate) => ({ candidate, cost: distance(normal, candidate.toLowerCase()) }));
  const best = scored.reduce<{ candidate: string; cost: number } | undefined>(
    (least, next) => (least === undefined || next.cost < least.cost ? next : least),
    undefined,
  );
  if (best === undefined) return undefined;
  const shorter = Math.min(normal.length, best.candidate.length);
  const contained = shorter >= 3 && (best.candidate.includes(normal) || normal.includes(best.candidate));
  return contained || best.cost <= Math.floor((name.length + 1) / 3) ? best.candidate : undefined;
};
