// Exports an `.nsys-rep` once with the installed `nsys` and keeps the result by what the report is, in a cache folder of
// ours. Never writes beside the user's file, and never lets a half-written export be taken for a whole one.
import { createHash } from 'node:crypto';
import { chmod, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readNsysFacts } from '../../drivers/nsys-facts.ts';
import { DIFF_TABLES, nsysExportArgv } from '../../drivers/nsys.ts';
import type { Runner } from '../../exec/run-process.ts';
import { inputFault, systemCode } from '../../text/fault.ts';

/**
 * Path of the SQLite export of `report`. An export holds the environment of the profiled program, so only its owner may read
 * it and git leaves it alone. Faults: `profile_unreadable`,
 * `profile_cache_unwritable`, `nsys_export_failed`, `nsys_unrecognised`, `tool_missing`.
 */
export const exportNsysRep = async (report: string, cacheDir: string, run: Runner): Promise<string> => {
  const key = await reportKey(report);
  const target = join(cacheDir, `${key}.sqlite`);
  if (await isFile(target)) return target;
  await makeCache(cacheDir);
  const staged = join(cacheDir, `.${key}.${process.pid}.sqlite`);
  try {
    await runExport(report, staged, run);
    await chmod(staged, 0o600);
    await rename(staged, target);
  } finally {
    await rm(staged, { force: true });
  }
  return target;
};

const makeCache = async (cacheDir: string): Promise<void> => {
  try {
    await mkdir(cacheDir, { recursive: true });
    await writeFile(join(cacheDir, '.gitignore'), '*\n');
  } catch (cause) {
    throw inputFault(
      'profile_cache_unwritable',
      `cannot write the folder of exports: ${systemCode(cause) ?? 'unknown error'}`,
      { path: cacheDir, cause, fix: 'make the folder writable, or export the report yourself and pass the .sqlite' },
    );
  }
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
      fix: 'check the path and its permissions',
    });
  }
};

const runExport = async (report: string, target: string, run: Runner): Promise<void> => {
  const facts = await readNsysFacts(run);
  const { argv } = nsysExportArgv(facts, { report, output: target, type: 'sqlite', tables: DIFF_TABLES });
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
      fix: 'use an nsys at least as new as the one that recorded the report, or export it there and pass the .sqlite',
    },
  );
};
