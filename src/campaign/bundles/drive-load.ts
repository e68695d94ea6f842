// `bench-c<N>/raw/load.jsonl`: one line for each request of a load generator. Rates are over the time from the first start to the
// last end of the requests that were answered; a time that no line holds stays unknown.
import { join } from 'node:path';
import { readNamedText } from '../../fs/named-text.ts';
import { numberAt, parseObjects } from '../../importers/json-fields.ts';
import { steadyWindow, type TimedRequest } from '../../importers/steady-window.ts';
import { latencyName, nameOf } from '../../metrics/catalogue.ts';
import { describe, median, quantile } from '../../stats/describe.ts';
import { Fault } from '../../text/fault.ts';
import type { JsonObject } from '../../text/json.ts';
import type { Bundle, BundleFolder, FailedPoint, FoundRun, Layout } from './bundle.ts';

const LOAD = /^(?:.*\/)?bench-c0*(\d+)\/raw\/load\.jsonl$/;

interface Answer {
  /** Seconds. */
  readonly start: number;
  readonly end: number;
  readonly firstToken: number | undefined;
  readonly promptTokens: number;
  readonly outputTokens: number;
}

const answerOf = (line: JsonObject, path: string): Answer[] => {
  const start = numberAt(line, 'started_at', path);
  const seconds = numberAt(line, 'duration_s', path);
  const isAnswered = (line['error'] ?? null) === null && line['http_status'] === 200;
  if (!isAnswered || start === undefined || seconds === undefined) return [];
  return [
    {
      start,
      end: start + seconds,
      firstToken: numberAt(line, 'ttft_s', path),
      promptTokens: numberAt(line, 'prompt_tokens', path) ?? 0,
      outputTokens: numberAt(line, 'completion_tokens', path) ?? 0,
    },
  ];
};

const PERCENTILES = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
] as const;

/** Mean and percentiles of a latency in ms; nothing where no request has it. */
const latencies = (kind: 'ttft' | 'tpot' | 'e2e', values: readonly number[]): Record<string, number> =>
  values.length === 0
    ? {}
    : Object.fromEntries([
        [latencyName(kind, 'mean'), describe(values).mean],
        ...PERCENTILES.map(([name, share]) => [latencyName(kind, name), quantile(values, share)] as const),
      ]);

const perToken = ({ start, end, firstToken, outputTokens }: Answer): number[] =>
  firstToken === undefined || outputTokens < 2 ? [] : [((end - start - firstToken) * 1000) / (outputTokens - 1)];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** For the full part of the window. */
const timed = ({ start, end, firstToken, outputTokens }: Answer): TimedRequest => ({
  start,
  end,
  first: firstToken === undefined ? undefined : start + firstToken,
  outputTokens,
});

const runOf = (lines: readonly JsonObject[], path: string, concurrency: number): FoundRun | undefined => {
  const answers = lines.flatMap((line) => answerOf(line, path));
  if (answers.length === 0) return undefined;
  const seconds = Math.max(...answers.map(({ end }) => end)) - Math.min(...answers.map(({ start }) => start));
  const prompt = sum(answers.map(({ promptTokens }) => promptTokens));
  const output = sum(answers.map(({ outputTokens }) => outputTokens));
  const tpots = answers.flatMap(perToken);
  const failed = lines.length - answers.length;
  return {
    path,
    concurrency,
    values: {
      ...(seconds > 0
        ? {
            [nameOf('requestRate')]: answers.length / seconds,
            [nameOf('throughput')]: output / seconds,
            [nameOf('totalThroughput')]: (prompt + output) / seconds,
          }
        : {}),
      ...latencies('ttft', answers.flatMap(({ firstToken }) => (firstToken === undefined ? [] : [firstToken * 1000]))),
      ...latencies('tpot', tpots),
      ...latencies('e2e', answers.map(({ start, end }) => (end - start) * 1000)),
      ...(tpots.length === 0 ? {} : { [nameOf('perUser')]: 1000 / median(tpots) }),
      [nameOf('promptLength')]: prompt / answers.length,
      [nameOf('outputLength')]: output / answers.length,
      [nameOf('okRate')]: answers.length / lines.length,
    },
    counts: {
      completed: answers.length,
      failed,
      num_prompts: lines.length,
      duration_s: seconds,
      steady: steadyWindow(answers.map(timed), concurrency),
    },
    extra: { n_total: lines.length, n_ok: answers.length, n_fail: failed, effective_duration_s: seconds },
  };
}; // prettier-ignore

interface Load {
  readonly path: string;
  readonly concurrency: number;
}

const readRun = async (folder: string, load: Load): Promise<FoundRun | FailedPoint> => {
  try {
    const lines = parseObjects(await readNamedText(join(folder, load.path)), load.path);
    return runOf(lines, load.path, load.concurrency) ?? { ...load, reason: 'no request was answered' };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ...load, reason: `${error.code}: ${error.message}` };
  }
};

const find = async ({ path, files, cellId }: BundleFolder): Promise<Bundle | undefined> => {
  const loads = files.flatMap((file): Load[] => {
    const concurrency = LOAD.exec(file)?.[1];
    return concurrency === undefined ? [] : [{ path: file, concurrency: Number(concurrency) }];
  });
  if (loads.length === 0) return undefined;
  const runs: FoundRun[] = [];
  const failed: FailedPoint[] = [];
  for (const load of loads) {
    const read = await readRun(path, load);
    if ('reason' in read) failed.push(read);
    else runs.push(read);
  }
  const taken = new Set(loads.map((load) => load.path));
  return {
    layout: 'drive_load',
    cells: [{ cellId, identity: { backend: 'drive-load' }, points: [], runs, failed, extra: {}, notes: [], files: [] }],
    unread: files.filter((file) => !taken.has(file)).map((file) => ({ path: file, reason: 'no load of requests' })),
  };
};

export const driveLoad: Layout = { name: 'drive_load', holds: 'bench-c<N>/raw/load.jsonl', find };
