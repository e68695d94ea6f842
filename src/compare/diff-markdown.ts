// The comparison as a Markdown page (`diff.md`): verdict, decision, tier, context, the largest changes, what next.
import { formatNumber, formatPercent, withUnit } from '../render/numbers.ts';
import {
  heading,
  leftColumn,
  list,
  paragraph,
  rightColumn,
  table,
  type Block,
  type Column,
  type Text,
} from '../render/document.ts';
import { documentMarkdown } from '../render/markdown.ts';
import { type ContextComparison, contextWarnings } from '../verdict/context-match.ts';
import { reasonsText } from '../metrics/trial.ts';
import type { LoneMetric } from '../verdict/delta-row.ts';
import type { JudgedRow, Judgement, TrialCount } from './judgement.ts';
import type { DiffReport } from './summarise.ts';
import { tierText } from '../verdict/tier-text.ts';
import { toleranceText } from '../verdict/wording.ts';

const MOST_ROWS = 20;

const DELTA_COLUMNS: readonly Column[] = [
  leftColumn('Key'),
  rightColumn('Baseline'),
  rightColumn('Current'),
  rightColumn('Delta'),
  rightColumn('Delta %'),
  leftColumn('Adverse beyond tolerance'),
  leftColumn('Unit'),
  rightColumn('Tolerance'),
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

const facts = ({ judgement }: DiffReport): Text[] => {
  const { verdict, tolerance, tier, tier_missing, improved_beyond_tolerance, trending_away_from_peak } = judgement;
  const marks = [
    ...(improved_beyond_tolerance ? ['improved beyond tolerance'] : []),
    ...(trending_away_from_peak.length > 0 ? ['trending away from peak'] : []),
  ];
  const umbrella =
    'absolute' in tolerance ? `absolute ${formatNumber(tolerance.absolute)}` : toleranceText(tolerance, null);
  return [
    `Direction: ${directionText(judgement)}`,
    `Tolerance: ${umbrella}`,
    ['Verdict: ', { strong: verdict }, marks.length > 0 ? ` (${marks.join(', ')})` : ''],
    `Decision: ${decisionText(judgement)}`,
    `Trials: ${trialsText(judgement)}`,
    `Tier: ${tierText(tier, tier_missing)}`,
  ];
};

/** A section that has nothing to say is left out. */
const section = (title: string, blocks: readonly Block[]): Block[] =>
  blocks.length === 0 ? [] : [heading(title), ...blocks];

const loneMetrics = (metrics: readonly LoneMetric[]): Block[] => {
  const items = metrics
    .slice(0, MOST_ROWS)
    .map(({ key, value, unit, headline }) => `${key}${headline ? ' (headline)' : ''}: ${withUnit(value, unit)}`);
  return items.length === 0 ? [] : [list(items)];
};

const shown = (value: unknown): string =>
  value === null ? 'not stated' : typeof value === 'string' ? value : JSON.stringify(value);

const contextTable = ({ mismatches, varies }: ContextComparison): Block[] => {
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
  return [table([leftColumn('Field'), leftColumn('Baseline'), leftColumn('Current'), leftColumn('Kind')], cells)];
};

const contextBlocks = ({ context }: Judgement): Block[] => {
  const unknown = context.unknown.map(({ field, missing_on }) => `${field} (${missing_on})`);
  const placement = context.same_placement === null ? 'not known' : context.same_placement ? 'same' : 'different';
  const basis = context.placement_basis === null ? '' : `, by ${context.placement_basis}`;
  return [
    ...contextTable(context),
    list([
      ...(unknown.length > 0 ? [`Not stated by one side: ${unknown.join(', ')}`] : []),
      `Placement: ${placement}${basis}`,
    ]),
  ];
};

const SOL_COLUMNS: readonly Column[] = [
  leftColumn('Key'),
  leftColumn('Ceiling'),
  rightColumn('Value'),
  rightColumn('Baseline %'),
  rightColumn('Current %'),
  rightColumn('Delta pp'),
];

const solTable = ({ sol }: Judgement): Block[] => {
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
  return cells.length === 0 ? [] : [table(SOL_COLUMNS, cells)];
};

const leverList = ({ lever }: DiffReport): Block =>
  list([
    `Lever: ${lever.lever}`,
    ...(lever.expected_unlock === null ? [] : [`Expected unlock: ${lever.expected_unlock}`]),
    ...(lever.gate === null ? [] : [`Gate: ${lever.gate}`]),
  ]);

const largest = ({ rows }: Judgement): Block[] => [
  ...(rows.length > MOST_ROWS
    ? [paragraph([`The ${MOST_ROWS} largest of ${rows.length}; all are in `, { code: 'diff.json' }, '.'])]
    : []),
  table(DELTA_COLUMNS, rows.slice(0, MOST_ROWS).map(deltaCells)),
];

const closing = ({ direction }: Judgement): string =>
  direction === 'two-sided'
    ? 'GREEN means that no metric moved beyond its tolerance in either direction.'
    : 'GREEN means that no metric moved beyond its tolerance in its adverse direction; an improvement is never adverse.';

export const renderDiffMarkdown = (report: DiffReport): string => {
  const { judgement, family, measurement, recommendation } = report;
  const warnings = contextWarnings(judgement.context);
  return documentMarkdown({
    title: `Performance baseline diff: ${family} / ${measurement}`,
    blocks: [
      ...warnings.map((warning): Block => ({ kind: 'note', text: { strong: warning } })),
      list(facts(report)),
      ...section('Largest changes', largest(judgement)),
      ...section('Vanished', loneMetrics(judgement.vanished)),
      ...section('New', loneMetrics(judgement.added)),
      ...section('Speed of light', solTable(judgement)),
      ...section('Context', contextBlocks(judgement)),
      ...section('Recommendation', [paragraph(recommendation.text)]),
      ...section('Next lever', [leverList(report)]),
      paragraph(closing(judgement)),
    ],
  });
};
