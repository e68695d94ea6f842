// The one door for profiles: looks at what the paths are, reads each with the reader of its format, and puts files of one
// run together. Writes only into the cache folder it is given.
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readNamedText } from '../../fs/named-text.ts';
import { ncuImportArgv, readNcuFacts } from '../../drivers/ncu.ts';
import type { Runner } from '../../exec/run-process.ts';
import { fileEnds } from '../../fs/file-ends.ts';
import { onFile } from '../../fs/io-fault.ts';
import { Fault, inputFault, systemCode } from '../../text/fault.ts';
import { loadBucketRules } from '../kernels/bucket-rules.ts';
import { classifier } from '../kernels/classify.ts';
import type { BucketRules, Classify } from '../kernels/classify.ts';
import { looksLikeNcuCsv, readNcuCsv } from '../inputs/ncu-csv.ts';
import { exportNsysRep } from '../inputs/nsys-rep.ts';
import { isStatsReport, readNsysStats } from '../inputs/nsys-stats.ts';
import { openParquetDir } from '../inputs/parquet-tables.ts';
import { readTorchTrace } from '../inputs/torch-trace.ts';
import { mergeSides } from '../model/merge-sides.ts';
import type { ProfileFormat, ProfileSide } from '../model/profile-side.ts';
import type { CaptureWindow } from '../model/capture-window.ts';
import { readNsysDatabase } from '../nsys/read-sqlite.ts';
import type { NsysReadOptions } from '../nsys/read-sqlite.ts';
import { readSqliteProfile } from './read-in-worker.ts';

export interface ReadOptions {
  /** Where exports of `.nsys-rep` files are kept. */
  readonly cacheDir: string;
  /** Runs `nsys` and `ncu`; without it their report files are refused. */
  readonly run?: Runner;
  readonly signal?: AbortSignal;
  /** Called with a word on what is being read. */
  readonly onProgress?: (message: string) => void;
  readonly window?: CaptureWindow;
  /** Name (or start of the text) of the range that bounds a step. */
  readonly stepMarker?: string;
  /** Attribute kernels to launches and ranges however large the file is, or never; default by size. */
  readonly attribute?: boolean;
  /** Bucket rules instead of `configs/kernel-buckets.yaml`. */
  readonly bucketsPath?: string;
}

/** One capture file, or one folder of tables. */
export interface ProfileSource {
  readonly format: ProfileFormat;
  readonly path: string;
}

/**
 * Reads one side: a file, a folder, or a list of files of the same run (one per rank or node). Faults: `profile_unreadable`,
 * `profile_format_unknown`, `profile_empty_folder`, `runner_missing`, and those of the readers.
 */
export const readProfile = async (paths: readonly string[], options: ReadOptions): Promise<ProfileSide> => {
  const sources = (await Promise.all(paths.map(profileSourcesAt))).flat();
  if (sources.length === 0)
    throw inputFault('profile_missing', 'no profile was named', { fix: 'name a file or folder' });
  const rules = await loadBucketRules(options.bucketsPath);
  const stats = sources.filter((source) => source.format === 'nsys-stats').map((source) => source.path);
  const single = sources.filter((source) => source.format !== 'nsys-stats');
  const sides: ProfileSide[] = [];
  for (const source of sources) demandClock(source, options);
  for (const source of single) {
    options.onProgress?.(`reading ${source.path}`);
    options.signal?.throwIfAborted();
    sides.push(await namingProfile(source.path, () => readSource(source, rules, options)));
  }
  if (stats.length > 0) sides.push(await readNsysStats(stats, classifier(rules)));
  return mergeSides(sides);
};

/** Says which of several files a fault is about. */
export const namingProfile = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.message.includes(basename(path))) throw cause;
    throw new Fault(cause.kind, cause.code, `${path}: ${cause.message}`, { ...cause.details, path });
  }
};

/** Formats whose rows carry times on the clock of the capture. */
const HAS_CLOCK: ReadonlySet<ProfileFormat> = new Set(['nsys-sqlite', 'nsys-rep', 'nsys-parquet', 'torch-trace']);

const demandClock = ({ format, path }: ProfileSource, options: ReadOptions): void => {
  if (options.window === undefined || HAS_CLOCK.has(format)) return;
  throw inputFault('window_unsupported', `${basename(path)} cannot be cut to a window: it is ${format}`, {
    path,
    fix: 'leave the window out, or give an nsys export or a torch trace',
  });
};

const readSource = async (
  { format, path }: ProfileSource,
  rules: BucketRules,
  options: ReadOptions,
): Promise<ProfileSide> => {
  const classify: Classify = classifier(rules);
  const nsysOptions: NsysReadOptions = {
    rules,
    window: options.window ?? null,
    stepMarker: options.stepMarker ?? null,
    attribute: options.attribute ?? null,
  };
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  switch (format) {
    case 'nsys-sqlite':
      return readSqliteProfile({ path, options: nsysOptions }, options.signal);
    case 'nsys-rep': {
      const exported = await exportNsysRep(path, options.cacheDir, runnerFor(options, path));
      const side = await readSqliteProfile({ path: exported, options: nsysOptions }, options.signal);
      return { ...side, format, sources: [path] };
    }
    case 'nsys-parquet': {
      const database = await openParquetDir(path, isNeededTable);
      return { ...readNsysDatabase(database, nsysOptions), format };
    }
    case 'torch-trace':
      return readTorchTrace(path, {
        classify,
        stepMarker: nsysOptions.stepMarker,
        window: nsysOptions.window,
        ...signal,
      });
    case 'ncu-csv':
      return readNcuCsv(await readNamedText(path), path, classify);
    case 'ncu-rep':
      return { ...(await readNcuCsv(await importNcuRep(path, runnerFor(options, path)), path, classify)), format };
    case 'nsys-stats':
      return readNsysStats([path], classify);
  }
};

const isNeededTable = (name: string): boolean =>
  /^(?:CUPTI_ACTIVITY_KIND_(?:KERNEL|RUNTIME|MEMCPY|MEMSET|SYNCHRONIZATION|GRAPH_TRACE)(?:_V\w+)?|NVTX_EVENTS(?:_V\w+)?|StringIds|TARGET_INFO_(?:GPU|CUDA_DEVICE|SESSION_START_TIME)|META_DATA_(?:EXPORT|CAPTURE)|ANALYSIS_DETAILS|DIAGNOSTIC_EVENT)$/i.test(
    name,
  );

const runnerFor = (options: ReadOptions, path: string): Runner => {
  if (options.run !== undefined) return options.run;
  throw inputFault(
    'runner_missing',
    'this report must be opened by the program that wrote it, which may not be run here',
    {
      path,
      fix: 'export it first (nsys export --type sqlite, ncu --csv --page raw) and pass the result',
    },
  );
};

const importNcuRep = async (path: string, run: Runner): Promise<string> => {
  const { code, stdout, stderr } = await run(ncuImportArgv(await readNcuFacts(run), path, 'raw'));
  if (code === 0) return stdout;
  throw inputFault(
    'ncu_import_failed',
    `ncu could not read the report: ${stderr.trim().slice(0, 300) || `code ${code}`}`,
    {
      path,
      fix: 'use an ncu at least as new as the one that recorded the report',
    },
  );
};

/** What a path stands for: itself, or the files of a folder. */
export const profileSourcesAt = async (path: string): Promise<ProfileSource[]> => {
  const kind = await kindOf(path);
  if (kind === 'file') return [await sourceOfFile(path)];
  const names = (await readdir(path)).sort();
  const tables = names.filter((name) => name.endsWith('.parquet'));
  if (tables.length > 0) return [{ format: 'nsys-parquet', path }];
  const found = await Promise.all(names.filter(isCandidate).map((name) => sourceInFolder(join(path, name))));
  const sources = withoutExports(found.filter((source): source is ProfileSource => source !== null));
  if (sources.length > 0) return sources;
  throw inputFault('profile_empty_folder', `no profile among ${names.length} files of the folder`, {
    path,
    fix: 'give .nsys-rep, .sqlite, nsys stats reports, torch traces, ncu pages, or a parquetdir',
  });
};

const kindOf = async (path: string): Promise<'file' | 'folder'> => {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (cause) {
    throw inputFault('profile_unreadable', `${path} cannot be read: ${systemCode(cause) ?? 'unknown error'}`, {
      path,
      cause,
      fix: 'check the path and its permissions',
    });
  }
};

const isCandidate = (name: string): boolean =>
  /\.(?:nsys-rep|qdrep|sqlite|db|ncu-rep|json|json\.gz|csv|log|parquetdir)$/i.test(name) || isStatsReport(name);

/** `r_osrtsum.csv` and the like lie beside the reports that are read, and look like them inside. */
const isOtherReport = (name: string): boolean =>
  !isStatsReport(name) && /(?:sum|trace)(?:[_.].*)?\.(?:csv|txt)$/i.test(name);

const sourceInFolder = async (path: string): Promise<ProfileSource | null> => {
  if ((await kindOf(path)) === 'folder') return path.endsWith('.parquetdir') ? { format: 'nsys-parquet', path } : null;
  if (isOtherReport(basename(path))) return null;
  try {
    return await sourceOfFile(path);
  } catch {
    return null; // another kind of file lies in the folder: it is no profile, and no fault of the profiles
  }
};

/** A report beside its own export is one capture, not two. */
const withoutExports = (sources: readonly ProfileSource[]): ProfileSource[] => {
  const stem = (path: string): string => path.replace(/\.(?:nsys-rep|qdrep|sqlite|db)$/i, '');
  const exported = new Set(
    sources.filter((source) => source.format === 'nsys-sqlite').map((source) => stem(source.path)),
  );
  return sources.filter((source) => source.format !== 'nsys-rep' || !exported.has(stem(source.path)));
};

const sourceOfFile = async (path: string): Promise<ProfileSource> => {
  const { head } = await onFile(path, () => fileEnds(path));
  if (isStatsReport(basename(path))) return { format: 'nsys-stats', path };
  if (/\.(?:nsys-rep|qdrep)$/i.test(path)) return { format: 'nsys-rep', path };
  if (/\.ncu-rep$/i.test(path)) return { format: 'ncu-rep', path };
  if (head.startsWith('SQLite format 3') || /\.(?:sqlite|db)$/i.test(path)) return { format: 'nsys-sqlite', path };
  if (/\.json\.gz$/i.test(path) || (/\.(?:json|gz)$/i.test(path) && /^\s*[[{]/.test(head)))
    return { format: 'torch-trace', path };
  if (looksLikeNcuCsv(head)) return { format: 'ncu-csv', path };
  if (/total time/i.test(head)) return { format: 'nsys-stats', path };
  throw inputFault('profile_format_unknown', `not a profile: ${basename(path)}`, {
    path,
    fix: 'give .nsys-rep, .sqlite, nsys stats reports, a torch trace (.json, .json.gz), ncu pages, or a parquetdir',
  });
};
