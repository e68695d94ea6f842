// Levers that a campaign has begun to measure: arms and cells whose comparison is undecided, with the judge's own interval. What was
// judged worse is banked with the reason; nothing is judged here.
import { intervalText } from '../../verdict/wording.ts';
import { plural } from '../../render/numbers.ts';
import type { JudgedRow } from '../../compare/judgement.ts';
import type { Standing } from '../../campaign/next/questions.ts';
import type { TrialsWanted } from '../../campaign/next/trials.ts';
import type { Lever, Unlock } from './lever.ts';

/** A lever that was tried and lost, or gave nothing that shows. */
export interface Banked {
  readonly cell: string;
  readonly lever: string;
  readonly because: string;
}

/** The row that speaks for the comparison: the first headline, else the largest change with a direction. */
const speaking = ({ judgement }: Standing): JudgedRow | undefined =>
  judgement?.rows.find(({ headline }) => headline) ??
  judgement?.rows.find(({ direction }) => direction !== 'two-sided');

const improvementOf = ({ delta_pct: percent, direction }: JudgedRow): number | null =>
  percent === null ? null : direction === 'lower-is-better' ? -percent : percent;

/** The judge's interval as a gain; the estimate alone where nothing was repeated. */
const unlockOf = (row: JudgedRow): Unlock | null => {
  const { worsening, interval, scale } = row.decision;
  const of = row.key.replace(/\[cell_id=[^,\]]+,?/, '[').replace(/\[\]$/, '');
  if (worsening !== null && interval !== null && scale === 'ratio')
    return { low: -100 * interval.high, expected: -100 * worsening, high: -100 * interval.low, of };
  const improvement = improvementOf(row);
  return improvement === null ? null : { low: improvement, expected: improvement, high: improvement, of };
};

/** A comparison, and what would settle it; null where it is settled. */
export interface AskedQuestion {
  readonly standing: Standing;
  readonly trials: TrialsWanted | null;
}

/** The comparisons that are undecided. */
export const questionLevers = (questions: readonly AskedQuestion[]): Lever[] =>
  questions.flatMap(({ standing, trials }): Lever[] => {
    if (trials === null || standing.against === null || standing.judgement === null) return [];
    const row = speaking(standing);
    const pairs = trials.more === null ? (trials.reason ?? 'more trials') : plural(trials.more, 'more pair');
    const wanted = trials.pairs === null ? 'trials that settle it' : plural(trials.pairs, 'pair');
    return [
      {
        kind: 'question',
        cell: standing.cell,
        lever: `settle ${standing.cell} against ${standing.against.name}: ${pairs}`,
        unlock: row === undefined ? null : unlockOf(row),
        yields: row === undefined ? 'decides the comparison' : null,
        gate: `PASS against ${standing.against.name} with ${wanted}`,
        cost_gpu_hours: trials.gpu_hours,
        evidence: row === undefined ? [] : [`${intervalText(row)}: ${standing.judgement.decision.status}`],
      },
    ];
  });

/** Comparisons that are decided and gave nothing: why each loses. */
export const bankedOf = (questions: readonly AskedQuestion[]): Banked[] =>
  questions.flatMap(({ standing }): Banked[] => {
    const { judgement, against, cell } = standing;
    const row = speaking(standing);
    if (judgement === null || against === null || row === undefined) return [];
    const { status, strength } = judgement.decision;
    if (status !== 'FAIL' && !(status === 'PASS' && !judgement.improved_beyond_tolerance)) return [];
    const said = status === 'FAIL' ? `FAIL ${strength ?? ''}`.trim() : 'PASS without a gain beyond the tolerance';
    return [{ cell, lever: `${cell} in place of ${against.name}`, because: `${said}: ${intervalText(row)}` }];
  });
