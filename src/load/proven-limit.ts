// Up to which load the generator's own error was measured (docs/bench.md, "How exact it is"), and what to do beyond it.

/** Streams at once, and chunks of text per second over all of them. */
export const PROVEN_STREAMS = 256;
export const PROVEN_CHUNKS_PER_S = 10_000;

/** For loads that this generator is not proven for, and for machines that leave it no time. */
export const GENERATOR_ADVICE =
  'give the generator an idle core, or use AIPerf, which spreads the load over processes; bench_diff and perf_baseline_record read its files';

/** By how much the load exceeds what is proven; null within it. `streams` is null where nothing bounds them. */
export const beyondProvenLimit = (streams: number | null, chunksPerS: number): string | null => {
  const most = streams ?? 0;
  const load = [
    ...(most > PROVEN_STREAMS ? [`${most} streams`] : []),
    ...(chunksPerS > PROVEN_CHUNKS_PER_S ? [`${Math.round(chunksPerS)} chunks/s`] : []),
  ].join(', ');
  if (load === '') return null;
  return `${load}: the generator is proven exact up to ${PROVEN_STREAMS} streams and ${PROVEN_CHUNKS_PER_S} chunks/s`;
};
