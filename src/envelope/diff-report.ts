// Turns the result of `bench diff` into a table for people, Markdown for a pull request, or one JSON object.
import type { Decision } from '../verdict/decision.ts';
import { trialsRecord } from '../compare/delta-record.ts';
import { formatCell, formatFixed, formatNumber, formatShare, plural } from '../render/numbers.ts';
import { heading, paragraph, table, type Block, type Column } from '../render/document.ts';
import { blocksMarkdown } from '../render/markdown.ts';
import { blocksText } from '../render/terminal.ts';
import { toleranceText, UNDIRECTED } from '../verdict/wording.ts';
import type { DiffResult, PointDiff } from './diff.ts';
import type { DiffRow, RowVerdict } from './diff-rows.ts';

const COLUMNS: readonly Column[] = [
  { title: 'Metric', fit: 'cut' },
  { title: 'Baseline', align: 'right' },
  { title: 'Candidate', align: 'right' },
  { title: 'Δ abs', align: 'right' },
  { title: 'Δ rel', align: 'right' },
  { title: 'Tolerance', align: 'right' },
  { title: 'Interval of worsening', align: 'right' },
  { title: 'Verdict', fit: 'wrap' },
];

const signed = (text: string, value: number | null): string => (value !== null && value > 0 ? `+${text}` : text);
const percent = (fraction: number | null, decimals: number): string =>
  fraction === null ? '-' : signed(formatShare(100 * fraction, decimals), fraction);

const intervalText = ({ interval, decision }: DiffRow): string => {
  if (interval === null || decision === null) return '-';
  const ends = `${percent(interval.low, 1)} … ${percent(interval.high, 1)}`;
  return `${ends} (${Math.round(100 * interval.level)}%)`;
};

/** What `unknown` means here: nobody said which way is better, or the trials leave it open. */
const unknownText = ({ direction, standing, delta_abs }: DiffRow): string => {
  if (standing === 'implausible') return '? implausible: check the unit';
  if (standing === 'invalid') return '! invalid value';
  const outside = standing === 'failed' || standing === 'suspect';
  return direction === null && outside && delta_abs !== null ? `? ${UNDIRECTED}` : '? unknown';
};

/** An arrow shows which way the value went, not whether that is good. */
const verdictText = (row: DiffRow): string => {
  const { verdict, delta_abs, decision } = row;
  const arrow = delta_abs === null ? '' : delta_abs > 0 ? '↑ ' : '↓ ';
  const words: Readonly<Record<RowVerdict, string>> = {
    regression: `${arrow}regression`,
    improvement: `${arrow}improvement`,
    no_change: '≈ no_change',
    unknown: unknownText(row),
    missing: '! missing',
  };
  const thin =
    decision?.warnings.includes('underpowered_tail') === true ? ', too few requests for its tail to gate' : '';
  const doubt = decision !== null && decision.basis !== 'point' ? ` (${rowDecisionText(decision)}${thin})` : '';
  return `${words[verdict]}${doubt}`;
};

/** `FAIL proven`, `INCONCLUSIVE, 8 trials needed`. */
const rowDecisionText = ({
  status,
  strength,
  trials_needed,
}: Pick<Decision, 'strength' | 'trials_needed'> & { readonly status: string }): string =>
  [
    status,
    strength === null ? '' : ` ${strength}`,
    trials_needed === null ? '' : `, ${trials_needed} trials needed`,
  ].join('');

const toleranceOf = ({ tolerance, unit }: DiffRow): string =>
  toleranceText(
    'absolute' in tolerance ? tolerance : { percent: Number(formatFixed(100 * tolerance.relative, 9)) },
    unit,
  );

const cells = (row: DiffRow, withPoint: boolean): string[] => [
  withPoint ? `${row.point} ${row.name}` : row.name,
  formatCell(row.baseline),
  formatCell(row.candidate),
  signed(formatCell(row.delta_abs), row.delta_abs),
  percent(row.delta_rel, 2),
  toleranceOf(row),
  intervalText(row),
  verdictText(row),
];

const summaryLine = ({ summary, decision_text: decided, tolerance }: DiffResult): string => {
  const counts = `${plural(summary.regression, 'regression')}, ${plural(summary.improvement, 'improvement')}, ${summary.no_change} unchanged, ${summary.unknown} unknown, ${summary.missing} missing`;
  return `${counts} at ±${formatNumber(100 * tolerance)} %. Decision: ${decided}.`;
};

const hasIntervals = ({ metrics }: DiffResult): boolean => metrics.some(({ interval }) => interval !== null);

/** Without trials the column of intervals is left out. */
const tableOf = (result: DiffResult): Block => {
  const withPoint = result.points.length > 1;
  const keep = (_: unknown, index: number): boolean => index !== 6 || hasIntervals(result);
  return table(
    COLUMNS.filter(keep),
    result.metrics.map((row) => cells(row, withPoint).filter(keep)),
  );
};

/** The table, regressions on top, and the summary under it. Warnings are not in it: they go to stderr. */
export const diffTable = (result: DiffResult, width = Infinity): string =>
  blocksText([tableOf(result), paragraph(summaryLine(result))], width);

/** For a pull request: warnings first, then the summary, then the table. */
export const diffMarkdown = (result: DiffResult): string =>
  blocksMarkdown([
    heading('Benchmark comparison', 3),
    ...result.warnings.map((warning): Block => ({ kind: 'note', text: `⚠️ ${warning}` })),
    paragraph(summaryLine(result)),
    tableOf(result),
  ]);

/** A load point as answers hold it, where the candidate's side is called `current`. */
export const pointRecord = ({ trials, adverse, ...point }: PointDiff) => ({
  ...point,
  trials: trialsRecord(trials),
  adverse: adverse.map(({ key, point: at, baseline, candidate, ...row }) => ({
    key,
    point: at,
    baseline,
    current: candidate,
    ...row,
  })),
});

/** The result as it goes into JSON: the envelope tool's keys first, and what ours adds. */
export const diffJson = (result: DiffResult, exitCode: number): Record<string, unknown> => ({
  ...result,
  points: result.points.map(pointRecord),
  exit_code: exitCode,
});
