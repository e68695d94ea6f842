// Finds how a folder of results is laid out. The first layout that fits is taken; they are ordered from the most particular to
// the one that takes any result file.
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { onFile } from '../../fs/io-fault.ts';
import { inputFault } from '../../text/fault.ts';
import { cellName, type Bundle, type BundleFolder, type Layout } from './bundle.ts';
import { driveLoad } from './drive-load.ts';
import { lwsSummary } from './lws-summary.ts';
import { modelEval } from './model-eval.ts';
import { perfBench } from './perf-bench.ts';
import { resultTree } from './result-tree.ts';
import { rooflineSweep } from './roofline-sweep.ts';
import { rowFiles } from './row-files.ts';
import { variantAb } from './variant-ab.ts';
import { workloads } from './workloads.ts'; // prettier-ignore

/** In the order in which they are tried. */
export const LAYOUTS: readonly Layout[] = [
  rowFiles,
  rooflineSweep(),
  driveLoad,
  lwsSummary,
  variantAb,
  perfBench,
  workloads,
  modelEval,
  resultTree,
];

/** Most files of a bundle; a folder with more is not one. */
const MOST_FILES = 100_000;

const notReadReason = (entry: Dirent): string =>
  entry.isSymbolicLink() ? 'a link, which is not followed' : 'a pipe, socket or device';

/** Files of a folder and below, sorted, hidden ones left out; a file stands for itself. */
export const openBundle = (path: string, cellId: string | undefined): Promise<BundleFolder> =>
  onFile(path, async () => {
    const status = statSync(path);
    const named = cellId ?? cellName(basename(path).replace(/\.(json|jsonl|csv|txt|log|ya?ml)(\.gz)?$/i, ''));
    if (status.isFile()) return { path: dirname(path), files: [basename(path)], cellId: named, others: [] };
    const entries = readdirSync(path, { withFileTypes: true, recursive: true });
    if (entries.length > MOST_FILES)
      throw inputFault('bundle_too_large', `${path} holds ${entries.length} files, the limit is ${MOST_FILES}`, {
        path,
        fix: 'name the folder of one bundle',
      });
    const found = entries
      .map((entry) => ({ entry, file: join(entry.parentPath, entry.name).slice(path.replace(/\/+$/, '').length + 1) }))
      .filter(({ file }) => !file.split('/').some((part) => part.startsWith('.')));
    return {
      path,
      files: found.flatMap(({ entry, file }) => (entry.isFile() ? [file] : [])).sort(),
      cellId: named,
      others: found.flatMap(({ entry, file }) =>
        entry.isFile() || entry.isDirectory() ? [] : [{ path: file, reason: notReadReason(entry) }],
      ),
    };
  });

/** The bundle in a folder. Throws a Fault `bundle_unknown` that lists what a bundle may hold. */
export const findBundle = async (folder: BundleFolder, layouts: readonly Layout[] = LAYOUTS): Promise<Bundle> => {
  for (const layout of layouts) {
    const bundle = await layout.find(folder);
    if (bundle !== undefined) return { ...bundle, unread: [...bundle.unread, ...folder.others] };
  }
  throw inputFault('bundle_unknown', `${folder.path} is laid out in no known way (${folder.files.length} files)`, {
    path: folder.path,
    fix: `name a folder with ${layouts.map(({ holds }) => holds).join(', or ')}`,
  });
};
