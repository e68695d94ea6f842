// Says why the test of single calls is silent although the mean of a kernel moved beyond its threshold. Pure text.
import { formatPercent } from '../../render/numbers.ts';
import { percentOf } from './effects.ts';
import type { KernelRow } from './profile-diff-schema.ts';

/** A median that moved by less than this share of what the mean did: the change is in the long calls. */
const TYPICAL_SHARE = 1 / 2;

/** Null where q speaks, or has nothing to say. `limit` in percent, `most` the largest q that counts. */
export const qNote = (row: KernelRow, limit: number, most: number): string | null => {
  const pct = row.per_call_pct;
  if (pct === null || Math.abs(pct) < limit || row.q === null || row.q <= most) return null;
  const said = [apart(row, limit), inTheTail(row, pct)].filter((note) => note !== null);
  return said.length === 0 ? 'single calls vary too much to decide' : said.join('; ');
};

/** A test within ranks adds up what the ranks show: opposite moves cancel. */
const apart = ({ ranks }: KernelRow, limit: number): string | null => {
  const moved = ranks.flatMap(({ rank, per_call_pct: pct }) =>
    pct !== null && Math.abs(pct) >= limit ? [{ rank, pct }] : [],
  );
  const opposite = moved.some(({ pct }) => pct > 0) && moved.some(({ pct }) => pct < 0);
  if (!opposite) return null;
  const changes = moved.slice(0, 4).map(({ rank, pct }) => `${rank} ${formatPercent(pct)}`);
  return `ranks moved in opposite directions (${changes.join(', ')})`;
};

/** Ranks of calls see the typical call, not how long the longest are. */
const inTheTail = ({ baseline, candidate }: KernelRow, pct: number): string | null => {
  const median = percentOf(baseline.median_ns, candidate.median_ns);
  const p95 = percentOf(baseline.p95_ns, candidate.p95_ns);
  if (median === null || p95 === null || Math.abs(median) >= TYPICAL_SHARE * Math.abs(pct)) return null;
  return `the long calls changed more than the typical one (median ${formatPercent(median)}, p95 ${formatPercent(p95)})`;
};
