// The measurements of `bench/load.ts`, run from a bundle as the product is: error of TTFT and ITL against a server that
// stamps every chunk, and requests per second beside `wrk` on the same server. Sends its tables to the process that started it.
import { execFile, fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createDeferredQueue } from '../src/load/deferred.ts';
import { createHttpClient, fetchText, type HttpClient } from '../src/load/http-client.ts';
import type { RequestRecord } from '../src/load/record.ts';
import { sendRequest, type RequestDeps } from '../src/load/request.ts';
import { runSession } from '../src/load/session.ts';
import { quantile } from '../src/stats/describe.ts';
import { markdownTable } from '../src/text/table.ts';
import { readBare } from './bare-reader.ts';
import { machineMs } from './machine-clock.ts';

type Mode = 'spread' | 'step';

interface Cell {
  readonly streams: number;
  readonly chunksPerS: number;
  readonly mode: Mode;
}

interface CellResult extends Cell {
  readonly achievedPerS: number;
  readonly ttftP50: number;
  readonly ttftP99: number;
  readonly itlP50: number;
  readonly itlP99: number;
  readonly toServerP50: number;
  readonly toServerP99: number;
  /** Share of one core that the generator used. */
  readonly cpu: number;
}

/** What plain sockets are wrong by at the p99, on the same server in the same run. */
interface Floor {
  readonly ttftP99: number;
  readonly itlP99: number;
}

interface CalibratedCell extends CellResult {
  readonly floor: Floor;
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

const REPEATS = 5;
const SECONDS = 2;
/** Longest answer, in seconds and in chunks. */
const ANSWER = { seconds: 1.5, chunks: 32 } as const;

const startServer = (): Promise<{ child: ChildProcess; baseUrl: URL }> =>
  new Promise((resolve, reject) => {
    const child = fork(new URL('./stamping-server.mjs', import.meta.url));
    child.once('message', (port) => resolve({ child, baseUrl: new URL(`http://127.0.0.1:${String(port)}/v1`) }));
    child.once('error', reject);
  });

/** Difference between the machine's clock and this process's `performance.now()`. */
const clockOffsetMs = (): number => {
  const before = performance.now();
  const machine = machineMs();
  return machine - (before + performance.now()) / 2;
};

type Stamps = ReadonlyMap<string, { readonly arrivedMs: number; readonly stamps: readonly number[] }>;

const readStamps = async (client: HttpClient): Promise<Stamps> => {
  const reply = await fetchText(client, '/stamps');
  return new Map(JSON.parse(reply?.text ?? '[]') as [string, { arrivedMs: number; stamps: number[] }][]);
};

interface Errors {
  /** From the server's sending the first chunk to the client's stamp of it: what TTFT is too long by. */
  readonly first: number[];
  /** Client's gap between two chunks less the server's, absolute. */
  readonly gap: number[];
  /** From the client's stamp of sending to the server's having read the request; the server's own queue is in it. */
  readonly toServer: number[];
}

/** By how much each gap between two arrivals differs from that between the two sendings. */
const gapErrors = (arrivedMs: ArrayLike<number>, sentMs: readonly number[]): number[] =>
  Array.from({ length: Math.max(0, arrivedMs.length - 1) }, (_, i) =>
    Math.abs((arrivedMs[i + 1] ?? 0) - (arrivedMs[i] ?? 0) - ((sentMs[i + 1] ?? 0) - (sentMs[i] ?? 0))),
  );

const errorsOf = (records: readonly RequestRecord[], stamps: Stamps, offsetMs: number): Errors => {
  const errors: Errors = { first: [], gap: [], toServer: [] };
  for (const record of records) {
    const served = stamps.get(String(record.index));
    const [first] = served?.stamps ?? [];
    if (served === undefined || first === undefined || record.sentMs === null || record.failure !== null) continue;
    errors.toServer.push(served.arrivedMs - (record.sentMs + offsetMs));
    errors.first.push((record.pieceMs[0] ?? 0) + offsetMs - first);
    errors.gap.push(...gapErrors(record.pieceMs, served.stamps));
  }
  return errors;
};

const measureCell = async (deps: RequestDeps, cell: Cell): Promise<CellResult> => {
  const gapMs = (1000 * cell.streams) / cell.chunksPerS;
  const chunks = Math.max(4, Math.min(ANSWER.chunks, Math.round((ANSWER.seconds * 1000) / gapMs)));
  // The first answers are of all lengths, so that the later requests do not all begin at once.
  const lengthOf = (index: number): number =>
    index < cell.streams ? 1 + Math.floor((index * chunks) / cell.streams) : chunks;
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const session = await runSession(
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
        body: JSON.stringify({ user: `${index} ${lengthOf(index)} ${gapMs} ${cell.mode}` }),
        maxTokens: null,
      }),
      send: (request, dueMs) => sendRequest(deps, request, dueMs),
      signal: new AbortController().signal,
      onProgress: () => undefined,
    },
  );
  const used = process.cpuUsage(cpu);
  const wallMs = performance.now() - startMs;
  const { first, gap, toServer } = errorsOf(session.measured, await readStamps(deps.client), clockOffsetMs());
  const [from, to] = session.windowMs;
  const arrived = [...session.carried, ...session.measured].flatMap((record) =>
    [...record.pieceMs].filter((ms) => ms >= from && ms <= to),
  );
  return {
    ...cell,
    achievedPerS: arrived.length / ((to - from) / 1000),
    ttftP50: quantile(first, 0.5),
    ttftP99: quantile(first, 0.99),
    itlP50: quantile(gap, 0.5),
    itlP99: quantile(gap, 0.99),
    toServerP50: quantile(toServer, 0.5),
    toServerP99: quantile(toServer, 0.99),
    cpu: (used.user + used.system) / 1000 / wallMs,
  };
};

const measureFloor = async (deps: RequestDeps, baseUrl: URL, cell: Cell): Promise<Floor> => {
  const gapMs = (1000 * cell.streams) / cell.chunksPerS;
  const chunks = Math.max(4, Math.round((SECONDS * 1000) / gapMs));
  const streams = await readBare(baseUrl, cell.streams, `${chunks} ${gapMs} ${cell.mode}`);
  const stamps = await readStamps(deps.client);
  const offsetMs = clockOffsetMs();
  const errors = { first: [] as number[], gap: [] as number[] };
  for (const { key, arrivedMs } of streams) {
    const sent = stamps.get(key)?.stamps ?? [];
    errors.first.push((arrivedMs[0] ?? Number.NaN) + offsetMs - (sent[0] ?? Number.NaN));
    errors.gap.push(...gapErrors(arrivedMs.slice(0, sent.length), sent)); // what ends the answer is no chunk of it
  }
  return { ttftP99: quantile(errors.first, 0.99), itlP99: quantile(errors.gap, 0.99) };
};

const leastError = <Result extends Floor>(results: readonly Result[]): Result =>
  results.reduce((best, next) => (next.itlP99 + next.ttftP99 < best.itlP99 + best.ttftP99 ? next : best));

/** The quietest of several runs, generator and plain sockets in turn: other work on the machine only ever adds error. */
const bestOf = async (deps: RequestDeps, baseUrl: URL, cell: Cell): Promise<CalibratedCell> => {
  const [results, floors]: [CellResult[], Floor[]] = [[], []];
  for (let run = 0; run < REPEATS; run += 1) {
    results.push(await measureCell(deps, cell));
    floors.push(await measureFloor(deps, baseUrl, cell));
  }
  return { ...leastError(results), floor: leastError(floors) };
};

const ms = (value: number): string => value.toFixed(3);

const calibrationTable = (results: readonly CalibratedCell[]): string =>
  markdownTable(
    [
      'Streams',
      'Arrival',
      'Chunks/s asked',
      'Chunks/s seen',
      'TTFT error p50 ms',
      'TTFT error p99 ms',
      'ITL error p50 ms',
      'ITL error p99 ms',
      'plain sockets: TTFT p99 ms',
      'ITL p99 ms',
      'To server p50 ms',
      'To server p99 ms',
      'Core used',
    ].map((title, index) => ({ title, align: index === 1 ? 'left' : 'right' })),
    results.map((result) => [
      String(result.streams),
      result.mode,
      String(result.chunksPerS),
      result.achievedPerS.toFixed(0),
      ms(result.ttftP50),
      ms(result.ttftP99),
      ms(result.itlP50),
      ms(result.itlP99),
      ms(result.floor.ttftP99),
      ms(result.floor.itlP99),
      ms(result.toServerP50),
      ms(result.toServerP99),
      `${(100 * result.cpu).toFixed(0)} %`,
    ]),
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

const stampTables = async (deps: RequestDeps, baseUrl: URL): Promise<string[]> => {
  const offsetBefore = clockOffsetMs();
  const results: CalibratedCell[] = [];
  for (const cell of CELLS) results.push(await bestOf(deps, baseUrl, cell));
  const drift = Math.abs(clockOffsetMs() - offsetBefore);
  return [
    '### Error of the time stamps',
    calibrationTable(results),
    `Best of ${REPEATS} runs of ${SECONDS} s a row. Drift between the clocks of both processes: ${drift.toFixed(4)} ms.`,
  ];
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
    limits: { firstByteMs: 10_000, stallMs: 10_000 },
  };
  try {
    const stamps = parts.includes('stamps') ? await stampTables(deps, baseUrl) : [];
    const rate = parts.includes('rate') ? await rateTables(deps, baseUrl) : [];
    return [...stamps, ...rate].join('\n\n');
  } finally {
    client.close();
    child.disconnect();
  }
};

process.send?.(await measure(process.argv.slice(2)));
process.disconnect();
