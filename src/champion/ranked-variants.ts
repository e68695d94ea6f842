// The variants of a campaign beside its baseline, at one load and shape: which keep the limit on the time per token, and which are
// better for certain. Whether a lead is one decides the room of verdicts; a percentage alone never does.
import { setImmediate } from 'node:timers/promises';
import { inBlocks } from '../campaign/next/in-turn.ts';
import { sideOfRows } from '../campaign/next/measured-side.ts';
import { cellFile } from '../campaign/layout.ts';
import type { AtlasRow } from '../campaign/row.ts';
import { judge } from '../compare/judge.ts';
import type { Judgement } from '../compare/judgement.ts';
import type { Metric } from '../metrics/metric.ts';
import { NO_LABELS, splitKey } from '../metrics/metric.ts';
import { CONTEXT_FIELDS } from '../importers/context-fields.ts';
import type { Side } from '../source/side.ts';
import { Fault } from '../text/fault.ts';
import { rankAll, rankRow, type Rank, type RankQuestion, type RankValue, type Ranked } from '../verdict/ranking.ts';
import type { JudgedMetric } from '../verdict/overall.ts';
import type { PolicySources } from '../verdict/policy.ts';
import type { ChampionCell, ChampionRows } from './champion-rows.ts';
import { isBetter, METRIC_FACTS, percentWin, trialValues, validTrials, valueOf, type ChampionMetric } from './focus.ts';
import { isSameShape, modelMismatch, shapeMismatch, type Mismatch } from './matching.ts';

export type SloVerdict = 'BASELINE' | 'PASS-SLO' | 'SLO-FAIL' | 'NO-DATA';

/** A point that answers the question. */
export interface Contender {
  /** The cell, with what else tells its points apart. */
  readonly name: string;
  readonly row: AtlasRow;
  readonly value: number | null;
  readonly tpot: number | null;
  readonly slo: SloVerdict;
  /** Percent better than the baseline by the points' own values; null without one of them. */
  readonly win: number | null;
}

/** The decision about a lead. Percent better than the baseline, positive is better. */
export interface Lead {
  readonly rank: Rank;
  readonly low: number | null;
  readonly high: number | null;
  /** Coverage of the interval, as a fraction; null without one. */
  readonly level: number | null;
  /** Valid trials of the baseline and of the variant. */
  readonly n: readonly [baseline: number, variant: number];
  /** Pairs that were measured in turn; null where none were. */
  readonly pairs: number | null;
  readonly basis: string;
  readonly reason: string;
  /** Chance of such a lead without a difference, corrected for all variants that were looked at; null where nothing was repeated. */
  readonly p: number | null;
  /** Trials a side, or pairs, that should settle it; null when settled, or when no practical number would. */
  readonly trials_needed: number | null;
}

export interface NotComparedCell extends Mismatch {
  readonly cell_id: string;
  readonly loads: readonly number[];
}

export interface Field {
  readonly baseline: Contender;
  /** In the order of the atlas, without the baseline. */
  readonly others: readonly Contender[];
  readonly notCompared: readonly NotComparedCell[];
  /** Most that a token may take, in ms; null where nothing says so. */
  readonly sloMs: number | null;
}

const speculationName = ({ num_speculative_tokens: tokens, mtp }: AtlasRow): string =>
  tokens === null ? (mtp ? 'mtp' : 'no speculation') : `K=${tokens}`;

/** Points of one cell by what tells them apart. */
const namedPoints = (cell: string, rows: readonly AtlasRow[]): (readonly [string, AtlasRow])[] =>
  rows.map((row, index) => {
    if (rows.length === 1) return [cell, row];
    const isAlone = rows.filter((other) => speculationName(other) === speculationName(row)).length === 1;
    return [isAlone ? `${cell} ${speculationName(row)}` : `${cell} #${index + 1}`, row];
  });

/** The point of a baseline that most other cells have a point of the same shape for; the first of equals. */
const pointOfBaseline = (cell: ChampionCell, others: readonly ChampionCell[]): AtlasRow | undefined => {
  const matches = (row: AtlasRow): number =>
    others.filter(({ focus }) => focus.some((other) => modelMismatch(row, other) === null && isSameShape(row, other))).length;
  return cell.focus.length < 2 ? cell.focus[0] : cell.focus.toSorted((a, b) => matches(b) - matches(a))[0];
}; // prettier-ignore

const sloOf = (tpot: number | null, value: number | null, sloMs: number | null): SloVerdict => {
  if (value === null) return 'NO-DATA';
  // Without a limit nothing shows that it is kept, and without a time nothing keeps it.
  return tpot !== null && sloMs !== null && tpot <= sloMs ? 'PASS-SLO' : 'SLO-FAIL';
};

export interface FieldQuery {
  readonly metric: ChampionMetric;
  readonly focusC: number;
  readonly sloRel: number;
  readonly sloAbsMs: number | null;
}

const noRow = (cell: ChampionCell, focusC: number, excluded: ChampionRows['excluded']): Mismatch => {
  const left = excluded.find(({ cell_id, concurrency }) => cell_id === cell.cell_id && concurrency === focusC);
  if (left !== undefined) return { reason: 'excluded', detail: left.reason };
  if (cell.failure !== null) return { reason: 'not_measured', detail: cell.failure };
  return { reason: 'no_row_at_focus', detail: `no row at concurrency ${focusC}; it has ${cell.loads.join(', ')}` };
};

/** Puts every cell beside the baseline. `baseline` holds a row at the focus load. */
export const fieldOf = (rows: ChampionRows, baseline: ChampionCell, query: FieldQuery): Field | null => {
  const { metric, focusC, sloRel, sloAbsMs } = query;
  const others = rows.cells.filter((cell) => cell !== baseline);
  const row = pointOfBaseline(baseline, others);
  if (row === undefined) return null;
  const sloMs = sloAbsMs ?? (row.tpot_median_ms === null ? null : row.tpot_median_ms * sloRel);
  const contender = (name: string, point: AtlasRow, isBaseline: boolean): Contender => {
    const [value, tpot] = [valueOf(point, metric), point.tpot_median_ms];
    const slo = isBaseline ? 'BASELINE' : sloOf(tpot, value, sloMs);
    return { name, row: point, value, tpot, slo, win: isBaseline ? null : percentWin(metric, valueOf(row, metric), value) };
  };
  const [found, left]: [Contender[], NotComparedCell[]] = [[], []];
  for (const cell of others) {
    const said = (mismatch: Mismatch) => left.push({ cell_id: cell.cell_id, loads: cell.loads, ...mismatch });
    const stranger = modelMismatch(row, cell.sample);
    if (stranger !== null) said(stranger);
    else if (cell.focus.length === 0) said(noRow(cell, focusC, rows.excluded));
    else {
      const matching = cell.focus.filter((point) => isSameShape(row, point));
      const [first] = cell.focus;
      if (matching.length === 0 && first !== undefined) said(shapeMismatch(row, first) ?? { reason: 'other_shape', detail: '' });
      found.push(...namedPoints(cell.cell_id, matching).map(([name, point]) => contender(name, point, false)));
    }
  }
  return { baseline: contender(baseline.cell_id, row, true), others: found, notCompared: left, sloMs };
}; // prettier-ignore

/** Trials of both were measured in turn: the n-th of each go together. */
export const areInTurn = (baseline: AtlasRow, row: AtlasRow): boolean => {
  const side = (of: AtlasRow): Side => ({
    metrics: [],
    context: {},
    trials: validTrials(of).map((trial) => ({ ...trial, block: null, started_at: null, gpu_uuids: null })),
  });
  const [before] = inBlocks([side(baseline), side(row)], [[baseline], [row]]);
  return before.trials.some(({ block }) => block !== null);
};

const withBlocks = (values: readonly number[], inTurn: boolean): RankValue[] =>
  inTurn ? values.map((value, block) => ({ value, block })) : [...values];

const questionOf = ({ name, row }: Contender, rival: Contender, metric: ChampionMetric): RankQuestion => {
  const [subject, other] = [trialValues(row, metric), trialValues(rival.row, metric)];
  const inTurn = subject.length === other.length && areInTurn(rival.row, row);
  return {
    name,
    subject: withBlocks(subject, inTurn),
    rival: withBlocks(other, inTurn),
    direction: METRIC_FACTS[metric].direction,
    mismatch: [],
  };
};

/** A change as a share of the baseline, as percent better. */
const betterPercent = (metric: ChampionMetric, change: number): number =>
  100 * (metric === 'tok_s_gpu' ? change : 1 / (1 + change) - 1);

const leadOf = (ranked: Ranked, metric: ChampionMetric): Lead => {
  const { rank, decision, member } = ranked;
  const { interval, n, pairs, basis, reason, scale } = decision;
  const ends = interval === null || scale !== 'ratio' ? null : [interval.low, interval.high].map((end) => betterPercent(metric, end)).sort((a, b) => a - b);
  return {
    rank,
    low: ends?.[0] ?? null,
    high: ends?.[1] ?? null,
    level: ends === null ? null : (interval?.level ?? null),
    n,
    pairs,
    basis,
    reason,
    p: member?.p_worse_holm ?? null,
    get trials_needed() {
      return rank === 'not_distinguishable' ? (ranked.trials_needed ?? decision.trials_needed) : null;
    },
  };
}; // prettier-ignore

/** Questions that are decided before others of the process get their turn. */
const TURN = 250;

const decided = async (questions: readonly RankQuestion[], signal: AbortSignal): Promise<JudgedMetric[]> => {
  const rows: JudgedMetric[] = [];
  for (const question of questions) {
    if (rows.length % TURN === 0) await setImmediate();
    signal.throwIfAborted();
    rows.push(rankRow(question));
  }
  return rows;
};

/** The lead of each contender over one rival, all of them one family. A contender without a value has none. */
export const leadsOver = async (
  rival: Contender,
  contenders: readonly Contender[],
  { metric, signal }: { readonly metric: ChampionMetric; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, Lead>> => {
  const asked = rival.value === null ? [] : contenders.filter(({ value }) => value !== null);
  const questions = asked.map((contender) => questionOf(contender, rival, metric));
  const { ranked } = rankAll(questions, await decided(questions, signal));
  return new Map(ranked.flatMap((found, at) => {
    const contender = asked[at];
    return contender === undefined ? [] : [[contender.name, leadOf(found, metric)] as const];
  }));
}; // prettier-ignore

const STANDING: Readonly<Record<SloVerdict, number>> = { BASELINE: 0, 'PASS-SLO': 1, 'SLO-FAIL': 2, 'NO-DATA': 3 };

/** What keeps the limit first, best first; of equals the one with the shorter time per token, then by name. */
export const inOrder = (contenders: readonly Contender[], metric: ChampionMetric): Contender[] =>
  contenders.toSorted((a, b) => {
    if (a.slo !== b.slo) return STANDING[a.slo] - STANDING[b.slo];
    if (a.value !== null && b.value !== null && a.value !== b.value) return isBetter(metric, a.value, b.value) ? -1 : 1;
    return (a.tpot ?? Infinity) - (b.tpot ?? Infinity) || (a.name < b.name ? -1 : 1);
  });

/** Fields of the context that must be alike; everything else is what a campaign changes on purpose. */
const ALIKE: ReadonlySet<string> = new Set([
  'hardware',
  'dataset',
  'isl',
  'osl',
  'cache_mode',
  'concurrency',
  'regime',
]);
const AXIS = CONTEXT_FIELDS.filter((field) => !ALIKE.has(field));

const unlabelled = (metrics: readonly Metric[]): Metric[] =>
  metrics.map((metric) => ({ ...metric, labels: NO_LABELS }));

/** A point as a side: it is one point, so that its metrics need no labels to be found on the other side. */
export const sideOfPoint = async (campaign: string, row: AtlasRow): Promise<Side | null> => {
  const side = await sideOfRows([row], 'cell', cellFile(campaign, row.cell_id, 'rows'));
  if (side === null) return null;
  const plain = (values: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [splitKey(key).name, value]));
  return {
    ...side,
    metrics: unlabelled(side.metrics),
    trials: side.trials.map((trial) => ({ ...trial, values: plain(trial.values) })),
    contradictions: side.contradictions?.map((each) => ({ ...each, key: splitKey(each.key).name })),
  };
};

export interface JudgeFacts {
  readonly campaign: string;
  readonly metric: ChampionMetric;
  readonly sources: PolicySources;
  readonly namedBaseline: boolean;
  /** Marks the configurations of the whole campaign. */
  readonly marks: Side['context'];
}

/** What every comparison says of two points: tier, context, whether the variant is worse in its headline. Null where nothing is judged. */
export const judgePoints = async (
  baseline: Contender,
  variant: Contender,
  facts: JudgeFacts,
): Promise<Judgement | null> => {
  const { campaign, metric, sources, namedBaseline, marks } = facts;
  const [before, after] = [await sideOfPoint(campaign, baseline.row), await sideOfPoint(campaign, variant.row)];
  if (before === null || after === null) return null;
  const marked = (side: Side): Side => ({ ...side, context: { ...marks, ...side.context } });
  const [one, other] = inBlocks([marked(before), marked(after)], [[baseline.row], [variant.row]]);
  try {
    return judge(one, other, {
      policy: sources,
      axis: AXIS,
      strictContext: true,
      namedBaseline,
      claim: metric === 'tpot' ? 'decode' : null,
    });
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
};
