// `<tag>-c<N>.txt` with `bench-workloads.json`, which says dataset and lengths of each tag: one cell for each workload.
import { basename, join } from 'node:path';
import { isJsonObject, type JsonObject } from '../../text/json.ts';
import { cellName, type Bundle, type BundleFolder, type Layout, type PointFile } from './bundle.ts';
import { readFacts } from './bundle-facts.ts';

const POINT = /^([^/]+)-c(\d+)\.(?:txt|log|json)$/;
const WORKLOADS = 'bench-workloads.json';

const workloadsOf = (document: JsonObject): ReadonlyMap<string, JsonObject> => {
  const list = Array.isArray(document['workloads']) ? document['workloads'].filter(isJsonObject) : [];
  return new Map(list.map((workload) => [String(workload['tag'] ?? ''), workload]));
};

const lengths = (workload: JsonObject | undefined): JsonObject =>
  Object.fromEntries(
    ['isl', 'osl'].flatMap((key) => {
      const value = workload?.[key];
      return typeof value === 'number' ? [[key, value]] : [];
    }),
  );

const find = async ({ path, files }: BundleFolder): Promise<Bundle | undefined> => {
  if (!files.includes(WORKLOADS)) return undefined;
  const workloads = workloadsOf(await readFacts(join(path, WORKLOADS)));
  const tags = new Map<string, PointFile[]>();
  for (const file of files) {
    const [, tag, c] = POINT.exec(file) ?? [];
    if (tag !== undefined) tags.set(tag, [...(tags.get(tag) ?? []), { path: file, concurrency: Number(c) }]);
  }
  const taken = new Set([WORKLOADS, ...[...tags.values()].flatMap((points) => points.map((point) => point.path))]);
  return {
    layout: 'workloads',
    cells: [...tags].map(([tag, points]) => {
      const dataset = workloads.get(tag)?.['dataset'];
      return {
        cellId: cellName(basename(tag)),
        identity: { backend: 'vllm-sweep', ...(typeof dataset === 'string' ? { dataset } : {}) },
        points,
        extra: { workload: tag, ...lengths(workloads.get(tag)) },
        notes: [],
        files: [],
      };
    }),
    unread: files.filter((file) => !taken.has(file)).map((file) => ({ path: file, reason: 'no point of a workload' })),
  };
};

export const workloads: Layout = { name: 'workloads', holds: '<tag>-c<N>.txt and bench-workloads.json', find };
