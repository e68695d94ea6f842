// A scrape of an engine's /metrics page as figures: sums and largest values over its ranks, and the buckets of its histograms; and what
// two of them say of the time in between. A figure that an engine does not export, or whose counter began anew, is undefined, never 0.
import { parsePrometheus, type PrometheusSample } from '../text/prometheus.ts';

export interface Scrape {
  /** Over all label sets, by the name of the series. */
  readonly sums: ReadonlyMap<string, number>;
  readonly largest: ReadonlyMap<string, number>;
  /** Cumulative counts by upper bound, by the name of the histogram. */
  readonly buckets: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** The page itself. */
  readonly page: string;
}

/** SGLang exports a total per rank and, beside it, the same again by priority. */
const isBreakdown = ({ labels }: PrometheusSample): boolean => (labels['priority'] ?? '') !== '';

const BUCKET = '_bucket';

export const readScrape = (page: string): Scrape => {
  const sums = new Map<string, number>();
  const largest = new Map<string, number>();
  const buckets = new Map<string, Map<number, number>>();
  for (const sample of parsePrometheus(page)) {
    const { name, labels, value } = sample;
    if (isBreakdown(sample) || !Number.isFinite(value)) continue;
    sums.set(name, (sums.get(name) ?? 0) + value);
    largest.set(name, Math.max(largest.get(name) ?? value, value));
    const { le } = labels;
    if (le === undefined || !name.endsWith(BUCKET)) continue;
    const histogram = name.slice(0, -BUCKET.length);
    const counts = buckets.get(histogram) ?? new Map<number, number>();
    const bound = le === '+Inf' ? Infinity : Number(le);
    buckets.set(histogram, counts.set(bound, (counts.get(bound) ?? 0) + value));
  }
  return { sums, largest, buckets, page };
};

/** The time between two scrapes. */
export interface ScrapeWindow {
  readonly before: Scrape;
  readonly after: Scrape;
}

/** How much a counter grew; undefined where the later scrape lacks it, or the server began anew. One that came up in between began at 0. */
export const grown = ({ before, after }: ScrapeWindow, name: string): number | undefined => {
  const [from = before.sums.size === 0 ? undefined : 0, to] = [before.sums.get(name), after.sums.get(name)];
  return from === undefined || to === undefined || to < from ? undefined : to - from;
};

export interface Histogram {
  readonly name: string;
  /** Milliseconds of one of its units. */
  readonly milliseconds: number;
}

/** Observations of the window and their mean in ms. */
export const meanOf = (window: ScrapeWindow, { name, milliseconds }: Histogram): { readonly ms: number; readonly count: number } | undefined => {
  const [sum, count] = [grown(window, `${name}_sum`), grown(window, `${name}_count`)];
  return sum === undefined || count === undefined || count <= 0 ? undefined : { ms: (sum / count) * milliseconds, count };
}; // prettier-ignore

/** Observations of the window up to each bound, in order of the bounds. */
const cumulative = ({ before, after }: ScrapeWindow, name: string): (readonly [bound: number, count: number])[] => {
  const earlier = before.buckets.get(name);
  return [...(after.buckets.get(name) ?? [])]
    .map(([bound, count]) => [bound, count - (earlier?.get(bound) ?? 0)] as const)
    .toSorted(([a], [b]) => a - b);
};

/** The bound that the largest observation of the window lies above; undefined where there is none. */
export const largestAbove = (window: ScrapeWindow, name: string): number | undefined => {
  const counts = cumulative(window, name);
  const last = counts.findLastIndex(([, count], index) => count > (counts[index - 1]?.[1] ?? 0));
  return last < 0 ? undefined : (counts[last - 1]?.[0] ?? 0);
};

/**
 * A quantile of the window in ms, linear inside its bucket as PromQL's `histogram_quantile` has it. Undefined where there are no
 * observations, or it lies above the last bound.
 */
export const quantileOf = (window: ScrapeWindow, { name, milliseconds }: Histogram, quantile: number): number | undefined => {
  const counts = cumulative(window, name);
  const total = counts.at(-1)?.[1] ?? 0;
  const rank = quantile * total;
  const index = counts.findIndex(([, count]) => count >= rank);
  const found = counts[index];
  if (total <= 0 || found === undefined || !Number.isFinite(found[0])) return undefined;
  const [bound, count] = found;
  const [low, below] = counts[index - 1] ?? [0, 0];
  const share = count === below ? 1 : (rank - below) / (count - below);
  return (low + (bound - low) * share) * milliseconds;
}; // prettier-ignore
