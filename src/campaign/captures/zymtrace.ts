// The five tables of a zymtrace capture: samples of kernels, of their classes, GPUs and categories, and of Python frames. Samples
// count how often a thing was seen, not how long it took; they are never taken for times.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readNamedText } from '../../fs/named-text.ts';
import { loadBucketRules } from '../../profile/kernels/bucket-rules.ts';
import { classifier } from '../../profile/kernels/classify.ts';
import { captureFault } from './capture-sources.ts';
import { queryTables, type ClickHouse } from './clickhouse.ts';
import type { KernelSource } from './kernel-file.ts';

const TABLES = {
  classes: ['kernel-class.tsv', 2],
  frames: ['top-gpu-frames.tsv', 2],
  gpus: ['per-gpu.tsv', 3],
  categories: ['per-category.tsv', 2],
  python: ['top-python-during-cuda.tsv', 2],
} as const;

interface Line {
  readonly name: string;
  /** The column between name and samples, where there is one. */
  readonly id: string;
  readonly samples: number;
}

const UNRESOLVED = '<unresolved>';

const linesOf = (text: string, path: string, width: number): Line[] => {
  const [, ...lines] = text.replaceAll('\r', '').split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) throw captureFault(path, 'holds no line below its header');
  return lines.map((line, index) => {
    const cells = line.split('\t');
    const samples = Number(cells.at(-1));
    if (cells.length !== width) throw captureFault(`${path}:${index + 2}`, `has ${cells.length} columns, not ${width}`);
    if (!Number.isSafeInteger(samples) || samples < 0)
      throw captureFault(`${path}:${index + 2}`, `has ${cells.at(-1)} for a number of samples`);
    const name = cells[0]?.trim() ?? '';
    return { name: name === '' ? UNRESOLVED : name, id: cells[1]?.trim() ?? '', samples };
  });
}; // prettier-ignore

const counted = (lines: readonly Line[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const { name, samples } of lines) sums[name] = (sums[name] ?? 0) + samples;
  return sums;
};

/** Text of each table by its name. */
const textsOf = async (at: string, server: ClickHouse | undefined): Promise<ReadonlyMap<string, string>> => {
  const names = Object.values(TABLES).map(([file]) => file);
  if (server !== undefined)
    return new Map((await queryTables(at, names, server)).map(({ name, text }) => [name, text]));
  const texts = new Map<string, string>();
  for (const name of names) {
    const path = join(at, name);
    if (!existsSync(path)) throw captureFault(path, 'is missing');
    texts.set(name, await readNamedText(path));
  }
  return texts;
};

/**
 * Reads `zymtrace/` of a folder, or asks a server with the queries in it. Throws a Fault `capture_incomplete` that names the file, or
 * those of the queries.
 */
export const readZymtrace = async (folder: string, bucketsPath: string, server?: ClickHouse): Promise<KernelSource> => {
  const at = join(folder, 'zymtrace');
  const texts = await textsOf(at, server);
  const table = ([file, width]: readonly [string, number]): Line[] =>
    linesOf(texts.get(file) ?? '', join(at, file), width);
  const { frames, categories, gpus, python, classes } = {
    frames: table(TABLES.frames),
    categories: table(TABLES.categories),
    gpus: table(TABLES.gpus),
    python: table(TABLES.python),
    classes: table(TABLES.classes),
  };
  const classify = classifier(await loadBucketRules(bucketsPath));
  return {
    source: 'zymtrace',
    unit: 'samples',
    paths: server === undefined ? [at] : [at, new URL(server.url).origin],
    top_kernels: frames.map(({ name, samples }) => ({ name, ...classify(name), value: samples, calls: null })),
    per_category: counted(categories),
    per_class: counted(classes),
    per_gpu: gpus.map(({ name, id, samples }) => ({ gpu_name: name, gpu_uuid: id, value: samples })),
    top_python_during_cuda: python.map(({ name, samples }) => ({ frame: name, value: samples })),
  };
};
