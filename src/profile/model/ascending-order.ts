// Puts events into start order. Exports are nearly sorted, so runs that already ascend are merged; never compares through
// a callback, which would be an order of magnitude slower on millions of events.

/** Positions of `keys` in ascending order of their value, equal ones in their first order. */
export const ascendingOrder = (keys: Float64Array): Uint32Array => {
  let order = new Uint32Array(keys.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  let bounds = runBounds(keys);
  let spare = new Uint32Array(keys.length);
  while (bounds.length > 2) {
    const merged = [0];
    for (let run = 0; run + 1 < bounds.length; run += 2) {
      const start = bounds[run] ?? 0;
      const middle = bounds[run + 1] ?? start;
      const end = bounds[run + 2] ?? middle;
      mergeRuns(keys, order, spare, start, middle, end);
      merged.push(end);
    }
    [order, spare] = [spare, order];
    bounds = merged;
  }
  return order;
};

/** Start of each ascending run, and the end of the last. */
const runBounds = (keys: Float64Array): number[] => {
  const bounds = [0];
  for (let i = 1; i < keys.length; i++) if ((keys[i] ?? 0) < (keys[i - 1] ?? 0)) bounds.push(i);
  bounds.push(keys.length);
  return bounds;
};

const mergeRuns = (
  keys: Float64Array,
  from: Uint32Array,
  to: Uint32Array,
  start: number,
  middle: number,
  end: number,
): void => {
  let left = start;
  let right = middle;
  for (let out = start; out < end; out++) {
    const a = from[left] ?? 0;
    const b = from[right] ?? 0;
    const takeLeft = left < middle && (right >= end || (keys[a] ?? 0) <= (keys[b] ?? 0));
    to[out] = takeLeft ? a : b;
    if (takeLeft) left++;
    else right++;
  }
};
