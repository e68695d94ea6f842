// The ratchet's report in Markdown, for a file, a step summary or a pull request. Says what was written and what was not.
import type { MetricDecision } from '../verdict/decision.ts';
import { heading, paragraph, table, type Block, type Column, type KeyFigure, type Text } from '../render/document.ts';
import { documentMarkdown } from '../render/markdown.ts';
import { formatFixed, formatNumber, formatPercent, plural } from '../render/numbers.ts';
import type { RatchetOutcome } from './check.ts';
import type { RatchetRow, RowStatus } from './judge-config.ts';

const milliseconds = (value: number | null): string => {
  if (value === null) return 'none';
  return `${value < 0.01 ? formatNumber(value, 3) : formatFixed(value, 4)} ms`;
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

const CONFIG: Column = { title: 'Config' };
const TIMES: readonly Column[] = [CONFIG, { title: 'Baseline' }, { title: 'Current' }, { title: 'Change' }];

/** The four columns, and a fifth for remarks where any row has one. */
const comparison = (rows: readonly RatchetRow[]): Block => {
  const cells = rows.map((row): Text[] => [
    row.config,
    milliseconds(row.baseline_ms),
    milliseconds(row.current_ms),
    { strong: change(row) },
  ]);
  const said = rows.map(remarks);
  if (said.every((remark) => remark === '')) return table(TIMES, cells);
  return table(
    [...TIMES, { title: 'Remarks' }],
    cells.map((row, index) => [...row, said[index] ?? '']),
  );
};

const section = (title: string, rows: readonly RatchetRow[], body = comparison): Block[] =>
  rows.length === 0 ? [] : [heading(title), body(rows)];

const unchangedTable = (rows: readonly RatchetRow[]): Block =>
  table(
    [CONFIG, { title: 'Current' }, { title: 'Change' }],
    rows.map((row) => [row.config, milliseconds(row.current_ms), change(row)]),
  );

const plainList = (rows: readonly RatchetRow[]): Block => ({
  kind: 'list',
  items: rows.map((row) => `${row.config}: ${milliseconds(row.baseline_ms)} in the baseline`),
});

const READ_ONLY: Readonly<Record<string, string>> = { no_write: 'writing was switched off' };

/** One sentence on what became of the baseline file. */
export const baselineSentence = (outcome: RatchetOutcome, baselinePath: string): string => {
  const { baseline_existed: existed, read_only: reason, promoted } = outcome;
  const why = reason === null ? '' : (READ_ONLY[reason] ?? `event ${reason} reads only`);
  if (reason !== null)
    return existed
      ? `Baseline ${baselinePath} was not changed: ${why}.`
      : `No baseline at ${baselinePath}, nothing was compared, and none was created: ${why}.`;
  if (promoted.length === 0)
    return existed
      ? `Baseline ${baselinePath} was not changed.`
      : `No baseline at ${baselinePath}, and nothing valid to create one from.`;
  return existed
    ? `Baseline ${baselinePath} updated: ${promoted.join(', ')}.`
    : `Baseline created: ${baselinePath} from this run, nothing was compared.`;
};

const summaryFigures = ({ rows, counts }: RatchetOutcome, gained: number): Block => {
  const doubtful: readonly (readonly [string, number])[] = [
    ['New', counts.new],
    ['Inconclusive', counts.inconclusive],
    ['Implausible', counts.implausible],
    ['Waived', counts.waived],
    ['Missing', counts.missing],
    ['Invalid', counts.invalid],
    ['Not comparable', counts.not_comparable],
  ];
  const items: readonly KeyFigure[] = [
    { label: 'Total configs', value: String(rows.length - counts.missing) },
    { label: 'Regressions', value: `${counts.regression} ❌` },
    { label: 'Improvements', value: `${gained} ✅` },
    { label: 'Unchanged', value: String(counts.unchanged) },
    ...doubtful.filter(([, count]) => count > 0).map(([label, count]) => ({ label, value: String(count) })),
  ];
  return { kind: 'figures', items, bulleted: true };
};

/** The report. Ends with a newline. */
export const renderReport = (outcome: RatchetOutcome, baselinePath: string): string => {
  const of = (...statuses: readonly RowStatus[]): RatchetRow[] =>
    outcome.rows.filter(({ status }) => statuses.includes(status));
  const gained = of('improvement');
  const isWritten = (row: RatchetRow): boolean => outcome.read_only === null && !row.keep_baseline;
  return documentMarkdown({
    title: 'Performance Ratchet Report',
    blocks: [
      heading('Summary'),
      summaryFigures(outcome, gained.length),
      ...section('❌ Regressions (FAIL)', of('regression')),
      ...section('⚠️ Not Comparable', of('not_comparable')),
      ...section('⚠️ Invalid Measurements', of('invalid')),
      ...section('⚠️ Missing From This Run', of('missing'), plainList),
      ...section('❔ Inconclusive', of('inconclusive')),
      ...section('❔ Implausible: check the unit', of('implausible')),
      ...section('🕓 Waived', of('waived')),
      ...section('✅ Improvements (Baseline Updated)', gained.filter(isWritten)),
      ...section(
        '✅ Improvements (Baseline Kept)',
        gained.filter((row) => !isWritten(row)),
      ),
      ...section('🆕 New', of('new'), unchangedTable),
      ...section('↔️ Unchanged', of('unchanged'), unchangedTable),
      paragraph(baselineSentence(outcome, baselinePath)),
    ],
  });
};

const CHECKED: Readonly<Record<RatchetOutcome['verdict'], string>> = {
  GREEN: 'No regressions detected',
  YELLOW: 'No regressions detected, but not everything could be settled',
  RED: 'Regression detected',
};

/** A few lines for a terminal: verdict first, then the rows that matter, then the baseline. */
export const renderText = (outcome: RatchetOutcome, baselinePath: string): string => {
  const { counts, verdict, decision, rows } = outcome;
  const tally = [
    plural(counts.regression, 'regression'),
    plural(counts.improvement, 'improvement'),
    `${counts.unchanged} unchanged`,
    ...(counts.new > 0 ? [`${counts.new} new`] : []),
  ].join(', ');
  const decided = `${decision.status}${decision.strength === null ? '' : ` ${decision.strength}`}, rule ${decision.rule}, ${decision.reason}`;
  const lines = rows.slice(0, 8).map((row) => {
    const figures = `${milliseconds(row.baseline_ms)} -> ${milliseconds(row.current_ms)} ${change(row)}`;
    const extra = remarks(row);
    return `  ${row.status.padEnd(14)} ${row.config}: ${figures}${extra === '' ? '' : ` (${extra})`}`;
  });
  const rest = rows.length > 8 ? [`  … and ${rows.length - 8} more`] : [];
  return [
    `${verdict}: ${CHECKED[verdict]} (${tally}; decision ${decided})`,
    ...lines,
    ...rest,
    baselineSentence(outcome, baselinePath),
  ].join('\n');
};
