// The factor by which all compute kernels became slower or faster together, on all ranks or on one: a clock, a power cap or
// another GPU, not a kernel. One kernel that dominates the time is never taken for all of them. Pure.
import { quantileOfUnion } from '../kernels/distribution.ts';
import type { Cell, SideCells } from '../kernels/kernel-cells.ts';
import { cellsBy, sumOf } from '../kernels/kernel-cells.ts';

export interface ClockFactor {
  /** Candidate over baseline duration; 1 where none was found. */
  readonly factor: number;
  /** Share of compute time whose change lies within 1.5 percent of it. */
  readonly agreement: number;
  readonly applied: boolean;
  /** Ranks that have another factor than the rest, 1 where theirs did not change: a GPU that is throttled, or one that is not. */
  readonly ranks: readonly { readonly rank: string; readonly factor: number }[];
}

const NEAR = Math.log(1.015);
const LEAST = Math.log(1.01);
const MOST_AGREE = 0.6;

/** Weighted median of the log ratios of strata that both sides have, collectives left out; for all ranks and for each. */
export const clockFactor = (baseline: SideCells, candidate: SideCells): ClockFactor => {
  const ratios = ratiosOf(baseline, candidate);
  const common = commonFactor(ratios);
  const usual = Math.log(usualFactor(common));
  const names = [...new Set(ratios.map(({ rank }) => rank))];
  const ranks = names.flatMap((rank) => {
    const own = commonFactor(ratios.filter((ratio) => ratio.rank === rank));
    const differs = own.agrees && Math.abs(Math.log(own.factor) - usual) > NEAR;
    return differs ? [{ rank, factor: usualFactor(own) }] : [];
  });
  const { factor, agreement, applied } = common;
  return { factor, agreement, applied, ranks: names.length > 1 ? ranks : [] };
};

/** What the calls of compute kernels are expected to take on ranks that have no factor of their own. */
export const usualFactor = ({ factor, applied }: Pick<ClockFactor, 'factor' | 'applied'>): number =>
  applied ? factor : 1;

/** What the calls of compute kernels are expected to take on a rank; `rank` null: over ranks that cannot be separated. */
export const factorOn = (clock: ClockFactor, rank: string | null): number =>
  clock.ranks.find((own) => own.rank === rank)?.factor ?? usualFactor(clock);

const ratiosOf = (baseline: SideCells, candidate: SideCells): Ratio[] => {
  const ratios: Ratio[] = [];
  for (const [name, cells] of baseline.byKernel) {
    const others = candidate.byKernel.get(name);
    if (others === undefined || cells[0]?.kernel.collective === true) continue;
    const otherStrata = cellsBy(others, rankStratumOf);
    for (const [stratum, own] of cellsBy(cells, rankStratumOf)) {
      const [before, after] = [typical(own), typical(otherStrata.get(stratum) ?? [])];
      if (before === null || after === null) continue;
      ratios.push({
        name,
        rank: own[0]?.rank ?? '',
        log: Math.log(after / before),
        weight: sumOf(own).totalNs,
      });
    }
  }
  return ratios;
};

interface CommonFactor extends Omit<ClockFactor, 'ranks'> {
  /** Most of the compute time changed by this factor, which may be 1; applied where it is not. */
  readonly agrees: boolean;
}

const commonFactor = (ratios: readonly Ratio[]): CommonFactor => {
  const total = weightOf(ratios);
  if (ratios.length < 3) return { factor: 1, agreement: 0, agrees: false, applied: false };
  const middle = weightedMedian(ratios, total);
  const near = ratios.filter(({ log }) => Math.abs(log - middle) <= NEAR);
  const heaviest = heaviestKernel(ratios);
  const others = (list: readonly Ratio[]): number => weightOf(list.filter(({ name }) => name !== heaviest));
  const agrees =
    weightOf(near) >= MOST_AGREE * total && others(near) >= MOST_AGREE * others(ratios) && others(near) > 0;
  return {
    factor: Math.exp(middle),
    agreement: weightOf(near) / total,
    agrees,
    applied: Math.abs(middle) >= LEAST && agrees,
  };
};

/** Change of one kernel in one stratum: log of candidate over baseline, and its time before. */
interface Ratio {
  readonly name: string;
  readonly rank: string;
  readonly log: number;
  readonly weight: number;
}

const weightOf = (ratios: readonly Ratio[]): number => ratios.reduce((sum, { weight }) => sum + weight, 0);

const heaviestKernel = (ratios: readonly Ratio[]): string => {
  const weights = new Map<string, number>();
  for (const { name, weight } of ratios) weights.set(name, (weights.get(name) ?? 0) + weight);
  return [...weights].reduce((a, b) => (b[1] > a[1] ? b : a), ['', -1] as const)[0];
};

const rankStratumOf = (cell: Cell): string => cell.rankStratum;

/** Median of the calls, or the mean where single calls are unknown; null where they took no time, which has no ratio. */
const typical = (cells: readonly Cell[]): number | null => {
  const slices = cells.map((cell) => cell.calls).filter((calls) => calls.length > 0);
  if (slices.length > 0) return quantileOfUnion(slices, 0.5) || null;
  const { count, totalNs } = sumOf(cells);
  return totalNs > 0 ? totalNs / count : null;
};

const weightedMedian = (ratios: readonly Ratio[], total: number): number => {
  let seen = 0;
  for (const { log, weight } of [...ratios].sort((a, b) => a.log - b.log)) {
    seen += weight;
    if (seen * 2 >= total) return log;
  }
  return 0;
};
