// Says whether a path holds a profile that can be read later, without reading all of it: tables by their schema, reports by
// their header, traces by both ends. Small text tables are read whole. Writes nothing and starts no program.
//
// Headers: nsys writes `NVIDIA Tegra Profiler Report <version>` and ends in `[END]` (seen with 2022.4.2); ncu writes `NVR`
// and a zero byte (2022.4); SQLite and Parquet publish theirs.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileEnds } from '../../fs/file-ends.ts';
import { inputFault, type Fault } from '../../text/fault.ts';
import type { ProfileFormat } from '../model/profile-side.ts';
import { demandNsys } from '../nsys/read-sqlite.ts';
import { findTable, NSYS_TABLES } from '../nsys/tables.ts';
import { namingProfile, profileSourcesAt, readProfile, type ProfileSource } from './read-profile.ts';
import { openDatabase } from '../../sqlite/database.ts';

export interface ProfileCheck {
  /** Formats of the files found, each once. */
  readonly formats: readonly ProfileFormat[];
  /** How far the check went, for a person. */
  readonly checked: string;
  readonly warnings: readonly string[];
}

interface SourceCheck {
  readonly how: 'tables' | 'header' | 'whole';
  readonly warnings: readonly string[];
}

const NSYS_MAGIC = 'NVIDIA Tegra Profiler Report ';
const NSYS_END = '[END]';
const NCU_MAGIC = 'NVR\0';
const PARQUET_MAGIC = 'PAR1';

const foreign = (path: string, what: string, fix: string): Fault =>
  inputFault('profile_foreign', `${path} is not ${what}: its first bytes are of something else`, { path, fix });

const truncated = (path: string, what: string): Fault =>
  inputFault('profile_truncated', `${path} is cut off: ${what}`, {
    path,
    fix: 'copy the file again, or capture again: the writer did not finish it',
  });

const nsysReport = async (path: string): Promise<SourceCheck> => {
  const { head, tail } = await fileEnds(path);
  if (!head.startsWith(NSYS_MAGIC))
    throw foreign(path, 'a report of Nsight Systems', 'give the .nsys-rep as nsys wrote it, or its sqlite export');
  const whole = tail.trimEnd().endsWith(NSYS_END);
  return { how: 'header', warnings: whole ? [] : [`${path} does not end as nsys ends a report: cut off?`] };
};

const ncuReport = async (path: string): Promise<SourceCheck> => {
  const { head } = await fileEnds(path);
  if (!head.startsWith(NCU_MAGIC))
    throw foreign(path, 'a report of Nsight Compute', 'give the .ncu-rep as ncu wrote it, or its raw CSV page');
  return { how: 'header', warnings: [] };
};

const sqliteExport = (path: string): SourceCheck => {
  const database = openDatabase(path);
  try {
    demandNsys(database);
    const kernels = findTable(database, NSYS_TABLES.kernel);
    const [column] = kernels?.columns ?? [];
    const any = kernels !== null && column !== undefined && database.estimate(kernels) > 0;
    return { how: 'tables', warnings: any ? [] : [`${path} holds no GPU kernel`] };
  } finally {
    database.close();
  }
};

const TRACE_MEMBER = /"(?:traceEvents|deviceProperties|schemaVersion|ph)"\s*:/;

const torchTrace = async (path: string): Promise<SourceCheck> => {
  const { head, tail, packed } = await fileEnds(path);
  if (!TRACE_MEMBER.test(head))
    throw foreign(path, 'a trace of the torch profiler', 'give a Chrome or Kineto trace (traceEvents)');
  if (!packed && !/[\]}]\s*$/.test(tail)) throw truncated(path, 'the JSON of the trace does not end');
  return { how: 'header', warnings: [] };
};

const parquetTables = async (path: string): Promise<SourceCheck> => {
  for (const name of (await readdir(path)).filter((each) => each.endsWith('.parquet'))) {
    const { head, tail } = await fileEnds(join(path, name));
    if (!head.startsWith(PARQUET_MAGIC)) throw foreign(join(path, name), 'a Parquet file', 'export the report again');
    if (!tail.endsWith(PARQUET_MAGIC)) throw truncated(join(path, name), 'the footer of the Parquet file is missing');
  }
  return { how: 'header', warnings: [] };
};

const textTable = async (path: string): Promise<SourceCheck> => {
  const side = await readProfile([path], { cacheDir: '' });
  return { how: 'whole', warnings: side.groups.length > 0 ? [] : [`${path} holds no GPU kernel`] };
};

const checkSource = async ({ format, path }: ProfileSource): Promise<SourceCheck> => {
  if (format !== 'nsys-parquet' && (await stat(path)).size === 0) throw truncated(path, 'it is empty');
  switch (format) {
    case 'nsys-rep':
      return nsysReport(path);
    case 'ncu-rep':
      return ncuReport(path);
    case 'nsys-sqlite':
      return sqliteExport(path);
    case 'torch-trace':
      return torchTrace(path);
    case 'nsys-parquet':
      return parquetTables(path);
    case 'nsys-stats':
    case 'ncu-csv':
      return textTable(path);
  }
};

const HOW = {
  header: 'the header; profile_summary reads all of it',
  tables: 'the tables and that no page is missing',
  whole: 'all of it',
} as const;

/**
 * Checks every profile at `path` (a file, or a folder of the files of one run). Throws a Fault `profile_foreign`,
 * `profile_truncated`, `profile_empty_folder`, `profile_format_unknown`, or those of the readers of tables (`sqlite_foreign`,
 * `sqlite_damaged`, `not_an_nsys_export`, …).
 */
export const checkProfile = async (path: string): Promise<ProfileCheck> => {
  const sources = await profileSourcesAt(path);
  const checks: SourceCheck[] = [];
  for (const source of sources) checks.push(await namingProfile(source.path, () => checkSource(source)));
  const how = (['header', 'tables', 'whole'] as const).find((each) => checks.some((check) => check.how === each));
  return {
    formats: [...new Set(sources.map(({ format }) => format))],
    checked: HOW[how ?? 'whole'],
    warnings: checks.flatMap(({ warnings }) => warnings),
  };
};
