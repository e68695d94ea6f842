// How long the server stops answering while a call works on hostile or huge input: the longest gap between two answered
// requests of the same connection, beside a limit. One server per case, so that none inherits memory from another.
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { createWriteStream, readFileSync, rmSync } from 'node:fs';
import { type CallResult, type Connection, connect, freshRoot } from '../test/e2e/connect.ts';
import { table } from './figures.ts';

const PING_MS = 10;
const LIMIT_MS = 250;
/** Calls are given this long; a case that needs more ends with `time_limit`. */
const CALL_SECONDS = 60;
const CLIENT_MS = 600_000;

type Call = readonly [verb: string, input: Record<string, unknown>];

interface Case {
  readonly name: string;
  /** Prepares files below the folder and names the call that is measured, after those that it needs. */
  readonly prepare: (folder: string) => Promise<readonly [...Call[], Call]>;
}

/** Writes a text of many parts without holding it. */
const writeParts = (path: string, parts: Iterable<string>): string => {
  const file = openSync(path, 'w');
  let block = '';
  for (const part of parts) {
    block += part;
    if (block.length < 1 << 20) continue;
    writeSync(file, block);
    block = '';
  }
  writeSync(file, block);
  closeSync(file);
  return path;
};

function* flatKeys(keys: number, factor: number): Generator<string> {
  yield '{';
  for (let at = 0; at < keys; at += 1)
    yield `${at === 0 ? '' : ','}"kernel_${at}_time_ms": ${(1 + (at % 97)) * factor}`;
  yield '}';
}

function* records(bytes: number, factor: number): Generator<string> {
  yield '{"duration": 30, "results": [';
  let written = 0;
  for (let at = 0; written < bytes; at += 1) {
    const record = `${at === 0 ? '' : ','}{"request_id": "r-${at}", "ttft_ms": ${(100 + (at % 31)) * factor}, "e2e_ms": ${(900 + (at % 57)) * factor}}`;
    written += record.length;
    yield record;
  }
  yield ']}';
}

const MB = 1_000_000;
const FLAT_KEY_BYTES = 30;

const twoFiles = (folder: string, make: (factor: number) => Iterable<string>): readonly [string, string] => [
  writeParts(join(folder, 'a.json'), make(1)),
  writeParts(join(folder, 'b.json'), make(1.5)),
];

const recordOf = (source: string): readonly [Call] => [
  ['perf_baseline_record', { family: 'bench', measurement: 'large', source }],
];

const diffOf = ([baseline, candidate]: readonly [string, string]): readonly [Call] => [
  ['bench_diff', { baseline, candidate }],
];

const registryDiffOf = ([baseline, current]: readonly [string, string]): readonly [Call, Call] => [
  ...recordOf(baseline),
  ['perf_baseline_diff', { baseline: 'bench/large', current }],
];

const gzipped = async (path: string, bytes: number): Promise<string> => {
  function* parts(): Generator<Buffer> {
    const block = Buffer.alloc(1 << 20, 'a');
    yield Buffer.from('{"');
    for (let written = 0; written < bytes; written += block.length) yield block;
    yield Buffer.from('": 1}');
  }
  await pipeline(Readable.from(parts()), createGzip(), createWriteStream(path));
  return path;
};

const write = (path: string, text: string): string => {
  writeFileSync(path, text);
  return path;
};

const CASES: readonly Case[] = [
  ...[20, 200].flatMap((size): Case[] => [
    {
      name: `record ${size} MB, flat keys`,
      prepare: async (folder) =>
        recordOf(writeParts(join(folder, 'a.json'), flatKeys((size * MB) / FLAT_KEY_BYTES, 1))),
    },
    {
      name: `record ${size} MB, one list of records`,
      prepare: async (folder) => recordOf(writeParts(join(folder, 'a.json'), records(size * MB, 1))),
    },
    {
      name: `bench_diff ${size} MB, flat keys`,
      prepare: async (folder) => diffOf(twoFiles(folder, (factor) => flatKeys((size * MB) / FLAT_KEY_BYTES, factor))),
    },
    {
      name: `perf_baseline_diff ${size} MB, one list of records`,
      prepare: async (folder) => registryDiffOf(twoFiles(folder, (factor) => records(size * MB, factor))),
    },
  ]),
  ...[50_000, 200_000].flatMap((keys): Case[] => [
    {
      name: `bench_diff ${keys} keys`,
      prepare: async (folder) => diffOf(twoFiles(folder, (factor) => flatKeys(keys, factor))),
    },
    {
      name: `perf_baseline_diff ${keys} keys`,
      prepare: async (folder) => registryDiffOf(twoFiles(folder, (factor) => flatKeys(keys, factor))),
    },
  ]),
  {
    name: 'a name of 5 MB, a-a-a-…',
    prepare: async (folder) =>
      recordOf(write(join(folder, 'a.json'), `{"note": "token ${'a-'.repeat(2.5 * MB)}", "ttft_ms": 3}`)),
  },
  {
    name: 'note of 1 MB, a-a-a-… in the call',
    prepare: async (folder) => [
      [
        'perf_baseline_record',
        {
          family: 'bench',
          measurement: 'note',
          source: write(join(folder, 'a.json'), '{"ttft_ms": 3}'),
          notes: `token ${'a-'.repeat(0.5 * MB)}`,
        },
      ],
    ],
  },
  {
    name: 'schema with the pattern ^(a+)+$',
    prepare: async (folder) => [
      [
        'perf_baseline_record',
        {
          family: 'bench',
          measurement: 'pattern',
          source: write(join(folder, 'a.json'), JSON.stringify({ ttft_ms: 3, name: `${'a'.repeat(40)}!` })),
          schema: write(
            join(folder, 'schema.json'),
            JSON.stringify({ type: 'object', properties: { name: { type: 'string', pattern: '^(a+)+$' } } }),
          ),
        },
      ],
    ],
  },
  {
    name: 'gzip of 1 MB that holds a name of 1 GB',
    prepare: async (folder) => recordOf(await gzipped(join(folder, 'a.json.gz'), 1024 * MB)),
  },
  {
    name: 'gzip that holds a name of 200 MB',
    prepare: async (folder) => recordOf(await gzipped(join(folder, 'a.json.gz'), 200 * MB)),
  },
  {
    name: 'schema with 100 000 faults',
    prepare: async (folder) => [
      [
        'perf_baseline_record',
        {
          family: 'bench',
          measurement: 'faults',
          source: write(
            join(folder, 'a.json'),
            JSON.stringify({ ttft_ms: 3, list: Array.from({ length: 100_000 }, (_, at) => `value ${at}`) }),
          ),
          schema: write(
            join(folder, 'schema.json'),
            JSON.stringify({ type: 'object', properties: { list: { type: 'array', items: { type: 'number' } } } }),
          ),
        },
      ],
    ],
  },
  {
    name: 'call with 100 000 wrong fields',
    prepare: async () => [
      ['perf_baseline_list', Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`field_${at}`, at]))],
    ],
  },
];

interface Seen {
  readonly outcome: string;
  readonly gapMs: number;
  readonly wallMs: number;
  readonly answerBytes: number;
  readonly peakMb: number;
}

const peakMemory = (pid: number): number => {
  try {
    const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) / 1024;
  } catch {
    return NaN; // the server is gone
  }
};

const outcomeOf = (result: CallResult): string => {
  const code: unknown = Object(Object(result.structured)['error'])['code'];
  return typeof code === 'string' ? code : 'answered';
};

const watched = async (client: Connection, call: Promise<string>): Promise<{ outcome: string; gapMs: number }> => {
  let [outcome, gapMs] = ['', 0];
  const ended = call.then((found) => {
    outcome = found;
  });
  // The ping first: the call is on its way before the first answer.
  while (outcome === '') {
    const asked = performance.now();
    await client.request('ping').catch(() => {
      outcome ||= 'no answer to a ping';
    });
    gapMs = Math.max(gapMs, performance.now() - asked);
    await sleep(PING_MS);
  }
  if (outcome !== 'no answer to a ping') await ended;
  return { outcome, gapMs };
};

const measure = async ({ prepare }: Case): Promise<Seen> => {
  const root = freshRoot();
  const client = await connect('2.x client, 2025-11-25', { root });
  const pid = client.pid() ?? 0;
  try {
    const calls = await prepare(root);
    for (const [verb, input] of calls.slice(0, -1)) await client.call(verb, input, { timeout: CLIENT_MS });
    const [verb, input] = calls.at(-1) ?? [''];
    const began = performance.now();
    let answerBytes = 0;
    const call = client.call(verb, { ...input, time_limit_s: CALL_SECONDS }, { timeout: CLIENT_MS }).then(
      (result) => {
        answerBytes = JSON.stringify(result).length;
        return outcomeOf(result);
      },
      (error: unknown) => `no answer: ${error instanceof Error ? error.message.slice(0, 60) : String(error)}`,
    );
    const seen = await watched(client, call);
    return { ...seen, answerBytes, wallMs: performance.now() - began, peakMb: peakMemory(pid) };
  } finally {
    await client.close();
    rmSync(root, { recursive: true, force: true });
  }
};

export const benchEventLoop = async (): Promise<void> => {
  const rows: string[][] = [];
  let longest = 0;
  for (const each of CASES) {
    if (!(process.env['EVENT_LOOP_CASE'] ?? each.name).split('|').some((part) => each.name.includes(part))) continue;
    const { outcome, gapMs, wallMs, answerBytes, peakMb } = await measure(each);
    longest = Math.max(longest, gapMs);
    console.error(each.name, outcome, Math.round(gapMs), Math.round(wallMs), answerBytes, Math.round(peakMb));
    rows.push([
      each.name,
      outcome,
      gapMs.toFixed(0),
      (wallMs / 1000).toFixed(1),
      (answerBytes / 1000).toFixed(0),
      peakMb.toFixed(0),
    ]);
  }
  table(
    `The longest time without an answer: ${longest.toFixed(0)} ms over all cases (limit ${LIMIT_MS} ms)`,
    ['what', 'outcome', 'longest gap ms', 'whole call s', 'answer kB', 'peak memory MB'],
    rows,
  );
};
