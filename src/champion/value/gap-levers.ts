// Levers that lie between a measurement and its bound: the gap of a point as a whole, and what the kernels of a profile hold of it. Where a
// point stands at the wall there is none.
import { formatNumber, formatShare } from '../../render/numbers.ts';
import { DEFAULT_TRIALS } from '../../verdict/scaled-judgement.ts';
import { isAtWall, LEAST_GAIN_PERCENT } from '../../verdict/sol-wall.ts';
import { hoursOfTrial } from '../../campaign/next/trials.ts';
import type { AtlasRow } from '../../campaign/row.ts';
import type { CategoryShare, CellEvidence, PointGap } from './cell-evidence.ts';
import type { Lever, Unlock } from './lever.ts';

/** Categories of a cell that become levers. */
const MOST_CATEGORIES = 2;

/** GPU hours of a comparison of a change with what was measured, at the load of the row. */
const costOf = (row: AtlasRow): number | null => {
  const hours = hoursOfTrial(row, { minutesPerTrial: undefined });
  return hours === null ? null : hours * 2 * DEFAULT_TRIALS.paired;
};

const gateOf = (row: AtlasRow): string =>
  `PASS against ${row.cell_id} with ${DEFAULT_TRIALS.paired} pairs at concurrency ${row.concurrency}, TPOT better beyond the tolerance`;

/** What nothing was faster than: the best that was measured, else the datasheet. */
const nearest = ({ bounds }: PointGap): number => bounds.best ?? bounds.datasheet ?? 0;

/** Percent of its bound that a point reaches. */
export const shareOfBound = (gap: PointGap): number => (100 * nearest(gap)) / gap.tpotMs;

/** Gain of speed where the time per token falls to `ms`. */
const gain = (tpotMs: number, ms: number): number => 100 * (tpotMs / ms - 1);

const speedOf = (row: AtlasRow): string => `tok/s/user at concurrency ${row.concurrency}`;

/** Half of the time above the bound is what is expected to be won, all of it the most; nothing says that any of it can be. */
const unlockOf = ({ row, tpotMs }: PointGap, excessMs: number): Unlock => ({
  low: 0,
  expected: gain(tpotMs, tpotMs - excessMs / 2),
  high: gain(tpotMs, tpotMs - excessMs),
  of: speedOf(row),
});

const excessOf = (gap: PointGap): number => Math.max(0, gap.tpotMs - nearest(gap));

/** What a campaign is about: the least load for latency, the one with the most work per GPU for throughput. */
export type Focus = 'latency' | 'throughput';

const atFocus = (rows: readonly AtlasRow[], focus: Focus): AtlasRow | undefined => {
  const loads = rows.filter(({ concurrency }) => concurrency > 0);
  if (focus === 'latency') return loads.toSorted((a, b) => a.concurrency - b.concurrency)[0];
  const work = ({ output_tps_per_gpu: rate }: AtlasRow): number => rate ?? 0;
  return loads.toSorted((a, b) => work(b) - work(a) || b.concurrency - a.concurrency)[0];
};

/** The point of a cell that its campaign is about, beside its bound. */
export const gapAtFocus = ({ gaps }: CellEvidence, focus: Focus): PointGap | undefined => {
  const row = atFocus(gaps.map((gap) => gap.row), focus); // prettier-ignore
  return gaps.find((gap) => gap.row === row);
};

const ledgerText = (gap: PointGap): string =>
  `TPOT ${formatNumber(gap.tpotMs, 4)} ms is ${formatShare(shareOfBound(gap))} of its bound of ${formatNumber(nearest(gap), 4)} ms`;

/** The gap of the point that the campaign is about; none where it stands at the wall. */
export const gapLevers = (evidence: CellEvidence, focus: Focus): Lever[] => {
  const gap = gapAtFocus(evidence, focus);
  if (gap === undefined || isAtWall(shareOfBound(gap))) return [];
  const { row } = gap;
  return [
    {
      kind: 'roofline',
      cell: evidence.cell,
      lever: `close the gap of ${evidence.cell} at concurrency ${row.concurrency} to its bound`,
      unlock: unlockOf(gap, excessOf(gap)),
      yields: null,
      gate: gateOf(row),
      cost_gpu_hours: costOf(row),
      evidence: [ledgerText(gap)],
    },
  ];
};

/** The time of a category that may be won: what it takes, and no more than lies above the bound. */
const excessOfCategory = ({ share }: CategoryShare, tpotMs: number, gap: PointGap | undefined): number =>
  Math.min(share * tpotMs, gap === undefined ? Infinity : excessOf(gap));

/** The largest categories of kernels that leave enough to gain. Without a time per token the share alone speaks. */
export const kernelLevers = (evidence: CellEvidence, focus: Focus): Lever[] => {
  const gap = gapAtFocus(evidence, focus);
  const row = gap?.row ?? atFocus(evidence.rows, focus);
  if (row === undefined) return [];
  const tpotMs = gap?.tpotMs ?? 1;
  return evidence.categories.slice(0, MOST_CATEGORIES).flatMap((category): Lever[] => {
    const unlock = unlockOf({ row, tpotMs, bounds: {} }, excessOfCategory(category, tpotMs, gap));
    if (!Number.isFinite(unlock.high) || unlock.high < LEAST_GAIN_PERCENT) return [];
    return [
      {
        kind: 'kernels',
        cell: evidence.cell,
        lever: `make ${category.category} kernels of ${evidence.cell} faster (${formatShare(100 * category.share)} of the GPU time)`,
        unlock,
        yields: null,
        gate: gateOf(row),
        cost_gpu_hours: costOf(row),
        evidence: [`${evidence.kernels_file ?? 'kernels.json'} (${category.source})`],
      },
    ];
  });
};

/** What a cell lacks before anybody can say what limits it. */
export const groundingLevers = ({ cell, rows, grounding, categories }: CellEvidence): Lever[] => {
  if (rows.length === 0) return [];
  const lacking = [
    ...(categories.length > 0 ? [] : ['kernels of a profile (L1: import_nsys or import_zymtrace)']),
    ...(grounding.dcgm_grounded ? [] : ['counters of the GPUs (L3: dcgm_capture with dcgm_correlate, or roofline_sweep)']),
  ];
  if (lacking.length === 0) return [];
  return [
    {
      kind: 'grounding',
      cell,
      lever: `ground ${cell}: ${lacking.join('; ')}`,
      unlock: null,
      yields: 'says what limits the cell; no speed of itself',
      gate: 'sol_rigor L3 or more in campaign_next',
      cost_gpu_hours: null,
      evidence: [`sol_rigor ${grounding.sol_rigor}`],
    },
  ];
}; // prettier-ignore
