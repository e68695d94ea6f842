// The tables of a profile diff's report but for that of its kernels: where the time went by bucket, rank, collective, part of a step,
// copy, range, call and wait. Chooses and formats; computes nothing.
import { heading, leftColumn, rightColumn, table, type Block, type Column, type Text } from '../../render/document.ts';
import {
  formatBytes,
  formatFixed,
  formatNanoseconds,
  formatPercent,
  formatShare,
  formatSignedNanoseconds,
} from '../../render/numbers.ts';
import { readableName } from '../kernels/reduced-names.ts';
import type { ProfileDiff } from '../diff/profile-diff-schema.ts';
import { nsOr } from './shared-lines.ts';

/** A table below its heading; nothing where it has no rows. */
const tableSection = (title: string, columns: readonly Column[], rows: readonly (readonly Text[])[]): Block[] =>
  rows.length === 0 ? [] : [heading(title), table(columns, rows)];

export const bucketSection = (diff: ProfileDiff): Block[] => {
  const columns = [
    leftColumn('bucket'),
    rightColumn('calls'),
    rightColumn('total'),
    rightColumn('delta'),
    rightColumn('per-call effect'),
    rightColumn('per call'),
    rightColumn('share'),
    leftColumn(''),
  ];
  const rows = diff.buckets.map((row) => [
    row.bucket,
    `${row.baseline.calls} -> ${row.candidate.calls}`,
    `${formatNanoseconds(row.baseline.total_ns)} -> ${formatNanoseconds(row.candidate.total_ns)}`,
    formatSignedNanoseconds(row.delta_ns),
    formatSignedNanoseconds(row.per_call_effect_ns),
    formatPercent(row.per_call_pct),
    formatShare(row.share_pct),
    row.adverse ? 'adverse' : '',
  ]);
  return tableSection('Buckets', columns, rows);
};

export const rankSection = (diff: ProfileDiff): Block[] => {
  const columns = [
    leftColumn('rank'),
    leftColumn('GPU'),
    rightColumn('kernels'),
    rightColumn('busy'),
    rightColumn('idle'),
    rightColumn('communication alone'),
    rightColumn('overlapped'),
    rightColumn('exposed launch'),
  ];
  const rows = diff.ranks.map((row) => {
    const [before, after] = [row.baseline_timeline, row.candidate_timeline];
    type Line = NonNullable<typeof before>;
    const pair = (pick: (line: Line) => number | null): string =>
      `${before === null ? 'n/a' : nsOr(pick(before))} -> ${after === null ? 'n/a' : nsOr(pick(after))}`;
    return [
      row.rank,
      row.gpu ?? 'n/a',
      `${formatNanoseconds(row.baseline.total_ns)} -> ${formatNanoseconds(row.candidate.total_ns)}`,
      pair((line) => line.busy_ns),
      pair((line) => line.idle_ns),
      pair((line) => line.communication_only_ns),
      pair((line) => line.overlap_ns),
      pair((line) => line.exposed_launch_ns),
    ];
  });
  return tableSection('Ranks', columns, rows);
};

export const collectiveSection = (diff: ProfileDiff, limit: number): Block[] => {
  const columns = [
    leftColumn('collective'),
    rightColumn('matched calls'),
    rightColumn('transfer per call'),
    rightColumn('waiting per call'),
    leftColumn('grew'),
    leftColumn('late rank'),
  ];
  const rows = diff.collectives
    .slice(0, limit)
    .map((row) => [
      readableName(row.kernel),
      `${row.baseline.matched_calls} -> ${row.candidate.matched_calls}`,
      `${nsOr(row.transfer_per_call_ns.baseline)} -> ${nsOr(row.transfer_per_call_ns.candidate)}`,
      `${nsOr(row.waiting_per_call_ns.baseline)} -> ${nsOr(row.waiting_per_call_ns.candidate)}`,
      row.grew.replace('_', ' '),
      `${row.late_rank.baseline ?? 'none'} -> ${row.late_rank.candidate ?? 'none'}`,
    ]);
  return tableSection('Collectives', columns, rows);
};

export const stepSection = (diff: ProfileDiff): Block[] => {
  if (diff.step === null) return [];
  const rows = Object.entries(diff.step).map(([name, ns]) => [
    name.replace(/_ns$/, '').replaceAll('_', ' '),
    ns === null ? 'n/a' : formatSignedNanoseconds(ns),
  ]);
  return tableSection(`Time per ${diff.headline.unit}`, [leftColumn('part'), rightColumn('change')], rows);
};

export const copySection = (diff: ProfileDiff): Block[] => {
  const columns = [
    leftColumn('kind'),
    rightColumn('count'),
    rightColumn('bytes'),
    rightColumn('time'),
    rightColumn('GB/s'),
  ];
  const rate = (value: number | null): string => (value === null ? 'n/a' : formatFixed(value, 1));
  const rows = diff.copies.map(({ kind, baseline, candidate }) => [
    kind,
    `${baseline.calls} -> ${candidate.calls}`,
    `${formatBytes(baseline.bytes)} -> ${formatBytes(candidate.bytes)}`,
    `${formatNanoseconds(baseline.total_ns)} -> ${formatNanoseconds(candidate.total_ns)}`,
    `${rate(baseline.gb_per_s)} -> ${rate(candidate.gb_per_s)}`,
  ]);
  return tableSection('Copies', columns, rows);
};

export const rangeSection = (diff: ProfileDiff, limit: number): Block[] => {
  const columns = [
    leftColumn('range'),
    rightColumn('count'),
    rightColumn('host time'),
    rightColumn('delta'),
    rightColumn('GPU time'),
    rightColumn('innermost GPU time'),
  ];
  const rows = diff.ranges
    .slice(0, limit)
    .map(({ name, domain, baseline, candidate, delta_ns: delta }) => [
      domain === 0 ? name : `${name} (domain ${domain})`,
      `${baseline.calls} -> ${candidate.calls}`,
      `${formatNanoseconds(baseline.total_ns)} -> ${formatNanoseconds(candidate.total_ns)}`,
      formatSignedNanoseconds(delta),
      `${nsOr(baseline.gpu_ns)} -> ${nsOr(candidate.gpu_ns)}`,
      `${nsOr(baseline.gpu_self_ns)} -> ${nsOr(candidate.gpu_self_ns)}`,
    ]);
  return tableSection('Ranges', columns, rows);
};

export const namedSection = (title: string, all: ProfileDiff['api'], limit: number): Block[] => {
  const columns = [
    leftColumn('name'),
    rightColumn('calls'),
    rightColumn('time'),
    rightColumn('delta'),
    rightColumn('per-call effect'),
  ];
  const rows = all
    .slice(0, limit)
    .map((row) => [
      row.name,
      `${row.baseline.calls} -> ${row.candidate.calls}`,
      `${formatNanoseconds(row.baseline.total_ns)} -> ${formatNanoseconds(row.candidate.total_ns)}`,
      formatSignedNanoseconds(row.delta_ns),
      formatSignedNanoseconds(row.per_call_effect_ns),
    ]);
  return tableSection(title, columns, rows);
};

export const adverseSection = ({ adverse }: ProfileDiff): Block[] => {
  const columns = [
    leftColumn('what'),
    leftColumn('name'),
    leftColumn('rank'),
    rightColumn('change'),
    rightColumn('cost'),
  ];
  const rows = adverse.map(({ kind, name, rank, pct, effect_ns: ns }) => [
    kind,
    kind === 'kernel' ? readableName(name) : name,
    rank ?? 'all',
    formatPercent(pct),
    formatSignedNanoseconds(ns),
  ]);
  return tableSection('Adverse', columns, rows);
};
