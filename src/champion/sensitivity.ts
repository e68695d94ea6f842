// How often the pick changes under the noise that was measured: the trials of every variant are drawn again with replacement (those that
// were measured in turn together, so that a drift of the host stays that of all), and the best of those that keep the limit is taken each time. Decides nothing; a seed gives the same figures on every machine.
import { setImmediate } from 'node:timers/promises';
import { median } from '../stats/describe.ts';
import { seededRandom, type Random } from '../stats/random.ts';
import { isBetter, trialValues, validTrials, type ChampionMetric } from './focus.ts';
import { areInTurn, type Contender } from './ranked-variants.ts';

export interface Pick {
  readonly cell_id: string;
  /** Of all draws, as a fraction. */
  readonly share: number;
}

export interface Sensitivity {
  readonly draws: number;
  readonly seed: number;
  /** What the points' own values pick: the best that keeps the limit, or the baseline. */
  readonly pick: string;
  /** Draws in which something else is picked, as a fraction; null where no noise was measured. */
  readonly changes: number | null;
  /** Most often first. */
  readonly picks: readonly Pick[];
  /** Points of one trial, whose noise nobody knows: they stay as they are in every draw. */
  readonly not_repeated: readonly string[];
}

const DRAWS = 2000;
const SEED = 20_261_129;
/** Draws before others of the process get their turn. */
const TURN = 100;

/** The same trials for both metrics of a point: a fast trial is fast in both. */
interface Drawable {
  readonly name: string;
  readonly values: readonly number[];
  readonly tpots: readonly number[];
  /** Its trials and those of the baseline were measured in turn. */
  readonly inTurn: boolean;
}

const drawable = ({ name, row }: Contender, baseline: Contender, metric: ChampionMetric): Drawable => ({
  name,
  inTurn: areInTurn(baseline.row, row),
  values: trialValues(row, metric),
  tpots: trialValues(row, 'tpot'),
});

interface Drawn {
  readonly name: string;
  readonly value: number | null;
  readonly tpot: number | null;
}

const middle = (values: readonly number[]): number | null => (values.length === 0 ? null : median(values));

const indexesOf = ({ values, tpots }: Drawable, random: Random): number[] => {
  const size = Math.max(values.length, tpots.length);
  return Array.from({ length: size }, () => random.below(size));
};

const draw = ({ name, values, tpots }: Drawable, indexes: readonly number[]): Drawn => {
  const of = (from: readonly number[]): number | null =>
    middle(from.length < 2 ? from : indexes.flatMap((index) => from[index % from.length] ?? []));
  return { name, value: of(values), tpot: of(tpots) };
};

interface Rule {
  readonly metric: ChampionMetric;
  /** Most that a token may take for a baseline of this time per token. */
  readonly limitOf: (baselineTpot: number | null) => number | null;
}

/** The best that keeps the limit and beats the baseline; else the baseline. */
const pickOf = (baseline: Drawn, others: readonly Drawn[], { metric, limitOf }: Rule): string => {
  const limit = limitOf(baseline.tpot);
  let best = baseline;
  for (const other of others) {
    if (other.value === null || other.tpot === null || limit === null || other.tpot > limit) continue;
    if (best.value === null || isBetter(metric, other.value, best.value)) best = other;
  }
  return best.name;
};

export const sensitivityOf = async (
  baseline: Contender,
  others: readonly Contender[],
  rule: Rule,
  signal: AbortSignal,
): Promise<Sensitivity> => {
  const all = [baseline, ...others.filter(({ value }) => value !== null)];
  const notRepeated = all.filter(({ row }) => validTrials(row).length < 2).map(({ name }) => name);
  const whole = all.map(({ name, value, tpot }): Drawn => ({ name, value, tpot }));
  const [first = { name: baseline.name, value: null, tpot: null }, ...rest] = whole;
  const pick = pickOf(first, rest, rule);
  if (notRepeated.length === all.length || all.length < 2)
    return { draws: 0, seed: SEED, pick, changes: null, picks: [], not_repeated: notRepeated };
  const random = seededRandom(SEED);
  const own = drawable(baseline, baseline, rule.metric);
  const drawables = all.slice(1).map((contender) => drawable(contender, baseline, rule.metric));
  const counts = new Map<string, number>();
  for (let at = 0; at < DRAWS; at += 1) {
    if (at % TURN === 0) await setImmediate();
    signal.throwIfAborted();
    const ofBaseline = indexesOf(own, random);
    const drawn = drawables.map((each) => draw(each, each.inTurn ? ofBaseline : indexesOf(each, random)));
    const name = pickOf(draw(own, ofBaseline), drawn, rule);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const picks = [...counts].map(([cell_id, count]) => ({ cell_id, share: count / DRAWS }));
  return {
    draws: DRAWS,
    seed: SEED,
    pick,
    changes: 1 - (counts.get(pick) ?? 0) / DRAWS,
    picks: picks.toSorted((a, b) => b.share - a.share),
    not_repeated: notRepeated,
  };
};
