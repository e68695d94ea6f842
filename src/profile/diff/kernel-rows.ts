// Compares kernels: one row per kernel of either side, with the change inside equal launch configurations and step types,
// its test, and the same per rank. Decides nothing; `diff-verdict.ts` does. Pure.
import { benjaminiHochberg } from '../../stats/multiple-testing.ts';
import { factorOn } from './clock-factor.ts';
import type { ClockFactor } from './clock-factor.ts';
import { cellsBy, sumOf } from '../kernels/kernel-cells.ts';
import type { Cell, SideCells } from '../kernels/kernel-cells.ts';
import { distributionRow, effectsOf, perCallPercent } from './effects.ts';
import type { KernelRow, LaunchRow } from './profile-diff-schema.ts';
import { pairKernels } from './kernel-pairs.ts';
import type { KernelPair, NamedKernel } from './kernel-pairs.ts';
import { compareLabels } from '../model/rank-order.ts';
import { shiftOf, shiftP } from './rank-shift.ts';
import type { Shift } from './rank-shift.ts';
import type { Kernel } from '../model/profile-side.ts';

export const compareKernels = (
  baseline: SideCells,
  candidate: SideCells,
  clock: ClockFactor,
  workRatio: number,
): KernelRow[] => {
  const pairs = pairKernels(namedKernels(baseline), namedKernels(candidate), workRatio);
  const totals = { before: sumOf(baseline.all).totalNs, after: sumOf(candidate.all).totalNs };
  const rankOrder = orderOfRanks([...baseline.all, ...candidate.all]);
  const drafts = pairs.flatMap((pair) => draftRow(pair, { baseline, candidate, clock, totals, rankOrder }) ?? []);
  return withQ(drafts).sort((a, b) => Math.abs(b.delta_ns) - Math.abs(a.delta_ns) || a.name.localeCompare(b.name));
};

const namedKernels = (side: SideCells): NamedKernel[] =>
  [...side.byKernel].map(([name, cells]) => {
    const { count, totalNs } = sumOf(cells);
    const kernel = cells[0]?.kernel;
    return { name, shortName: kernel?.shortName ?? name, bucket: kernel?.bucket ?? 'other', count, totalNs };
  });

/** Expected factor of a call on a rank; null: over ranks together. */
type FactorOf = (rank: string | null) => number;

interface Draft {
  readonly row: KernelRow;
  readonly p: number | null;
  readonly rankP: readonly (number | null)[];
}

/** What every kernel of a comparison is judged with. */
interface Comparison {
  readonly baseline: SideCells;
  readonly candidate: SideCells;
  readonly clock: ClockFactor;
  readonly totals: { readonly before: number; readonly after: number };
  readonly rankOrder: ReadonlyMap<string, number>;
}

/** Place of each rank label; labels that a reader would take for the same number share one. */
const orderOfRanks = (cells: readonly Cell[]): Map<string, number> => {
  const labels = [...new Set(cells.map(rankOf))].sort(compareLabels);
  const places = new Map<string, number>();
  labels.forEach((label, at) => {
    const last = labels[at - 1];
    const isSame = last !== undefined && compareLabels(last, label) === 0;
    places.set(label, isSame ? (places.get(last) ?? at) : at);
  });
  return places;
};

const draftRow = (pair: KernelPair, comparison: Comparison): Draft | null => {
  const { baseline, candidate, clock, totals, rankOrder } = comparison;
  const before = baseline.byKernel.get(pair.baseline ?? '') ?? [];
  const after = candidate.byKernel.get(pair.candidate ?? '') ?? [];
  const kernel = after[0]?.kernel ?? before[0]?.kernel;
  if (kernel === undefined) return null;
  const factor: FactorOf = (rank) => (kernel.collective ? 1 : factorOn(clock, rank));
  const share = Math.max(shareOf(before, totals.before), shareOf(after, totals.after));
  const ranks = rankRows(before, after, factor, rankOrder);
  const shifts = ranks.flatMap((rank) => rank.shifts);
  const strata = commonStrata(before, after);
  return {
    row: kernelRow(
      pair,
      kernel,
      before,
      after,
      stratifiedEffect(strata, factor),
      share,
      ranks.map(({ row }) => row),
    ),
    p: shiftP(shifts.length > 0 ? shifts : shiftsOf(strata, factor)),
    rankP: ranks.map((rank) => shiftP(rank.shifts)),
  };
};

const shareOf = (cells: readonly Cell[], total: number): number => (total === 0 ? 0 : sumOf(cells).totalNs / total);

const kernelRow = (
  pair: KernelPair,
  kernel: Kernel,
  before: readonly Cell[],
  after: readonly Cell[],
  stratified: StratifiedEffect | null,
  share: number,
  ranks: KernelRow['ranks'],
): KernelRow => {
  const [was, is] = [sumOf(before), sumOf(after)];
  const effects = effectsOf(was, is);
  return {
    name: kernel.name,
    short_name: kernel.shortName,
    bucket: kernel.bucket,
    category: kernel.category,
    collective: kernel.collective,
    class: classOf(pair),
    baseline_name: pair.baseline !== null && pair.baseline !== kernel.name ? pair.baseline : null,
    baseline: distributionRow(before),
    candidate: distributionRow(after),
    ...effects,
    per_call_pct: perCallPercent(was, is),
    stratified_pct: stratified?.pct ?? null,
    stratified_effect_ns: stratified?.ns ?? null,
    mix_effect_ns: stratified === null ? null : effects.per_call_effect_ns - stratified.rawNs,
    q: null,
    q_note: null,
    share_pct: 100 * share,
    launch: launchOf(before, after),
    change: 'none',
    adverse: false,
    improved: false,
    slowest_start_ns: slowestStart(after),
    ranks,
  };
};

const classOf = ({ baseline, candidate }: KernelPair): KernelRow['class'] => {
  if (baseline === null) return 'new';
  if (candidate === null) return 'removed';
  return baseline === candidate ? 'both' : 'paired';
};

/** Strata that both sides have, by launch configuration, step type and rank; all in one where a launch changed. */
const commonStrata = (before: readonly Cell[], after: readonly Cell[]): Stratum[] => {
  const [was, is] = [before[0], after[0]];
  const isOneEach = before.length === 1 && after.length === 1;
  if (isOneEach && was !== undefined && was.rankStratum === is?.rankStratum)
    return [{ was: before, is: after, rank: was.rank }];
  const common = (key: (cell: Cell) => string, rankIn: (cell: Cell | undefined) => string | null): Stratum[] => {
    const others = cellsBy(after, key);
    return [...cellsBy(before, key)].flatMap(([stratum, was]) => {
      const is = others.get(stratum);
      return is === undefined ? [] : [{ was, is, rank: rankIn(was[0]) }];
    });
  };
  const byRank = common(
    ({ rankStratum }) => rankStratum,
    (cell) => cell?.rank ?? null,
  );
  if (byRank.length > 0) return byRank;
  const overRanks = common(
    ({ stratum }) => stratum,
    () => null,
  );
  if (overRanks.length > 0) return overRanks;
  const ranks = [...new Set([...before, ...after].map((cell) => cell.rank))];
  const rank = ranks.length === 1 ? (ranks[0] ?? null) : null;
  return before.length === 0 || after.length === 0 ? [] : [{ was: [...before], is: [...after], rank }];
};

interface Stratum {
  readonly was: readonly Cell[];
  readonly is: readonly Cell[];
  readonly rank: string | null;
}

/** Candidate calls times the change of the mean within each stratum; `rawNs` before the clock factor is taken out. */
interface StratifiedEffect {
  readonly ns: number;
  readonly pct: number;
  readonly rawNs: number;
}

const stratifiedEffect = (strata: readonly Stratum[], factorOf: FactorOf): StratifiedEffect | null => {
  let [ns, rawNs, expected] = [0, 0, 0];
  for (const { was, is, rank } of strata) {
    const [old, now] = [sumOf(was), sumOf(is)];
    if (old.count === 0 || now.count === 0) continue;
    const mean = old.totalNs / old.count;
    const factor = factorOf(rank);
    ns += now.totalNs - now.count * mean * factor;
    rawNs += now.totalNs - now.count * mean;
    expected += now.count * mean * factor;
  }
  return expected === 0 ? null : { ns, pct: (100 * ns) / expected, rawNs };
};

const shiftsOf = (strata: readonly Stratum[], factor: FactorOf): Shift[] =>
  strata.flatMap(({ was, is, rank }) => {
    const [baseline, candidate] = [callsOfAll(was), callsOfAll(is)];
    return baseline === null || candidate === null ? [] : shiftOf({ baseline, candidate }, factor(rank));
  });

/** Calls of the cells of one stratum, ascending. */
const callsOfAll = (cells: readonly Cell[]): Uint32Array | Float64Array | null => {
  const [only] = cells;
  if (only === undefined) return null;
  if (cells.length === 1) return only.calls;
  const all = new Float64Array(cells.reduce((sum, cell) => sum + cell.calls.length, 0));
  let at = 0;
  for (const cell of cells) {
    all.set(cell.calls, at);
    at += cell.calls.length;
  }
  return all.sort();
};

const rankRows = (
  before: readonly Cell[],
  after: readonly Cell[],
  factor: FactorOf,
  order: ReadonlyMap<string, number>,
): { row: KernelRow['ranks'][number]; shifts: Shift[] }[] => {
  const [was, is] = [cellsBy(before, rankOf), cellsBy(after, rankOf)];
  const ranks = [...new Set([...was.keys(), ...is.keys()])].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
  return ranks.map((rank) => {
    const [old, now] = [was.get(rank) ?? [], is.get(rank) ?? []];
    const strata = commonStrata(old, now);
    // Reads every call: what comes after finds them in the cache.
    const shifts = shiftsOf(strata, factor);
    const row = {
      rank,
      baseline: distributionRow(old),
      candidate: distributionRow(now),
      ...effectsOf(sumOf(old), sumOf(now)),
      per_call_pct: stratifiedEffect(strata, factor)?.pct ?? null,
      q: null,
      adverse: false,
    };
    return { row, shifts };
  });
};

const rankOf = (cell: Cell): string => cell.rank;

/** q over every test of the comparison: kernels, and kernels on each rank. */
const withQ = (drafts: readonly Draft[]): KernelRow[] => {
  const tests = drafts.flatMap(({ p, rankP }) => [p, ...rankP]).filter((p): p is number => p !== null);
  const adjusted = benjaminiHochberg(tests);
  let next = 0;
  const qOf = (p: number | null): number | null => (p === null ? null : (adjusted[next++] ?? null));
  return drafts.map(({ row, p, rankP }) => {
    const q = qOf(p);
    return { ...row, q, ranks: row.ranks.map((rank, i) => ({ ...rank, q: qOf(rankP[i] ?? null) })) };
  });
};

const launchOf = (before: readonly Cell[], after: readonly Cell[]): KernelRow['launch'] => {
  const [baseline, candidate] = [dominantLaunch(before), dominantLaunch(after)];
  if (baseline === null && candidate === null) return null;
  const changed: ('grid' | 'block' | 'registers' | 'shared_memory')[] = [];
  if (baseline !== null && candidate !== null) {
    if (baseline.grid.join() !== candidate.grid.join()) changed.push('grid');
    if (baseline.block.join() !== candidate.block.join()) changed.push('block');
    if (baseline.registers_per_thread !== candidate.registers_per_thread) changed.push('registers');
    const shared = (launch: LaunchRow): string => `${launch.static_shared_bytes} ${launch.dynamic_shared_bytes}`;
    if (shared(baseline) !== shared(candidate)) changed.push('shared_memory');
  }
  return { baseline, candidate, changed };
};

/** The launch configuration that most of the kernel's time ran with. */
const dominantLaunch = (cells: readonly Cell[]): LaunchRow | null => {
  const known = cells.filter((cell) => cell.config !== null);
  const isOne = known.every((cell) => cell.launch === known[0]?.launch);
  const groups = isOne ? [known] : [...cellsBy(known, ({ launch }) => launch).values()];
  const byTime = groups.map((group) => ({ config: group[0]?.config, totalNs: sumOf(group).totalNs }));
  const [first] = byTime.sort((a, b) => b.totalNs - a.totalNs);
  if (first?.config === null || first?.config === undefined) return null;
  return {
    grid: [...first.config.grid],
    block: [...first.config.block],
    registers_per_thread: first.config.registers,
    static_shared_bytes: first.config.staticSharedBytes,
    dynamic_shared_bytes: first.config.dynamicSharedBytes,
    time_share: first.totalNs / Math.max(1, sumOf(cells).totalNs),
    distinct: groups.length,
  };
};

const slowestStart = (cells: readonly Cell[]): number | null => {
  const longest = (cell: Cell): number => cell.calls.at(-1) ?? cell.group.given?.maxNs ?? 0;
  const slowest = cells.reduce<Cell | null>((a, b) => (a === null || longest(b) > longest(a) ? b : a), null);
  return slowest?.group.slowestStartNs ?? null;
};
