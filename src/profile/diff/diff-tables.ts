// Compares everything that is not a kernel: copies, annotated ranges, API calls, host waits, graph replays. Pure.
import { emptyRangeSum } from '../model/ranges.ts';
import { effectsOf } from './effects.ts';
import type { ProfileDiff } from './profile-diff-schema.ts';
import type { ProfileSide, Ranges } from '../model/profile-side.ts';

interface Named {
  readonly name: string;
  readonly count: number;
  readonly totalNs: number;
}

/** Rows longest change first; ties by name. */
const byChange = <T extends { readonly delta_ns: number }>(rows: T[], name: (row: T) => string): T[] =>
  rows.sort((a, b) => Math.abs(b.delta_ns) - Math.abs(a.delta_ns) || name(a).localeCompare(name(b)));

const union = <T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>): string[] => [
  ...new Set([...a.keys(), ...b.keys()]),
];

export const diffNamed = (
  baseline: readonly ProfileSide[],
  candidate: readonly ProfileSide[],
  pick: (side: ProfileSide) => readonly Named[],
): ProfileDiff['api'] => {
  const [before, after] = [summed(baseline.flatMap(pick)), summed(candidate.flatMap(pick))];
  const rows = union(before, after).map((name) => {
    const [was, is] = [before.get(name) ?? NOTHING, after.get(name) ?? NOTHING];
    return {
      name,
      baseline: { calls: was.count, total_ns: was.totalNs },
      candidate: { calls: is.count, total_ns: is.totalNs },
      ...effectsOf(was, is),
    };
  });
  return byChange(rows, (row) => row.name);
};

const NOTHING = { count: 0, totalNs: 0 };

const summed = (items: readonly Named[]): Map<string, { count: number; totalNs: number }> => {
  const sums = new Map<string, { count: number; totalNs: number }>();
  for (const { name, count, totalNs } of items) {
    const sum = sums.get(name) ?? NOTHING;
    sums.set(name, { count: sum.count + count, totalNs: sum.totalNs + totalNs });
  }
  return sums;
};

interface CopySum {
  readonly count: number;
  readonly bytes: number;
  readonly totalNs: number;
}

const NO_COPY: CopySum = { count: 0, bytes: 0, totalNs: 0 };

/** Copies by kind, and memsets as a kind of their own. */
export const diffCopies = (
  baseline: readonly ProfileSide[],
  candidate: readonly ProfileSide[],
): ProfileDiff['copies'] => {
  const [before, after] = [copySums(baseline), copySums(candidate)];
  const rows = union(before, after).map((kind) => {
    const [was, is] = [before.get(kind) ?? NO_COPY, after.get(kind) ?? NO_COPY];
    return { kind, baseline: copySide(was), candidate: copySide(is), ...effectsOf(was, is) };
  });
  return byChange(rows, (row) => row.kind);
};

const copySums = (captures: readonly ProfileSide[]): Map<string, CopySum> => {
  const sums = new Map<string, CopySum>();
  const add = (kind: string, more: CopySum): void => {
    const sum = sums.get(kind) ?? NO_COPY;
    sums.set(kind, {
      count: sum.count + more.count,
      bytes: sum.bytes + more.bytes,
      totalNs: sum.totalNs + more.totalNs,
    });
  };
  for (const capture of captures) {
    for (const copy of capture.copies) add(copy.kind, copy);
    for (const memset of capture.memsets) add('Memset', memset);
  }
  return sums;
};

const copySide = ({ count, bytes, totalNs }: CopySum): ProfileDiff['copies'][number]['baseline'] => ({
  calls: count,
  bytes,
  total_ns: totalNs,
  gb_per_s: totalNs > 0 && bytes > 0 ? bytes / totalNs : null,
});

export const diffRanges = (
  baseline: readonly ProfileSide[],
  candidate: readonly ProfileSide[],
): ProfileDiff['ranges'] => {
  const [before, after] = [rangeSums(baseline), rangeSums(candidate)];
  const rows = union(before, after).map((key) => {
    const known = before.get(key) ?? after.get(key);
    const domain = known?.domain ?? 0;
    const name = known?.name ?? '';
    const [was, is] = [before.get(key) ?? emptyRange(domain, name), after.get(key) ?? emptyRange(domain, name)];
    const gpuDelta = was.gpuNs === null || is.gpuNs === null ? null : is.gpuNs - was.gpuNs;
    return {
      domain,
      name,
      baseline: rangeSide(was),
      candidate: rangeSide(is),
      ...effectsOf(was, is),
      gpu_delta_ns: gpuDelta,
    };
  });
  return byChange(rows, (row) => row.name);
};

const emptyRange = (domain: number, name: string): Ranges => ({ domain, name, ...emptyRangeSum() });

const rangeSums = (captures: readonly ProfileSide[]): Map<string, Ranges> => {
  const sums = new Map<string, Ranges>();
  const plus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);
  for (const range of captures.flatMap((capture) => capture.ranges)) {
    const key = `${range.domain} ${range.name}`;
    const sum = sums.get(key) ?? emptyRange(range.domain, range.name);
    sums.set(key, {
      ...sum,
      count: sum.count + range.count,
      totalNs: sum.totalNs + range.totalNs,
      selfNs: sum.selfNs + range.selfNs,
      gpuNs: plus(sum.gpuNs, range.gpuNs),
      gpuSelfNs: plus(sum.gpuSelfNs, range.gpuSelfNs),
      kernels: plus(sum.kernels, range.kernels),
      kernelsSelf: plus(sum.kernelsSelf, range.kernelsSelf),
    });
  }
  return sums;
};

const rangeSide = (range: Ranges): ProfileDiff['ranges'][number]['baseline'] => ({
  calls: range.count,
  total_ns: range.totalNs,
  self_ns: range.selfNs,
  gpu_ns: range.gpuNs,
  gpu_self_ns: range.gpuSelfNs,
  kernels: range.kernels,
});

export const diffGraphs = (captures: readonly ProfileSide[]): { readonly calls: number; readonly total_ns: number } => {
  const graphs = captures.flatMap((capture) => capture.graphs);
  return {
    calls: graphs.reduce((sum, graph) => sum + graph.count, 0),
    total_ns: graphs.reduce((sum, graph) => sum + graph.totalNs, 0),
  };
};
