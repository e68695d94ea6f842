// `<arm>/c<N>-t<trial>.txt`: several configurations of one comparison, each repeated, with `result.json` of an arm beside them.
import { join } from 'node:path';
import { isJsonObject, type JsonObject } from '../../text/json.ts';
import type { CellIdentity } from '../cell-identity.ts';
import { cellName, type Bundle, type BundleFolder, type FoundCell, type Layout, type PointFile } from './bundle.ts';
import { identityOfFacts, readFacts } from './bundle-facts.ts'; // prettier-ignore

const TRIAL = /^([^/]+)\/c(\d+)-t(\d+)\.(?:txt|log|json)$/;

/** What server and GPUs did in a trial, in the folder that bears its name. */
const OF_TRIAL = /^[^/]+\/c\d+-t\d+\//;

/** Settings of an arm that make it another variant, and go with every row. */
const DESCRIPTORS = [
  'attention_backend', 'cuda_graph_max_bs', 'env', 'extra_args', 'extra_env', 'fimoe', 'flags', 'mem_fraction_static',
  'sglang_mem_fraction_static', 'router', 'topology', 'gqa_backend', 'gpu_memory_utilization', 'max_num_seqs', 'isl', 'osl', 'seed',
] as const; // prettier-ignore

const engineOf = (arm: string, facts: JsonObject): string => {
  const stated = facts['engine'];
  if (typeof stated === 'string' && stated !== '') return stated;
  return /sgl|-s-/i.test(arm) ? 'sglang' : 'vllm';
};

const describing = (facts: JsonObject): JsonObject => {
  const all = { ...facts, ...(isJsonObject(facts['extra']) ? facts['extra'] : {}) };
  return Object.fromEntries(
    DESCRIPTORS.flatMap((key) => {
      const value = all[key];
      return value === undefined || value === null || value === '' || value === 'unknown' ? [] : [[key, value]];
    }),
  );
};

const cellOf = async (path: string, arm: string, files: readonly string[], points: readonly PointFile[]): Promise<FoundCell> => {
  const facts = files.includes(`${arm}/result.json`) ? await readFacts(join(path, arm, 'result.json')) : {};
  const engine = engineOf(arm, facts);
  const stated = identityOfFacts(facts);
  const identity: CellIdentity = {
    ...stated,
    mtp: stated.mtp ?? /mtp/i.test(arm),
    serving_engine: engine,
    backend: engine === 'sglang' ? 'sglang-sweep' : 'vllm-sweep',
  };
  return { cellId: cellName(arm), identity, points, extra: { arm, engine, ...describing(facts) }, notes: [], files: [] };
}; // prettier-ignore

const find = async ({ path, files }: BundleFolder): Promise<Bundle | undefined> => {
  const arms = new Map<string, PointFile[]>();
  for (const file of files) {
    const [, arm, c] = TRIAL.exec(file) ?? [];
    if (arm !== undefined) arms.set(arm, [...(arms.get(arm) ?? []), { path: file, concurrency: Number(c) }]);
  }
  if (arms.size === 0) return undefined;
  const taken = new Set([...arms].flatMap(([arm, points]) => [`${arm}/result.json`, ...points.map((point) => point.path)]));
  return {
    layout: 'variant_ab',
    cells: await Promise.all([...arms].map(([arm, points]) => cellOf(path, arm, files, points))),
    unread: files
      .filter((file) => !taken.has(file) && !isCapture(file) && !OF_TRIAL.test(file))
      .map((file) => ({ path: file, reason: 'no trial of an arm' })),
  };
}; // prettier-ignore

/** Profiles of an arm, which have importers of their own. */
const isCapture = (file: string): boolean => /\/(zymtrace|nsys|ncu-profiles)\/|\/capture_sources\.json$/.test(file);

export const variantAb: Layout = { name: 'variant_ab', holds: '<arm>/c<N>-t<trial>.txt', find };
