// Times the profile diff on generated pairs of 1 million (and, asked for, 10 million) kernels a side, beside what SQLite
// needs to group the same rows and what reading the bytes costs. The pairs hold planted changes, and every one must be found.
// `PROFILE_KERNELS=10000000` asks for the large pair, `PROFILE_KEEP=<folder>` keeps the files for the next run.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { z } from 'zod';
import { connect, freshRoot, removeRoot } from '../test/e2e/connect.ts';
import { cpuMs } from './figures.ts';
import { type CaptureShape, kernelNames, makeCapture } from './make-capture.ts';

const onceSchema = z.object({
  wall_ms: z.number(),
  read_ms: z.number(),
  diff_ms: z.number(),
  cpu_ms: z.number(),
  peak_rss_mb: z.number(),
  first_line: z.string(),
  slower: z.array(z.object({ name: z.string(), pct: z.number().nullable() })),
  faster: z.array(z.string()),
  removed: z.array(z.string()),
  added: z.array(z.string()),
  paired: z.array(z.string().nullable()),
});

/** What was planted, by whole names. */
interface Truth {
  readonly slowed: readonly { readonly demangled: string; readonly factor: number }[];
  readonly dropped: readonly string[];
  readonly renamed: readonly string[];
}

const GROUPING =
  'SELECT deviceId, demangledName, COUNT(*), SUM("end"-start), MIN("end"-start), MAX("end"-start) FROM CUPTI_ACTIVITY_KIND_KERNEL GROUP BY 1, 2';

const PLANTED = { slow: { 3: 1.25, 10: 1.15, 41: 1.4 }, drop: [44], rename: [66] };
const RUNS = 5;
const GROUPINGS = 3;
const LIMIT_S = 120;
/** Diffs of a server before it counts as warm. */
const WARM_UP = 3;

interface Pair {
  readonly baseline: string;
  readonly candidate: string;
  readonly truth: Truth;
}

export const benchProfile = async (): Promise<void> => {
  const kept = process.env['PROFILE_KEEP'];
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'bench-profile-'));
  mkdirSync(folder, { recursive: true });
  try {
    const pair = makePair(folder, Number(process.env['PROFILE_KERNELS'] ?? 1_000_000));
    const program = await bundle(folder);
    await report(pair, program);
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  }
};

const makePair = (folder: string, kernels: number): Pair => {
  const [names, devices] = kernels > 2_000_000 ? [1000, 4] : [300, 2];
  const make = (side: string, made: Partial<CaptureShape>): string => {
    const path = join(folder, `k${kernels}_${side}.sqlite`);
    if (!existsSync(path)) makeCapture(path, { kernels, names, devices, noiseSeed: 1, ...made });
    return path;
  };
  const known = kernelNames(names).map(({ demangled }) => demangled);
  const nameOf = (index: number): string => known[index] ?? '';
  return {
    baseline: make('base', {}),
    candidate: make('cand', { noiseSeed: 2, ...PLANTED }),
    truth: {
      slowed: Object.entries(PLANTED.slow).map(([index, factor]) => ({ demangled: nameOf(Number(index)), factor })),
      dropped: PLANTED.drop.map(nameOf),
      renamed: PLANTED.rename.map(nameOf),
    },
  };
};

/** The product's code as it is shipped: bundled, with the worker beside it. */
const bundle = async (folder: string): Promise<string> => {
  const outdir = join(folder, 'dist');
  await build({
    entryPoints: {
      'profile-diff-once': join(import.meta.dirname, 'profile-diff-once.ts'),
      'profile-worker': join(import.meta.dirname, '../src/profile/read/profile-worker.ts'),
    },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: {
      js: "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);",
    },
    logLevel: 'error',
  });
  return join(outdir, 'profile-diff-once.mjs');
};

const report = async (pair: Pair, program: string): Promise<void> => {
  const rules = resolve(import.meta.dirname, '../configs/kernel-buckets.yaml');
  const bytes = statSync(pair.baseline).size + statSync(pair.candidate).size;
  const cold = middle(
    Array.from({ length: RUNS }, () => once(program, pair, rules)),
    ({ wall_ms }) => wall_ms,
  );
  const server = await inServer(pair);
  const warm = middle(server.calls, (ms) => ms);
  console.log(`profile diff of 2 x ${(bytes / 2e6).toFixed(0)} MB, median of ${RUNS} runs`);
  console.log(
    `  new process    wall ${seconds(cold.wall_ms)} (read ${seconds(cold.read_ms)}, diff ${seconds(cold.diff_ms)}), CPU ${seconds(cold.cpu_ms)}, peak ${cold.peak_rss_mb.toFixed(0)} MB`,
  );
  console.log(
    `  server, warm   a call takes ${seconds(warm)} (all: ${server.calls.map(seconds).join(', ')}), CPU ${seconds(server.cpuMs)}, peak ${server.peakMb.toFixed(0)} MB`,
  );
  const grouping = groupBy(pair);
  console.log(
    grouping === null
      ? '  sqlite3        skipped: neither sqlite3 nor python3 with sqlite3 is installed'
      : `  ${grouping.tool.padEnd(14)} GROUP BY device, name on both files in turn: ${seconds(grouping.ms)} (${(grouping.ms / warm).toFixed(1)} x ours warm, ${(grouping.ms / cold.wall_ms).toFixed(1)} x in a new process)`,
  );
  console.log(
    `  plain read     ${seconds(plainRead(pair.baseline) + plainRead(pair.candidate))} for the bytes of both files`,
  );
  console.log(`  ${cold.first_line}`);
  console.log(`  ${checked(cold, pair.truth)}`);
};

type Figures = z.infer<typeof onceSchema>;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

const middle = <T>(runs: readonly T[], of: (run: T) => number): T => {
  const run = runs.toSorted((a, b) => of(a) - of(b))[runs.length >> 1];
  if (run === undefined) throw new Error('nothing was measured');
  return run;
};

const once = (program: string, pair: Pair, rules: string): Figures => {
  const ran = spawnSync(process.execPath, [program, pair.baseline, pair.candidate, rules], { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`the diff failed: ${ran.stderr}`);
  return onceSchema.parse(JSON.parse(ran.stdout));
};

/** Calls of the verb over stdio, report and picture written, once the server has done it before. */
const inServer = async (pair: Pair): Promise<{ calls: number[]; cpuMs: number; peakMb: number }> => {
  const root = freshRoot();
  const client = await connect('2.x client, 2026-07-28', { root });
  const pid = client.pid() ?? 0;
  const calls: number[] = [];
  let used = 0;
  for (let call = 0; call < WARM_UP + RUNS; call++) {
    if (call === WARM_UP) used = cpuMs(pid);
    const began = performance.now();
    await client.call('profile_profile_diff', {
      baseline: pair.baseline,
      candidate: pair.candidate,
      time_limit_s: LIMIT_S,
    });
    calls.push(performance.now() - began);
  }
  const peakKb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  const figures = { calls: calls.slice(WARM_UP), cpuMs: (cpuMs(pid) - used) / RUNS, peakMb: peakKb / 1000 };
  await client.close();
  removeRoot(root);
  return figures;
};

const groupBy = (pair: Pair): { readonly tool: string; readonly ms: number } | null => {
  const script = `import sqlite3,sys\nfor p in sys.argv[1:]:\n  sqlite3.connect('file:'+p+'?mode=ro',uri=True).execute('''${GROUPING}''').fetchall()`;
  const tools: readonly (readonly [string, (path: readonly string[]) => readonly (readonly string[])[]])[] = [
    ['sqlite3', (paths) => paths.map((path) => ['sqlite3', '-readonly', path, GROUPING])],
    ['python sqlite3', (paths) => [['python3', '-c', script, ...paths]]],
  ];
  for (const [tool, commands] of tools) {
    const times = Array.from({ length: GROUPINGS }, () => timeOf(commands([pair.baseline, pair.candidate])));
    const middle = times.toSorted((a, b) => a - b)[GROUPINGS >> 1];
    if (middle !== undefined && times.every(Number.isFinite)) return { tool, ms: middle };
  }
  return null;
};

/** Wall time of commands that run one after another; infinite where one fails. */
const timeOf = (commands: readonly (readonly string[])[]): number => {
  const began = performance.now();
  const results = commands.map(([program = '', ...args]) => spawnSync(program, args, { maxBuffer: 1 << 28 }));
  return results.every((result) => result.status === 0) ? performance.now() - began : Infinity;
};

const plainRead = (path: string): number => {
  const began = performance.now();
  const [file, bytes] = [openSync(path, 'r'), Buffer.allocUnsafe(4 << 20)];
  while (readSync(file, bytes, 0, bytes.length, null) > 0);
  return performance.now() - began;
};

/** Every planted change found with its size, and nothing else flagged. */
const checked = (found: Figures, truth: Truth): string => {
  const planted = truth.slowed;
  const missed = planted.filter(
    ({ demangled, factor }) =>
      !found.slower.some(({ name, pct }) => name === demangled && Math.abs((pct ?? 0) / 100 + 1 - factor) < 0.01),
  );
  const alarms = [...found.slower.map(({ name }) => name), ...found.faster].filter(
    (name) => !planted.some(({ demangled }) => demangled === name),
  );
  const rest =
    found.removed.join() === truth.dropped.join() &&
    found.paired.join() === truth.renamed.join() &&
    found.added.length === 0;
  return `planted: ${planted.length - missed.length} of ${planted.length} slower kernels found, ${alarms.length} false alarms; dropped and re-templated kernels ${rest ? 'found' : 'NOT found'}`;
};
