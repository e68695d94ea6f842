// The files that a comparison leaves behind: diff.json with every row, diff.md for people, where the baseline is, and a copy
// of what was compared. The folder appears whole or not at all.
import { createHash } from 'node:crypto';
import { mkdir, open, stat, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { JudgedRow } from '../compare/judgement.ts';
import { deltaRecord } from '../compare/delta-record.ts';
import { renderDiffMarkdown } from '../compare/diff-markdown.ts';
import type { DiffReport } from '../compare/summarise.ts';
import { folderDigest, hashFolder } from '../fs/folder-hash.ts';
import { copyHashed, hashFile } from '../fs/hash.ts';
import { publishFolder } from '../fs/publish-folder.ts';
import { artifactsFolder } from '../fs/root.ts';
import { safeSegment } from '../fs/safe-path.ts';
import { canonicalJson, jsonFile } from '../text/json.ts';
import { timeSlug, type Moment } from '../text/time.ts';
import { filesOf } from './source-shape.ts';

/** Above this size a copy of the current side is replaced by a reference, unless the caller wants the copy. */
const COPY_LIMIT = 256 * 1024 * 1024;

export interface CurrentSource {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

export interface BundleInput {
  readonly root: string;
  readonly moment: Moment;
  readonly report: DiffReport;
  readonly baselineFolder: string;
  /** Absolute paths of the current side; empty when plain values were given. */
  readonly current: readonly string[];
  readonly currentValues: readonly number[] | undefined;
  readonly copy: boolean;
  /** Fields of diff.json beside the rows. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}

export interface Bundle {
  readonly folder: string;
  readonly currentSha256: string;
  readonly sources: readonly CurrentSource[];
}

/** Size in bytes of a file, or of the files of a folder. */
const sizeOf = async (path: string): Promise<{ size: number; isFolder: boolean }> => {
  const status = await stat(path);
  if (!status.isDirectory()) return { size: status.size, isFolder: false };
  const sizes = await Promise.all((await filesOf(path)).map(async (file) => (await stat(join(path, file))).size));
  return { size: sizes.reduce((sum, size) => sum + size, 0), isFolder: true };
};

const copyFolder = async (source: string, target: string, signal: AbortSignal): Promise<string> => {
  const files = [];
  for (const file of await filesOf(source)) {
    await mkdir(join(target, file, '..'), { recursive: true });
    files.push({ path: file, ...(await copyHashed(join(source, file), join(target, file), { signal })) });
  }
  return folderDigest(files);
};

/** Copies one source to `name`, or leaves a reference to it; the hash is of the bytes as they are now. */
export const keepSource = async (
  staged: string,
  name: string,
  path: string,
  { copy, signal }: Pick<BundleInput, 'copy' | 'signal'>,
): Promise<CurrentSource> => {
  const { size, isFolder } = await sizeOf(path);
  if (size > COPY_LIMIT && !copy) {
    const sha256 = isFolder
      ? folderDigest(await hashFolder(path, { signal }))
      : (await hashFile(path, { signal })).sha256;
    await writeFile(join(staged, `${name}.ref.json`), jsonFile({ path, sha256, size }));
    return { path, sha256, size };
  }
  if (isFolder) {
    await mkdir(join(staged, name));
    return { path, size, sha256: await copyFolder(path, join(staged, name), signal) };
  }
  const { sha256 } = await copyHashed(path, join(staged, `${name}${extname(path)}`), { signal });
  return { path, sha256, size };
};

const keepCurrent = async (staged: string, input: BundleInput): Promise<CurrentSource[]> => {
  const { current, currentValues } = input;
  if (currentValues !== undefined) {
    const text = jsonFile({ values: currentValues });
    await writeFile(join(staged, 'current-snapshot.json'), text);
    return [
      { path: '(values of the call)', sha256: createHash('sha256').update(text).digest('hex'), size: text.length },
    ];
  }
  const [only] = current;
  if (current.length === 1 && only !== undefined) return [await keepSource(staged, 'current-snapshot', only, input)];
  await mkdir(join(staged, 'current-snapshot'));
  const kept: CurrentSource[] = [];
  for (const [index, path] of current.entries())
    kept.push(
      await keepSource(join(staged, 'current-snapshot'), `${index}-${basename(path, extname(path))}`, path, input),
    );
  return kept;
};

/** Writes diff.json row by row, so that a million rows never stand in memory as one text. */
const writeDiffJson = async (
  path: string,
  fields: Readonly<Record<string, unknown>>,
  rows: readonly JudgedRow[],
): Promise<void> => {
  const head = jsonFile({
    ...fields,
    deltas_count: rows.length,
    deltas_top20: rows.slice(0, 20).map(deltaRecord),
  });
  const file = await open(path, 'wx');
  try {
    await file.write(`${head.slice(0, head.lastIndexOf('\n}'))},\n  "deltas": [`);
    for (let start = 0; start < rows.length; start += 5000) {
      const part = rows.slice(start, start + 5000).map((row) => `\n    ${JSON.stringify(deltaRecord(row))}`);
      await file.write(`${start === 0 ? '' : ','}${part.join(',')}`);
    }
    await file.write('\n  ]\n}\n');
  } finally {
    await file.close();
  }
};

/** One hash over all sources: that of the only one, else of the list. */
const jointHash = (sources: readonly CurrentSource[]): string => {
  const [only] = sources;
  if (sources.length === 1 && only !== undefined) return only.sha256;
  return createHash('sha256')
    .update(canonicalJson(sources.map(({ sha256 }) => sha256)))
    .digest('hex');
};

/** Publishes the bundle below `experiments/artifacts/perf-baseline-diffs/`. */
export const writeBundle = async (input: BundleInput): Promise<Bundle> => {
  const { family, measurement, judgement } = input.report;
  const diffs = join(artifactsFolder(input.root), 'perf-baseline-diffs');
  const place = join(diffs, safeSegment(family, 'family'), safeSegment(measurement, 'measurement'));
  const folder = join(place, timeSlug(input.moment));
  let sources: CurrentSource[] = [];
  await publishFolder(join(diffs, '.staging'), folder, async (staged) => {
    sources = await keepCurrent(staged, input);
    const currentSha256 = jointHash(sources);
    const fields = {
      ...input.fields,
      current_sha256: currentSha256,
      current_source_sha256: currentSha256,
      current_sources: sources,
    };
    await writeDiffJson(join(staged, 'diff.json'), fields, judgement.rows);
    await writeFile(join(staged, 'diff.md'), renderDiffMarkdown(input.report));
    await writeFile(join(staged, 'baseline-ref.txt'), `${input.baselineFolder}\n`);
  });
  return { folder, currentSha256: jointHash(sources), sources };
};
