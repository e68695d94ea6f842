// Warm calls of several builds in one run: `npx tsx bench/paired-builds.ts old=<folder> new=<folder>`, each a folder with a `dist`. The
// builds take turns in short blocks, so that what else the machine does meets all of them; the first is what the others are held against.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { EXAMPLES, freshRoot } from '../test/e2e/connect.ts';
import { cpuMs, median, table } from './figures.ts';

const BLOCKS = 24;
const CALLS = 25;
/** Calls of each kind before the first that counts: code that is compiled on the way belongs to a start. */
const WARM_UP = 300;

type Call = () => Promise<void>;

interface Build {
  readonly name: string;
  readonly pid: number;
  readonly calls: Readonly<Record<string, Call>>;
  readonly close: () => Promise<void>;
}

/** A block of calls: the median of their times, and the CPU of the server per call, all threads. */
interface Block {
  readonly ms: number;
  readonly cpu: number;
}

const start = async (argument: string): Promise<Build> => {
  const [name = '', folder = ''] = argument.split('=');
  const root = freshRoot();
  const env = { PATH: process.env['PATH'] ?? '', HOME: root, USER: 'bench', PROFILE_AND_OPTIMIZE_REPO_ROOT: root };
  const server = join(resolve(folder), 'dist', 'profile-and-optimize-mcp.mjs');
  const transport = new StdioClientTransport({ command: process.execPath, args: [server], env, stderr: 'ignore' });
  const client = new Client({ name: 'paired-builds', version: '1.0.0' });
  await client.connect(transport);
  const call = async (tool: string, input: Record<string, unknown>): Promise<void> => {
    const { isError, content } = await client.callTool({ name: tool, arguments: input });
    if (isError === true) throw new Error(`${name}: ${JSON.stringify(content)}`);
  };
  const source = join(root, 'value.json');
  writeFileSync(source, '{"value": 310}');
  const scalar = { family: 'bench', measurement: 'busbw', source, value: 310, unit: 'GB/s' };
  const record = (): Promise<void> => call('perf_baseline_record', scalar);
  await record();
  const serve = { family: 'bench', measurement: 'serve', source: join(EXAMPLES, 'vllm-serve-baseline.json') };
  await call('perf_baseline_record', serve);
  const regressed = join(EXAMPLES, 'vllm-serve-regressed.json');
  return {
    name,
    pid: transport.pid ?? 0,
    close: () => client.close(),
    calls: {
      'perf_baseline_diff, scalar': () => call('perf_baseline_diff', { baseline: 'bench/busbw', current_value: [300] }),
      'perf_baseline_diff, vLLM result': () =>
        call('perf_baseline_diff', { baseline: 'bench/serve', current: regressed }),
      'perf_baseline_record, scalar': record,
    },
  };
};

const block = async (pid: number, call: Call): Promise<Block> => {
  const times: number[] = [];
  const before = cpuMs(pid);
  for (let turn = 0; turn < CALLS; turn += 1) {
    const began = performance.now();
    await call();
    times.push(performance.now() - began);
  }
  return { ms: median(times), cpu: (cpuMs(pid) - before) / CALLS };
};

const builds = await Promise.all(process.argv.slice(2).map(start));
const [first] = builds;
if (first === undefined) throw new Error('name the builds: old=<folder> new=<folder>');
const rows: string[][] = [];
for (const kind of Object.keys(first.calls)) {
  for (const { calls } of builds) for (let turn = 0; turn < WARM_UP; turn += 1) await calls[kind]?.();
  const taken = new Map<Build, Block[]>(builds.map((build) => [build, []]));
  for (let turn = 0; turn < BLOCKS; turn += 1)
    for (const build of turn % 2 === 0 ? builds : builds.toReversed()) {
      const call = build.calls[kind];
      if (call !== undefined) taken.get(build)?.push(await block(build.pid, call));
    }
  const against = taken.get(first) ?? [];
  for (const [{ name }, blocks] of taken) {
    const ratio = (of: (each: Block) => number): string =>
      median(blocks.map((each, at) => of(each) / of(against[at] ?? each))).toFixed(2);
    const figures = [median(blocks.map(({ ms }) => ms)), median(blocks.map(({ cpu }) => cpu))];
    rows.push([kind, name, ...figures.map((each) => each.toFixed(2)), ratio(({ ms }) => ms), ratio(({ cpu }) => cpu)]);
  }
}
for (const { close } of builds) await close();
table(
  `Warm calls of ${builds.length} builds in turns (${BLOCKS} blocks of ${CALLS})`,
  ['what', 'build', 'p50 ms', 'CPU ms', 'ms to the first, paired', 'CPU to the first, paired'],
  rows,
);
