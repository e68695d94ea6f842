// The share of a hardware ceiling that a measured value reaches: frozen when a value is recorded, compared when it is diffed.
// Never clamps a share and never computes one that the baseline does not carry.
import { Fault } from '../text/fault.ts';
import { convertUnit, dimensionOf } from '../metrics/units.ts';
import { type Ceiling, type CeilingTable, findCeiling, oneWayOf } from './ceilings.ts';

/** A share as it is kept with a value; the ceiling is stored in the value's own unit, so a later table does not change it. */
export interface FrozenSol {
  /** 100 * value / ceiling, one decimal. */
  readonly sol_pct: number;
  readonly sol_ceiling_key: string;
  /** In `unit`. */
  readonly sol_ceiling_value: number;
  readonly unit: string;
}

/** One metric's distance to its ceiling on both sides; shares in percent, `delta_pp` in percentage points. */
export interface SolDelta {
  readonly key: string;
  readonly sol_ceiling_key: string;
  readonly sol_ceiling_value: number;
  readonly unit: string;
  readonly baseline_sol_pct: number;
  readonly current_sol_pct: number;
  readonly delta_pp: number;
  /** A share over 100: the value, its unit or the choice of the ceiling is wrong. */
  readonly above_ceiling: boolean;
}

/** One decimal; two significant digits where that would leave nothing. */
const roundShare = (percent: number): number =>
  Math.abs(percent) < 0.1 ? Number(percent.toPrecision(2)) : Number(percent.toFixed(1));

const share = (value: number, ceiling: number): number => (100 * value) / ceiling;

/**
 * Freezes the share of `value` in the ceiling at `key`. 310 GB/s against `b200_sm100.nvlink5_oneway_tbps` (0.9 TB/s) is 34.4
 * percent of 900 GB/s. Throws a Fault `ceiling_unknown`, `sol_unit_missing` or `sol_unit_mismatch`.
 */
export const freezeSol = (table: CeilingTable, key: string, value: number, unit: string | null): FrozenSol => {
  const ceiling = findCeiling(table, key);
  if (unit === null)
    throw new Fault('usage', 'sol_unit_missing', `${key} is in ${ceiling.unit}, but the value has no unit`, {
      fix: 'give the unit of the value',
    });
  if (dimensionOf(unit) === null || dimensionOf(unit) !== dimensionOf(ceiling.unit))
    throw new Fault('usage', 'sol_unit_mismatch', `${unit} does not fit ${key}, which is in ${ceiling.unit}`, {
      fix: 'name a ceiling of the same kind as the value',
    });
  const limit = convertUnit(ceiling.value, ceiling.unit, unit);
  return { sol_pct: roundShare(share(value, limit)), sol_ceiling_key: key, sol_ceiling_value: limit, unit };
};

/** Bus bandwidth counts what ranks would send in a ring; where the switch adds up, they send less and it may exceed the link. */
const aboveText = ({ inSwitch }: CeilingTable, { key, direction }: Ceiling, percent: number): string =>
  direction === 'one-way' && inSwitch.has(key.split('.')[0] ?? '')
    ? `${percent}% of ${key} is more than the link carries: where the switch adds up (NVLS), grade the algorithm bandwidth, else check the value`
    : `${percent}% of ${key} is not possible: check the value, its unit and the ceiling`;

/** What a reader of a share must know about it; empty when nothing. */
export const solNotes = (table: CeilingTable, { sol_pct, sol_ceiling_key: key }: FrozenSol): string[] => {
  const ceiling = findCeiling(table, key);
  const { direction, disagrees_with = [] } = ceiling;
  const oneWay = oneWayOf(table, ceiling);
  const instead = oneWay === undefined ? '' : `: ${oneWay.key} is its ceiling`;
  return [
    ...(sol_pct > 100 ? [aboveText(table, ceiling, sol_pct)] : []),
    ...(direction === 'both-way' ? [`${key} adds up both directions; bus bandwidth is one-way${instead}`] : []),
    ...(disagrees_with.length > 0 ? [`sources disagree about ${key}: see ${disagrees_with.join(', ')}`] : []),
  ];
};

/** A metric's values on both sides in one unit. */
export interface Shared {
  readonly key: string;
  readonly unit: string | null;
  readonly baseline: number;
  readonly candidate: number;
}

/** Percentage points between the two shares, unrounded. */
export const solChange = (frozen: FrozenSol, { unit, baseline, candidate }: Shared): number => {
  const limit = convertUnit(frozen.sol_ceiling_value, frozen.unit, unit ?? frozen.unit);
  return share(candidate - baseline, limit);
};

/** Both shares against the ceiling that was frozen with the baseline. */
export const solDelta = (frozen: FrozenSol, metric: Shared): SolDelta => {
  const unit = metric.unit ?? frozen.unit;
  const limit = convertUnit(frozen.sol_ceiling_value, frozen.unit, unit);
  const [before, after] = [share(metric.baseline, limit), share(metric.candidate, limit)];
  return {
    key: metric.key,
    sol_ceiling_key: frozen.sol_ceiling_key,
    sol_ceiling_value: limit,
    unit,
    baseline_sol_pct: roundShare(before),
    current_sol_pct: roundShare(after),
    delta_pp: roundShare(solChange(frozen, metric)),
    above_ceiling: Math.max(before, after) > 100,
  };
};
