// The short account of one profile: top kernels, buckets, each rank, and whether the capture can be trusted to be compared.
// Pure; reads nothing and prints nothing.
import { cellsBy, cellsOf, sumOf } from './kernels/kernel-cells.ts';
import type { Cell } from './kernels/kernel-cells.ts';
import { distributionRow } from './diff/effects.ts';
import type { ProfileSummary } from './profile-summary-schema.ts';
import type { ProfileSide, Timeline } from './model/profile-side.ts';
import { slowRanks } from './slow-ranks.ts';

/** Summarises a profile; `limit` rows of kernels and ranges. */
export const summariseProfile = (side: ProfileSide, limit = 20): ProfileSummary => {
  const cells = cellsOf([side]);
  const total = sumOf(cells.all).totalNs;
  const share = (ns: number): number => (total === 0 ? 0 : (100 * ns) / total);
  const steps = stepsOf(side);
  return {
    format: side.format,
    sources: [...side.sources],
    kernel_calls: sumOf(cells.all).count,
    kernel_names: cells.byKernel.size,
    kernel_total_ns: total,
    top_kernels: [...cells.byKernel.values()]
      .sort((a, b) => sumOf(b).totalNs - sumOf(a).totalNs || nameOf(a).localeCompare(nameOf(b)))
      .slice(0, limit)
      .map((own) => kernelRow(own, share)),
    buckets: [...cellsBy(cells.all, (cell) => cell.kernel.bucket)]
      .map(([bucket, own]) => ({ bucket, ...distributionRow(own), share_pct: share(sumOf(own).totalNs) }))
      .sort((a, b) => b.total_ns - a.total_ns || a.bucket.localeCompare(b.bucket)),
    categories: [...cellsBy(cells.all, (cell) => cell.kernel.category)]
      .map(([category, own]) => ({
        category,
        calls: sumOf(own).count,
        total_ns: sumOf(own).totalNs,
        share_pct: share(sumOf(own).totalNs),
      }))
      .sort((a, b) => b.total_ns - a.total_ns || a.category.localeCompare(b.category)),
    ranks: side.ranks.map((rank, index) => rankRow(side, rank, index)),
    slow_ranks: slowRanks(
      cells.all,
      side.ranks.map(({ label }) => label),
    ),
    copies: side.copies.map(({ rank, kind, count, bytes, totalNs }) => ({
      rank: side.ranks[rank]?.label ?? '',
      kind,
      calls: count,
      bytes,
      total_ns: totalNs,
      gb_per_s: totalNs > 0 && bytes > 0 ? bytes / totalNs : null,
    })),
    top_ranges: [...side.ranges]
      .sort((a, b) => (b.gpuNs ?? 0) - (a.gpuNs ?? 0) || b.totalNs - a.totalNs || a.name.localeCompare(b.name))
      .slice(0, limit)
      .map(({ name, domain, count, totalNs, gpuNs }) => ({
        name,
        domain,
        calls: count,
        total_ns: totalNs,
        gpu_ns: gpuNs,
      })),
    steps,
    capture: captureOf(side, total, steps.steady),
    warnings: [...side.facts.warnings],
  };
};

const nameOf = (cells: readonly Cell[]): string => cells[0]?.kernel.name ?? '';

const kernelRow = (cells: readonly Cell[], share: (ns: number) => number): ProfileSummary['top_kernels'][number] => {
  const kernel = cells[0]?.kernel;
  return {
    name: kernel?.name ?? '',
    short_name: kernel?.shortName ?? '',
    bucket: kernel?.bucket ?? 'other',
    category: kernel?.category ?? 'Other',
    ...distributionRow(cells),
    share_pct: share(sumOf(cells).totalNs),
  };
};

const rankRow = (
  side: ProfileSide,
  rank: ProfileSide['ranks'][number],
  index: number,
): ProfileSummary['ranks'][number] => {
  const groups = side.groups.filter((group) => group.rank === index);
  const timeline = side.timelines.find((candidate) => candidate.rank === index);
  const of = (pick: (line: Timeline) => number | null): number | null =>
    timeline === undefined ? null : pick(timeline);
  return {
    rank: rank.label,
    gpu: rank.gpuName,
    gpu_uuid: rank.gpuUuid,
    kernel_calls: groups.reduce((sum, group) => sum + group.count, 0),
    kernel_total_ns: groups.reduce((sum, group) => sum + group.totalNs, 0),
    compute_ns: groups
      .filter(({ kernel }) => side.kernels[kernel]?.collective !== true)
      .reduce((sum, group) => sum + group.totalNs, 0),
    span_ns: of((line) => line.spanNs),
    busy_ns: of((line) => line.busyNs),
    idle_ns: of((line) => line.idleNs),
    busy_pct: of((line) => (line.spanNs > 0 ? (100 * line.busyNs) / line.spanNs : null)),
    communication_only_ns: of((line) => line.communicationOnlyNs),
    overlap_ns: of((line) => line.overlapNs),
    exposed_launch_ns: of((line) => line.exposedLaunchNs),
  };
};

/** A window is steady where the median step of its second half is within 10 percent of that of the first. */
const STEADY = 0.1;
const STEPS_TO_JUDGE = 6;

const stepsOf = (side: ProfileSide): ProfileSummary['steps'] => {
  const own = side.steps.filter((step) => step.rank === side.steps[0]?.rank);
  const times = own.map((step) => step.endNs - step.startNs);
  const median = (values: readonly number[]): number => Float64Array.from(values).sort()[values.length >> 1] ?? 0;
  const half = times.length >> 1;
  const drift = median(times.slice(half)) / median(times.slice(0, half)) - 1;
  return {
    count: own.length,
    types: [...side.stepTypes],
    mean_ns: times.length === 0 ? null : times.reduce((sum, time) => sum + time, 0) / times.length,
    steady: times.length < STEPS_TO_JUDGE ? null : Math.abs(drift) <= STEADY,
  };
};

const captureOf = (side: ProfileSide, total: number, steady: boolean | null): ProfileSummary['capture'] => {
  const replays = side.graphs.reduce((sum, graph) => sum + graph.count, 0);
  const { facts } = side;
  const problems = [
    ...(total === 0 && replays === 0 ? ['no GPU kernel was recorded'] : []),
    ...(replays > 0
      ? [`${replays} CUDA graph replays are single rows: capture with --cuda-graph-trace=node to see their kernels`]
      : []),
    ...(steady === false ? ['step time drifts by more than 10% within the window: it is not steady'] : []),
    ...facts.warnings.filter((warning) => warning.startsWith('profiler: ')),
  ];
  return {
    valid: problems.length === 0,
    problems,
    product: facts.product,
    schema: facts.schema,
    file_bytes: facts.fileBytes,
    graph_mode: facts.graphMode,
    graph_replays: replays,
    launches_found: facts.launches?.found ?? null,
    launches_missing: facts.launches?.missing ?? null,
  };
};
