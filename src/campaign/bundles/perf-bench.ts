// `raw/sweep-c<N>.txt` and `raw/sweep-K<K>-c<N>.txt` beside `inference_perfbench_v1.json`: one configuration over concurrencies,
// and over numbers of speculative tokens, each of which is a cell of its own.
import { join } from 'node:path';
import type { CellIdentity } from '../cell-identity.ts';
import type { Bundle, BundleFolder, FoundCell, Layout, PointFile } from './bundle.ts';
import { identityOfFacts, readFacts } from './bundle-facts.ts';

const SWEEP = /^(?:raw\/)?sweep-(?:K(\d+)-)?c(\d+)(?:-t\d+)?\.(?:txt|log|json)$/;
const FACTS = 'inference_perfbench_v1.json';

interface Found extends PointFile {
  readonly k: number;
}

const found = (path: string): Found[] => {
  const [, k = '1', c] = SWEEP.exec(path) ?? [];
  return c === undefined ? [] : [{ path, concurrency: Number(c), k: Number(k) }];
};

const cellOf = (base: string, identity: CellIdentity, files: readonly Found[], k: number, isSweep: boolean): FoundCell => {
  const { num_speculative_tokens: stated, ...rest } = identity;
  // A sweep over K says K file by file; the bundle's own number is that of its largest.
  const tokens = isSweep ? k : stated;
  return {
    cellId: k === 1 ? base : `${base}-K${k}`,
    identity: { ...rest, backend: 'vllm-sweep', ...(tokens === undefined ? {} : { num_speculative_tokens: tokens }) },
    points: files.filter((file) => file.k === k),
    extra: isSweep ? { spec_decode_k: k } : {},
    notes: [],
    files: [],
  };
}; // prettier-ignore

const find = async ({ path, files, cellId }: BundleFolder): Promise<Bundle | undefined> => {
  const sweeps = files.flatMap(found);
  if (sweeps.length === 0) return undefined;
  const identity = files.includes(FACTS) ? identityOfFacts(await readFacts(join(path, FACTS))) : {};
  const ks = [...new Set(sweeps.map(({ k }) => k))].sort((a, b) => a - b);
  const taken = new Set([FACTS, ...sweeps.map((sweep) => sweep.path)]);
  return {
    layout: 'inference_perf_bench',
    cells: ks.map((k) => cellOf(cellId, identity, sweeps, k, ks.length > 1)),
    unread: files.filter((file) => !taken.has(file)).map((file) => ({ path: file, reason: 'not part of the sweep' })),
  };
};

export const perfBench: Layout = { name: 'inference_perf_bench', holds: 'raw/sweep-c<N>.txt', find };
