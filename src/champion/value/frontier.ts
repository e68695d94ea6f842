// The frontier of a campaign: its levers ranked by value against cost, what was banked and why, and where there is no lever left, the wall
// that says so. An empty frontier without a documented wall is no answer: then it names what is missing.
import { formatShare } from '../../render/numbers.ts';
import { isAtWall } from '../../verdict/sol-wall.ts';
import { cellNames } from '../../campaign/cell-files.ts';
import { questionsOf, standingOf, type Asked } from '../../campaign/next/questions.ts';
import { trialsWanted } from '../../campaign/next/trials.ts';
import { evidenceOf, type CellEvidence, type Physics } from './cell-evidence.ts';
import { gapAtFocus, gapLevers, groundingLevers, kernelLevers, shareOfBound, type Focus } from './gap-levers.ts';
import { rankLevers, type RankedLever } from './lever.ts';
import { bankedOf, questionLevers, type AskedQuestion, type Banked } from './question-levers.ts';

/** A trial takes as long as those that were measured. */
const ANY_LENGTH = { minutesPerTrial: undefined };

/** Evidence that a cell stands at the wall of its hardware. */
export interface Wall {
  readonly cell: string;
  readonly says: string;
}

export interface Excluded {
  readonly cell: string;
  readonly concurrency: number;
  readonly because: string;
}

export interface Frontier {
  readonly levers: readonly RankedLever[];
  readonly banked: readonly Banked[];
  readonly walls: readonly Wall[];
  /** What would have to be known before the frontier may be called empty; empty where it is not, or where the wall is documented. */
  readonly missing: readonly string[];
  /** Rows that cannot be true, which no lever rests on. */
  readonly excluded: readonly Excluded[];
}

const wallOf = (evidence: CellEvidence, focus: Focus): Wall[] => {
  const { cell, resources } = evidence;
  const gap = gapAtFocus(evidence, focus);
  if (gap !== undefined) {
    const share = shareOfBound(gap);
    return isAtWall(share) ? [{ cell, says: `TPOT at ${formatShare(share)} of its bound at concurrency ${gap.row.concurrency}` }] : [];
  }
  const resource = resources.find(({ percent }) => isAtWall(percent));
  return resource === undefined ? [] : [{ cell, says: `${resource.name} at ${formatShare(resource.percent)} of its ceiling by counters` }];
}; // prettier-ignore

const missingOf = (cells: readonly CellEvidence[], walls: readonly Wall[]): string[] => {
  const measured = cells.filter(({ rows }) => rows.length > 0);
  if (measured.length === 0) return ['no cell holds a usable measurement'];
  return measured
    .filter(({ cell }) => !walls.some((wall) => wall.cell === cell))
    .map(({ cell, no_gap: reason }) => `${cell}: no documented wall: ${reason ?? 'its bound is not reached'}`);
};

const excludedOf = (cells: readonly CellEvidence[]): Excluded[] =>
  cells.flatMap(({ excluded }) =>
    excluded.map(({ cell_id: cell, concurrency, violation }) => ({
      cell,
      concurrency,
      because: violation.says,
    })),
  );

const questionsIn = async (asked: Asked, cells: readonly string[]): Promise<AskedQuestion[]> => {
  const found: AskedQuestion[] = [];
  for (const question of questionsOf(asked, cells)) {
    asked.context.signal.throwIfAborted();
    const standing = await standingOf(asked, question);
    const isOpen = standing.judgement?.decision.status === 'INCONCLUSIVE';
    found.push({ standing, trials: isOpen ? trialsWanted(standing, asked.sources, ANY_LENGTH) : null });
  }
  return found;
};

/** Derives the frontier from what the campaign holds. Throws the Faults of the judge and of reading. */
export const frontierOf = async (asked: Asked, physics: Physics, focus: Focus): Promise<Frontier> => {
  const { campaign, config, context } = asked;
  const names = [...new Set([...config.cells.map(({ cell_id: id }) => id), ...cellNames(campaign)])];
  const questions = await questionsIn(asked, names);
  const cells: CellEvidence[] = [];
  for (const cell of names) {
    context.signal.throwIfAborted();
    cells.push(await evidenceOf(campaign, cell, physics));
  }
  const levers = rankLevers([
    ...questionLevers(questions),
    ...cells.flatMap((cell) => [...gapLevers(cell, focus), ...kernelLevers(cell, focus), ...groundingLevers(cell)]),
  ]);
  const walls = cells.flatMap((cell) => wallOf(cell, focus));
  return {
    levers,
    banked: bankedOf(questions),
    walls,
    missing: levers.length > 0 ? [] : missingOf(cells, walls),
    excluded: excludedOf(cells),
  };
};
