// The comparison as a Markdown page (`diff.md`): verdict, decision, tier, context, the largest changes, what next. Everything
// that comes from a measurement is escaped.
import { formatNumber, formatPercent, withUnit } from '../text/numbers.ts';
import type { Column } from '../render/document.ts';
import { markdownText } from '../render/escape.ts';
import { markdownTable } from '../render/markdown.ts';
import { type ContextComparison, contextWarnings } from '../verdict/context-match.ts';
import { reasonsText } from '../metrics/trial.ts';
import type { LoneMetric } from '../verdict/delta-row.ts';
import type { JudgedRow, Judgement, TrialCount } from './judgement.ts';
import type { DiffReport } from './summarise.ts';
import { tierText } from '../verdict/tier-text.ts';
import { toleranceText } from '../verdict/wording.ts';

const MOST_ROWS = 20;

const right = (title: string): Column => ({ title, align: 'right' });

const DELTA_COLUMNS: readonly Column[] = [
  { title: 'Key' },
  right('Baseline'),
  right('Current'),
  right('Delta'),
  right('Delta %'),
  { title: 'Adverse beyond tolerance' },
  { title: 'Unit' },
  right('Tolerance'),
];

const deltaCells = (row: JudgedRow): string[] => [
  row.headline ? `${row.key} (headline)` : row.key,
  formatNumber(row.baseline),
  formatNumber(row.candidate),
  formatNumber(row.delta),
  formatPercent(row.delta_pct),
  row.adverse ? 'yes' : 'no',
  row.unit ?? '',
  toleranceText(row.tolerance, row.unit),
];

const bullet = (label: string, text: string): string => `- ${label}: ${markdownText(text)}`;

const directionText = ({ direction, direction_source }: Judgement): string =>
  direction === 'mixed' ? 'per metric' : `${direction} (from ${direction_source})`;

const decisionText = ({ decision: { status, strength, basis, reason, trials_needed } }: Judgement): string =>
  `${status}${strength === null ? '' : ` ${strength}`}, basis ${basis}, ${reason}${
    trials_needed === null ? '' : `; ${trials_needed} trials a side would settle it`
  }`;

/** A side without trials is one run. */
const sideTrials = ({ valid, invalid, reasons }: TrialCount): string =>
  valid + invalid === 0
    ? '1 run'
    : `${valid} valid, ${invalid} invalid${invalid === 0 ? '' : ` (${reasonsText(reasons)})`}`;

const trialsText = ({ trials: { baseline, candidate } }: Judgement): string =>
  `baseline ${sideTrials(baseline)}; current ${sideTrials(candidate)}`;

const facts = ({ judgement }: DiffReport): string[] => {
  const { verdict, tolerance, tier, tier_missing, improved_beyond_tolerance, trending_away_from_peak } = judgement;
  const marks = [
    ...(improved_beyond_tolerance ? ['improved beyond tolerance'] : []),
    ...(trending_away_from_peak.length > 0 ? ['trending away from peak'] : []),
  ];
  const umbrella =
    'absolute' in tolerance ? `absolute ${formatNumber(tolerance.absolute)}` : toleranceText(tolerance, null);
  return [
    bullet('Direction', directionText(judgement)),
    bullet('Tolerance', umbrella),
    `- Verdict: **${verdict}**${marks.length > 0 ? ` (${marks.join(', ')})` : ''}`,
    bullet('Decision', decisionText(judgement)),
    bullet('Trials', trialsText(judgement)),
    bullet('Tier', tierText(tier, tier_missing)),
  ];
};

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', `## ${title}`, '', ...lines];

const loneRows = (metrics: readonly LoneMetric[]): string[] =>
  metrics
    .slice(0, MOST_ROWS)
    .map(({ key, value, unit, headline }) =>
      bullet(headline ? `${markdownText(key)} (headline)` : markdownText(key), withUnit(value, unit)),
    );

const shown = (value: unknown): string =>
  value === null ? 'not stated' : typeof value === 'string' ? value : JSON.stringify(value);

const contextTable = ({ mismatches, varies }: ContextComparison): string[] => {
  const rows = [
    ...mismatches.map((each) => ['mismatch', each] as const),
    ...varies.map((each) => ['on the axis', each] as const),
  ];
  if (rows.length === 0) return [];
  const cells = rows.map(([kind, { field, baseline, current: candidate }]) => [
    field,
    shown(baseline),
    shown(candidate),
    kind,
  ]);
  return [markdownTable([{ title: 'Field' }, { title: 'Baseline' }, { title: 'Current' }, { title: 'Kind' }], cells)];
};

const contextLines = ({ context }: Judgement): string[] => {
  const unknown = context.unknown.map(({ field, missing_on }) => `${field} (${missing_on})`);
  const placement = context.same_placement === null ? 'not known' : context.same_placement ? 'same' : 'different';
  return [
    ...contextTable(context),
    ...(unknown.length > 0 ? ['', bullet('Not stated by one side', unknown.join(', '))] : []),
    bullet('Placement', `${placement}${context.placement_basis === null ? '' : `, by ${context.placement_basis}`}`),
  ];
};

const solLines = ({ sol }: Judgement): string[] => {
  if (sol.length === 0) return [];
  const columns = [
    { title: 'Key' },
    { title: 'Ceiling' },
    right('Value'),
    right('Baseline %'),
    right('Current %'),
    right('Delta pp'),
  ];
  const cells = sol
    .slice(0, MOST_ROWS)
    .map((each) => [
      each.key,
      each.sol_ceiling_key,
      withUnit(each.sol_ceiling_value, each.unit),
      formatNumber(each.baseline_sol_pct),
      formatNumber(each.current_sol_pct),
      formatNumber(each.delta_pp),
    ]);
  return [markdownTable(columns, cells)];
};

const leverLines = ({ lever }: DiffReport): string[] => [
  bullet('Lever', lever.lever),
  ...(lever.expected_unlock === null ? [] : [bullet('Expected unlock', lever.expected_unlock)]),
  ...(lever.gate === null ? [] : [bullet('Gate', lever.gate)]),
];

const closing = ({ direction }: Judgement): string =>
  direction === 'two-sided'
    ? 'GREEN means that no metric moved beyond its tolerance in either direction.'
    : 'GREEN means that no metric moved beyond its tolerance in its adverse direction; an improvement is never adverse.';

export const renderDiffMarkdown = (report: DiffReport): string => {
  const { judgement, family, measurement, recommendation } = report;
  const { rows } = judgement;
  const more =
    rows.length > MOST_ROWS ? [`The ${MOST_ROWS} largest of ${rows.length}; all are in \`diff.json\`.`, ''] : [];
  return [
    `# Performance baseline diff: ${markdownText(family)} / ${markdownText(measurement)}`,
    '',
    ...contextWarnings(judgement.context).flatMap((warning) => [`> **${markdownText(warning)}**`, '']),
    ...facts(report),
    ...section('Largest changes', [...more, markdownTable(DELTA_COLUMNS, rows.slice(0, MOST_ROWS).map(deltaCells))]),
    ...section('Vanished', loneRows(judgement.vanished)),
    ...section('New', loneRows(judgement.added)),
    ...section('Speed of light', solLines(judgement)),
    ...section('Context', contextLines(judgement)),
    ...section('Recommendation', [markdownText(recommendation.text)]),
    ...section('Next lever', leverLines(report)),
    '',
    closing(judgement),
    '',
  ].join('\n');
};
