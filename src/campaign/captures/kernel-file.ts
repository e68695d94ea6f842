// `kernels.json` and `ncu_kernels.json` of a cell: what profiles say of its kernels. Each source keeps its own unit, so that
// samples and nanoseconds are never added; a source that is there is not replaced.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { replaceFile } from '../../fs/atomic-file.ts';
import { readNamedText } from '../../fs/named-text.ts';
import { cellNameIn } from '../cell-files.ts';
import type { Bucket, Category } from '../../profile/model/buckets.ts';
import { Fault } from '../../text/fault.ts';
import { isJsonObject, jsonFile, parseJsonObject, type JsonObject } from '../../text/json.ts';
import { cellFile, cellFolder } from '../layout.ts'; // prettier-ignore

/** Version 1, the predecessor's, held one source and no unit. */
const KERNELS_VERSION = 2;

export interface KernelSource {
  readonly source: 'nsys' | 'zymtrace';
  /** What every `value` is. */
  readonly unit: 'ns' | 'samples';
  readonly paths: readonly string[];
  readonly top_kernels: readonly {
    readonly name: string;
    readonly bucket: Bucket;
    readonly category: Category;
    readonly value: number;
    /** Null where the capture does not count calls. */
    readonly calls: number | null;
  }[];
  readonly per_category: Readonly<Record<string, number>>;
  readonly per_class: Readonly<Record<string, number>>;
  readonly per_gpu: readonly {
    readonly gpu_name: string | null;
    readonly gpu_uuid: string | null;
    readonly value: number;
  }[];
  readonly top_python_during_cuda: readonly { readonly frame: string; readonly value: number }[];
}

const filled = (path: string, what: string): Fault =>
  new Fault('refused', 'cell_filled', `${path} already holds ${what}`, {
    path,
    fix: 'give another cell_id to keep both; captures are never replaced',
  });

const sourcesAt = async (path: string): Promise<JsonObject[]> => {
  if (!existsSync(path)) return [];
  const { sources } = parseJsonObject(await readNamedText(path), path);
  if (!Array.isArray(sources)) throw filled(path, 'kernels of an older form');
  return sources.filter(isJsonObject);
};

export interface Placed {
  readonly campaign: string;
  readonly cellId: string;
  readonly dryRun: boolean;
}

const place = async ({ campaign, cellId, dryRun }: Placed, path: string, document: unknown): Promise<string> => {
  if (dryRun) return path;
  await mkdir(cellFolder(campaign, cellId), { recursive: true });
  await replaceFile(path, jsonFile(document));
  return path;
};

/** Adds a source to the kernels of a cell. Throws a Fault `cell_filled` where that source is there. */
export const placeKernels = async (at: Placed, found: KernelSource): Promise<string> => {
  const path = cellFile(at.campaign, cellNameIn(at.campaign, at.cellId), 'kernels');
  const sources = await sourcesAt(path);
  if (sources.some(({ source }) => source === found.source)) throw filled(path, `kernels of ${found.source}`);
  const all = [...sources, found];
  return place(at, path, {
    schema_version: KERNELS_VERSION,
    captured_sources: all.map(({ source }) => source),
    sources: all,
  });
};

/** Writes the counters of a cell's kernels. Throws a Fault `cell_filled`. */
export const placeCounters = async (at: Placed, kernels: readonly object[], hardware: string | null): Promise<string> => {
  const path = cellFile(at.campaign, cellNameIn(at.campaign, at.cellId), 'ncuKernels');
  if (existsSync(path)) throw filled(path, 'counters');
  return place(at, path, { schema_version: 1, captured_sources: ['ncu'], hw_key: hardware, kernels });
}; // prettier-ignore
