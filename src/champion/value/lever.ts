// A lever of a campaign: what could be done, what it might give with its interval, what would prove it and what that costs. And the
// order of levers, value against cost. Pure; holds no rule about what counts as a gain.
import { formatNumber, formatPercent } from '../../render/numbers.ts';
import type { NextLever } from '../../verdict/answer-schema.ts';

export const LEVER_KINDS = ['question', 'roofline', 'kernels', 'grounding'] as const;
export type LeverKind = (typeof LEVER_KINDS)[number];

/** Gain in percent of `of`; positive is better. */
export interface Unlock {
  readonly low: number;
  readonly expected: number;
  readonly high: number;
  /** What the percent are of: `tok/s/user at concurrency 16`. */
  readonly of: string;
}

export interface Lever {
  readonly kind: LeverKind;
  readonly cell: string;
  readonly lever: string;
  /** Null where it gives no speed of itself, or nobody can say how much. */
  readonly unlock: Unlock | null;
  /** What it is for where it has no unlock. */
  readonly yields: string | null;
  readonly gate: string;
  /** GPU hours that the gate takes; null where nobody knows how long a trial is. */
  readonly cost_gpu_hours: number | null;
  /** Where the figures come from: files and metrics. */
  readonly evidence: readonly string[];
}

export interface RankedLever extends Lever {
  readonly rank: number;
  /** Expected percent per GPU hour of the gate; null where either is not known. */
  readonly value_per_gpu_hour: number | null;
}

const ratioOf = ({ unlock, cost_gpu_hours: cost }: Lever): number | null =>
  unlock === null || cost === null || cost <= 0 ? null : Math.max(0, unlock.expected) / cost;

/** Known value and known cost first, by value for its cost; then known value alone, by value; then what only informs. */
const classOf = (lever: Lever): number => (ratioOf(lever) !== null ? 0 : lever.unlock !== null ? 1 : 2);

const compare = (a: Lever, b: Lever): number =>
  classOf(a) - classOf(b) ||
  (ratioOf(b) ?? 0) - (ratioOf(a) ?? 0) ||
  (b.unlock?.expected ?? 0) - (a.unlock?.expected ?? 0) ||
  (a.cost_gpu_hours ?? Infinity) - (b.cost_gpu_hours ?? Infinity) ||
  (a.lever < b.lever ? -1 : 1);

export const rankLevers = (levers: readonly Lever[]): RankedLever[] =>
  levers.toSorted(compare).map((lever, index) => ({ ...lever, rank: index + 1, value_per_gpu_hour: ratioOf(lever) }));

/** `+12.0% (+4.1% to +20.3%) tok/s/user at concurrency 16`. */
export const unlockText = ({ unlock, yields }: Pick<Lever, 'unlock' | 'yields'>): string => {
  if (unlock === null) return yields ?? 'not known';
  const { low, expected, high, of } = unlock;
  return `${formatPercent(expected)} (${formatPercent(low)} to ${formatPercent(high)}) ${of}`;
};

export const costText = ({ cost_gpu_hours: hours }: Pick<Lever, 'cost_gpu_hours'>): string =>
  hours === null ? 'not known' : `${formatNumber(hours, 3)} GPU hours`;

/** In the shape that every verb names its next lever in. */
export const asNextLever = (lever: Lever): NextLever => ({
  lever: lever.lever,
  expected_unlock: unlockText(lever),
  gate: lever.gate,
  key: lever.cell,
});
