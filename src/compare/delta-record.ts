// A row of a comparison as it is written to results and files: short where there is nothing to say, so that a hundred thousand
// rows stay readable by any tool.
import type { MetricDecision } from '../verdict/decision.ts';
import type { JudgedRow, Judgement } from './judgement.ts';

type RowFigures = Omit<JudgedFigures, 'candidate'> & {
  /** The candidate's value: files and answers call that side by the field of the verb. */
  readonly current: number;
};
type JudgedFigures = Pick<
  JudgedRow,
  'key' | 'baseline' | 'candidate' | 'delta' | 'delta_pct' | 'unit' | 'direction' | 'tolerance'
>;

export interface DeltaRecord extends RowFigures {
  /** Only where true. */
  readonly headline?: true;
  readonly gating?: true;
  readonly adverse?: true;
  readonly improved?: true;
  /** Only where it is odd. */
  readonly standing?: 'invalid' | 'implausible';
  /** Only where something was repeated or counted. */
  readonly decision?: MetricDecision;
}

/** The figures of a row as answers list them. */
export const rowFigures = ({ key, baseline, current, delta, delta_pct, unit, direction, tolerance }: RowFigures) => ({
  key,
  baseline,
  current,
  delta,
  delta_pct,
  unit,
  direction,
  tolerance: { ...tolerance },
});

const oddStanding = ({ standing }: JudgedRow): Pick<DeltaRecord, 'standing'> =>
  standing === 'invalid' || standing === 'implausible' ? { standing } : {};

export const deltaRecord = (row: JudgedRow): DeltaRecord => ({
  key: row.key,
  baseline: row.baseline,
  current: row.candidate,
  delta: row.delta,
  delta_pct: row.delta_pct,
  unit: row.unit,
  direction: row.direction,
  tolerance: row.tolerance,
  ...(row.headline ? { headline: true as const } : {}),
  ...(row.gating ? { gating: true as const } : {}),
  ...(row.adverse ? { adverse: true as const } : {}),
  ...(row.improved ? { improved: true as const } : {}),
  ...oddStanding(row),
  ...(row.decision.basis === 'point' ? {} : { decision: row.decision }),
});

/** Trials on both sides as they are written to answers and files. */
export const trialsRecord = ({ baseline, candidate }: Judgement['trials']) => ({ baseline, current: candidate });

const numberText = (value: number): string => (Number.isFinite(value) ? `${value}` : 'null');

/** What follows the numbers of a row; rows of one policy share it. */
const endOf = ({
  unit,
  direction,
  tolerance,
  headline,
  gating,
  adverse,
  improved,
  standing,
  decision,
}: JudgedRow): string =>
  [
    `"unit":${JSON.stringify(unit)},"direction":"${direction}","tolerance":${JSON.stringify(tolerance)}`,
    ...(headline ? ['"headline":true'] : []),
    ...(gating ? ['"gating":true'] : []),
    ...(adverse ? ['"adverse":true'] : []),
    ...(improved ? ['"improved":true'] : []),
    ...(standing === 'invalid' || standing === 'implausible' ? [`"standing":"${standing}"`] : []),
    ...(decision.basis === 'point' ? [] : [`"decision":${JSON.stringify(decision)}`]),
  ].join(',');

const sameEnd = (a: JudgedRow, b: JudgedRow): boolean =>
  a.tolerance === b.tolerance &&
  a.decision === b.decision &&
  a.unit === b.unit &&
  a.direction === b.direction &&
  a.headline === b.headline &&
  a.gating === b.gating &&
  a.adverse === b.adverse &&
  a.improved === b.improved &&
  a.standing === b.standing;

/**
 * `deltaRecord` of each row as JSON, put together by hand: a million rows take half the time that building and printing
 * their records takes.
 */
export const deltaLines = (rows: readonly JudgedRow[]): string[] => {
  let [last] = rows;
  let end = last === undefined ? '' : endOf(last);
  return rows.map((row) => {
    if (last !== undefined && !sameEnd(row, last)) end = endOf(row);
    last = row;
    const percent = row.delta_pct === null ? 'null' : numberText(row.delta_pct);
    return `{"key":${JSON.stringify(row.key)},"baseline":${numberText(row.baseline)},"current":${numberText(row.candidate)},"delta":${numberText(row.delta)},"delta_pct":${percent},${end}}`;
  });
};
