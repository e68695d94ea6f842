// What a server's own counters say of a point: two scrapes of its /metrics, before and after, in `metrics-pre-c<N>.prom` and
// `metrics-post-c<N>.prom` beside the result or in `spec_metrics/`, and its gauges in between where `metrics-during-c<N>.jsonl` has them.
// Means over the window are differences of sums over differences of counts; what a server does not export is absent, never 0.
import { existsSync } from 'node:fs';
import { dirname, join, parse, relative } from 'node:path';
import { readNamedText } from '../fs/named-text.ts';
import { cacheHitRate } from '../load/server.ts';
import { latencyName, nameOf } from '../metrics/catalogue.ts';
import type { JsonObject } from '../text/json.ts';
import type { FirstTokenParts } from './disaggregation.ts';
import { grown, largestAbove, meanOf, quantileOf, readScrape, type Histogram, type ScrapeWindow } from './scrape.ts';
import { readGauges, type Gauges } from './server-gauges.ts';

/** More tokens than this were in some step of the window: the bound below the last bucket that grew. */
export const STEP_TOKENS = 'step_tokens_above';
const STEP_HISTOGRAM = 'vllm:iteration_tokens_total';

const seconds = (name: string): Histogram => ({ name, milliseconds: 1000 });

/** Of vLLM, then of SGLang; the first that grew is taken. */
const HISTOGRAMS = {
  ttft: [seconds('vllm:time_to_first_token_seconds'), seconds('sglang:time_to_first_token_seconds')],
  queue: [seconds('vllm:request_queue_time_seconds'), seconds('sglang:queue_time_seconds')],
  prefill: [seconds('vllm:request_prefill_time_seconds'), seconds('sglang:prefill_forward_time_seconds')],
  transfer: [seconds('vllm:nixl_xfer_time_seconds'), { name: 'sglang:kv_transfer_latency_ms', milliseconds: 1 }],
} as const satisfies Readonly<Record<string, readonly Histogram[]>>;

const COUNTERS = {
  requests: ['vllm:request_success_total', 'sglang:num_requests_total'],
  preemptions: ['vllm:num_preemptions_total', 'sglang:num_retracted_requests_total', 'sglang:num_retracted_reqs_total'],
} as const;

const firstGrown = (window: ScrapeWindow, names: readonly string[]): number | undefined =>
  names.map((name) => grown(window, name)).find((value) => value !== undefined);

const meanMs = (window: ScrapeWindow, histograms: readonly Histogram[]): number | null =>
  histograms.map((histogram) => meanOf(window, histogram)?.ms).find((ms) => ms !== undefined) ?? null;

const known = (entries: Readonly<Record<string, number | null | undefined>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(entries).filter((entry): entry is [string, number] => entry[1] !== null && entry[1] !== undefined),
  );

/** Tokens per step and share of accepted ones: vLLM counts them, SGLang has gauges. */
const acceptance = (window: ScrapeWindow, gauges: Gauges | undefined): Record<string, number> => {
  const of = (what: string): number | undefined => grown(window, `vllm:spec_decode_num_${what}_total`);
  const [drafts = 0, proposed = 0, accepted] = ['drafts', 'draft_tokens', 'accepted_tokens'].map(of);
  if (accepted !== undefined && drafts > 0)
    return known({
      [nameOf('acceptanceLength')]: 1 + accepted / drafts,
      [nameOf('acceptanceRate')]: proposed > 0 ? accepted / proposed : undefined,
    });
  const gauge = (name: string): number | undefined => {
    const value = window.after.largest.get(name);
    return value === undefined || value <= 0 ? undefined : value;
  };
  return known({
    [nameOf('acceptanceLength')]: gauges?.acceptanceLength ?? gauge('sglang:spec_accept_length'),
    [nameOf('acceptanceRate')]: gauge('sglang:spec_accept_rate'),
  });
};

const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

/** The time to the first token as the server counts it. */
const serverTtft = (window: ScrapeWindow): Record<string, number> => {
  const histogram = HISTOGRAMS.ttft.find((each) => meanOf(window, each) !== undefined);
  if (histogram === undefined) return {};
  const quantiles = Object.entries(QUANTILES).map(([name, share]) => [latencyName('ttft', name), quantileOf(window, histogram, share)]);
  return known({ [latencyName('ttft', 'mean')]: meanOf(window, histogram)?.ms, ...Object.fromEntries(quantiles) });
}; // prettier-ignore

export interface ServerTimes {
  readonly firstToken: FirstTokenParts;
  /** Canonical name of a metric to its value, where a client's silence lets the server's figure stand. */
  readonly values: Readonly<Record<string, number>>;
  /** Everything that the server says, by the names of the metrics; `scrapes` is where. */
  readonly block: JsonObject;
}

interface ScrapeFiles {
  readonly before: string;
  readonly after: string;
  readonly during: string;
}

/** The scrapes of a point in a folder. */
export const scrapesIn = (folder: string, concurrency: number): ScrapeFiles => ({
  before: join(folder, `metrics-pre-c${concurrency}.prom`),
  after: join(folder, `metrics-post-c${concurrency}.prom`),
  during: join(folder, `metrics-during-c${concurrency}.jsonl`),
});

/** Pages of gauges as the words of a load leave them, which become lines of gauges. */
export const pagesFile = (folder: string, concurrency: number): string =>
  join(folder, `metrics-during-c${concurrency}.txt`);

/** Folder of the scrapes that are taken while a cell is measured. */
export const SCRAPES = 'spec_metrics';

export const scrapeFiles = (raw: string, concurrency: number): ScrapeFiles =>
  scrapesIn(join(raw, SCRAPES), concurrency);

/** Folder of what goes with one result of several in a folder: it bears the name of its file. */
export const ownFolder = (bundle: string, path: string): string => join(bundle, dirname(path), parse(path).name);

/** The scrapes of a point; undefined where there are none. */
export const findScrapes = (bundle: string, path: string, concurrency: number): ScrapeFiles | undefined => {
  const beside = join(bundle, dirname(path));
  return [ownFolder(bundle, path), beside, join(beside, SCRAPES), join(bundle, SCRAPES)]
    .map((folder) => scrapesIn(folder, concurrency))
    .find(({ before, after }) => [before, after].every((file) => existsSync(file)));
};

/** What the scrapes of a point say; undefined where there are none. */
export const serverTimes = async (bundle: string, path: string, concurrency: number): Promise<ServerTimes | undefined> => {
  const found = findScrapes(bundle, path, concurrency);
  if (found === undefined) return undefined;
  const window = { before: readScrape(await readNamedText(found.before)), after: readScrape(await readNamedText(found.after)) };
  const gauges = await readGauges(found.during);
  const { queue, prefill, transfer } = HISTOGRAMS;
  const values = {
    ...acceptance(window, gauges),
    ...known({ [nameOf('cacheHitRate')]: cacheHitRate(window.before.page, window.after.page) }),
  };
  return {
    firstToken: { queue: meanMs(window, queue), prefill: meanMs(window, prefill), transfer: meanMs(window, transfer) },
    values,
    block: {
      ...known({
        [nameOf('completedRequests')]: firstGrown(window, COUNTERS.requests),
        [nameOf('preemptions')]: firstGrown(window, COUNTERS.preemptions),
        [nameOf('cacheUsage')]: gauges?.cacheUsagePeak,
        [nameOf('requestsRunning')]: gauges?.runningPeak,
        requests_waiting_peak: gauges?.waitingPeak,
        [STEP_TOKENS]: largestAbove(window, STEP_HISTOGRAM),
      }),
      ...values,
      ...serverTtft(window),
      scrapes: relative(bundle, dirname(found.before)) || '.',
    },
  };
}; // prettier-ignore

/** How much longer the client waited for the first token than the server says, in percent of the latter. */
export const TTFT_EXCESS = 'ttft_client_minus_server_pct';

/** The server's figures beside what a client measured in the same window. */
export const besideClient = (block: JsonObject, client: Readonly<Record<string, number>>): JsonObject => {
  const name = latencyName('ttft', 'mean');
  const [seen, counted] = [client[name], block[name]];
  if (seen === undefined || typeof counted !== 'number' || counted <= 0) return block;
  return { ...block, [TTFT_EXCESS]: (seen / counted - 1) * 100 };
};

/** Names of such files. */
export const SCRAPE = /(?:^|\/)metrics-(?:(?:pre|post)-c\d+\.prom|during-c\d+\.(?:jsonl|txt))$/;
