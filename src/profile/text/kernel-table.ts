// The table of kernels in a profile diff's report: calls, times, effects and launch of each. Chooses and formats; computes nothing.
import { heading, leftColumn, paragraph, rightColumn, table, type Block } from '../../render/document.ts';
import { formatChance, formatPercent, formatSignedNanoseconds } from '../../render/numbers.ts';
import { readableName } from '../kernels/reduced-names.ts';
import type { KernelRow } from '../diff/profile-diff-schema.ts';
import { shortened } from './amounts.ts';
import { nsOr } from './shared-lines.ts';

/** `limit` rows below a heading; nothing where there are none. */
export const kernelSection = (title: string, rows: readonly KernelRow[], limit: number): Block[] => {
  if (rows.length === 0) return [];
  const columns = [
    leftColumn('kernel'),
    leftColumn('bucket'),
    rightColumn('calls'),
    rightColumn('total'),
    rightColumn('mean'),
    rightColumn('median'),
    rightColumn('p95'),
    rightColumn('delta'),
    rightColumn('count effect'),
    rightColumn('per-call effect'),
    rightColumn('per call'),
    rightColumn('q'),
    leftColumn('launch'),
  ];
  const shown = rows.slice(0, limit);
  const rest = rows.length > shown.length ? ` ${rows.length - shown.length} more rows there.` : '';
  const silent = shown.flatMap(({ short_name: name, q_note: why }) =>
    why === null ? [] : [paragraph(`* The test of single calls is silent on ${shortened(name)}: ${why}.`)],
  );
  const note = paragraph(`Names are shortened; the JSON file has them whole.${rest}`);
  return [heading(title), table(columns, shown.map(kernelCells)), note, ...silent];
};

const kernelCells = (row: KernelRow): string[] => {
  const pair = (pick: (side: KernelRow['baseline']) => number | null): string =>
    `${nsOr(pick(row.baseline))} -> ${nsOr(pick(row.candidate))}`;
  const own = readableName(row.name);
  const name = row.baseline_name === null ? own : `${own} (was ${readableName(row.baseline_name)})`;
  return [
    row.class === 'both' || row.class === 'paired' ? name : `${name} [${row.class}]`,
    row.bucket,
    `${row.baseline.calls} -> ${row.candidate.calls}`,
    pair((side) => side.total_ns),
    pair((side) => side.mean_ns),
    pair((side) => side.median_ns),
    pair((side) => side.p95_ns),
    formatSignedNanoseconds(row.delta_ns),
    formatSignedNanoseconds(row.count_effect_ns),
    formatSignedNanoseconds(row.per_call_effect_ns),
    formatPercent(row.per_call_pct),
    `${row.q === null ? 'n/a' : formatChance(row.q)}${row.q_note === null ? '' : ' *'}`,
    row.launch === null || row.launch.changed.length === 0 ? 'unchanged' : launchChange(row.launch),
  ];
};

const launchChange = (launch: NonNullable<KernelRow['launch']>): string => {
  const text = (side: NonNullable<typeof launch.baseline> | null): string =>
    side === null
      ? 'n/a'
      : `<<<${side.grid.join('x')}, ${side.block.join('x')}>>> ${side.registers_per_thread ?? '?'} regs ${(side.static_shared_bytes ?? 0) + (side.dynamic_shared_bytes ?? 0)} B shared`;
  return `${launch.changed.join(', ')}: ${text(launch.baseline)} -> ${text(launch.candidate)}`;
};
