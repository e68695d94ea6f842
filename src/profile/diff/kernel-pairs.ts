// Pairs kernels of two captures: equal names first, then what is left by ever looser names, so that a changed template
// argument or tile is one kernel and not one new and one removed. Pure.
import type { Bucket } from '../model/buckets.ts';
import { canonicalName, tilelessName } from '../kernels/reduced-names.ts';

export interface NamedKernel {
  readonly name: string;
  readonly shortName: string;
  readonly bucket: Bucket;
  readonly count: number;
  readonly totalNs: number;
}

export interface KernelPair {
  readonly baseline: string | null;
  readonly candidate: string | null;
}

type Key = (kernel: NamedKernel) => string;

/** Ever looser ways to call two kernels the same; each key holds the bucket, so that a GEMM never meets a copy. */
const TIERS: readonly { readonly key: Key; readonly alike: boolean }[] = [
  { key: (kernel) => `${kernel.bucket} ${canonicalName(kernel.name)}`, alike: false },
  { key: (kernel) => `${kernel.bucket} ${kernel.shortName}`, alike: false },
  { key: (kernel) => `${kernel.bucket} ${tilelessName(kernel.shortName)}`, alike: true },
];

/** `workRatio`: candidate over baseline work, to judge whether counts fit. */
export const pairKernels = (
  baseline: readonly NamedKernel[],
  candidate: readonly NamedKernel[],
  workRatio: number,
): KernelPair[] => {
  const shared = new Set(baseline.map((kernel) => kernel.name));
  const both = candidate.filter((kernel) => shared.has(kernel.name));
  const pairs: KernelPair[] = both.map(({ name }) => ({ baseline: name, candidate: name }));
  const common = new Set(both.map((kernel) => kernel.name));
  let removed = baseline.filter((kernel) => !common.has(kernel.name));
  let added = candidate.filter((kernel) => !common.has(kernel.name));
  for (const { key, alike } of TIERS) {
    const found = pairsByKey(removed, added, key, alike ? workRatio : null);
    pairs.push(...found.map(([old, now]) => ({ baseline: old.name, candidate: now.name })));
    removed = removed.filter((kernel) => !found.some(([old]) => old === kernel));
    added = added.filter((kernel) => !found.some(([, now]) => now === kernel));
  }
  return [
    ...pairs,
    ...removed.map(({ name }) => ({ baseline: name, candidate: null })),
    ...added.map(({ name }) => ({ baseline: null, candidate: name })),
  ];
};

/** Closest first by how often they were called and how long a call takes. `workRatio` null: any closeness will do. */
const pairsByKey = (
  removed: readonly NamedKernel[],
  added: readonly NamedKernel[],
  key: Key,
  workRatio: number | null,
): (readonly [NamedKernel, NamedKernel])[] => {
  const addedBy = new Map<string, NamedKernel[]>();
  for (const kernel of added) addedBy.set(key(kernel), [...(addedBy.get(key(kernel)) ?? []), kernel]);
  const options = removed.flatMap((old) =>
    (addedBy.get(key(old)) ?? []).map((now) => ({ old, now, distance: distanceOf(old, now, workRatio ?? 1) })),
  );
  options.sort(
    (a, b) => a.distance - b.distance || a.old.name.localeCompare(b.old.name) || a.now.name.localeCompare(b.now.name),
  );
  const taken = new Set<NamedKernel>();
  return options.flatMap(({ old, now, distance }) => {
    if (taken.has(old) || taken.has(now) || (workRatio !== null && distance > FAR)) return [];
    taken.add(old).add(now);
    return [[old, now] as const];
  });
};

/** Counts and durations that differ by more than this together (natural logarithms) are other work. */
const FAR = Math.log(4);

const distanceOf = (old: NamedKernel, now: NamedKernel, workRatio: number): number => {
  const counts = Math.abs(Math.log(now.count / (old.count * workRatio)));
  const means = Math.abs(Math.log(now.totalNs / now.count / (old.totalNs / old.count)));
  return counts + means / 2;
};
