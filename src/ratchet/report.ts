// The ratchet's report in Markdown, for a file, a step summary or a pull request. Says what was written and what was not.
import type { MetricDecision } from '../verdict/decision.ts';
import { formatPercent, plural } from '../text/numbers.ts';
import { markdownTable } from '../text/table.ts';
import type { RatchetOutcome } from './check.ts';
import type { RatchetRow, RowStatus } from './judge-config.ts';

const milliseconds = (value: number | null): string => {
  if (value === null) return 'none';
  return `${value < 0.01 ? value.toPrecision(3) : value.toFixed(4)} ms`;
};

const change = (row: RatchetRow): string => (row.status === 'new' ? 'new' : formatPercent(row.delta_pct));

/** The interval with the sign of the Change column (positive is faster), and the trials that would settle an open question. */
const evidence = ({ interval, trials_needed: wanted }: MetricDecision): string[] => {
  if (interval === null) return [];
  const span = `${formatPercent(-100 * interval.high)} to ${formatPercent(-100 * interval.low)}`;
  return [`interval ${span}`, ...(wanted === null ? [] : [`${wanted} trials should settle it`])];
};

/** What a reader needs beside the two times. */
const remarks = ({ decision, waiver, notes }: RatchetRow): string =>
  [
    ...(decision === null ? [] : evidence(decision)),
    ...(waiver === null ? [] : [`${waiver.reason} (until ${waiver.expires})`]),
    ...notes,
  ].join('; ');

const CONFIG = { title: 'Config' };
const times = [CONFIG, { title: 'Baseline' }, { title: 'Current' }, { title: 'Change' }];

/** The four columns, and a fifth for remarks where any row has one. */
const comparison = (rows: readonly RatchetRow[]): string => {
  const cells = rows.map((row) => [
    row.config,
    milliseconds(row.baseline_ms),
    milliseconds(row.current_ms),
    `**${change(row)}**`,
  ]);
  if (rows.every((row) => remarks(row) === '')) return markdownTable(times, cells);
  return markdownTable(
    [...times, { title: 'Remarks' }],
    cells.map((row, index) => [...row, rows[index] === undefined ? '' : remarks(rows[index])]),
  );
};

const section = (title: string, rows: readonly RatchetRow[], body = comparison): string[] =>
  rows.length === 0 ? [] : [`## ${title}\n\n${body(rows)}`];

const unchangedTable = (rows: readonly RatchetRow[]): string =>
  markdownTable(
    [CONFIG, { title: 'Current' }, { title: 'Change' }],
    rows.map((row) => [row.config, milliseconds(row.current_ms), change(row)]),
  );

const plainList = (rows: readonly RatchetRow[]): string =>
  rows.map((row) => `- ${row.config}: ${milliseconds(row.baseline_ms)} in the baseline`).join('\n');

const READ_ONLY: Readonly<Record<string, string>> = { no_write: 'writing was switched off' };

/** One sentence on what became of the baseline file. */
export const baselineSentence = (outcome: RatchetOutcome, baselinePath: string): string => {
  const { baseline_existed: existed, read_only: reason, promoted } = outcome;
  const why = reason === null ? '' : (READ_ONLY[reason] ?? `event ${reason} reads only`);
  if (reason !== null)
    return existed
      ? `Baseline ${baselinePath} was not changed: ${why}.`
      : `No baseline at ${baselinePath}, and none was created: ${why}.`;
  if (promoted.length === 0)
    return existed
      ? `Baseline ${baselinePath} was not changed.`
      : `No baseline at ${baselinePath}, and nothing valid to create one from.`;
  return existed
    ? `Baseline ${baselinePath} updated: ${promoted.join(', ')}.`
    : `No baseline at ${baselinePath}: created from this run, nothing was compared.`;
};

/** The report. Ends with a newline. */
export const renderReport = (outcome: RatchetOutcome, baselinePath: string): string => {
  const { rows, counts } = outcome;
  const of = (...statuses: readonly RowStatus[]): RatchetRow[] =>
    rows.filter(({ status }) => statuses.includes(status));
  const gained = of('improvement', 'new');
  const written = (row: RatchetRow): boolean => outcome.read_only === null && !row.keep_baseline;
  const measured = rows.length - counts.missing;
  const doubtful: readonly (readonly [string, number])[] = [
    ['Inconclusive', counts.inconclusive],
    ['Waived', counts.waived],
    ['Missing', counts.missing],
    ['Invalid', counts.invalid],
    ['Not comparable', counts.not_comparable],
  ];
  const summary = [
    `- **Total configs**: ${measured}`,
    `- **Regressions**: ${counts.regression} ❌`,
    `- **Improvements**: ${gained.length} ✅`,
    `- **Unchanged**: ${counts.unchanged}`,
    ...doubtful.filter(([, count]) => count > 0).map(([name, count]) => `- **${name}**: ${count}`),
  ];
  return `${[
    '# Performance Ratchet Report',
    `## Summary\n${summary.join('\n')}`,
    ...section('❌ Regressions (FAIL)', of('regression')),
    ...section('⚠️ Not Comparable', of('not_comparable')),
    ...section('⚠️ Invalid Measurements', of('invalid')),
    ...section('⚠️ Missing From This Run', of('missing'), plainList),
    ...section('❔ Inconclusive', of('inconclusive')),
    ...section('🕓 Waived', of('waived')),
    ...section('✅ Improvements (Baseline Updated)', gained.filter(written)),
    ...section(
      '✅ Improvements (Baseline Kept)',
      gained.filter((row) => !written(row)),
    ),
    ...section('↔️ Unchanged', of('unchanged'), unchangedTable),
    baselineSentence(outcome, baselinePath),
  ].join('\n\n')}\n`;
};

const CHECKED: Readonly<Record<RatchetOutcome['verdict'], string>> = {
  GREEN: 'No regressions detected',
  YELLOW: 'No regressions detected, but not everything could be settled',
  RED: 'Regression detected',
};

/** A few lines for a terminal: verdict first, then the rows that matter, then the baseline. */
export const renderText = (outcome: RatchetOutcome, baselinePath: string): string => {
  const { counts, verdict, decision, rows } = outcome;
  const gained = plural(counts.improvement + counts.new, 'improvement');
  const tally = `${plural(counts.regression, 'regression')}, ${gained}, ${counts.unchanged} unchanged`;
  const lines = rows.slice(0, 8).map((row) => {
    const figures = `${milliseconds(row.baseline_ms)} -> ${milliseconds(row.current_ms)} ${change(row)}`;
    const extra = remarks(row);
    return `  ${row.status.padEnd(14)} ${row.config}: ${figures}${extra === '' ? '' : ` (${extra})`}`;
  });
  const rest = rows.length > 8 ? [`  … and ${rows.length - 8} more`] : [];
  return [
    `${verdict}: ${CHECKED[verdict]} (${tally}; decision ${decision.status}, ${decision.reason})`,
    ...lines,
    ...rest,
    baselineSentence(outcome, baselinePath),
  ].join('\n');
};
