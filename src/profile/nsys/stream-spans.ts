// First start, last end and load of each stream that ran kernels.
import type { StreamSpan } from '../model/profile-side.ts';

export interface StreamSpans {
  /** Sums of all streams; replaced by a larger array when `baseOf` meets a new stream. */
  sums: Float64Array;
  /** Where the sums of a stream begin. */
  readonly baseOf: (rank: number, stream: number) => number;
  /** In the order in which they were met. */
  readonly finish: () => StreamSpan[];
}

/** The sums of one stream lie side by side, as those of a rank do in `timeline.ts`. */
const AT = { kernels: 0, total: 1, first: 2, last: 3, length: 4 } as const;
const NOTHING_YET = Float64Array.of(0, 0, Infinity, -Infinity);

export const createStreamSpans = (): StreamSpans => {
  const known = new Map<string, number>();
  const met: { readonly rank: number; readonly stream: number }[] = [];
  const baseOf = (rank: number, stream: number): number => {
    const key = `${rank} ${stream}`;
    const index = known.get(key) ?? met.push({ rank, stream }) - 1;
    known.set(key, index);
    if (index * AT.length >= spans.sums.length) spans.sums = withRoom(spans.sums, 2 * met.length);
    return index * AT.length;
  };
  const finish = (): StreamSpan[] =>
    met.map(({ rank, stream }, index) => {
      const [kernels = 0, totalNs = 0, firstNs = 0, lastNs = 0] = spans.sums.subarray(index * AT.length);
      return { rank, stream, kernels, totalNs, firstNs, lastNs };
    });
  const spans: StreamSpans = { sums: new Float64Array(0), baseOf, finish };
  return spans;
};

const withRoom = (sums: Float64Array, streams: number): Float64Array => {
  const larger = new Float64Array(streams * AT.length);
  for (let at = 0; at < larger.length; at += AT.length) larger.set(NOTHING_YET, at);
  larger.set(sums);
  return larger;
};

/** Adds a kernel to the sums that begin at `base`. */
export const addToSpan = (sums: Float64Array, base: number, start: number, end: number): void => {
  sums[base + AT.kernels] = (sums[base + AT.kernels] ?? 0) + 1;
  sums[base + AT.total] = (sums[base + AT.total] ?? 0) + (end - start);
  if (start < (sums[base + AT.first] ?? 0)) sums[base + AT.first] = start;
  if (end > (sums[base + AT.last] ?? 0)) sums[base + AT.last] = end;
};
