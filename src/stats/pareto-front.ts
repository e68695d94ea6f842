// Which points no other one beats on two axes at once. The one rule of every front that the product draws or names.

export type Place = readonly [x: number, y: number];

export type Better = 'higher' | 'lower';

const isBetter = (a: number, b: number, better: Better): boolean => (better === 'higher' ? a > b : a < b);

/**
 * Positions of the places on the front, in the order given; equal ones are on it together, null is never. A place is beaten by one
 * that is at least as good on both axes and better on one. Time n log n.
 */
export const paretoFrontOf = (
  places: readonly (Place | null)[],
  [betterX, betterY]: readonly [Better, Better],
): number[] => {
  const known = places.flatMap((place, index) => (place === null ? [] : [{ place, index }]));
  const order = (a: number, b: number, better: Better): number => (a === b ? 0 : isBetter(a, b, better) ? -1 : 1);
  const sorted = known.toSorted(
    (a, b) => order(a.place[0], b.place[0], betterX) || order(a.place[1], b.place[1], betterY),
  );
  const front: number[] = [];
  let last: Place | null = null;
  for (const { place, index } of sorted) {
    const isEqual = last !== null && place[0] === last[0] && place[1] === last[1];
    if (last !== null && !isEqual && !isBetter(place[1], last[1], betterY)) continue;
    front.push(index);
    last = place;
  }
  return front.toSorted((a, b) => a - b);
};
