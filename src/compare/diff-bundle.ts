// The files that a comparison leaves behind: diff.json with every row, diff.md for people, where the baseline is, and a copy
// of what was compared. The folder appears whole or not at all.
import { createHash } from 'node:crypto';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { JudgedRow } from './judgement.ts';
import { deltaLines, deltaRecord } from './delta-record.ts';
import { renderDiffMarkdown } from './diff-markdown.ts';
import type { DiffReport } from './summarise.ts';
import { filesBelow, folderDigest, type FoundFile } from '../fs/folder-hash.ts';
import type { FileDigest } from '../fs/hash.ts';
import { publishDerived } from '../fs/publish-folder.ts';
import { artifactsFolder } from '../fs/root.ts';
import { safeSegment } from '../fs/safe-path.ts';
import { copyChecked, hashChecked, lastExtension } from '../registry/snapshot.ts';
import { canonicalJson, jsonFile } from '../text/json.ts';
import { redactValue, writtenWithoutSecrets } from '../text/redact.ts';
import { timeSlug, type Moment } from '../text/time.ts';
import { candidateHead } from './diff-head.ts';
import type { DiffSource } from './diff-schema.ts';
import { type PipeFiles, withGivenNames } from '../verb/spooled-pipes.ts';

/** Above this size in bytes a copy of the candidate is replaced by a reference, unless the caller wants the copy. */
const COPY_LIMIT = 256 * 1024 * 1024;

export interface KeepOptions {
  readonly copy: boolean;
  /** Secret values that must not be stored. */
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
  /** Files in place of pipes: what is kept says the names that the caller gave. */
  readonly pipes?: PipeFiles;
  /** In bytes; default 256 MB. */
  readonly copyLimit?: number | undefined;
}

export interface BundleInput extends KeepOptions {
  readonly root: string;
  readonly moment: Moment;
  readonly report: DiffReport;
  readonly baselineFolders: readonly string[];
  /** Absolute paths of the candidate; empty when plain values were given. */
  readonly candidate: readonly string[];
  readonly candidateValues: readonly number[] | undefined;
  /** Fields of diff.json beside the rows. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Bundle {
  readonly folder: string;
  readonly candidateSha256: string;
  readonly sources: readonly DiffSource[];
}

/** The files at a path, and whether the path is a folder of them. */
const filesAt = async (path: string): Promise<{ files: FoundFile[]; size: number; isFolder: boolean }> => {
  const status = statSync(path);
  if (!status.isDirectory()) return { files: [{ path: '', real: path }], size: status.size, isFolder: false };
  const files = await filesBelow(path);
  return { files, size: files.reduce((sum, { real }) => sum + statSync(real).size, 0), isFolder: true };
};

/**
 * Copies one source to `name`, or leaves a reference to it; the hash is of the bytes as they are now. Throws a Fault
 * `secret_in_source`.
 */
export const keepSource = async (
  staged: string,
  name: string,
  path: string,
  { copy, secrets, signal, pipes = {}, copyLimit = COPY_LIMIT }: KeepOptions,
): Promise<DiffSource> => {
  const { files, size, isFolder } = await filesAt(path);
  const isCopied = copy || size <= copyLimit;
  const take = async (file: FoundFile): Promise<FileDigest> => {
    if (!isCopied) return hashChecked(file.real, { secrets, signal });
    const target = isFolder ? join(staged, name, file.path) : join(staged, `${name}${lastExtension(path)}`);
    if (isFolder) mkdirSync(dirname(target), { recursive: true });
    return copyChecked(file.real, target, { secrets, signal });
  };
  const taken = [];
  for (const file of files) taken.push({ path: file.path, ...(await take(file)) });
  const source = {
    path: withGivenNames(path, pipes),
    sha256: isFolder ? folderDigest(taken) : (taken[0]?.sha256 ?? ''),
    size,
  };
  if (!isCopied) writeFileSync(join(staged, `${name}.ref.json`), jsonFile(redactValue(source, secrets)));
  return source;
};

const keepCandidate = async (staged: string, input: BundleInput): Promise<DiffSource[]> => {
  const { candidate, candidateValues: candidateValues } = input;
  if (candidateValues !== undefined) {
    const text = jsonFile({ values: candidateValues });
    writeFileSync(join(staged, 'current-snapshot.json'), text);
    return [
      { path: '(values of the call)', sha256: createHash('sha256').update(text).digest('hex'), size: text.length },
    ];
  }
  const [only] = candidate;
  if (candidate.length === 1 && only !== undefined) return [await keepSource(staged, 'current-snapshot', only, input)];
  mkdirSync(join(staged, 'current-snapshot'));
  const kept: DiffSource[] = [];
  for (const [index, path] of candidate.entries())
    kept.push(
      await keepSource(join(staged, 'current-snapshot'), `${index}-${basename(path, extname(path))}`, path, input),
    );
  return kept;
};

/** The folders of the baseline, one per line. */
export const baselineRef = (folders: readonly string[]): string => folders.map((folder) => `${folder}\n`).join('');

/** Rows per write. */
const PART = 5000;

const rowLines = (rows: readonly JudgedRow[]): string =>
  rows.length === 0 ? '' : `\n    ${deltaLines(rows).join(',\n    ')}`;

/** Writes diff.json part by part, so that a million rows never stand in memory as one text. */
const writeDiffJson = async (
  path: string,
  fields: Readonly<Record<string, unknown>>,
  rows: readonly JudgedRow[],
  secrets: readonly string[],
): Promise<void> => {
  const most = { deltas_count: rows.length, deltas_top20: rows.slice(0, 20).map(deltaRecord) };
  const head = writtenWithoutSecrets(fields, secrets, (clean) => jsonFile({ ...clean, ...most }));
  const before = `${head.slice(0, head.lastIndexOf('\n}'))},\n  "deltas": [${rowLines(rows.slice(0, PART))}`;
  const after = '\n  ]\n}\n';
  if (rows.length <= PART) return writeFileSync(path, before + after, { flag: 'wx' });
  const file = await open(path, 'wx');
  try {
    await file.write(before);
    for (let start = PART; start < rows.length; start += PART)
      await file.write(`,${rowLines(rows.slice(start, start + PART))}`);
    await file.write(after);
  } finally {
    await file.close();
  }
};

/** One hash over all sources: that of the only one, else of the list. */
export const jointHash = (sources: readonly DiffSource[]): string => {
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
  let sources: DiffSource[] = [];
  await publishDerived(join(diffs, '.staging'), folder, async (staged) => {
    sources = await keepCandidate(staged, input);
    const fields = { ...input.fields, ...candidateHead(jointHash(sources), sources) };
    await writeDiffJson(join(staged, 'diff.json'), fields, judgement.rows, input.secrets);
    writeFileSync(join(staged, 'diff.md'), renderDiffMarkdown(input.report));
    writeFileSync(join(staged, 'baseline-ref.txt'), baselineRef(input.baselineFolders));
  });
  return { folder, candidateSha256: jointHash(sources), sources };
};
