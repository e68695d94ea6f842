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

/** From what is typical for the hardware to what its datasheet allows; the best that was measured is what to expect at most. */
const unlockOf = ({ row, tpotMs, bounds }: PointGap): Unlock => {
  const gains = Object.values(bounds).map((ms) => Math.max(0, gain(tpotMs, ms)));
  const [low, high] = [bounds.typical === undefined ? 0 : Math.min(...gains), Math.max(...gains)];
  return { low, expected: (low + high) / 2, high, of: speedOf(row) };
};

/** The point of a cell that is furthest from its bound. */
export const widestGap = ({ gaps }: CellEvidence): PointGap | undefined =>
  gaps.toSorted((a, b) => shareOfBound(a) - shareOfBound(b))[0];

const ledgerText = (gap: PointGap): string =>
  `TPOT ${formatNumber(gap.tpotMs, 4)} ms is ${formatShare(shareOfBound(gap))} of its bound of ${formatNumber(nearest(gap), 4)} ms`;

/** The gap of the widest point; none where it stands at the wall. */
export const gapLevers = (evidence: CellEvidence): Lever[] => {
  const gap = widestGap(evidence);
  if (gap === undefined || isAtWall(shareOfBound(gap))) return [];
  const { row } = gap;
  return [
    {
      kind: 'roofline',
      cell: evidence.cell,
      lever: `close the gap of ${evidence.cell} at concurrency ${row.concurrency} to its bound`,
      unlock: unlockOf(gap),
      yields: null,
      gate: gateOf(row),
      cost_gpu_hours: costOf(row),
      evidence: [ledgerText(gap)],
    },
  ];
};

/** The gain where a category took no time, and no more than its bound leaves. */
const categoryGain = ({ share }: CategoryShare, gap: PointGap | undefined): number => {
  const most = share >= 1 ? Infinity : 100 * (1 / (1 - share) - 1);
  return gap === undefined ? most : Math.min(most, Math.max(0, gain(gap.tpotMs, nearest(gap))));
};

/** The largest categories of kernels that leave enough to gain; at most what they take, so the interval begins at nothing. */
export const kernelLevers = (evidence: CellEvidence): Lever[] => {
  const gap = widestGap(evidence);
  const row = gap?.row ?? evidence.rows.find(({ concurrency }) => concurrency > 0);
  if (row === undefined) return [];
  return evidence.categories.slice(0, MOST_CATEGORIES).flatMap((category): Lever[] => {
    const high = categoryGain(category, gap);
    if (!Number.isFinite(high) || high < LEAST_GAIN_PERCENT) return [];
    return [
      {
        kind: 'kernels',
        cell: evidence.cell,
        lever: `make ${category.category} kernels of ${evidence.cell} faster (${formatShare(100 * category.share)} of the GPU time)`,
        unlock: { low: 0, expected: high / 2, high, of: speedOf(row) },
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
