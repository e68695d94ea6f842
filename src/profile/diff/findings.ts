// What changed between two profiles, in ns, and which kernel, bucket or rank made it so. Takes values and returns a value;
// chooses no words for it.
import type { Bucket } from '../model/buckets.ts';
import { clockFactor } from './clock-factor.ts';
import { matchBothSides } from '../collectives/match-collectives.ts';
import { findCulprit } from './culprit.ts';
import type { Culprit, Findings } from './culprit.ts';
import { cellsBy, cellsOf, sumOf } from '../kernels/kernel-cells.ts';
import type { SideCells } from '../kernels/kernel-cells.ts';
import { diffCollectives } from './diff-collectives.ts';
import { comparability, overlapWarnings } from './comparability.ts';
import { distributionRow, effectsOf } from './effects.ts';
import { compareKernels } from './kernel-rows.ts';
import type { BucketRow, KernelRow, ProfileDiff, RankRow } from './profile-diff-schema.ts';
import { diffCopies, diffGraphs, diffNamed, diffRanges } from './diff-tables.ts';
import {
  DEFAULT_RULE,
  adverseList,
  colourOf,
  decisionOf,
  worded,
  judgeBuckets,
  judgeKernels,
  thresholdOf,
} from './profile-verdict.ts';
import { bareDecision } from '../../verdict/decision.ts';
import type { AdverseRule } from './profile-verdict.ts';
import { withGraphsAsKernels } from '../kernels/graph-kernels.ts';
import { headlineOf, stepEffect } from './headline.ts';
import type { GivenWork } from './headline.ts';
import type { ProfileSide, Timeline } from '../model/profile-side.ts';
import { compareLabels } from '../model/rank-order.ts';

export interface DiffOptions {
  readonly baselineLabel?: string;
  readonly candidateLabel?: string;
  /** Change per call that makes a bucket, and a kernel in it, adverse; percent, default 5. */
  readonly thresholds?: Readonly<Partial<Record<Bucket, number>>>;
  /** Facts of the context that were changed on purpose. */
  readonly axis?: readonly string[];
  /** Work counted by the caller, where neither steps nor kernel calls measure it. */
  readonly work?: GivenWork;
}

/** Compares captures; several a side are trials of the same thing. Never faults: what cannot be compared is said in the result. */
export const findDifferences = (
  before: readonly ProfileSide[],
  after: readonly ProfileSide[],
  options: DiffOptions,
): { readonly found: Findings; readonly culprit: Culprit } => {
  const { baseline, candidate, note } = withGraphsAsKernels(before, after);
  const labels = { baseline: options.baselineLabel ?? 'baseline', candidate: options.candidateLabel ?? 'candidate' };
  const rule: AdverseRule = { ...DEFAULT_RULE, thresholds: options.thresholds ?? {} };
  const cells = { baseline: cellsOf(baseline), candidate: cellsOf(candidate) };
  const clock = clockFactor(cells.baseline, cells.candidate);
  const headline = headlineOf(baseline, candidate, cells, options.work ?? null);
  const kernels = judgeKernels(compareKernels(cells.baseline, cells.candidate, clock, headline.work_ratio ?? 1), rule);
  const buckets = judgeBuckets(bucketRows(kernels, cells, rule), rule);
  const collectives = diffCollectives(kernels, matchBothSides(baseline, candidate));
  const checks = comparability(baseline, candidate, labels, options.axis);
  const comparable = checks.refusals.length === 0;
  const adverse = comparable && !checks.sameCapture ? adverseList(headline, kernels, buckets) : [];
  const totals = totalsOf(kernels);
  const found: Findings = {
    schema: 'profile_diff',
    schema_version: 1,
    verdict: comparable ? colourOf(adverse) : 'YELLOW',
    ...(comparable ? decisionFor(headline, baseline, candidate, options) : incomparable(checks.refusals[0] ?? '')),
    same_capture: checks.sameCapture,
    warnings: [
      ...checks.refusals.map((refusal) => `not comparable: ${refusal}`),
      ...checks.warnings,
      ...(note === null ? [] : [note]),
      ...overlapWarnings(kernels, totals.baseline_ns, totals.candidate_ns),
    ],
    baseline: sideRow(baseline, labels.baseline),
    candidate: sideRow(candidate, labels.candidate),
    headline: comparable ? headline : { ...headline, adverse: false },
    totals,
    clock: { ...clock, ranks: clock.ranks.map((own) => ({ ...own })) },
    step: comparable ? stepEffect(baseline, candidate, headline, kernels, collectives, clock) : null,
    adverse,
    kernels,
    buckets,
    ranks: rankRows(baseline, candidate, cells),
    collectives,
    copies: diffCopies(baseline, candidate),
    ranges: diffRanges(baseline, candidate),
    api: diffNamed(baseline, candidate, (side) =>
      side.apis.map(({ name, count, totalNs }) => ({ name, count, totalNs })),
    ),
    waits: diffNamed(baseline, candidate, (side) =>
      side.waits.map(({ type, count, totalNs }) => ({ name: type, count, totalNs })),
    ),
    graphs: { baseline: diffGraphs(baseline), candidate: diffGraphs(candidate) },
  };
  return { found, culprit: findCulprit(found) };
};

const incomparable = (reason: string) => worded(bareDecision('INCOMPARABLE', 'V9', reason, { basis: 'capture' }));

/** Each capture is one trial of the headline. */
const decisionFor = (
  headline: ProfileDiff['headline'],
  baseline: readonly ProfileSide[],
  candidate: readonly ProfileSide[],
  options: DiffOptions,
) => {
  if (baseline.length < 2 || candidate.length < 2 || options.work !== undefined) return decisionOf(headline, [], []);
  const values = baseline.map((side) => ownHeadline(side, candidate[0] ?? side).baseline_ns);
  const others = candidate.map((side) => ownHeadline(baseline[0] ?? side, side).candidate_ns);
  return decisionOf(headline, values, others);
};

const ownHeadline = (before: ProfileSide, after: ProfileSide): ProfileDiff['headline'] =>
  headlineOf([before], [after], { baseline: cellsOf([before]), candidate: cellsOf([after]) }, null);

/** The count effect of the whole is the sum over kernels: calls of different kernels are not alike. */
const totalsOf = (kernels: readonly KernelRow[]): ProfileDiff['totals'] => {
  const sum = (pick: (row: KernelRow) => number): number => kernels.reduce((total, row) => total + pick(row), 0);
  const [before, after] = [sum((row) => row.baseline.total_ns), sum((row) => row.candidate.total_ns)];
  const [callsBefore, callsAfter] = [sum((row) => row.baseline.calls), sum((row) => row.candidate.calls)];
  const countEffect = Math.round(sum(exactCountEffect));
  return {
    baseline_ns: before,
    candidate_ns: after,
    baseline_calls: callsBefore,
    candidate_calls: callsAfter,
    calls_pct: callsBefore === 0 ? null : 100 * (callsAfter / callsBefore - 1),
    delta_ns: after - before,
    count_effect_ns: countEffect,
    per_call_effect_ns: after - before - countEffect,
  };
};

const exactCountEffect = (row: KernelRow): number =>
  (row.candidate.calls - row.baseline.calls) * (row.baseline.mean_ns ?? row.candidate.mean_ns ?? 0);

const bucketRows = (
  kernels: readonly KernelRow[],
  cells: { readonly baseline: SideCells; readonly candidate: SideCells },
  rule: AdverseRule,
): BucketRow[] => {
  const totals = [sumOf(cells.baseline.all).totalNs, sumOf(cells.candidate.all).totalNs] as const;
  const [before, after] = [cellsBy(cells.baseline.all, bucketOf), cellsBy(cells.candidate.all, bucketOf)];
  const buckets = [...new Set(kernels.map((row) => row.bucket))];
  const rows = buckets.map((bucket): BucketRow => {
    const [was, is] = [before.get(bucket) ?? [], after.get(bucket) ?? []];
    const [old, now] = [sumOf(was), sumOf(is)];
    const own = kernels.filter((row) => row.bucket === bucket);
    const both = own.filter((row) => row.class === 'both' || row.class === 'paired');
    const expected = both.reduce((sum, row) => sum + row.candidate.calls * (row.baseline.mean_ns ?? 0), 0);
    const actual = both.reduce((sum, row) => sum + row.candidate.total_ns, 0);
    const countEffect = Math.round(own.reduce((sum, row) => sum + exactCountEffect(row), 0));
    return {
      bucket,
      baseline: distributionRow(was),
      candidate: distributionRow(is),
      delta_ns: now.totalNs - old.totalNs,
      count_effect_ns: countEffect,
      per_call_effect_ns: now.totalNs - old.totalNs - countEffect,
      per_call_pct: expected === 0 ? null : 100 * (actual / expected - 1),
      share_pct: 100 * Math.max(old.totalNs / Math.max(1, totals[0]), now.totalNs / Math.max(1, totals[1])),
      threshold_pct: thresholdOf(rule, bucket),
      adverse: false,
    };
  });
  return rows.sort((a, b) => b.candidate.total_ns - a.candidate.total_ns || a.bucket.localeCompare(b.bucket));
};

const bucketOf = (cell: SideCells['all'][number]): string => cell.kernel.bucket;

const rankRows = (
  baseline: readonly ProfileSide[],
  candidate: readonly ProfileSide[],
  cells: { readonly baseline: SideCells; readonly candidate: SideCells },
): RankRow[] => {
  const [before, after] = [cellsBy(cells.baseline.all, rankOf), cellsBy(cells.candidate.all, rankOf)];
  const labels = [...baseline, ...candidate].flatMap((side) => side.ranks.map((rank) => rank.label));
  const names = [...new Set(labels)].sort(compareLabels);
  return names.map((rank) => {
    const [was, is] = [before.get(rank) ?? [], after.get(rank) ?? []];
    const gpu = [...candidate, ...baseline]
      .flatMap((side) => side.ranks)
      .find((entry) => entry.label === rank)?.gpuName;
    return {
      rank,
      gpu: gpu ?? null,
      baseline: distributionRow(was),
      candidate: distributionRow(is),
      ...effectsOf(sumOf(was), sumOf(is)),
      baseline_timeline: timelineRow(baseline, rank),
      candidate_timeline: timelineRow(candidate, rank),
    };
  });
};

const rankOf = (cell: SideCells['all'][number]): string => cell.rank;

/** Timelines of one rank, added up over captures. */
const timelineRow = (captures: readonly ProfileSide[], label: string): RankRow['baseline_timeline'] => {
  const own = captures.flatMap((side) =>
    side.timelines.filter((timeline) => side.ranks[timeline.rank]?.label === label),
  );
  if (own.length === 0) return null;
  const sum = (pick: (timeline: Timeline) => number): number =>
    own.reduce((total, timeline) => total + pick(timeline), 0);
  return {
    kernel_span_ns: sum((timeline) => timeline.kernelSpanNs),
    kernel_busy_ns: sum((timeline) => timeline.kernelBusyNs),
    kernel_idle_ns: sum((timeline) => timeline.kernelIdleNs),
    compute_only_ns: sum((timeline) => timeline.computeOnlyNs),
    communication_only_ns: sum((timeline) => timeline.communicationOnlyNs),
    overlap_ns: sum((timeline) => timeline.overlapNs),
    span_ns: sum((timeline) => timeline.spanNs),
    busy_ns: sum((timeline) => timeline.busyNs),
    idle_ns: sum((timeline) => timeline.idleNs),
    exposed_launch_ns: own.some((timeline) => timeline.exposedLaunchNs === null)
      ? null
      : sum((timeline) => timeline.exposedLaunchNs ?? 0),
  };
};

const sideRow = (captures: readonly ProfileSide[], label: string): ProfileDiff['baseline'] => {
  const [first] = captures;
  const groups = captures.flatMap((capture) => capture.groups);
  return {
    label,
    captures: captures.length,
    formats: [...new Set(captures.map((capture) => capture.format))],
    sources: captures.flatMap((capture) => capture.sources),
    ranks: (first?.ranks ?? []).map((rank) => ({
      rank: rank.label,
      host: rank.host,
      pid: rank.pid,
      device: rank.device,
      gpu_uuid: rank.gpuUuid,
      gpu: rank.gpuName,
    })),
    product: first?.facts.product ?? null,
    schema: first?.facts.schema ?? null,
    driver: first?.facts.driver ?? null,
    graph_mode: first?.facts.graphMode ?? 'unknown',
    kernel_calls: groups.reduce((sum, group) => sum + group.count, 0),
    kernel_names: new Set(captures.flatMap((capture) => capture.kernels.map((kernel) => kernel.name))).size,
    kernel_total_ns: groups.reduce((sum, group) => sum + group.totalNs, 0),
    content_id: first?.facts.contentId ?? '',
  };
};
