// Writes simulated runs as the tools would: an nsys export of all or some ranks, and a Kineto trace of one rank.
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { execute, insertRows } from '../sqlite/make-database.ts';
import type { Value } from '../sqlite/make-database.ts';
import { isCollective } from './simulate-run.ts';
import type { SimulatedEvent } from './simulate-run.ts';

export interface NsysForm {
  /** Ranks in the file; default all. */
  readonly ranks?: readonly number[];
  /** CUDA graphs as one row a replay, or kernel by kernel. */
  readonly graphs?: 'graph' | 'node';
  /** Added to every time, as another clock would. */
  readonly clockNs?: number;
  /** UTC of time zero of that clock, with the error it has. */
  readonly utcNs?: bigint;
  readonly host?: string;
  /** Rows in an order that has nothing to do with time. */
  readonly shuffled?: boolean;
}

const VM = 1n << 48n;
const processOf = (rank: number): bigint => VM + (BigInt(500 + rank) << 24n);

/** Columns that kernels, copies and replays of graphs begin with. */
const DEVICE_COLUMNS =
  'start INTEGER, "end" INTEGER, deviceId INTEGER, contextId INTEGER, streamId INTEGER, correlationId INTEGER, globalPid INTEGER';

/** An SQLite export with the columns of a present nsys that a diff reads. */
export const writeNsys = (path: string, events: readonly SimulatedEvent[], form: NsysForm = {}): void => {
  const { graphs = 'node', clockNs = 0, ranks } = form;
  const own = events.filter(({ rank }) => ranks?.includes(rank) !== false);
  const texts = [...new Set(own.flatMap(({ name }) => [name, shortOf(name)]))];
  const idOf = (text: string): number => 1000 + 3 * texts.indexOf(text);
  const at = (ns: number): number => Math.round(ns + clockNs);
  const kernels = own.filter(({ kind }) => kind === 'kernel' || (kind === 'node' && graphs === 'node'));
  /** What every activity of a device begins with: `DEVICE_COLUMNS`. */
  const onDevice = ({ start, end, rank, stream, correlation }: SimulatedEvent): Value[] => [
    at(start),
    at(end),
    rank,
    1,
    stream,
    correlation,
    processOf(rank),
  ];
  const kernelRows = kernels.map((event): Value[] => [
    ...onDevice(event),
    idOf(event.name),
    idOf(shortOf(event.name)),
    64,
    event.op?.grid ?? 132,
    1,
    1,
    event.op?.block ?? 256,
    1,
    1,
    0,
    1024,
    event.kind === 'node' ? 9 : null,
  ]);
  const launched = own.filter(({ kind }) => kind === 'kernel' || kind === 'copy' || kind === 'graph');
  const ordered = <T>(rows: T[]): T[] =>
    form.shuffled === true
      ? rows
          .map((row, i) => ({ row, key: (i * 7919) % rows.length }))
          .sort((a, b) => a.key - b.key)
          .map(({ row }) => row)
      : rows;
  const session = form.utcNs === undefined ? [] : [[form.utcNs - BigInt(Math.round(clockNs)), 0]];
  execute(path, [
    `CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (${DEVICE_COLUMNS}, demangledName INTEGER, shortName INTEGER, registersPerThread INTEGER, gridX INTEGER, gridY INTEGER, gridZ INTEGER, blockX INTEGER, blockY INTEGER, blockZ INTEGER, staticSharedMemory INTEGER, dynamicSharedMemory INTEGER, graphNodeId INTEGER)`,
    'CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start INTEGER, "end" INTEGER, globalTid INTEGER, correlationId INTEGER, nameId INTEGER)',
    `CREATE TABLE CUPTI_ACTIVITY_KIND_MEMCPY (${DEVICE_COLUMNS}, bytes INTEGER, copyKind INTEGER)`,
    'CREATE TABLE NVTX_EVENTS (start INTEGER, "end" INTEGER, eventType INTEGER, text TEXT, globalTid INTEGER, domainId INTEGER)',
    'CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT)',
    'CREATE TABLE META_DATA_CAPTURE (name TEXT, value TEXT)',
    'CREATE TABLE TARGET_INFO_SYSTEM_ENV (name TEXT, value TEXT)',
    'CREATE TABLE TARGET_INFO_SESSION_START_TIME (utcEpochNs INTEGER, systemClockNs INTEGER)',
  ]);
  insertRows(path, 'CUPTI_ACTIVITY_KIND_KERNEL', ordered(kernelRows));
  insertRows(
    path,
    'CUPTI_ACTIVITY_KIND_RUNTIME',
    launched.map(({ launchStart, launchEnd, rank, correlation, kind }): Value[] => [
      at(launchStart),
      at(launchEnd),
      processOf(rank) + 9n,
      correlation,
      kind === 'graph' ? 2 : 1,
    ]),
  );
  insertRows(
    path,
    'CUPTI_ACTIVITY_KIND_MEMCPY',
    own
      .filter(({ kind }) => kind === 'copy')
      .map((event): Value[] => [...onDevice(event), event.op?.bytes ?? 1_000_000, 1]),
  );
  insertRows(
    path,
    'NVTX_EVENTS',
    own
      .filter(({ kind }) => kind === 'step')
      .map(({ start, end, name, rank }): Value[] => [at(start), at(end), 59, name, processOf(rank) + 9n, 0]),
  );
  insertRows(path, 'StringIds', [
    [1, 'cudaLaunchKernel_v7000'],
    [2, 'cudaGraphLaunch_v10000'],
    ...texts.map((text): Value[] => [idOf(text), text]),
  ]);
  insertRows(path, 'META_DATA_CAPTURE', [['CUDA_GRAPH_TRACE_OPTIONS:MODE', graphs === 'graph' ? 'Graph' : 'Node']]);
  insertRows(path, 'TARGET_INFO_SYSTEM_ENV', form.host === undefined ? [] : [['Hostname', form.host]]);
  insertRows(path, 'TARGET_INFO_SESSION_START_TIME', session);
  const replays = graphs === 'graph' ? own.filter(({ kind }) => kind === 'graph') : [];
  if (replays.length === 0) return;
  execute(path, [
    `CREATE TABLE CUPTI_ACTIVITY_KIND_GRAPH_TRACE (${DEVICE_COLUMNS}, graphId INTEGER, graphExecId INTEGER)`,
  ]);
  insertRows(
    path,
    'CUPTI_ACTIVITY_KIND_GRAPH_TRACE',
    replays.map((event): Value[] => [...onDevice(event), event.op?.graphId ?? 1, event.op?.graphId ?? 1]),
  );
};

/** The function name without return type, template arguments and parameters. */
const shortOf = (name: string): string =>
  name
    .replace(/^void /, '')
    .split(/[<(]/)[0]
    ?.split('::')
    .at(-1) ?? name;

export interface TorchForm {
  readonly rank: number;
  readonly clockNs?: number;
  /** Says which process group each collective belongs to, as PyTorch 2.1 and later do. */
  readonly processGroups?: boolean;
  readonly gzip?: boolean;
}

/** A Kineto trace of one rank. */
export const writeTorch = (path: string, events: readonly SimulatedEvent[], form: TorchForm): void => {
  const { rank, clockNs = 0, processGroups = true } = form;
  const us = (ns: number): number => Number(((ns + clockNs) / 1000).toFixed(3));
  const own = events.filter((event) => event.rank === rank);
  const host = { pid: 500 + rank, tid: 500 + rank };
  const list = own.flatMap((event): object[] => {
    const { kind, name, start, end, stream, correlation, op } = event;
    const times = { ts: us(start), dur: Number(((end - start) / 1000).toFixed(3)) };
    const launch = (call: string): object => ({
      ph: 'X',
      cat: 'cuda_runtime',
      name: call,
      ...host,
      ts: us(event.launchStart),
      dur: (event.launchEnd - event.launchStart) / 1000,
      args: { correlation },
    });
    const onDevice = { pid: 0, tid: stream };
    switch (kind) {
      case 'step':
        return [{ ph: 'X', cat: 'user_annotation', name, ...host, ...times, args: {} }];
      case 'copy':
        return [
          launch('cudaMemcpyAsync'),
          {
            ph: 'X',
            cat: 'gpu_memcpy',
            name: 'Memcpy HtoD (Pinned -> Device)',
            ...onDevice,
            ...times,
            args: { device: 0, stream, correlation, bytes: op?.bytes ?? 1_000_000 },
          },
        ];
      case 'graph':
        return [launch('cudaGraphLaunch')];
      case 'kernel':
      case 'node': {
        const groups =
          op !== null && isCollective(op) && processGroups
            ? {
                'Collective name': 'allreduce',
                'Process Group Name': event.group.join('_'),
                'Process Group Ranks': `[${event.group.join(', ')}]`,
                'Group size': event.group.length,
              }
            : {};
        const args = {
          device: 0,
          context: 1,
          stream,
          correlation,
          'registers per thread': 64,
          'shared memory': 1024,
          grid: [op?.grid ?? 132, 1, 1],
          block: [op?.block ?? 256, 1, 1],
          ...groups,
        };
        return [
          ...(kind === 'kernel' ? [launch('cudaLaunchKernel')] : []),
          { ph: 'X', cat: 'kernel', name, ...onDevice, ...times, args },
        ];
      }
    }
  });
  const text = JSON.stringify({
    schemaVersion: 1,
    deviceProperties: [{ id: 0, name: 'NVIDIA H100 80GB HBM3' }],
    distributedInfo: { backend: 'nccl', rank, world_size: 8 },
    traceEvents: list,
    displayTimeUnit: 'ms',
    baseTimeNanoseconds: 1_700_000_000_000_000_000,
  });
  writeFileSync(path, form.gzip === true ? gzipSync(text) : text);
};
