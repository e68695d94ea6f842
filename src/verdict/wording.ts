// The words and figures that every text about a comparison is put together from. Never decides anything.
import { visibleText } from '../render/escape.ts';
import type { Direction } from '../stats/direction.ts';
import type { NextLever } from './answer-schema.ts';
import type { Decision, MetricDecision } from './decision.ts';
import type { DeltaRow } from './delta-row.ts';
import { nameOf } from './overall.ts';
import type { Surprise } from './plausibility.ts';
import { formatNumber, formatPercent, withUnit } from '../render/numbers.ts';
import type { Tolerance } from './tolerance.ts';
import { splitKey } from '../metrics/metric.ts';

/** At most `length` characters, one line. */
export const clip = (text: string, length: number): string => {
  const line = visibleText(text);
  return line.length <= length ? line : `${line.slice(0, length - 3)}...`;
};

/** `nccl_busbw @ 1GB` for `nccl_busbw[size=1GB]`; a label that is not alone, or a size without unit, keeps its name. */
export const titleOf = (key: string): string => {
  const { name, labels } = splitKey(key);
  const [only = ''] = labels;
  const points = labels.length === 1 ? only.replace(/^size=(?=.*[A-Za-z])/, '') : labels.join(', ');
  return labels.length === 0 ? name : `${name} @ ${points}`;
};

/** `-15 GB/s`, `+3 ms`. */
export const signed = (delta: number, unit: string | null): string =>
  `${delta >= 0 ? '+' : ''}${withUnit(delta, unit)}`;

/** `5%`, or `0.02 ratio`. */
export const toleranceText = (tolerance: Tolerance, unit: string | null): string =>
  'absolute' in tolerance ? withUnit(tolerance.absolute, unit) : `${formatNumber(tolerance.percent)}%`;

/** What a text needs of a row, which answers hold too. */
export type Changed = Pick<DeltaRow, 'baseline' | 'candidate' | 'unit' | 'delta_pct'>;

/** `310 -> 295 GB/s (-4.8%)`. */
export const changeText = ({ baseline, candidate, unit, delta_pct }: Changed): string =>
  `${formatNumber(baseline)} -> ${withUnit(candidate, unit)} (${formatPercent(delta_pct)})`;

const SURPRISES: Readonly<Record<Surprise, string>> = {
  unit_factor: 'the factor between two units: check the unit',
  too_good: 'better by more than 20 times: check the unit and that the run did its work',
  surprising: 'better by more than 3 times: confirm it with another run before it becomes the new normal',
};

const MOST_SURPRISES = 5;

/** Values that their own result refutes, with both figures. */
const contradictionWarnings = (rows: readonly DeltaRow[]): string[] =>
  [...new Set(rows.flatMap(({ contradiction }) => contradiction ?? []))]
    .slice(0, MOST_SURPRISES)
    .map((text) => `INVALID, contradicts itself: ${text}`);

/** Values that cannot be right, then changes whose size is odd, largest first. */
export const surpriseWarnings = (rows: readonly DeltaRow[]): string[] => [
  ...contradictionWarnings(rows),
  ...rows
    .filter(({ surprise }) => surprise !== null)
    .slice(0, MOST_SURPRISES)
    .map((row) => `${titleOf(row.key)}: ${changeText(row)} is ${SURPRISES[row.surprise ?? 'surprising']}`),
];

/** Counts of work and shares change in points, everything else in percent of the baseline. */
const amountText = (amount: number, { scale }: Pick<MetricDecision, 'scale'>, unit: string | null): string => {
  if (scale === 'ratio') return formatPercent(100 * amount);
  if (unit === null || unit === 'ratio' || unit === 'fraction') return `${signed(100 * amount, null)} points`;
  return signed(amount, unit);
};

/** The worsening with the sign of the change itself: a throughput that fell by 5 percent is -5 %. */
const asChange = (worsening: number, direction: Direction | null): number =>
  direction === 'higher-is-better' ? 0 - worsening : worsening;

type Spanned = Pick<DeltaRow, 'unit' | 'direction'> & { readonly decision: Pick<MetricDecision, 'interval' | 'scale'> };

/** `+198% to +206%`: the interval of a row with repeats, with the sign of the change; empty without one. */
export const spanText = ({ decision, unit, direction }: Spanned): string => {
  const { interval } = decision;
  if (interval === null) return '';
  const ends = [interval.low, interval.high].map((end) => asChange(end, direction)).sort((a, b) => a - b);
  return ends.map((end) => amountText(end, decision, unit)).join(' to ');
};

/** What a decision's text needs of each row. */
export type Decided = Spanned & Pick<DeltaRow, 'decision' | 'key' | 'point' | 'headline' | 'standing' | 'delta_pct'>;

/** `tpot_p50_ms +199% (+198% to +206%)`: change and interval of a row with repeats. */
export const intervalText = (row: Decided): string => {
  const { worsening, interval } = row.decision;
  if (worsening === null || interval === null) return `${titleOf(row.key)} ${formatPercent(row.delta_pct)}`;
  return `${titleOf(row.key)} ${amountText(asChange(worsening, row.direction), row.decision, row.unit)} (${spanText(row)})`;
};

/** Names of a decision's list, the first few of them. */
const someOf = (names: readonly string[], most = 3): string => {
  const shown = names.slice(0, most).map(titleOf).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
};

/** What a GREEN is beside the colour, where the change is for the better. */
export const IMPROVED = 'improved beyond tolerance';

/** Why a decision is what it is, for people. */
const REASONS: Readonly<Record<string, string>> = {
  insufficient_n: 'one value a side proves nothing',
  one_capture_a_side: 'one capture a side proves nothing',
  check_the_unit: 'a gain too large to be believed; check the unit, or accept it with accept_implausible',
  value_impossible: 'a value that no run can have',
  contradicts_itself: 'a result contradicts itself',
  metric_missing: 'a metric vanished',
  trials_invalid: 'no valid trial',
  not_significant_after_holm: 'beyond tolerance, but chance over this many metrics may explain it',
  beyond_tolerance_without_proof: 'beyond tolerance, but too few trials to prove it',
};

const statusText = ({ status, strength }: Pick<Decision, 'status' | 'strength'>): string =>
  strength === null ? status : `${status} ${strength}`;

/**
 * The whole decision in one line: `FAIL proven: tpot_p50_ms +199% (+198% to +206%); throughput PASS; open: ttft_p99_ms`.
 * `rows` are those the decision was made over.
 */
export const decisionText = (decision: Decision, rows: readonly Decided[]): string => {
  const { failed, suspect, open, reason, status } = decision;
  const named = new Set(status === 'FAIL' ? failed : suspect);
  const shown = rows.filter((row) => named.has(nameOf(row)) && row.decision.interval !== null).slice(0, 2);
  const rest = named.size - shown.length;
  const headlines = rows.filter((row) => row.headline && !named.has(nameOf(row)) && row.standing === 'within');
  const parts = [
    ...(shown.length > 0 ? [`${shown.map(intervalText).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`] : []),
    ...(status === 'FAIL' && shown.length === 0 && failed.length > 0 ? [someOf(failed)] : []),
    ...(status === 'INCONCLUSIVE' || status === 'INCOMPARABLE' ? [REASONS[reason] ?? reason.replaceAll('_', ' ')] : []),
    ...(headlines.length > 0 && status !== 'PASS' ? [`${someOf(headlines.map(nameOf), 2)} PASS`] : []),
    ...(status === 'FAIL' && suspect.length > 0 ? [`suspect: ${someOf(suspect)}`] : []),
    ...(open.length > 0 ? [`open: ${someOf(open)}`] : []),
  ];
  return [statusText(decision), ...(parts.length > 0 ? [parts.join('; ')] : [])].join(': ');
};

/**
 * `decision: FAIL proven: tpot_p50_ms +199% (+198% to +206%); … (rule V6, n 5 against 5)`. `trials` are those of baseline and
 * candidate that count; a side without any is one run. `what` is the word for them.
 */
export const decisionLine = (
  decided: string,
  { status, rule, trials_needed, mde }: Pick<Decision, 'status' | 'rule' | 'trials_needed' | 'mde'>,
  trials: readonly [baseline: number, candidate: number],
  what = 'trials',
): string => {
  const n = `n ${Math.max(1, trials[0])} against ${Math.max(1, trials[1])}`;
  const settle = trials_needed === null ? '' : `; ${trials_needed} ${what} a side would settle it`;
  const seen =
    mde === null || status === 'FAIL' ? '' : `; smallest change that this n shows: ${formatPercent(100 * mde)}`;
  return `decision: ${decided} (rule ${rule}, ${n})${settle}${seen}`;
};

/** `next lever: win back x; unlock +100 tok/s (+11.1%); gate: PASS against this baseline`. */
export const leverLine = ({ lever, expected_unlock, gate }: NextLever): string =>
  expected_unlock === null ? `next lever: ${lever}` : `next lever: ${lever}; unlock ${expected_unlock}; gate: ${gate}`;

/** What a row comes to, where nobody said which way is better. */
export const UNDIRECTED = 'changed, direction unknown: give --direction';
