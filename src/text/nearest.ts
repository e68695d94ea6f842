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

const plain = (name: string): string => name.toLowerCase().replaceAll('-', '_');

/** Fewest characters that one name must have for being part of another to mean something. */
const MEANINGFUL = 3;

/** The candidate that holds `name` or lies in it, the shortest difference first. */
const containing = (name: string, candidates: readonly string[]): string | undefined =>
  candidates
    .filter((candidate) => {
      const other = plain(candidate);
      return Math.min(name.length, other.length) >= MEANINGFUL && (other.includes(name) || name.includes(other));
    })
    .toSorted((a, b) => Math.abs(a.length - name.length) - Math.abs(b.length - name.length))[0];

/**
 * The candidate with the smallest edit distance to `name` where that is close (at most a third changed), else one that holds
 * `name` or lies in it, else undefined.
 */
export const nearestName = (name: string, candidates: readonly string[]): string | undefined => {
  const normal = plain(name);
  const scored = candidates.map((candidate) => ({ candidate, cost: distance(normal, plain(candidate)) }));
  const best = scored.reduce<{ candidate: string; cost: number } | undefined>(
    (least, next) => (least === undefined || next.cost < least.cost ? next : least),
    undefined,
  );
  if (best !== undefined && best.cost <= Math.floor((name.length + 1) / 3)) return best.candidate;
  return containing(normal, candidates);
};
