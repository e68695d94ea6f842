// What a campaign should spend its next GPU hours on: for each question the trials that would settle it, cheapest first as long as the
// budget lasts, and what is missing for a VERDICT, for L3, and altogether. Puts together what others judge and plan; measures nothing.
import { Fault } from '../../text/fault.ts';
import { tierText } from '../../verdict/tier-text.ts';
import { interleavedOrder } from '../../verdict/plan-trials.ts';
import type { Decision } from '../../verdict/decision.ts';
import { cellNames } from '../cell-files.ts';
import type { ArmsPlan } from '../runs/arms.ts';
import { absentOf, type Absent } from './arrivals.ts';
import { solRigorOf, type Grounding } from '../grounding/sol-rigor.ts';
import { ladderOf, type Ladder } from './grounding.ts';
import { questionsOf, standingOf, type Asked, type Standing } from './questions.ts';
import { gatingCount, planFor, trialsWanted, type Costs, type TrialsWanted } from './trials.ts';

/** What a budget that is too small for all trials buys. */
export interface Bought {
  readonly pairs: number;
  /** Smallest worsening found with a chance of 80 percent, as a fraction; null where these pairs find none. */
  readonly mde: number | null;
}

export interface CellNext extends Ladder {
  readonly cell: string;
  readonly against: string | null;
  readonly kind: 'arm' | 'baseline' | null;
  readonly decision: Decision | null;
  /** Colour of the comparison; null where nothing is judged. */
  readonly verdict: 'GREEN' | 'YELLOW' | 'RED' | null;
  /** Rows that hold a measurement. */
  readonly rows: number;
  /** Why nothing is judged. */
  readonly reason: string | null;
  readonly tier: 'VERDICT' | 'DRAFT';
  readonly tier_missing: readonly string[];
  readonly tier_says: string;
  readonly trials: TrialsWanted | null;
  /** Run order of the further pairs, A the one that is compared with; null where none are wanted. */
  readonly order: string | null;
  /** Whether the budget covers them, with all cheaper ones; null without a budget or a price. */
  readonly fits: boolean | null;
  readonly bought: Bought | null;
}

export interface CampaignNext {
  /** What should be measured first comes first, then what is settled. */
  readonly cells: readonly CellNext[];
  readonly absent: readonly Absent[];
  /** Price of all that fits the budget; null where no price is known. */
  readonly gpu_hours: number | null;
}

export interface NextQuery extends Asked {
  readonly plan: Pick<ArmsPlan, 'cells' | 'trials'> | null;
  readonly costs: Costs;
  /** GPU hours; null for no limit. */
  readonly budget: number | null;
}

interface Priced {
  readonly standing: Standing;
  readonly grounding: Grounding;
  readonly trials: TrialsWanted | null;
}

const NEVER = Number.MAX_VALUE;

/** Cheapest first; what has no price after what has one, what is settled last. */
const priceOf = ({ trials }: Priced): number =>
  trials === null ? Infinity : trials.more === null ? NEVER : (trials.gpu_hours ?? NEVER / 2);

/** Orders of more pairs than this are the same again. */
const MOST_SHOWN = 24;

const boughtWith = (left: number, { standing, trials }: Priced, query: NextQuery): Bought | null => {
  if (trials === null || trials.more === null || trials.gpu_hours === null || trials.noisiest === null) return null;
  const pairs = trials.held + Math.floor(left / (trials.gpu_hours / trials.more));
  if (pairs <= trials.held) return null;
  const plan = planFor(trials.noisiest, gatingCount(standing, query.sources), 1, pairs);
  return { pairs, mde: plan instanceof Fault ? null : plan.mde };
};

const exempt = ({ config: { roofline_gap_arms: arms } }: Asked, cell: string): boolean =>
  Array.isArray(arms) ? arms.includes(cell) : arms?.[cell] !== undefined;

const cellOf = ({ standing, trials, grounding }: Priced, query: NextQuery): Omit<CellNext, 'fits' | 'bought'> => {
  const { cell, against, judgement, rows, reason, tier } = standing;
  return {
    cell,
    against: against?.name ?? null,
    kind: against?.kind ?? null,
    decision: judgement?.decision ?? null,
    verdict: judgement?.verdict ?? null,
    rows: rows.length,
    reason,
    tier: tier.tier,
    tier_missing: tier.tier_missing,
    tier_says: tierText(tier.tier, tier.tier_missing),
    trials,
    order: trials === null || trials.more === null ? null : interleavedOrder(Math.min(trials.more, MOST_SHOWN)),
    ...ladderOf(grounding, exempt(query, cell)),
  };
};

/** Spends the budget from the cheapest question on. */
const spend = (priced: readonly Priced[], query: NextQuery): { readonly cells: CellNext[]; readonly spent: number | null } => {
  let [spent, left]: [number | null, number] = [null, query.budget ?? Infinity];
  const cells = priced.map((each): CellNext => {
    const price = each.trials?.gpu_hours ?? null;
    const said = cellOf(each, query);
    if (price === null) return { ...said, fits: null, bought: null };
    const fits = price <= left;
    const bought = fits ? null : boughtWith(left, each, query);
    if (fits) [spent, left] = [(spent ?? 0) + price, left - price];
    return { ...said, fits: query.budget === null ? null : fits, bought };
  });
  return { cells, spent };
}; // prettier-ignore

/** Baselines that are named and that the registry does not have. */
const absentBaselines = (standings: readonly Standing[]): Absent[] =>
  standings.flatMap(({ cell, against, otherSide, reason }): Absent[] =>
    against?.kind === 'baseline' && otherSide === null && reason !== null
      ? [{ cell, what: 'baseline', says: reason, named_by: against.name }]
      : [],
  );

export const campaignNext = async (query: NextQuery): Promise<CampaignNext> => {
  const { campaign, config, sources, costs, plan, context } = query;
  const all = [...new Set([...config.cells.map(({ cell_id: id }) => id), ...cellNames(campaign)])];
  const standings: Standing[] = [];
  for (const question of questionsOf(query, all)) {
    context.signal.throwIfAborted();
    standings.push(await standingOf(query, question));
  }
  const priced: Priced[] = [];
  for (const standing of standings)
    priced.push({ standing, trials: trialsWanted(standing, sources, costs), grounding: await solRigorOf(campaign, standing.cell) });
  const { cells, spent } = spend(priced.toSorted((a, b) => priceOf(a) - priceOf(b)), query);
  const absent = await absentOf({ campaign, config, arms: plan, root: context.root }, all);
  return { cells, absent: [...absent, ...absentBaselines(standings)], gpu_hours: spent };
}; // prettier-ignore
