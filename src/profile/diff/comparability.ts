// Whether two captures may be compared at all, and what to be warned of when they may. Considers what a result needs, not
// at version numbers. Pure.
import { formatFixed } from '../../render/numbers.ts';
import { contextWarnings } from '../../verdict/context-match.ts';
import { compareCaptureContexts } from './capture-context.ts';
import type { CaptureFacts, ProfileSide } from '../model/profile-side.ts';
import type { KernelRow } from './profile-diff-schema.ts';

export interface Comparability {
  /** Why no number may be believed; empty where the sides can be compared. */
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
  readonly sameCapture: boolean;
}

/** A device with less than this share of the kernel time may be missing on the other side. */
const MINOR_SHARE = 0.01;

export const comparability = (
  baseline: readonly ProfileSide[],
  candidate: readonly ProfileSide[],
  labels: { readonly baseline: string; readonly candidate: string },
  axis: readonly string[] = [],
): Comparability => {
  const refusals = [
    ...emptySides(baseline, candidate, labels),
    ...rankRefusals(baseline, candidate, labels),
    ...graphRefusals(baseline, candidate),
    ...kindRefusals(baseline, candidate),
    ...stepRefusals(baseline, candidate, labels),
  ];
  return {
    refusals,
    warnings: [
      ...contextWarnings(compareCaptureContexts(baseline, candidate, axis)),
      ...factWarnings(baseline, candidate),
      ...minorRanks(baseline, candidate, labels),
      ...ownWarnings(baseline, labels.baseline),
      ...ownWarnings(candidate, labels.candidate),
    ],
    sameCapture: baseline.some((side) => candidate.some((other) => other.facts.contentId === side.facts.contentId)),
  };
};

const hasWork = (captures: readonly ProfileSide[]): boolean =>
  captures.some((capture) => capture.groups.length > 0 || capture.graphs.length > 0);

const emptySides = (
  baseline: readonly ProfileSide[],
  candidate: readonly ProfileSide[],
  labels: { readonly baseline: string; readonly candidate: string },
): string[] => {
  const empty = [hasWork(baseline) ? null : labels.baseline, hasWork(candidate) ? null : labels.candidate];
  const named = empty.filter((label) => label !== null);
  return named.length === 0 ? [] : [`no GPU kernels were recorded in ${named.join(' and ')}`];
};

const rankTotals = (captures: readonly ProfileSide[]): Map<string, number> => {
  const totals = new Map<string, number>();
  for (const capture of captures) {
    for (const group of capture.groups) {
      const label = capture.ranks[group.rank]?.label ?? '';
      totals.set(label, (totals.get(label) ?? 0) + group.totalNs);
    }
  }
  return totals;
};

interface LoneRank {
  readonly rank: string;
  /** Side that has it. */
  readonly label: string;
  readonly minor: boolean;
}

/** Ranks that only one side has. */
const loneRanks = (
  baseline: readonly ProfileSide[],
  candidate: readonly ProfileSide[],
  labels: { readonly baseline: string; readonly candidate: string },
): LoneRank[] => {
  if (!hasWork(baseline) || !hasWork(candidate)) return [];
  const lone = (own: Map<string, number>, other: Map<string, number>, label: string): LoneRank[] => {
    const total = [...own.values()].reduce((sum, ns) => sum + ns, 0);
    return [...own]
      .filter(([rank]) => !other.has(rank))
      .map(([rank, ns]) => ({ rank, label, minor: ns < MINOR_SHARE * total }));
  };
  const [before, after] = [rankTotals(baseline), rankTotals(candidate)];
  return [...lone(before, after, labels.baseline), ...lone(after, before, labels.candidate)];
};

type SideArguments = Parameters<typeof loneRanks>;

/** A rank that only one side has is half of the work gone, unless it hardly did anything. */
const rankRefusals = (...sides: SideArguments): string[] => {
  const missing = loneRanks(...sides).filter(({ minor }) => !minor);
  return [...new Set(missing.map(({ label }) => label))].map((label) => {
    const ranks = missing.filter((lone) => lone.label === label).map(({ rank }) => rank);
    return `the GPU count differs: ${ranks.join(', ')} only in ${label}`;
  });
};

const minorRanks = (...sides: SideArguments): string[] =>
  loneRanks(...sides)
    .filter(({ minor }) => minor)
    .map(({ rank, label }) => `${rank} is only in ${label}, with less than 1% of its kernel time`);

/** Kernels inside graphs are hidden in one mode and listed in the other: per-kernel numbers then mean different things. */
const graphRefusals = (baseline: readonly ProfileSide[], candidate: readonly ProfileSide[]): string[] => {
  const modes = (captures: readonly ProfileSide[]): Set<string> =>
    new Set(
      captures
        .filter((capture) => capture.graphs.length > 0 || capture.facts.graphMode === 'node')
        .map((c) => c.facts.graphMode),
    );
  const [before, after] = [[...modes(baseline)].join(), [...modes(candidate)].join()];
  const replays = [...baseline, ...candidate].some((capture) => capture.graphs.length > 0);
  return replays && before !== after && before !== '' && after !== ''
    ? [`CUDA graphs were captured as ${before} in one side and as ${after} in the other`]
    : [];
};

/** One step beside many is another phase of the work (a prefill beside decode steps), or a capture that was cut off. */
const stepRefusals = (
  baseline: readonly ProfileSide[],
  candidate: readonly ProfileSide[],
  labels: { readonly baseline: string; readonly candidate: string },
): string[] => {
  const fewest = (captures: readonly ProfileSide[]): number =>
    Math.min(...captures.map(({ steps }) => steps.filter((step) => step.rank === steps[0]?.rank).length));
  const [before, after] = [fewest(baseline), fewest(candidate)];
  const refusal = (label: string, other: number): string =>
    `${label} holds a single step, against ${other}: too few to compare, and perhaps another phase of the work`;
  if (before === 1 && after > 1) return [refusal(labels.baseline, after)];
  return after === 1 && before > 1 ? [refusal(labels.candidate, before)] : [];
};

/** Times under ncu are of single kernels at locked clocks with flushed caches: no match for a timeline. */
const kindRefusals = (baseline: readonly ProfileSide[], candidate: readonly ProfileSide[]): string[] => {
  const isNcu = (side: ProfileSide): boolean => side.format === 'ncu-csv' || side.format === 'ncu-rep';
  const mixed = baseline.some(isNcu) !== candidate.some(isNcu);
  return mixed ? ['one side was measured by ncu (locked clocks, flushed caches), the other on a timeline'] : [];
};

const factWarnings = (baseline: readonly ProfileSide[], candidate: readonly ProfileSide[]): string[] => {
  const differs = (name: string, pick: (facts: CaptureFacts) => string | null): string[] => {
    const values = (captures: readonly ProfileSide[]): string =>
      [...new Set(captures.map((capture) => pick(capture.facts) ?? 'unknown'))].sort().join(', ');
    const [before, after] = [values(baseline), values(candidate)];
    return before === after ? [] : [`${name} differs: ${before} against ${after}`];
  };
  return [
    ...differs('profiler version', (facts) => facts.product),
    ...differs('export schema', (facts) => facts.schema),
  ];
};

const ownWarnings = (captures: readonly ProfileSide[], label: string): string[] => [
  ...new Set(captures.flatMap((capture) => capture.facts.warnings).map((warning) => `${label}: ${warning}`)),
];

/** Two programs with hardly a kernel in common, or counts far apart. */
export const overlapWarnings = (kernels: readonly KernelRow[], baselineNs: number, candidateNs: number): string[] => {
  const shared = kernels.filter((row) => row.class === 'both' || row.class === 'paired').length;
  const names = {
    before: kernels.filter((row) => row.class !== 'new').length,
    after: kernels.filter((row) => row.class !== 'removed').length,
  };
  const few = shared < 0.05 * Math.min(names.before, names.after) && Math.min(names.before, names.after) > 5;
  const calls = [
    kernels.reduce((sum, row) => sum + row.baseline.calls, 0),
    kernels.reduce((sum, row) => sum + row.candidate.calls, 0),
  ] as const;
  const apart = Math.max(...calls) >= 3 * Math.min(...calls) && baselineNs > 0 && candidateNs > 0;
  return [
    ...(few ? [`only ${shared} kernels are in both captures: they are different programs`] : []),
    ...(apart
      ? [
          `the captures differ ${formatFixed(Math.max(...calls) / Math.max(1, Math.min(...calls)), 1)} times in kernel calls`,
        ]
      : []),
  ];
};
