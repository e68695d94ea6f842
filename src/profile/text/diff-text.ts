// The 1.5 kB of text that a profile diff is for an agent: the first line, then the most important further ones. Chooses and
// formats; computes nothing.
import { fitLines } from '../../text/fit-lines.ts';
import { formatFixed, formatNanoseconds, formatPercent, formatSignedNanoseconds } from '../../render/numbers.ts';
import { leverLine } from '../../verdict/wording.ts';
import { shortened } from './amounts.ts';
import type { KernelRow, ProfileDiff } from '../diff/profile-diff-schema.ts';
import { decidedLine, stepParts, totalsLine } from './shared-lines.ts';

const TEXT_LIMIT = 1500;

/** The first line, then as many further lines as fit 1.5 kB, the most important first. */
export const renderProfileDiffText = (diff: ProfileDiff): string =>
  fitLines([diff.first_line, ...textLines(diff)].join('\n'), TEXT_LIMIT, 'in the report');

const textLines = (diff: ProfileDiff): string[] => [
  decidedLine(diff),
  ...diff.warnings.slice(0, 3).map((warning) => `warning: ${warning}`),
  totalsLine(diff),
  ...(diff.step === null ? [] : [stepLine(diff)]),
  leverLine(diff.next_lever),
  ...diff.ranks.slice(0, 4).flatMap(rankLine),
  ...topRows(diff).slice(0, 5).map(kernelLine),
  ...diff.warnings.slice(3).map((warning) => `warning: ${warning}`),
];

const stepLine = ({ step, headline }: ProfileDiff): string => {
  if (step === null) return '';
  const parts = stepParts(step).map(([name, ns]) => `${name} ${formatSignedNanoseconds(ns)}`);
  return `per ${headline.unit}: ${formatSignedNanoseconds(step.change_ns)} = ${parts.join(', ')}`;
};

const rankLine = (rank: ProfileDiff['ranks'][number]): string[] => {
  const [before, after] = [rank.baseline_timeline, rank.candidate_timeline];
  if (before === null || after === null) return [];
  return [
    `${rank.rank}: busy ${formatNanoseconds(before.busy_ns)} -> ${formatNanoseconds(after.busy_ns)}, ` +
      `idle ${formatNanoseconds(before.idle_ns)} -> ${formatNanoseconds(after.idle_ns)}`,
  ];
};

/** Adverse kernels first, then new, removed and renamed ones, then the largest per-call effects. */
const topRows = (diff: ProfileDiff): KernelRow[] => {
  const weight = (row: KernelRow): number => {
    if (row.adverse) return 0;
    if (row.change === 'slower') return 1;
    return row.class === 'both' ? 3 : 2;
  };
  return [...diff.kernels].sort(
    (a, b) => weight(a) - weight(b) || costMoved(b) - costMoved(a) || a.name.localeCompare(b.name),
  );
};

/** Time that calls gained or lost, or that came and went with the kernel. */
const costMoved = (row: KernelRow): number =>
  Math.abs(row.per_call_pct === null ? row.delta_ns : row.per_call_effect_ns);

const kernelLine = (row: KernelRow): string => {
  const mark = row.adverse ? 'adverse ' : row.class === 'both' ? '' : `${row.class} `;
  return (
    `${mark}${shortened(row.short_name)}: ${row.baseline.calls} -> ${row.candidate.calls} calls, ` +
    (row.per_call_pct === null
      ? `${formatSignedNanoseconds(row.delta_ns)} of GPU time`
      : `${formatPercent(row.per_call_pct)} per call, ${formatSignedNanoseconds(row.per_call_effect_ns)} per-call effect`) +
    (row.q_note === null ? '' : `; q ${formatFixed(row.q ?? 1, 2)} is silent: ${row.q_note}`)
  );
};
