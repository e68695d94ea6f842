// A figure of a result that its own other figures refute. Data only: what follows from it is decided in src/verdict.

export interface Contradiction {
  /** Key of the metric that cannot be right (see `metricKey`). */
  readonly key: string;
  /** In the terms of the file, as the text below names it. */
  readonly stated: number;
  /** What the rest of the same result gives. */
  readonly implied: number;
  /** Both values in one sentence: `request_throughput is 12.5, but completed / duration is 10`. */
  readonly text: string;
}
