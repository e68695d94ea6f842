// The text of a comparison for a person or an agent: warnings, verdict, headline numbers with unit and n, what is missing,
// what next. At most about 1.5 kB; never a number without its unit where one is known.
import { formatFixed, formatNumber, formatPercent, plural, withUnit } from '../render/numbers.ts';
import { contextWarnings } from '../verdict/context-match.ts';
import { reasonsText } from '../metrics/trial.ts';
import type { JudgedRow, Judgement, TrialCount } from './judgement.ts';
import type { NextLever } from '../verdict/answer-schema.ts';
import type { Recommendation, Shape } from './recommend.ts';
import { type SinceEra, sinceLines } from './since-era.ts';
import type { SolDelta } from '../hardware/speed-of-light.ts';
import { tierText } from '../verdict/tier-text.ts';
import {
  changeText,
  clip,
  IMPROVED,
  decisionText,
  decisionLine,
  leverLine,
  signed,
  spanText,
  surpriseWarnings,
  titleOf,
  toleranceText,
  UNDIRECTED,
} from '../verdict/wording.ts';

export interface DiffReport {
  readonly judgement: Judgement;
  readonly family: string;
  readonly measurement: string;
  readonly shape: Shape;
  readonly recommendation: Recommendation;
  readonly lever: NextLever;
  /** Changes since older entries; absent where nothing was compared with them. */
  readonly since?: SinceEra | undefined;
}

const LIMIT = 1500;
const LINE = 300;
const MOST_ROWS = 5;

/** Why the colour is what it is, for a measurement of one number. */
export const scalarReason = (row: JudgedRow, trending: boolean): string => {
  const tolerance = toleranceText(row.tolerance, row.unit);
  if (row.standing === 'invalid') return 'a value that no run can have';
  if (row.standing === 'implausible') return `${formatPercent(row.delta_pct)} is too good to be believed`;
  if (row.adverse && row.direction_source === 'default') return `${formatPercent(row.delta_pct)}: ${UNDIRECTED}`;
  if (row.adverse) return `${formatPercent(row.delta_pct)} is beyond ${tolerance} tolerance`;
  if (row.improved) return `improved beyond ${tolerance} tolerance`;
  return `within ${tolerance} tolerance${trending ? ', but trending away from peak' : ''}`;
};

/** Last part of a ceiling's key path: `nvlink5_tbps`. */
const ceilingName = (key: string): string => key.slice(key.lastIndexOf('.') + 1);

const share = (percent: number): string =>
  Math.abs(percent) < 0.1 ? formatNumber(percent, 2) : formatFixed(percent, 1);

/** The block of one measured number: both values, their distance, and where a ceiling is known the shares of it. */
export const scalarBlock = (row: JudgedRow, sol: SolDelta | undefined, judgement: Judgement): string[] => {
  const values = [withUnit(row.baseline, row.unit), withUnit(row.candidate, row.unit), signed(row.delta, row.unit)];
  const width = Math.max(...values.map((value) => value.length));
  const shares =
    sol === undefined
      ? ['', '']
      : [sol.baseline_sol_pct, sol.current_sol_pct].map(
          (percent) => `(${share(percent)}% of ${ceilingName(sol.sol_ceiling_key)} SoL)`,
        );
  const points = sol === undefined ? '' : `, ${sol.delta_pp >= 0 ? '+' : ''}${share(sol.delta_pp)} pp SoL`;
  const notes = [...shares, `(${formatPercent(row.delta_pct)} absolute${points})`];
  const line = (label: string, index: number): string =>
    `  ${label.padEnd(11)}${(values[index] ?? '').padEnd(width)}   ${notes[index] ?? ''}`.trimEnd();
  const trending = judgement.trending_away_from_peak.includes(row.key);
  return [
    `measurement: ${titleOf(row.key)}`,
    line('baseline:', 0),
    line('current:', 1),
    line('delta:', 2),
    `  verdict:   ${judgement.verdict} (${scalarReason(row, trending)})`,
  ];
};

/** Rows worth a line: what got worse, headlines first, then the other headlines. */
const rowsToShow = ({ adverse, rows }: Judgement): JudgedRow[] => {
  const first = [...adverse.filter(({ headline }) => headline), ...adverse.filter(({ headline }) => !headline)];
  const shown = first.slice(0, MOST_ROWS);
  for (const row of rows) {
    if (shown.length >= MOST_ROWS) break;
    if (row.headline && !row.adverse) shown.push(row);
  }
  return shown;
};

/** What is to be said about a row beside its change. */
const marksOf = (row: JudgedRow): string[] => [
  ...(row.standing === 'invalid' ? ['INVALID: no run has such a value'] : []),
  ...(row.standing === 'implausible' ? ['IMPLAUSIBLE: check the unit'] : []),
  ...(row.adverse && row.standing !== 'invalid' ? [row.direction_source === 'default' ? UNDIRECTED : 'ADVERSE'] : []),
  ...(row.improved ? ['improved'] : []),
  ...(row.headline ? ['headline'] : []),
];

/** `; FAIL proven, interval +198% to +206%` where repeats say something that the values alone do not. */
const repeatsText = ({ decision, unit, direction }: JudgedRow): string => {
  const { status, strength, interval } = decision;
  if (interval === null) return '';
  return `; ${status}${strength === null ? '' : ` ${strength}`}, interval ${spanText({ decision, unit, direction })}`;
};

const solText = (sol: SolDelta | undefined): string =>
  sol === undefined
    ? ''
    : `; ${share(sol.baseline_sol_pct)}% -> ${share(sol.current_sol_pct)}% of ${ceilingName(sol.sol_ceiling_key)} SoL (${sol.delta_pp >= 0 ? '+' : ''}${share(sol.delta_pp)} pp)`;

const rowLine = (row: JudgedRow, sol: SolDelta | undefined): string => {
  const marks = marksOf(row);
  const change = `${changeText(row)}${solText(sol)}${repeatsText(row)}, tolerance ${toleranceText(row.tolerance, row.unit)}`;
  return `  ${titleOf(row.key)}: ${change}${marks.length > 0 ? `; ${marks.join(', ')}` : ''}`;
};

const countsLine = ({ rows, adverse, improved, vanished, added }: Judgement): string =>
  `  ${plural(rows.length, 'metric')} compared: ${adverse.length} adverse, ${improved.length} improved, ${vanished.length} vanished, ${added.length} new`;

const isLone = ({ rows, vanished }: Judgement): boolean => rows.length === 1 && vanished.length === 0;

const bodyLines = (judgement: Judgement): string[] => {
  const [row] = judgement.rows;
  if (row !== undefined && isLone(judgement)) {
    const warnings = surpriseWarnings(judgement.rows).map((warning) => `  warning:   ${warning}`);
    return [...scalarBlock(row, judgement.sol[0], judgement), ...warnings];
  }
  const lost = judgement.vanished
    .slice(0, 3)
    .map(({ key, value, unit }) => `  ${titleOf(key)}: ${withUnit(value, unit)} -> vanished; ADVERSE`);
  const shares = new Map(judgement.sol.map((sol) => [sol.key, sol]));
  return [
    countsLine(judgement),
    ...lost,
    ...rowsToShow(judgement).map((each) => rowLine(each, shares.get(each.key))),
    ...surpriseWarnings(judgement.rows).map((warning) => `  warning: ${warning}`),
  ];
};

const decidedLine = ({ decision, rows, trials }: Judgement): string =>
  decisionLine(decisionText(decision, rows), decision, [trials.baseline.valid, trials.candidate.valid]);

const leftOut = ({ invalid, reasons }: TrialCount, whose: string): string =>
  `${invalid} of the ${whose}${invalid === 0 ? '' : ` (${reasonsText(reasons)})`}`;

const invalidLine = ({ trials: { baseline, candidate } }: Judgement): string[] =>
  baseline.invalid + candidate.invalid === 0
    ? []
    : [`invalid trials left out: ${leftOut(baseline, 'baseline')}, ${leftOut(candidate, 'current side')}`];

const tierLine = ({ tier, tier_missing }: Judgement): string => `tier: ${tierText(tier, tier_missing)}`;

const firstLine = ({ judgement, family, measurement }: DiffReport): string => {
  const improved = judgement.verdict === 'GREEN' && judgement.improved_beyond_tolerance;
  return `${judgement.verdict}${improved ? `, ${IMPROVED}: check it and record anew` : ''}: ${family}/${measurement}`;
};

const restLine = (count: number): string[] => (count === 0 ? [] : [`  … ${plural(count, 'more row')}: in the report`]);

/** Leaves out lines of the middle until the whole fits, and says how many. */
const fit = (head: readonly string[], body: readonly string[], tail: readonly string[], leftOut = 0): string => {
  const all = [...head, ...body, ...restLine(leftOut), ...tail].map((line) => clip(line, LINE)).join('\n');
  return all.length <= LIMIT || body.length === 0 ? all : fit(head, body.slice(0, -1), tail, leftOut + 1);
};

export const summariseDiff = (report: DiffReport): string => {
  const { judgement, recommendation, lever } = report;
  const head = [...contextWarnings(judgement.context), firstLine(report)];
  const tail = [
    decidedLine(judgement),
    ...(report.since === undefined ? [] : sinceLines(report.since)),
    ...invalidLine(judgement),
    tierLine(judgement),
    `recommendation: ${recommendation.text}`,
    leverLine(lever),
  ];
  return fit(head, bodyLines(judgement), tail);
};
