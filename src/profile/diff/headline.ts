// How much work each capture holds and how long one unit of it took: steps where markers bound them, given counts (tokens,
// requests), else calls of the dominant compute kernel. What the time of a unit is made of. Pure.
import { exceedsPercent } from '../../verdict/value-rule.ts';
import type { Cell, SideCells } from '../kernels/kernel-cells.ts';
import { sumOf } from '../kernels/kernel-cells.ts';
import { percentOf } from './effects.ts';
import type { CollectiveRow, Headline, KernelRow, StepEffect } from './profile-diff-schema.ts';
import { factorOn } from './clock-factor.ts';
import type { ClockFactor } from './clock-factor.ts';
import { tilelessName } from '../kernels/reduced-names.ts';
import type { ProfileSide, Timeline } from '../model/profile-side.ts';

/** Work that the caller counted, over all captures of a side. */
export interface GivenWork {
  readonly unit: string;
  readonly baseline: number;
  readonly candidate: number;
}

/** Change of the time of a unit from which on it is adverse, percent. */
export const HEADLINE_THRESHOLD = 5;
const SAME_WINDOW = 0.02;

type Basis = Headline['basis'];

interface Measure {
  readonly metric: string;
  readonly basis: Basis;
  readonly unit: string;
  readonly baseline: Unit | null;
  readonly candidate: Unit | null;
}

interface Unit {
  /** Units done by one rank, all captures together. */
  readonly units: number;
  readonly nsPerUnit: number;
}

export const headlineOf = (
  baseline: readonly ProfileSide[],
  candidate: readonly ProfileSide[],
  cells: { readonly baseline: SideCells; readonly candidate: SideCells },
  work: GivenWork | null,
): Headline => {
  const { metric, basis, unit, baseline: before, candidate: after } = measureOf(baseline, candidate, cells, work);
  const change = percentOf(before?.nsPerUnit ?? null, after?.nsPerUnit ?? null);
  const spans = [meanSpan(baseline), meanSpan(candidate)] as const;
  return {
    metric,
    basis,
    unit,
    baseline_units: before?.units ?? null,
    candidate_units: after?.units ?? null,
    baseline_ns: before?.nsPerUnit ?? null,
    candidate_ns: after?.nsPerUnit ?? null,
    change_pct: change,
    threshold_pct: HEADLINE_THRESHOLD,
    adverse: change !== null && exceedsPercent(change, HEADLINE_THRESHOLD),
    work_ratio: before === null || after === null ? null : after.units / before.units,
    equal_window: spans[0] > 0 && Math.abs(spans[1] / spans[0] - 1) <= SAME_WINDOW,
  };
};

const measureOf = (
  baseline: readonly ProfileSide[],
  candidate: readonly ProfileSide[],
  cells: { readonly baseline: SideCells; readonly candidate: SideCells },
  work: GivenWork | null,
): Measure => {
  if (work !== null) {
    const per = (captures: readonly ProfileSide[], units: number): Unit | null =>
      unitOf(units, meanSpan(captures) * captures.length);
    return {
      metric: `time per ${work.unit}`,
      basis: 'work',
      unit: work.unit,
      baseline: per(baseline, work.baseline),
      candidate: per(candidate, work.candidate),
    };
  }
  const [before, after] = [stepUnit(baseline), stepUnit(candidate)];
  if (before !== null && after !== null) {
    return { metric: 'time per step', basis: 'step', unit: 'step', baseline: before, candidate: after };
  }
  const dominant = doSameWork(cells.baseline, cells.candidate) ? dominantKernel(cells.baseline, cells.candidate) : null;
  if (dominant === null)
    return { metric: 'time per unit of work', basis: 'none', unit: '', baseline: null, candidate: null };
  return {
    metric: `time per ${dominant.shortName} call`,
    basis: 'dominant_kernel',
    unit: `${dominant.shortName} call`,
    baseline: callUnit(baseline, cells.baseline, dominant.name),
    candidate: callUnit(candidate, cells.candidate, dominant.name),
  };
};

const unitOf = (units: number, ns: number): Unit | null =>
  units > 0 && ns > 0 ? { units, nsPerUnit: ns / units } : null;

/** First to last operation, averaged over ranks and captures; 0 where no times are known. */
export const meanSpan = (captures: readonly ProfileSide[]): number => {
  const spans = captures.flatMap((capture) => capture.timelines.map((timeline) => timeline.spanNs));
  return spans.length === 0 ? 0 : spans.reduce((sum, span) => sum + span, 0) / spans.length;
};

const rankCount = (captures: readonly ProfileSide[]): number =>
  captures.reduce((sum, capture) => sum + capture.timelines.length, 0);

/** Mean time from one step to the next; null unless every capture has two steps. */
const stepUnit = (captures: readonly ProfileSide[]): Unit | null => {
  if (captures.some((capture) => capture.steps.length < 2)) return null;
  const steps = captures.flatMap((capture) => capture.steps);
  const totalNs = steps.reduce((sum, step) => sum + step.endNs - step.startNs, 0);
  const ranks = captures.reduce((sum, capture) => sum + new Set(capture.steps.map((step) => step.rank)).size, 0);
  return totalNs > 0 ? { units: (steps.length / ranks) * captures.length, nsPerUnit: totalNs / steps.length } : null;
};

const callUnit = (captures: readonly ProfileSide[], cells: SideCells, kernel: string): Unit | null => {
  const ranks = rankCount(captures);
  if (ranks === 0) return null;
  const calls = sumOf(cells.byKernel.get(kernel) ?? []).count;
  return unitOf((calls / ranks) * captures.length, meanSpan(captures) * captures.length);
};

/** Share of the GPU time of each side that must be in kernels of both before one of them can count the work. */
const SAME_WORK = 0.5;

/** Captures of different phases share kernels, but not most of their time; tiles and template arguments do not count. */
const doSameWork = (baseline: SideCells, candidate: SideCells): boolean => {
  const nameOf = ({ kernel }: Cell): string => `${kernel.bucket} ${tilelessName(kernel.shortName)}`;
  const share = (side: SideCells, other: SideCells): number => {
    const names = new Set(other.all.map(nameOf));
    return sumOf(side.all.filter((cell) => names.has(nameOf(cell)))).totalNs / Math.max(1, sumOf(side.all).totalNs);
  };
  return share(baseline, candidate) >= SAME_WORK && share(candidate, baseline) >= SAME_WORK;
};

/** Compute kernel of both sides with the largest share of the baseline's time. */
export const dominantKernel = (
  baseline: SideCells,
  candidate: SideCells,
): { readonly name: string; readonly shortName: string } | null => {
  let best: { kernel: Cell['kernel']; totalNs: number } | null = null;
  for (const [name, cells] of baseline.byKernel) {
    const kernel = cells[0]?.kernel;
    if (kernel === undefined || kernel.collective || !candidate.byKernel.has(name)) continue;
    const { totalNs } = sumOf(cells);
    if (best === null || totalNs > best.totalNs) best = { kernel, totalNs };
  }
  return best === null ? null : { name: best.kernel.name, shortName: best.kernel.shortName };
};

/** Splits the change of the time of one unit on one rank. Null where units or times are unknown. */
export const stepEffect = (
  baseline: readonly ProfileSide[],
  candidate: readonly ProfileSide[],
  headline: Headline,
  kernels: readonly KernelRow[],
  collectives: readonly CollectiveRow[],
  clock: ClockFactor,
): StepEffect | null => {
  const before = shares(baseline, headline.baseline_units, headline.baseline_ns);
  const after = shares(candidate, headline.candidate_units, headline.candidate_ns);
  if (before === null || after === null) return null;
  const change = after.perUnit - before.perUnit;
  const compute = computeParts(kernels, clock, before.divisor, after.divisor);
  const waits = collectiveParts(kernels, collectives, after.divisor);
  const concurrency = after.concurrency - before.concurrency;
  const copies = after.copies - before.copies;
  const exposed = before.exposed === null || after.exposed === null ? null : after.exposed - before.exposed;
  const known =
    compute.work +
    compute.clock +
    compute.kernel +
    waits.transfer +
    waits.waiting +
    waits.unknown +
    concurrency +
    copies;
  return {
    change_ns: change,
    work_ns: compute.work,
    clock_ns: compute.clock,
    kernel_ns: compute.kernel,
    transfer_ns: waits.separated ? waits.transfer : null,
    waiting_ns: waits.separated ? waits.waiting : null,
    collective_ns: waits.unknown,
    concurrency_ns: concurrency,
    copies_ns: copies,
    exposed_launch_ns: exposed,
    residual_ns: withoutRounding(change - known - (exposed ?? 0), after.perUnit),
  };
};

/** Zero for what is left of sums whose terms cancel: 64-bit floats carry about 15 digits of the time of a unit. */
const withoutRounding = (ns: number, perUnit: number): number => (Math.abs(ns) <= 1e-12 * perUnit ? 0 : ns);

interface Shares {
  /** Units done by all ranks of all captures together: what totals are divided by. */
  readonly divisor: number;
  readonly perUnit: number;
  readonly concurrency: number;
  readonly copies: number;
  readonly exposed: number | null;
}

const shares = (captures: readonly ProfileSide[], units: number | null, perUnit: number | null): Shares | null => {
  const timelines = captures.flatMap((capture) => capture.timelines);
  if (units === null || perUnit === null || timelines.length === 0) return null;
  const divisor = (units / captures.length) * timelines.length;
  const total = (pick: (timeline: Timeline) => number): number => timelines.reduce((sum, t) => sum + pick(t), 0);
  const kernelSum = captures.flatMap((capture) => capture.groups).reduce((sum, group) => sum + group.totalNs, 0);
  const exposed = timelines.some((timeline) => timeline.exposedLaunchNs === null)
    ? null
    : total((timeline) => timeline.exposedLaunchNs ?? 0) / divisor;
  return {
    divisor,
    perUnit,
    concurrency: (total((timeline) => timeline.kernelBusyNs) - kernelSum) / divisor,
    copies: total((timeline) => timeline.busyNs - timeline.kernelBusyNs) / divisor,
    exposed,
  };
};

const computeParts = (
  kernels: readonly KernelRow[],
  clock: ClockFactor,
  unitsBefore: number,
  unitsAfter: number,
): { work: number; clock: number; kernel: number } => {
  let [work, clockNs, kernel] = [0, 0, 0];
  for (const row of kernels) {
    const mean = row.baseline.mean_ns ?? row.candidate.mean_ns ?? 0;
    work += (row.candidate.calls / unitsAfter - row.baseline.calls / unitsBefore) * mean;
    if (row.collective || row.class === 'new' || row.class === 'removed') continue;
    const expected = clockEffect(row, clock) / unitsAfter;
    clockNs += expected;
    kernel += (row.candidate.total_ns - row.candidate.calls * mean) / unitsAfter - expected;
  }
  return { work, clock: clockNs, kernel };
};

/** What the common factor of each rank added to the calls of a kernel. */
const clockEffect = ({ ranks, baseline, candidate }: KernelRow, clock: ClockFactor): number =>
  ranks.reduce((sum, { rank, baseline: own, candidate: now }) => {
    const mean = own.mean_ns ?? baseline.mean_ns ?? candidate.mean_ns ?? 0;
    return sum + now.calls * mean * (factorOn(clock, rank) - 1);
  }, 0);

const collectiveParts = (
  kernels: readonly KernelRow[],
  collectives: readonly CollectiveRow[],
  unitsAfter: number,
): { transfer: number; waiting: number; unknown: number; separated: boolean } => {
  let [transfer, waiting, unknown, separated] = [0, 0, 0, false];
  for (const row of collectives) {
    const kernel = kernels.find((candidate) => candidate.name === row.kernel);
    if (kernel === undefined || kernel.class === 'new' || kernel.class === 'removed') continue;
    const grown = (kernel.candidate.total_ns - kernel.candidate.calls * (kernel.baseline.mean_ns ?? 0)) / unitsAfter;
    const pair = row.waiting_per_call_ns;
    if (row.grew === 'cannot_tell' || pair.baseline === null || pair.candidate === null) {
      unknown += grown;
      continue;
    }
    const waited = ((pair.candidate - pair.baseline) * kernel.candidate.calls) / unitsAfter;
    waiting += waited;
    transfer += grown - waited;
    separated = true;
  }
  return { transfer, waiting, unknown, separated };
};
