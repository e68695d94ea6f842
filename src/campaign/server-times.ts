// What a server's own counters say of a point: two scrapes of its /metrics, before and after, in `metrics-pre-c<N>.prom` and
// `metrics-post-c<N>.prom` beside the result or in `spec_metrics/`. Means over the window are differences of sums over differences of
// counts; what a server does not export is null, never 0.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readNamedText } from '../fs/named-text.ts';
import { nameOf } from '../metrics/catalogue.ts';
import type { FirstTokenParts } from './disaggregation.ts';

/** Sums over all label sets, by the name of the series. */
type Scrape = ReadonlyMap<string, number>;

const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{.*\})?\s+(\S+)(?:\s+\d+)?$/;

const scrapeOf = (text: string): Scrape => {
  const sums = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, name, written] = SAMPLE.exec(line.trim()) ?? [];
    const value = Number(written);
    if (name !== undefined && Number.isFinite(value)) sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return sums;
};

/** Histograms and how many milliseconds one of their units is; the first that grew is taken. */
const PARTS = {
  queue: [['vllm:request_queue_time_seconds', 1000], ['sglang:queue_time_seconds', 1000]],
  prefill: [['vllm:request_prefill_time_seconds', 1000], ['sglang:prefill_forward_time_seconds', 1000]],
  transfer: [['vllm:nixl_xfer_time_seconds', 1000], ['sglang:kv_transfer_latency_ms', 1]],
} as const; // prettier-ignore

interface Window {
  readonly before: Scrape;
  readonly after: Scrape;
}

/** How much a counter grew; undefined where either scrape lacks it, or the server began anew. */
const grown = ({ before, after }: Window, name: string): number | undefined => {
  const [from, to] = [before.get(name), after.get(name)];
  return from === undefined || to === undefined || to < from ? undefined : to - from;
};

const meanOf = (window: Window, histograms: readonly (readonly [string, number])[]): number | null => {
  for (const [name, milliseconds] of histograms) {
    const [sum, count] = [grown(window, `${name}_sum`), grown(window, `${name}_count`)];
    if (sum !== undefined && count !== undefined && count > 0) return (sum / count) * milliseconds;
  }
  return null;
};

/** Tokens per step and share of accepted ones. */
const acceptance = (window: Window): Record<string, number> => {
  const of = (what: string): number | undefined => grown(window, `vllm:spec_decode_num_${what}_total`);
  const [drafts = 0, proposed = 0, accepted] = ['drafts', 'draft_tokens', 'accepted_tokens'].map(of);
  if (accepted === undefined || drafts <= 0) return {};
  return {
    [nameOf('acceptanceLength')]: 1 + accepted / drafts,
    ...(proposed > 0 ? { [nameOf('acceptanceRate')]: accepted / proposed } : {}),
  };
};

export interface ServerTimes {
  readonly firstToken: FirstTokenParts;
  /** Canonical name of a metric to its value. */
  readonly values: Readonly<Record<string, number>>;
}

const places = (bundle: string, path: string): string[] => {
  const beside = join(bundle, dirname(path));
  return [beside, join(beside, 'spec_metrics'), join(bundle, 'spec_metrics')];
};

/** What the scrapes of a point say; undefined where there are none. */
export const serverTimes = async (bundle: string, path: string, concurrency: number): Promise<ServerTimes | undefined> => {
  const files = places(bundle, path).map((folder) => [join(folder, `metrics-pre-c${concurrency}.prom`), join(folder, `metrics-post-c${concurrency}.prom`)] as const);
  const found = files.find((pair) => pair.every((file) => existsSync(file)));
  if (found === undefined) return undefined;
  const [before, after] = [scrapeOf(await readNamedText(found[0])), scrapeOf(await readNamedText(found[1]))];
  const window = { before, after };
  const { queue, prefill, transfer } = PARTS;
  return {
    firstToken: { queue: meanOf(window, queue), prefill: meanOf(window, prefill), transfer: meanOf(window, transfer) },
    values: acceptance(window),
  };
}; // prettier-ignore

/** Names of such scrapes. */
export const SCRAPE = /(?:^|\/)metrics-(?:pre|post)-c\d+\.prom$/;
