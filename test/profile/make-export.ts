// Writes small nsys-shaped exports: ranks that run a sequence of kernels over and over, with changes planted in one of them.
import { execute, insertRows } from '../sqlite/make-database.ts';
import type { Value } from '../sqlite/make-database.ts';

export interface MadeKernel {
  readonly name: string;
  readonly ns: number;
  readonly grid?: number;
  readonly block?: number;
  readonly short?: string;
}

export interface MadeExport {
  readonly ranks?: number;
  readonly steps?: number;
  readonly kernels: readonly MadeKernel[];
  /** Duration of one kernel call; default: the kernel's own with 1 % of repeatable noise. */
  readonly durationOf?: (kernel: MadeKernel, rank: number, step: number) => number;
  /** Time the host of a rank needs before a step. */
  readonly delayOf?: (rank: number, step: number) => number;
  /** Steps are marked by NVTX ranges of this name. */
  readonly marker?: string;
  /** Every rank is device 0 of its own process. */
  readonly deviceZero?: boolean;
  readonly origin?: bigint;
  /** Rows in reverse order of time. */
  readonly reversed?: boolean;
  readonly kernelTable?: string;
  readonly gapNs?: number;
}

const KERNEL_COLUMNS =
  'start INTEGER, "end" INTEGER, deviceId INTEGER, contextId INTEGER, streamId INTEGER, correlationId INTEGER, globalPid INTEGER, demangledName INTEGER, shortName INTEGER, registersPerThread INTEGER, gridX INTEGER, gridY INTEGER, gridZ INTEGER, blockX INTEGER, blockY INTEGER, blockZ INTEGER, staticSharedMemory INTEGER, dynamicSharedMemory INTEGER';

const VM = 1n << 48n;
const processOf = (rank: number): bigint => VM + (BigInt(100 + rank) << 24n);
const isCollective = (name: string): boolean => name.startsWith('nccl');

/** Repeatable noise within 1 %, the same for no two calls. */
const noisy = (ns: number, seed: number): number => {
  const x = Math.sin(seed * 12.9898 + 4.1414) * 43758.5453;
  return Math.round(ns * (0.99 + 0.02 * (x - Math.floor(x))));
};

/** Collectives end together on all ranks: a rank that comes early waits. */
export const makeExport = (path: string, made: MadeExport): void => {
  const { ranks = 2, steps = 30, kernels, delayOf = () => 0, gapNs = 1000, origin = 0n } = made;
  const durationOf = made.durationOf ?? ((kernel, rank, step) => noisy(kernel.ns, rank * 7919 + step * 31 + kernel.ns));
  const table = made.kernelTable ?? 'CUPTI_ACTIVITY_KIND_KERNEL';
  const texts = [
    ...new Set(kernels.flatMap((kernel) => [kernel.name, kernel.short ?? kernel.name.split('<')[0] ?? ''])),
  ];
  const idOf = (text: string): number => 1_000_000 + 3 * texts.indexOf(text);
  const rows: Value[][] = [];
  const calls: Value[][] = [];
  const marks: Value[][] = [];
  const clock = Array.from({ length: ranks }, () => 1_000_000);
  let correlation = 0;
  const at = (time: number): bigint => origin + BigInt(Math.round(time));
  for (let step = 0; step < steps; step++) {
    const began = [...clock];
    for (let rank = 0; rank < ranks; rank++) clock[rank] = (clock[rank] ?? 0) + 5000 + delayOf(rank, step);
    for (const kernel of kernels) {
      const starts = clock.map((time) => time + gapNs);
      const ends = starts.map((start, rank) => start + durationOf(kernel, rank, step));
      const together = Math.max(...starts) + Math.min(...ends.map((end, rank) => end - (starts[rank] ?? 0)));
      correlation++;
      for (let rank = 0; rank < ranks; rank++) {
        const start = starts[rank] ?? 0;
        const end = isCollective(kernel.name) && ranks > 1 ? together : (ends[rank] ?? 0);
        const { grid = 132, block = 256, name, short = name.split('<')[0] ?? '' } = kernel;
        const device = made.deviceZero === true ? 0 : rank;
        rows.push([
          at(start),
          at(end),
          device,
          1,
          7,
          correlation,
          processOf(rank),
          idOf(name),
          idOf(short),
          64,
          grid,
          1,
          1,
          block,
          1,
          1,
          0,
          1024,
        ]);
        calls.push([at(start - 4000), at(start - 2000), processOf(rank) + 9n, correlation, 1]);
        clock[rank] = end;
      }
    }
    for (let rank = 0; rank < ranks && made.marker !== undefined; rank++) {
      marks.push([at(began[rank] ?? 0), at(clock[rank] ?? 0), 59, `${made.marker} ${step}`, processOf(rank) + 9n, 0]);
    }
  }
  if (made.reversed === true) rows.reverse();
  execute(path, [
    `CREATE TABLE ${table} (${KERNEL_COLUMNS})`,
    'CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT)',
    'CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start INTEGER, "end" INTEGER, globalTid INTEGER, correlationId INTEGER, nameId INTEGER)',
    'CREATE TABLE NVTX_EVENTS (start INTEGER, "end" INTEGER, eventType INTEGER, text TEXT, globalTid INTEGER, domainId INTEGER)',
  ]);
  insertRows(path, table, rows);
  insertRows(path, 'CUPTI_ACTIVITY_KIND_RUNTIME', calls);
  insertRows(path, 'NVTX_EVENTS', marks);
  insertRows(path, 'StringIds', [[1, 'cudaLaunchKernel_v7000'], ...texts.map((text): Value[] => [idOf(text), text])]);
};
