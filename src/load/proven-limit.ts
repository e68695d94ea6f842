// Up to which load the generator's own error was measured (docs/bench.md, "How exact it is"), and what to say beyond it.

/** Streams at once, and chunks of text per second over all of them. */
export const PROVEN_STREAMS = 256;
export const PROVEN_CHUNKS_PER_S = 5000;

/** What measures loads that this generator is not proven for. */
const INSTEAD =
  'measure it with AIPerf, which spreads the load over processes; bench_diff and perf_baseline_record read its files';

/** Null within the limit. `streams` is null where nothing bounds them. */
export const beyondProvenLimit = (streams: number | null, chunksPerS: number): string | null => {
  const most = streams ?? 0;
  if (most <= PROVEN_STREAMS && chunksPerS <= PROVEN_CHUNKS_PER_S) return null;
  const load = [
    ...(most > PROVEN_STREAMS ? [`${most} streams`] : []),
    ...(chunksPerS > PROVEN_CHUNKS_PER_S ? [`${Math.round(chunksPerS)} chunks/s`] : []),
  ].join(' and ');
  return `${load}: beyond the ${PROVEN_STREAMS} streams and ${PROVEN_CHUNKS_PER_S} chunks/s up to which this generator is proven exact; ${INSTEAD}`;
};

/** For a generator that was late by `p99Ms`. */
export const lateGenerator = (p99Ms: number): string =>
  `this process was late by ${p99Ms.toFixed(1)} ms at p99; give it an idle core, or ${INSTEAD}`;
