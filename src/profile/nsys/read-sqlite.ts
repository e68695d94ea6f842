// Turns an nsys SQLite export into a profile. Synchronous, so that a worker thread can run it; reads the file and nothing
// else. Launch attribution needs every kernel and API call in memory and is left out of large files unless asked for.
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { inputFault } from '../../text/fault.ts';
import { classifier } from '../kernels/classify.ts';
import type { BucketRules, Classify } from '../kernels/classify.ts';
import type { CaptureFacts, ProfileSide, Ranges, Step } from '../model/profile-side.ts';
import type { CaptureWindow } from '../model/capture-window.ts';
import { withMatches } from '../collectives/match-collectives.ts';
import { ascendingOrder } from '../model/ascending-order.ts';
import { inRankOrder } from '../model/rank-order.ts';
import { sumRanges } from '../model/ranges.ts';
import type { Launch } from '../model/ranges.ts';
import { openDatabase } from '../../sqlite/database.ts';
import type { Database } from '../../sqlite/table-source.ts';
import { createSweep } from '../model/timeline.ts';
import { captureClock } from './clock.ts';
import { demandWindowHit } from '../model/capture-window.ts';
import type { CaptureClock } from './clock.ts';
import { collectiveCalls, createCollectiveRows } from './collective-rows.ts';
import { readDeviceWork, readWaits } from './device-work.ts';
import type { DeviceWork } from './device-work.ts';
import { createRankTable, rankDescriber, readIdentity } from './identity.ts';
import type { CaptureIdentity, RankTable } from './identity.ts';
import { createGroupTable } from '../kernels/group-table.ts';
import { scanKernels } from './kernel-scan.ts';
import type { KernelScan } from './kernel-scan.ts';
import { exposedLaunch, readHostCalls } from './launches.ts';
import type { HostCalls } from './launches.ts';
import { readNvtx } from './nvtx.ts';
import type { HostRanges } from './nvtx.ts';
import { readStrings } from './strings.ts';
import { NSYS_TABLES, findTable } from './tables.ts';

export interface NsysReadOptions {
  readonly rules: BucketRules;
  readonly window: CaptureWindow | null;
  readonly stepMarker: string | null;
  /** Attribute kernels to launches and ranges; null decides by size. */
  readonly attribute: boolean | null;
}

/** Kernels, API calls and ranges up to which launches are attributed without being asked. */
const ATTRIBUTION_ROWS = 400_000;
/** Ranges up to which annotations are read without a step marker. */
const RANGE_ROWS = 2_000_000;

/** Reads an export. Faults: those of `openDatabase`, `not_an_nsys_export`, `column_absent`, `window_outside_capture`. */
export const readNsysSqlite = (path: string, options: NsysReadOptions): ProfileSide => {
  const database = openDatabase(path);
  try {
    return readNsysDatabase(database, options);
  } finally {
    database.close();
  }
};

/** The same for tables that are already open. */
export const readNsysDatabase = (database: Database, options: NsysReadOptions): ProfileSide => {
  demandNsys(database);
  return withMatches(inRankOrder(readOpened(database, options, classifier(options.rules))));
};

/** Faults with `not_an_nsys_export` where no table is one of nsys. */
export const demandNsys = (database: Database): void => {
  const any = [...Object.values(NSYS_TABLES), 'META_DATA_EXPORT'].some((name) => findTable(database, name) !== null);
  if (!any) {
    throw inputFault('not_an_nsys_export', `no table of an nsys export among ${database.tables.size} tables`, {
      path: database.path,
      fix: 'give a file made by nsys export --type sqlite',
    });
  }
  if (findTable(database, NSYS_TABLES.kernel) !== null && findTable(database, NSYS_TABLES.strings) === null) {
    throw inputFault('column_absent', 'table StringIds is missing: kernel names cannot be read', {
      path: database.path,
      fix: 'export the report again with nsys export --type sqlite',
    });
  }
};

const estimated = (database: Database, name: string): number => {
  const table = findTable(database, name);
  return table === null ? 0 : database.estimate(table);
};

const readOpened = (database: Database, options: NsysReadOptions, classify: Classify): ProfileSide => {
  const identity = readIdentity(database);
  const clock = captureClock(database, identity, options.window);
  const strings = readStrings(database);
  const ranks = createRankTable(rankDescriber(database));
  const rows = estimated(database, NSYS_TABLES.kernel) + estimated(database, NSYS_TABLES.runtime);
  const rangeRows = estimated(database, NSYS_TABLES.nvtx);
  const attribute = options.attribute ?? rows + rangeRows <= ATTRIBUTION_ROWS;
  const readRanges = rangeRows <= RANGE_ROWS || options.stepMarker !== null || attribute;
  const host = readRanges ? readNvtx(database, clock, strings, options.stepMarker) : null;
  const work = readDeviceWork(database, clock, ranks);
  const steps = host !== null && host.stepTypes.length > 1 ? host.steps : null;
  const scan = scanKernels({
    database,
    clock,
    ranks,
    strings,
    classify,
    work: work.intervals,
    steps,
    keepCalls: attribute,
  });
  if (options.window !== null && scan !== null && scan.kept === 0 && scan.from < Infinity) {
    demandWindowHit(database.path, options.window, clock.from - options.window.startS * 1e9, scan.from, scan.to);
  }
  const calls =
    host !== null && scan !== null && scan.calls !== null
      ? readHostCalls(database, clock, strings, scan.calls, ranks.processes, host.threads)
      : null;
  const left = leftOut(database, { attribute, readRanges, scan });
  const found: Found = { database, identity, clock, ranks, host, work, scan, calls, left };
  return { ...assemble(found), waits: readWaits(database, clock) };
};

interface Found {
  readonly database: Database;
  readonly identity: CaptureIdentity;
  readonly clock: CaptureClock;
  readonly ranks: RankTable;
  readonly host: HostRanges | null;
  readonly work: DeviceWork;
  readonly scan: KernelScan | null;
  readonly calls: HostCalls | null;
  readonly left: readonly string[];
}

const leftOut = (
  database: Database,
  did: { readonly attribute: boolean; readonly readRanges: boolean; readonly scan: KernelScan | null },
): string[] => {
  const said: string[] = [];
  if (database.reader.kind === 'sqlite') said.push(`read through SQLite: ${database.reader.reason}`);
  if (did.scan === null) said.push('the export has no kernel table: no kernel ran, or CUDA was not traced');
  else if (!did.attribute) said.push('large capture: launches were not attributed to kernels');
  if (!did.readRanges) said.push('large capture: NVTX ranges were not read; name a step marker to read them');
  if (did.scan !== null && did.scan.dropped > 0) {
    said.push(`${did.scan.dropped} kernel rows without a duration or a device were left out`);
  }
  return said;
};

const assemble = (found: Found): Omit<ProfileSide, 'waits'> => {
  const { scan, work, host, calls } = found;
  const table = (scan?.table ?? createGroupTable()).finish();
  const sweep = scan?.sweep ?? createSweep();
  const exposed =
    scan !== null && scan.calls !== null && calls !== null
      ? exposedLaunch(scan.calls, ascendingOrder(Float64Array.from(scan.calls.start)), calls.launches)
      : null;
  return {
    format: 'nsys-sqlite',
    sources: [found.database.path],
    ranks: found.ranks.ranks,
    kernels: scan?.kernels ?? [],
    stepTypes: host?.stepTypes ?? [],
    ...table,
    copies: work.copies,
    memsets: work.memsets,
    graphs: work.graphs,
    apis: calls?.apis ?? [],
    ranges: rangesOf(host, calls),
    streams: scan?.streams ?? [],
    timelines: sweep.finish((rank) => (exposed === null ? null : (exposed.get(rank) ?? 0))),
    collectives: collectiveCalls(scan?.collectives ?? createCollectiveRows()),
    steps: stepsOf(found),
    facts: factsOf(found, table),
  };
};

const rangesOf = (host: HostRanges | null, calls: HostCalls | null): Ranges[] => {
  if (host === null) return [];
  const launches = calls === null ? null : calls.launches.filter((launch): launch is Launch => launch !== null);
  return sumRanges(host.set, launches);
};

/** Markers belong to a process; every rank of the process takes its steps from them. */
const stepsOf = ({ host, ranks }: Found): Step[] =>
  ranks.processes.flatMap((process, rank) => {
    const marks = host?.steps.get(process);
    if (marks === undefined) return [];
    return marks.startNs.map((startNs, i) => ({
      rank,
      type: marks.type[i] ?? 0,
      startNs,
      endNs: marks.startNs[i + 1] ?? marks.endNs[i] ?? startNs,
    }));
  });

const factsOf = (found: Found, table: ReturnType<ReturnType<typeof createGroupTable>['finish']>): CaptureFacts => {
  const { identity, clock, calls, scan } = found;
  const launched = calls?.launches.filter((launch) => launch !== null).length ?? 0;
  return {
    product: identity.product,
    schema: identity.schema,
    driver: identity.driver,
    graphMode: identity.graphMode,
    originNs: clock.origin.toString(),
    utcAnchorNs: identity.utcZero === null ? null : (identity.utcZero + clock.origin).toString(),
    fileBytes: statSync(found.database.path).size,
    droppedRows: scan?.dropped ?? 0,
    launches: calls === null ? null : { found: launched, missing: calls.launches.length - launched },
    contentId: contentIdOf(found, table),
    hasCalls: true,
    hasTimeline: true,
    warnings: [...found.left, ...identity.diagnostics],
  };
};

/** Two captures differ in their session clock, and if that is unknown, in the sums of their kernels, graphs and copies. */
const contentIdOf = (
  { identity, scan, work }: Found,
  table: ReturnType<ReturnType<typeof createGroupTable>['finish']>,
): string => {
  const hash = createHash('sha256').update(`${identity.fingerprint}|${scan?.from}|${scan?.to}|${scan?.kept}`);
  for (const group of table.groups) {
    hash.update(`|${scan?.kernels[group.kernel]?.name} ${group.count} ${group.totalNs} ${group.slowestStartNs}`);
  }
  for (const { rank, count, totalNs } of [...work.graphs, ...work.copies]) hash.update(`|${rank} ${count} ${totalNs}`);
  return hash.digest('hex');
};
