// The measurements of `bench/load.ts`, run from a bundle as the product is: error of TTFT and ITL against a server that stamps
// every chunk, with what the machine took away in the same time, and requests per second beside `wrk` on the same server. Sends its tables to the process that started it.
import { execFile, fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { generatePrompt } from '../src/load/dataset.ts';
import { createDeferredQueue } from '../src/load/deferred.ts';
import { createHttpClient, fetchText, type HttpClient } from '../src/load/http-client.ts';
import type { RequestRecord } from '../src/load/request-record.ts';
import { requestBody } from '../src/load/request-body.ts';
import { sendRequest, type RequestDeps } from '../src/load/request.ts';
import { runSession, type SessionResult } from '../src/load/session.ts';
import { findSuite } from '../src/load/suites.ts';
import { quantile } from '../src/stats/describe.ts';
import { markdownTable } from '../src/render/markdown.ts';
import { readBare } from './bare-reader.ts';
import { clockDriftMs, machineMs } from './machine-clock.ts';
import { stallFinder, startStallMeter, stolenMs, type Stall, type StallMeter } from './stalls.ts';

interface Cell {
  readonly streams: number;
  readonly chunksPerS: number;
  readonly mode: 'spread' | 'step';
}

/** By how much one stamp or gap is wrong, and whether a core of the machine stood still while its chunks were under way. */
interface Reading {
  readonly errorMs: number;
  readonly stalled: boolean;
}

/** What one client was wrong by. */
interface Readings {
  /** From the server's sending the first chunk to the client's stamp of it: what TTFT is too long by. */
  readonly first: Reading[];
  /** Client's gap between two chunks less the server's, absolute. */
  readonly gap: Reading[];
}

interface CellRun extends Readings {
  /** From the client's stamp of sending to the server's having read the request; the server's own queue is in it. */
  readonly toServerMs: readonly number[];
  readonly achievedPerS: number;
  /** Share of one core that the generator used. */
  readonly cpu: number;
  /** Share of the time for which each core stood still, on average; null without a stall meter. */
  readonly stolen: number | null;
}

const CELLS: readonly Cell[] = [
  { streams: 16, chunksPerS: 500, mode: 'spread' },
  { streams: 64, chunksPerS: 2000, mode: 'spread' },
  { streams: 256, chunksPerS: 2000, mode: 'spread' },
  { streams: 256, chunksPerS: 5000, mode: 'spread' },
  { streams: 256, chunksPerS: 10_000, mode: 'spread' },
  { streams: 256, chunksPerS: 20_000, mode: 'spread' },
  { streams: 16, chunksPerS: 500, mode: 'step' },
  { streams: 64, chunksPerS: 2000, mode: 'step' },
  { streams: 256, chunksPerS: 5000, mode: 'step' },
];
const nameOf = ({ streams, chunksPerS, mode }: Cell): string => `${streams}/${chunksPerS}/${mode}`;

/** Before anything is measured the code is compiled by use, as `bench run` does while it warms the server up. */
const WARM_UP: Cell = { streams: 256, chunksPerS: 5000, mode: 'spread' };

const REPEATS = 5;
const SECONDS = 2;
const PLAIN_SECONDS = 1;
/** Longest answer, in seconds and in chunks. */
const ANSWER = { seconds: 1.5, chunks: 32 } as const;

/** What the evaluation of a run leaves behind is not collected in the next one. */
const collectGarbage = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void; // checked boundary: what the flag defines
})();

interface Bench {
  readonly deps: RequestDeps;
  readonly baseUrl: URL;
  readonly meter: StallMeter | null;
}

const startServer = (): Promise<{ child: ChildProcess; baseUrl: URL }> =>
  new Promise((resolve, reject) => {
    const child = fork(new URL('./stamping-server.mjs', import.meta.url));
    child.once('message', (port) => resolve({ child, baseUrl: new URL(`http://127.0.0.1:${String(port)}/v1`) }));
    child.once('error', reject);
  });

type Stamps = ReadonlyMap<string, { readonly arrivedMs: number; readonly stamps: readonly number[] }>;

const readStamps = async (client: HttpClient): Promise<Stamps> => {
  const reply = await fetchText(client, '/stamps');
  return new Map(JSON.parse(reply?.text ?? '[]') as [string, { arrivedMs: number; stamps: number[] }][]);
};

/** One stream as its client saw it: its key at the server, and when its chunks arrived by the client's own clock. */
interface Seen {
  readonly key: string;
  readonly arrivedMs: ArrayLike<number>;
}

const readingsOf = (seen: readonly Seen[], stamps: Stamps, stalls: readonly Stall[]): Readings => {
  const stoodStill = stallFinder(stalls);
  const readings: Readings = { first: [], gap: [] };
  for (const { key, arrivedMs } of seen) {
    const sentMs = stamps.get(key)?.stamps ?? [];
    let before: { readonly lateMs: number; readonly stalled: boolean } | null = null;
    // What plain sockets read behind the last chunk ends the answer and is no chunk of it.
    for (let i = 0; i < Math.min(arrivedMs.length, sentMs.length); i += 1) {
      const [sent, stamped] = [sentMs[i] ?? 0, machineMs(arrivedMs[i])];
      const lateMs = stamped - sent;
      const stalled = stoodStill(sent, Math.max(sent, stamped));
      if (before === null) readings.first.push({ errorMs: Math.abs(lateMs), stalled });
      else readings.gap.push({ errorMs: Math.abs(lateMs - before.lateMs), stalled: stalled || before.stalled });
      before = { lateMs, stalled };
    }
  }
  return readings;
};

const SUITE = findSuite('llm.inference.chatbot-short');
const STYLE = { endpoint: 'chat', model: 'm', ignoreEos: true, limitField: 'max_tokens', includeUsage: true } as const;

/** A request as `bench run` writes it, at the time at which it does, with what the stamping server is asked for in `user`. */
const bodyOf = (index: number, asked: string): string => {
  const options = { suite: SUITE, osl: SUITE.osl, seed: 1, runNonce: 'calibration' };
  const body = requestBody(STYLE, generatePrompt(options, { body: 100, prefix: 0 }, 0, index));
  return `{"user":${JSON.stringify(`${index} ${asked}`)},${body.slice(1)}`;
};

const runCell = (deps: RequestDeps, cell: Cell): Promise<SessionResult> => {
  const gapMs = (1000 * cell.streams) / cell.chunksPerS;
  const chunks = Math.max(4, Math.min(ANSWER.chunks, Math.round((ANSWER.seconds * 1000) / gapMs)));
  // The first answers are of all lengths, so that the later requests do not all begin at once.
  const lengthOf = (index: number): number =>
    index < cell.streams ? 1 + Math.floor((index * chunks) / cell.streams) : chunks;
  return runSession(
    {
      shape: { kind: 'closed', concurrency: cell.streams },
      warmUp: { kind: 'requests', requests: cell.streams },
      stop: { requests: null, durationS: SECONDS },
      scheduleSeed: 1,
      maxInFlight: cell.streams,
    },
    {
      prepare: (index) => ({
        index,
        path: 'chat/completions',
        body: bodyOf(index, `${lengthOf(index)} ${gapMs} ${cell.mode}`),
        maxTokens: null,
      }),
      send: (request, dueMs) => sendRequest(deps, request, dueMs),
      signal: new AbortController().signal,
      onProgress: () => undefined,
    },
  );
};

const seenBy = (records: readonly RequestRecord[]): Seen[] =>
  records.flatMap(({ index, pieceMs, failure }) =>
    failure === null ? [{ key: String(index), arrivedMs: pieceMs }] : [],
  );

const toServerOf = (records: readonly RequestRecord[], stamps: Stamps): number[] =>
  records.flatMap(({ index, sentMs, failure }) => {
    const served = stamps.get(String(index));
    return served === undefined || sentMs === null || failure !== null ? [] : [served.arrivedMs - machineMs(sentMs)];
  });

const arrivedPerS = ({ carried, measured, windowMs: [from, to] }: SessionResult): number => {
  const inWindow = [...carried, ...measured].map(
    ({ pieceMs }) => pieceMs.filter((atMs) => atMs >= from && atMs <= to).length,
  );
  return inWindow.reduce((sum, count) => sum + count, 0) / ((to - from) / 1000);
};

const measurePlain = async ({ deps, baseUrl, meter }: Bench, cell: Cell): Promise<Readings> => {
  const gapMs = (1000 * cell.streams) / cell.chunksPerS;
  const chunks = Math.max(4, Math.round((PLAIN_SECONDS * 1000) / gapMs));
  meter?.start();
  const streams = await readBare(baseUrl, cell.streams, `${chunks} ${gapMs} ${cell.mode}`);
  const stalls = (await meter?.stop()) ?? [];
  return readingsOf(streams, await readStamps(deps.client), stalls);
};

const measureCell = async (bench: Bench, cell: Cell): Promise<CellRun> => {
  const { deps, meter } = bench;
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  meter?.start();
  const session = await runCell(deps, cell);
  const used = process.cpuUsage(cpu);
  const wallMs = performance.now() - startMs;
  const stalls = (await meter?.stop()) ?? [];
  const stamps = await readStamps(deps.client);
  return {
    ...readingsOf(seenBy(session.measured), stamps, stalls),
    toServerMs: toServerOf(session.measured, stamps),
    achievedPerS: arrivedPerS(session),
    cpu: (used.user + used.system) / 1000 / wallMs,
    stolen: meter === null ? null : stolenMs(stalls) / wallMs / meter.cores,
  };
};

const ms = (value: number): string => (Number.isFinite(value) ? value.toFixed(3) : '-');
const percent = (share: number | null, digits = 0): string =>
  share === null ? '-' : `${(100 * share).toFixed(digits)} %`;

const errorAt = (readings: readonly Reading[], share: number): number =>
  quantile(
    readings.map(({ errorMs }) => errorMs),
    share,
  );
const undisturbed = (readings: readonly Reading[]): Reading[] => readings.filter(({ stalled }) => !stalled);

/** The p99 of each run by itself: their median, the least and the most. */
const p99OfRuns = (runs: readonly (readonly Reading[])[]): string => {
  const each = runs.map((readings) => errorAt(readings, 0.99));
  return `${ms(quantile(each, 0.5))} (${ms(quantile(each, 0))} to ${ms(quantile(each, 1))})`;
};

interface Calibrated {
  readonly cell: Cell;
  readonly runs: readonly CellRun[];
  readonly plain: readonly Readings[];
}

const column = (title: string) => ({ title, align: title === 'Arrival' ? ('left' as const) : ('right' as const) });
const loadColumns = ['Streams', 'Arrival', 'Chunks/s'];
const loadOf = ({ cell, runs }: Pick<Calibrated, 'cell' | 'runs'>): string[] => [
  String(cell.streams),
  cell.mode,
  quantile(
    runs.map(({ achievedPerS }) => achievedPerS),
    0.5,
  ).toFixed(0),
];

const errorTable = (results: readonly Calibrated[], quantity: 'first' | 'gap'): string =>
  markdownTable(
    [...loadColumns, 'p50 ms', 'p99 ms', 'p99 without stalls ms', 'left out', 'p99 of each run, median (range) ms'].map(
      column,
    ),
    results.map((result) => {
      const runs = result.runs.map((run) => run[quantity]);
      const all = runs.flat();
      const kept = undisturbed(all);
      return [
        ...loadOf(result),
        ms(errorAt(all, 0.5)),
        ms(errorAt(all, 0.99)),
        ms(errorAt(kept, 0.99)),
        percent(1 - kept.length / all.length, 1),
        p99OfRuns(runs),
      ];
    }),
  );

const surroundingsTable = (results: readonly Calibrated[]): string =>
  markdownTable(
    [
      ...loadColumns,
      'Stolen of a core',
      'plain sockets: TTFT p99 ms',
      'ITL p99 ms',
      'without stalls: TTFT p99 ms',
      'ITL p99 ms',
      'To server p50 ms',
      'To server p99 ms',
      'Core used',
    ].map(column),
    results.map((result) => {
      const { runs, plain } = result;
      const [first, gap] = [plain.flatMap((readings) => readings.first), plain.flatMap((readings) => readings.gap)];
      const toServer = runs.flatMap(({ toServerMs }) => toServerMs);
      const stolen = runs.flatMap((run) => run.stolen ?? []);
      return [
        ...loadOf(result),
        percent(stolen.length === 0 ? null : quantile(stolen, 0.5), 1),
        ...[first, gap, undisturbed(first), undisturbed(gap)].map((readings) => ms(errorAt(readings, 0.99))),
        ms(quantile(toServer, 0.5)),
        ms(quantile(toServer, 0.99)),
        percent(
          quantile(
            runs.map(({ cpu }) => cpu),
            0.5,
          ),
        ),
      ];
    }),
  );

interface Throughput {
  readonly name: string;
  readonly perS: number;
  readonly perCpuS: number;
}

const RATE_BODY = JSON.stringify({ user: 'r 1 0' });
const RATE_STREAMS = 64;
const RATE_SECONDS = 5;

const ownThroughput = async (deps: RequestDeps): Promise<Throughput> => {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const session = await runSession(
    {
      shape: { kind: 'closed', concurrency: RATE_STREAMS },
      warmUp: { kind: 'none' },
      stop: { requests: null, durationS: RATE_SECONDS },
      scheduleSeed: 1,
      maxInFlight: RATE_STREAMS,
    },
    {
      prepare: (index) => ({ index, path: 'chat/completions', body: RATE_BODY, maxTokens: null }),
      send: (request, dueMs) => sendRequest(deps, request, dueMs),
      signal: new AbortController().signal,
      onProgress: () => undefined,
    },
  );
  const used = process.cpuUsage(cpu);
  const seconds = (performance.now() - startMs) / 1000;
  const answered = session.measured.filter(({ failure }) => failure === null).length;
  return { name: 'this generator', perS: answered / seconds, perCpuS: answered / ((used.user + used.system) / 1e6) };
};

const run = promisify(execFile);

/** One thread of `wrk` with as many connections; a reason where it cannot be run. */
const wrkThroughput = async (baseUrl: URL): Promise<Throughput | string> => {
  const folder = mkdtempSync(join(tmpdir(), 'load-bench-'));
  try {
    const script = join(folder, 'post.lua');
    writeFileSync(
      script,
      `wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = ${JSON.stringify(RATE_BODY)}\n`,
    );
    const line = `TIMEFORMAT='cpu %U %S'; time wrk -t1 -c${RATE_STREAMS} -d${RATE_SECONDS}s -s '${script}' '${baseUrl.href}/chat/completions'`;
    const { stdout, stderr } = await run('bash', ['-c', line], { timeout: 60_000 });
    const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
    const perS = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
    const [, user, system] = /cpu ([\d.]+) ([\d.]+)/.exec(stderr) ?? [];
    return { name: 'wrk, one thread', perS, perCpuS: requests / (Number(user) + Number(system)) };
  } catch {
    return 'wrk is not installed (apt-get install wrk)';
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const bestThroughput = async (measure: () => Promise<Throughput | string>): Promise<Throughput | string> => {
  const results = [await measure(), await measure(), await measure()];
  return results.reduce((best, next) =>
    typeof next !== 'string' && (typeof best === 'string' || next.perCpuS > best.perCpuS) ? next : best,
  );
};

const throughputTable = (rows: readonly (Throughput | string)[]): string =>
  markdownTable(
    [
      { title: 'Client' },
      { title: 'Requests/s', align: 'right' },
      { title: 'Requests/s per core of the client', align: 'right' },
    ],
    rows.map((row) =>
      typeof row === 'string' ? [row, '-', '-'] : [row.name, row.perS.toFixed(0), row.perCpuS.toFixed(0)],
    ),
  );

const IDLE_S = 3;

/** What the machine takes from a core while nothing runs. */
const idleStolen = async (meter: StallMeter): Promise<number> => {
  meter.start();
  await new Promise((resolve) => setTimeout(resolve, IDLE_S * 1000));
  return stolenMs(await meter.stop()) / (IDLE_S * 1000) / meter.cores;
};

const repeat = async <Result>(measureOnce: () => Promise<Result>): Promise<Result[]> => {
  const results: Result[] = [];
  while (results.length < REPEATS) {
    collectGarbage();
    results.push(await measureOnce());
  }
  return results;
};

const measureCells = async (bench: Bench, cells: readonly Cell[]): Promise<Calibrated[]> => {
  await runCell(bench.deps, WARM_UP);
  await readStamps(bench.deps.client);
  const own: Omit<Calibrated, 'plain'>[] = [];
  for (const cell of cells) own.push({ cell, runs: await repeat(() => measureCell(bench, cell)) });
  // Plain sockets come last: what they make of Node's own code is not what the generator makes of it.
  const results: Calibrated[] = [];
  for (const { cell, runs } of own) results.push({ cell, runs, plain: await repeat(() => measurePlain(bench, cell)) });
  return results;
};

const stampTables = async (deps: RequestDeps, baseUrl: URL, cells: readonly Cell[]): Promise<string[]> => {
  const meter = await startStallMeter();
  try {
    const idle = meter === null ? null : await idleStolen(meter);
    const results = await measureCells({ deps, baseUrl, meter }, cells);
    const stalls =
      idle === null
        ? 'No stall meter: chrt and taskset are missing or not allowed.'
        : `Stolen of an idle core: ${percent(idle, 1)}.`;
    return [
      '### Error of TTFT',
      errorTable(results, 'first'),
      '### Error of ITL',
      errorTable(results, 'gap'),
      '### Beside it',
      surroundingsTable(results),
      `${REPEATS} runs of ${SECONDS} s a row, all of them counted. ${stalls} Clocks parted by ${clockDriftMs().toFixed(4)} ms.`,
    ];
  } finally {
    meter?.close();
  }
};

const rateTables = async (deps: RequestDeps, baseUrl: URL): Promise<string[]> => {
  const own = await bestThroughput(() => ownThroughput(deps));
  const wrk = await bestThroughput(() => wrkThroughput(baseUrl));
  return ['### Requests per second', throughputTable([own, wrk])];
};

/** The tables of the parts asked for, as Markdown. */
const measure = async (parts: readonly string[]): Promise<string> => {
  const { child, baseUrl } = await startServer();
  const queue = createDeferredQueue();
  const client = createHttpClient({ baseUrl, apiKey: null }, queue);
  const deps: RequestDeps = {
    client,
    queue,
    limits: { firstByteMs: 10_000, stallMs: 10_000, totalMs: null },
  };
  try {
    const cells = parts.includes('stamps') ? CELLS : CELLS.filter((cell) => parts.includes(nameOf(cell)));
    const stamps = cells.length > 0 ? await stampTables(deps, baseUrl, cells) : [];
    const rate = parts.includes('rate') ? await rateTables(deps, baseUrl) : [];
    return [...stamps, ...rate].join('\n\n');
  } finally {
    client.close();
    child.disconnect();
  }
};

process.send?.(await measure(process.argv.slice(2)));
process.disconnect();
