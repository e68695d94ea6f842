// Says whether a capture can be used, before anybody calls it done: size, export, kernels. Reads the files, changes nothing.
import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { findTable, NSYS_TABLES } from '../profile/nsys/tables.ts';
import { openDatabase } from '../sqlite/database.ts';
import type { Database } from '../sqlite/table-source.ts';
import { Fault } from '../text/fault.ts';
import { formatBytes } from '../render/numbers.ts';

export interface CaptureCheck {
  readonly name: 'size' | 'exported' | 'kernels' | 'graphs';
  readonly ok: boolean;
  readonly says: string;
}

export interface CaptureValidation {
  /** `usable`: kernels are there; `no_kernels`: a sound report of a run that used no GPU kernels; `invalid`: do it again. */
  readonly verdict: 'usable' | 'no_kernels' | 'invalid';
  readonly checks: readonly CaptureCheck[];
  /** Rows of the kernel table; null when the report could not be read. */
  readonly kernels: number | null;
  /** Rows of replays of CUDA graphs traced as a whole, whose kernels are not listed. */
  readonly graph_replays: number | null;
}

const countRows = (database: Database, name: string): number => {
  const table = findTable(database, name);
  if (table === null) return 0;
  let rows = 0;
  database.scan(table, [{ column: 'start', kind: 'number' }], (_, count) => (rows += count));
  return rows;
};

/** Rows of kernels and graph replays in an nsys SQLite export. Throws the faults of `openDatabase`. */
export const countKernels = (sqlite: string): { kernels: number; graph_replays: number } => {
  const database = openDatabase(sqlite);
  try {
    return {
      kernels: countRows(database, NSYS_TABLES.kernel),
      graph_replays: countRows(database, NSYS_TABLES.graphTrace),
    };
  } finally {
    database.close();
  }
};

export const sizeCheck = (path: string, minBytes: number): CaptureCheck => {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const ok = bytes >= Math.max(1, minBytes);
  const says = bytes === 0 ? 'no report was written' : `the report has ${formatBytes(bytes)}`;
  return {
    name: 'size',
    ok,
    says: ok || bytes === 0 ? says : `${says}, less than the ${formatBytes(minBytes)} asked for`,
  };
};

const kernelChecks = (kernels: number, graphReplays: number): CaptureCheck[] => [
  { name: 'kernels', ok: kernels > 0, says: kernels > 0 ? `${kernels} kernels` : 'no kernels were recorded' },
  ...(kernels === 0 && graphReplays > 0
    ? [
        {
          name: 'graphs' as const,
          ok: false,
          says: `${graphReplays} CUDA graph replays hide their kernels: trace graphs by node`,
        },
      ]
    : []),
];

const unreadable = (checks: readonly CaptureCheck[], says: string): CaptureValidation => ({
  verdict: 'invalid',
  checks: [...checks, { name: 'exported', ok: false, says }],
  kernels: null,
  graph_replays: null,
});

/** Looks at an nsys report and its SQLite export. */
export const validateNsys = (report: string, sqlite: string, minBytes = 1): CaptureValidation => {
  const size = sizeCheck(report, minBytes);
  try {
    const { kernels, graph_replays } = countKernels(sqlite);
    const exported: CaptureCheck = { name: 'exported', ok: true, says: 'the export can be read' };
    const checks = [size, exported, ...kernelChecks(kernels, graph_replays)];
    const sound = size.ok && (kernels > 0 || graph_replays === 0);
    return { verdict: !sound ? 'invalid' : kernels > 0 ? 'usable' : 'no_kernels', checks, kernels, graph_replays };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return unreadable([size], error.message);
  }
};

/** Looks at an ncu report by what the run said: ncu writes none when no kernel matched. */
export const validateNcu = (report: string, profiled: readonly string[], minBytes = 1): CaptureValidation => {
  const size = sizeCheck(report, minBytes);
  const checks = [size, ...kernelChecks(profiled.length, 0)];
  const verdict = profiled.length === 0 ? 'no_kernels' : size.ok ? 'usable' : 'invalid';
  return { verdict, checks, kernels: profiled.length, graph_replays: null };
};

const KERNEL_EVENT = /"cat"\s*:\s*"kernel"/;
const OVERLAP = 64;

const textOf = (path: string): Readable => {
  const file = createReadStream(path);
  if (!path.endsWith('.gz')) return file;
  const unzipped = createGunzip();
  file.on('error', (error) => unzipped.destroy(error));
  return file.pipe(unzipped);
};

/** True when a torch profiler trace (`.json`, `.json.gz`) has a kernel event; reads only as far as the first one. */
const hasKernelEvent = async (path: string): Promise<boolean> => {
  let tail = '';
  for await (const chunk of textOf(path)) {
    const window = tail + String(chunk);
    if (KERNEL_EVENT.test(window)) return true;
    tail = window.slice(-OVERLAP);
  }
  return false;
};

/** Looks at a trace of the torch profiler. Its kernels are counted by the reader of such traces, not here. */
export const validateTrace = async (path: string, minBytes = 1): Promise<CaptureValidation> => {
  const size = sizeCheck(path, minBytes);
  try {
    const found = await hasKernelEvent(path);
    const kernels: CaptureCheck = {
      name: 'kernels',
      ok: found,
      says: found ? 'kernels are there' : 'no kernels were recorded',
    };
    const verdict = !size.ok ? 'invalid' : found ? 'usable' : 'no_kernels';
    return { verdict, checks: [size, kernels], kernels: found ? null : 0, graph_replays: null };
  } catch (error) {
    return unreadable([size], error instanceof Error ? error.message : String(error));
  }
};

const WORST = ['usable', 'no_kernels', 'invalid'] as const;

/** One answer for several files (ranks): the worst verdict, all checks, kernels added up where all are known. */
export const validateAll = (parts: readonly CaptureValidation[]): CaptureValidation => {
  if (parts.length === 0)
    return unreadable([{ name: 'size', ok: false, says: 'no file appeared' }], 'there is nothing to read');
  const worst = Math.max(...parts.map(({ verdict }) => WORST.indexOf(verdict)));
  const sum = (values: readonly (number | null)[]): number | null =>
    values.reduce((total, value) => (total === null || value === null ? null : total + value), 0);
  return {
    verdict: WORST[worst] ?? 'invalid',
    checks: parts.flatMap(({ checks }) => checks),
    kernels: sum(parts.map(({ kernels }) => kernels)),
    graph_replays: sum(parts.map(({ graph_replays }) => graph_replays)),
  };
};
