// When a measurement stands at the wall of its hardware: so near its bound that no lever is left that trials could show. The one home of
// that rule.

/** Percent of the bound from which a measurement counts as being at it. */
export const WALL_SHARE_PERCENT = 95;

/** True for a share of a bound or ceiling, in percent, that leaves nothing worth measuring. */
export const isAtWall = (sharePercent: number): boolean => sharePercent >= WALL_SHARE_PERCENT;

/** The least gain, in percent of the speed, that is still short of the wall. */
export const LEAST_GAIN_PERCENT = 100 * (100 / WALL_SHARE_PERCENT - 1);
