// The factor by which all compute kernels became slower or faster together: a clock, a power cap or another GPU, not a
// kernel. Pure.
import { quantileOfUnion } from './distribution.ts';
import type { Cell, SideCells } from './diff-cells.ts';
import { cellsBy } from './diff-cells.ts';

export interface ClockFactor {
  /** Candidate over baseline duration; 1 where none was found. */
  readonly factor: number;
  /** Share of compute time whose change lies within 1.5 percent of it. */
  readonly agreement: number;
  readonly applied: boolean;
}

const NEAR = Math.log(1.015);
const LEAST = Math.log(1.01);
const MOST_AGREE = 0.6;

/** Weighted median of the log ratios of strata that both sides have, collectives left out. */
export const clockFactor = (baseline: SideCells, candidate: SideCells): ClockFactor => {
  const ratios: { log: number; weight: number }[] = [];
  for (const [name, cells] of baseline.byKernel) {
    const others = candidate.byKernel.get(name);
    if (others === undefined || cells[0]?.kernel.collective === true) continue;
    const otherStrata = cellsBy(others, stratumOf);
    for (const [stratum, own] of cellsBy(cells, stratumOf)) {
      const [before, after] = [typical(own), typical(otherStrata.get(stratum) ?? [])];
      if (before === null || after === null) continue;
      ratios.push({ log: Math.log(after / before), weight: own.reduce((sum, cell) => sum + cell.group.totalNs, 0) });
    }
  }
  const total = ratios.reduce((sum, { weight }) => sum + weight, 0);
  if (ratios.length < 3 || total === 0) return { factor: 1, agreement: 0, applied: false };
  const middle = weightedMedian(ratios, total);
  const near = ratios.filter(({ log }) => Math.abs(log - middle) <= NEAR).reduce((sum, { weight }) => sum + weight, 0);
  const applied = Math.abs(middle) >= LEAST && near / total >= MOST_AGREE;
  return { factor: Math.exp(middle), agreement: near / total, applied };
};

const stratumOf = (cell: Cell): string => `${cell.rank} ${cell.stratum}`;

/** Median of the calls, or the mean where single calls are unknown. */
const typical = (cells: readonly Cell[]): number | null => {
  const slices = cells.map((cell) => cell.calls).filter((calls) => calls.length > 0);
  if (slices.length > 0) return quantileOfUnion(slices, 0.5) || null;
  const count = cells.reduce((sum, cell) => sum + cell.group.count, 0);
  return count === 0 ? null : cells.reduce((sum, cell) => sum + cell.group.totalNs, 0) / count;
};

const weightedMedian = (ratios: { log: number; weight: number }[], total: number): number => {
  ratios.sort((a, b) => a.log - b.log);
  let seen = 0;
  for (const { log, weight } of ratios) {
    seen += weight;
    if (seen * 2 >= total) return log;
  }
  return 0;
};
