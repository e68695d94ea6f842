// First start, last end and load of each stream that ran kernels.
import type { StreamSpan } from '../model.ts';

export type GrowingSpan = { -readonly [K in keyof StreamSpan]: StreamSpan[K] };

export interface StreamSpans {
  /** The span of a stream, new where it was not met before. */
  readonly spanOf: (rank: number, stream: number) => GrowingSpan;
  /** In the order of their first kernel. */
  readonly spans: readonly StreamSpan[];
}

export const createStreamSpans = (): StreamSpans => {
  const spans: GrowingSpan[] = [];
  const byStream = new Map<string, GrowingSpan>();
  const spanOf = (rank: number, stream: number): GrowingSpan => {
    const key = `${rank} ${stream}`;
    const known = byStream.get(key);
    if (known !== undefined) return known;
    const made = { rank, stream, kernels: 0, totalNs: 0, firstNs: Infinity, lastNs: -Infinity };
    byStream.set(key, made);
    spans.push(made);
    return made;
  };
  return { spanOf, spans };
};

export const addToSpan = (span: GrowingSpan, start: number, end: number): void => {
  span.kernels++;
  span.totalNs += end - start;
  if (start < span.firstNs) span.firstNs = start;
  if (end > span.lastNs) span.lastNs = end;
};
