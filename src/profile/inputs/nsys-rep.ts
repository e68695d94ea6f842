// Exports an `.nsys-rep` once with the installed `nsys` and keeps the result by what the report is, in a cache folder of
// ours. Never writes beside the user's file, and never lets a half-written export be taken for a whole one.
import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inputFault, systemCode } from '../../text/fault.ts';

/** Runs a program and gives back what it printed; the code is null where a signal ended it. */
export type Runner = (
  argv: string[],
) => Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;

/** Tables that a profile is made of, for versions of nsys that can export a choice. The environment table is not among them. */
const TABLES = [
  'StringIds',
  'CUPTI_ACTIVITY_KIND_.*',
  'CUDA_GRAPH.*',
  'NVTX_EVENTS',
  'TARGET_INFO_GPU',
  'TARGET_INFO_CUDA_DEVICE',
  'TARGET_INFO_SESSION_START_TIME',
  'META_DATA_EXPORT',
  'META_DATA_CAPTURE',
  'ANALYSIS_DETAILS',
  'PROCESSES',
  'DIAGNOSTIC_EVENT',
];

/** Path of the SQLite export of `report`. Faults: `profile_unreadable`, `nsys_export_failed`. */
export const exportNsysRep = async (report: string, cacheDir: string, run: Runner): Promise<string> => {
  const key = await reportKey(report);
  const target = join(cacheDir, `${key}.sqlite`);
  if (await isFile(target)) return target;
  await mkdir(cacheDir, { recursive: true });
  const staged = join(cacheDir, `.${key}.${process.pid}.sqlite`);
  try {
    await runExport(report, staged, run);
    await rename(staged, target);
  } finally {
    await rm(staged, { force: true });
  }
  return target;
};

const isFile = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
};

const SAMPLE = 1 << 20;

/** Size, time of change, and a hash over the ends and middle of the file: a report is never edited in place. */
const reportKey = async (report: string): Promise<string> => {
  try {
    const { size, mtimeMs } = await stat(report);
    const hash = createHash('sha256').update(`${size} ${mtimeMs} `);
    const file = await open(report, 'r');
    try {
      for (const position of new Set([0, Math.max(0, Math.floor(size / 2)), Math.max(0, size - SAMPLE)])) {
        const bytes = Buffer.alloc(Math.min(SAMPLE, size));
        const { bytesRead } = await file.read(bytes, 0, bytes.length, position);
        hash.update(bytes.subarray(0, bytesRead));
      }
    } finally {
      await file.close();
    }
    return `${basename(report)
      .replace(/\.[^.]*$/, '')
      .replace(/[^\w.-]/g, '_')
      .slice(0, 60)}-${hash.digest('hex').slice(0, 24)}`;
  } catch (cause) {
    throw inputFault('profile_unreadable', `cannot read the report: ${systemCode(cause) ?? 'unknown error'}`, {
      path: report,
      cause,
      fix: 'Check the path and its permissions.',
    });
  }
};

const runExport = async (report: string, target: string, run: Runner): Promise<void> => {
  const help = await run(['nsys', 'export', '--help']);
  const has = (option: string): boolean => `${help.stdout}${help.stderr}`.includes(option);
  const argv = [
    'nsys',
    'export',
    '--type=sqlite',
    ...(has('--lazy') ? ['--lazy=true'] : []),
    ...(has('--tables') ? [`--tables=${TABLES.join(',')}`] : []),
    '--force-overwrite=true',
    `--output=${target}`,
    report,
  ];
  const { code, stdout, stderr } = await run(argv);
  if (code === 0 && (await isFile(target))) return;
  const said = `${stderr}\n${stdout}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const reason = code === 0 ? 'it wrote no file' : `it ended with code ${code ?? 'none (killed)'}`;
  throw inputFault(
    'nsys_export_failed',
    `nsys could not export the report: ${reason}; ${said.slice(0, 2).join(' ').slice(0, 300)}`,
    {
      path: report,
      fix: 'Use an nsys at least as new as the one that recorded the report, or export it there and pass the .sqlite.',
    },
  );
};
