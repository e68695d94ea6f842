// Names the next lever from the data: what got worst, else what lies furthest from its ceiling. Computed only, never guessed;
// "none found" is an answer.
import { formatNumber, formatPercent } from '../render/numbers.ts';
import type { JudgedRow, Judgement } from './judgement.ts';
import type { SolDelta } from '../hardware/speed-of-light.ts';
import { NO_LEVER, type NextLever } from '../verdict/answer-schema.ts';
import { signed, titleOf } from '../verdict/wording.ts';

/** Trials a side that a gate asks for where the comparison itself names no number. */
const DEFAULT_TRIALS = 5;

/** Unit in which the headline speaks; undefined without a headline. */
const headlineUnit = ({ rows }: Judgement): string | null | undefined => rows.find(({ headline }) => headline)?.unit;

/** Rows in the headline's unit if there are any, else all. */
const inUnit = <T extends { readonly unit: string | null }>(
  rows: readonly T[],
  unit: string | null | undefined,
): readonly T[] => {
  const same = rows.filter((row) => row.unit === unit);
  return same.length > 0 ? same : rows;
};

const largest = <T>(items: readonly T[], size: (item: T) => number): T | undefined =>
  items.reduce<T | undefined>((best, item) => (best === undefined || size(item) > size(best) ? item : best), undefined);

/** Within one unit the largest difference counts, across units the largest percentage. */
const worstRow = ({ adverse }: Judgement, unit: string | null | undefined): JudgedRow | undefined => {
  const rows = inUnit(adverse, unit);
  const oneUnit = rows.every((row) => row.unit === rows[0]?.unit);
  return largest(rows, ({ delta, delta_pct }) => Math.abs(oneUnit ? delta : (delta_pct ?? Infinity)));
};

const winBack = (row: JudgedRow, trials: number): NextLever => {
  const percent = row.candidate === 0 ? null : (100 * -row.delta) / Math.abs(row.candidate);
  return {
    lever: `win back ${titleOf(row.key)}`,
    expected_unlock: `${signed(-row.delta, row.unit)} (${formatPercent(percent)}), back to the baseline`,
    gate: `PASS against this baseline with ${trials} trials a side on the same placement`,
    key: row.key,
  };
};

const closeGap = (sol: SolDelta, row: JudgedRow, trials: number): NextLever => ({
  lever: `close the gap of ${titleOf(sol.key)} to ${sol.sol_ceiling_key}`,
  expected_unlock: `at most ${signed(sol.sol_ceiling_value - row.candidate, sol.unit)} (now ${formatNumber(sol.current_sol_pct)}% of the ceiling)`,
  gate: `a larger share than now, with ${trials} trials a side on the same placement`,
  key: sol.key,
});

/** The largest adverse metric, else the largest distance to a ceiling, in the headline's unit where there is one. */
export const nextLever = (judgement: Judgement): NextLever => {
  const trials = judgement.decision.trials_needed ?? DEFAULT_TRIALS;
  const unit = headlineUnit(judgement);
  const worst = worstRow(judgement, unit);
  if (worst !== undefined) return winBack(worst, trials);
  const furthest = largest(
    inUnit(judgement.sol, unit).filter(({ current_sol_pct }) => current_sol_pct < 100),
    ({ current_sol_pct }) => -current_sol_pct,
  );
  const row = judgement.rows.find(({ key }) => key === furthest?.key);
  return furthest === undefined || row === undefined ? NO_LEVER : closeGap(furthest, row, trials);
};
