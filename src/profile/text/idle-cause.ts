// Says why a GPU is idle longer: waiting for launches, and what the host has to launch more.
import { formatNanoseconds, formatShare } from '../../render/numbers.ts';
import { unitsOf, type Culprit, type Findings } from '../diff/culprit.ts';
import type { KernelRow } from '../diff/profile-diff-schema.ts';
import { firstOf } from './amounts.ts';

type Of<Kind extends Culprit['kind']> = Extract<Culprit, { readonly kind: Kind }>;

/** Change of the number of calls from which on it is reported, percent. */
export const LEAST_CALLS = 1;

export const idleCause = ({ rank, ns, launchNs }: Of<'idle'>, found: Findings): string => {
  const { unit } = found.headline;
  const launch = launchNs > 0.5 * ns ? ', most of it waiting for launches' : '';
  const who = rank === null ? 'every GPU' : found.ranks.length === 1 ? 'the GPU' : `the GPU of ${rank.rank}`;
  return `${who} is idle ${formatNanoseconds(ns)} longer per ${unit}${launch}${moreLaunches(found)}`;
};

/** Launches per unit of work must have grown by this share to be reported as what keeps the host busy. */
const MORE_LAUNCHES = 0.1;

/** Growth of the launches per unit of work, percent; null where it is not worth reporting. */
const launchGrowth = (found: Findings): number | null => {
  const units = unitsOf(found);
  const { baseline_calls: before, candidate_calls: after } = found.totals;
  const ratio = after / units.after / (before / units.before);
  return before > 0 && ratio >= 1 + MORE_LAUNCHES ? 100 * (ratio - 1) : null;
};

/** The cause says by how much the calls grew already, since both sides hold the same work. */
export const reportsCalls = ({ kind }: Culprit, found: Findings): boolean => {
  const growth = kind === 'idle' ? launchGrowth(found) : null;
  return growth !== null && Math.abs(growth - (found.totals.calls_pct ?? 0)) < LEAST_CALLS;
};

/** What the host has to launch more than before, where kernels came in for others. */
const moreLaunches = (found: Findings): string => {
  const growth = launchGrowth(found);
  if (growth === null) return '';
  const byCalls = (kind: KernelRow['class'], calls: (row: KernelRow) => number): KernelRow[] =>
    found.kernels
      .filter((row) => row.class === kind)
      .sort((a, b) => calls(b) - calls(a) || a.name.localeCompare(b.name));
  const added = byCalls('new', (row) => row.candidate.calls);
  const gone = byCalls('removed', (row) => row.baseline.calls);
  const which =
    added.length === 0 ? '' : `: new ${firstOf(added)}${gone.length === 0 ? '' : ` instead of ${firstOf(gone)}`}`;
  return `; its host launches ${formatShare(growth, 0)} more kernels${which}`;
};
