// Gauges of a server while a point is measured: a line for each scrape in `metrics-during-c<N>.jsonl`, and their peaks. A scrape before and
// one after say nothing of how full the KV cache was in between.
import { existsSync } from 'node:fs';
import { readNamedText } from '../fs/named-text.ts';
import { isJsonObject, parseJson, type JsonObject } from '../text/json.ts';
import type { Scrape } from './scrape.ts';

/** Names of a gauge with vLLM and SGLang; a share is the largest of the ranks, a number of requests their sum. */
const GAUGES = {
  gpu_cache_usage: { names: ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc', 'sglang:token_usage'], over: 'largest' },
  requests_running: { names: ['vllm:num_requests_running', 'sglang:num_running_reqs'], over: 'sums' },
  requests_waiting: { names: ['vllm:num_requests_waiting', 'sglang:num_queue_reqs'], over: 'sums' },
  spec_accept_length: { names: ['sglang:spec_accept_length'], over: 'largest' },
} as const; // prettier-ignore

/** Names of all of them. */
export const GAUGE_NAMES: readonly string[] = Object.values(GAUGES).flatMap(({ names }) => names);

/** The gauges of a scrape as a line holds them; without one that the server has not. */
export const gaugesOf = (scrape: Scrape): Record<string, number> =>
  Object.fromEntries(
    Object.entries(GAUGES).flatMap(([gauge, { names, over }]) => {
      const value = names.map((name) => scrape[over].get(name)).find((found) => found !== undefined);
      return value === undefined ? [] : [[gauge, value]];
    }),
  );

export interface Gauges {
  /** 0 … 1. */
  readonly cacheUsagePeak: number | undefined;
  readonly runningPeak: number | undefined;
  readonly waitingPeak: number | undefined;
  /** Mean over the scrapes in which there was one. */
  readonly acceptanceLength: number | undefined;
}

const figures = (lines: readonly JsonObject[], gauge: keyof typeof GAUGES): number[] =>
  lines.map((line) => line[gauge]).filter((value) => typeof value === 'number');

const peak = (values: readonly number[]): number | undefined => (values.length === 0 ? undefined : Math.max(...values));

/** A line that a stopped run left half written says nothing. */
const linesOf = (text: string, path: string): JsonObject[] =>
  text.split('\n').flatMap((line) => {
    if (!line.trimEnd().endsWith('}')) return [];
    const value = parseJson(line, path);
    return isJsonObject(value) ? [value] : [];
  });

/** Peaks and means of the file; undefined where there is none. */
export const readGauges = async (path: string): Promise<Gauges | undefined> => {
  if (!existsSync(path)) return undefined;
  const lines = linesOf(await readNamedText(path), path);
  const lengths = figures(lines, 'spec_accept_length').filter((length) => length > 0);
  return {
    cacheUsagePeak: peak(figures(lines, 'gpu_cache_usage')),
    runningPeak: peak(figures(lines, 'requests_running')),
    waitingPeak: peak(figures(lines, 'requests_waiting')),
    acceptanceLength: lengths.length === 0 ? undefined : lengths.reduce((sum, each) => sum + each, 0) / lengths.length,
  };
};

/** First and last of some moments, in milliseconds since the epoch. */
export type Span = readonly [startMs: number, endMs: number];

const spanOf = (lines: readonly JsonObject[]): Span[] => {
  const moments = lines.flatMap(({ at }) => (typeof at === 'string' ? [Date.parse(at)] : []));
  const [first, last] = [moments[0], moments.at(-1)];
  return first === undefined || last === undefined || last <= first ? [] : [[first, last]];
};

const isRunning = ({ requests_running: running }: JsonObject): boolean => typeof running === 'number' && running > 0;

export interface LoadedSpans {
  /** From the first to the last moment at which requests ran, for each run of the load. */
  readonly requests: readonly Span[];
  /** From the begin to the end of the command that loads, for each run whose lines have a number. */
  readonly command: readonly Span[];
}

/** When a load ran; nothing where the lines do not say. */
export const loadedSpans = (text: string): LoadedSpans => {
  const lines = linesOf(text, 'metrics-during');
  const runs = [...new Set(lines.map(({ run }) => run))].map(
    (run) => [run, lines.filter((line) => line['run'] === run)] as const,
  );
  return {
    requests: runs.flatMap(([, own]) => spanOf(own.filter(isRunning))),
    command: runs.flatMap(([run, own]) => (run === undefined ? [] : spanOf(own))),
  };
};
