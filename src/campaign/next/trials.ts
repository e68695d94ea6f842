// How many further trials would settle a question, of which loads, and what they cost in GPU hours: the judge's own number where it
// has one, else that of the plan of trials for the noise measured so far. Holds no rule about trials of its own.
import { describe } from '../../stats/describe.ts';
import { FEWEST_TRIALS } from '../../stats/power.ts';
import { metricKey, type Metric } from '../../metrics/metric.ts';
import { isValidTrial } from '../../metrics/trial.ts';
import type { Side } from '../../source/side.ts';
import { Fault } from '../../text/fault.ts';
import { headlineMetrics } from '../../verdict/headline-metrics.ts';
import { planTrials, type TrialPlan } from '../../verdict/plan-trials.ts';
import { createPolicy, type PolicySources } from '../../verdict/policy.ts';
import { DEFAULT_TRIALS } from '../../verdict/scaled-judgement.ts';
import type { AtlasRow } from '../row.ts';
import type { Standing } from './questions.ts';

/** What decides, with the noise that it was measured with. */
export interface Noisiest {
  readonly metric: string;
  /** Coefficient of variation of one trial, as a fraction. */
  readonly cv: number;
  /** Fraction. */
  readonly tolerance: number;
}

export interface TrialsWanted {
  /** Pairs in all, the ones that are there counted; null where no practical number settles it. */
  readonly pairs: number | null;
  /** Pairs that are still to be measured. */
  readonly more: number | null;
  /** Valid trials of the side that has fewer. */
  readonly held: number;
  /** `decision`: the judge says; `plan`: the noise says; `usual`: nothing is known of the noise yet. */
  readonly from: 'decision' | 'plan' | 'usual';
  readonly noisiest: Noisiest | null;
  /** Loads whose metrics are open; all that were measured where none is judged. */
  readonly concurrencies: readonly number[];
  /** Of both sides; without start and warm-up of servers. Null where nobody knows how long a trial takes. */
  readonly gpu_hours: number | null;
  /** Why no number is given; null where one is. */
  readonly reason: string | null;
}

export interface Costs {
  /** Minutes of a trial of one load, where the caller says; else the windows measured so far. */
  readonly minutesPerTrial: number | undefined;
}

const trialValues = (side: Side, key: string): number[] =>
  side.trials.filter(isValidTrial).flatMap(({ values }) => values[key] ?? []);

/** The key without the cell, which both sides share. */
const shownKey = ({ name, labels: { cell_id: _cell, ...labels } }: Metric): string => metricKey({ name, labels });

const noiseOf = (side: Side, metric: Metric, sources: PolicySources): Noisiest[] => {
  const key = metricKey(metric);
  const { tolerance } = createPolicy(sources)({ ...metric, key });
  const values = trialValues(side, key);
  const cv = values.length < FEWEST_TRIALS ? null : describe(values).cv;
  return cv === null || 'absolute' in tolerance || tolerance.percent === 0 ? [] : [{ metric: shownKey(metric), cv, tolerance: tolerance.percent / 100 }];
}; // prettier-ignore

const hardest = (found: readonly Noisiest[]): Noisiest | null =>
  found.toSorted((a, b) => b.cv / b.tolerance - a.cv / a.tolerance)[0] ?? null;

/** Of the metrics that gate, the one whose noise is largest beside its tolerance; null where nothing was repeated. */
export const noisiestOf = (sides: readonly (Side | null)[], sources: PolicySources): Noisiest | null =>
  hardest(
    sides.flatMap((side) =>
      side === null ? [] : headlineMetrics(side.metrics, sources).flatMap((metric) => noiseOf(side, metric, sources)),
    ),
  );

const concurrencyIn = (key: string): number[] => {
  const [, load] = /[[,]concurrency=(\d+)[,\]]/.exec(key) ?? [];
  return load === undefined ? [] : [Number(load)];
};

const distinct = (loads: readonly number[]): number[] => [...new Set(loads)].sort((a, b) => a - b);

/** Loads of what is not settled: suspect metrics, and open ones that gate. */
const openLoadsOf = ({ judgement, rows, otherRows }: Standing): number[] => {
  const all = distinct((rows.length > 0 ? rows : otherRows).map(({ concurrency }) => concurrency));
  if (judgement === null) return all;
  const isOpen = ({ standing, gating }: (typeof judgement.rows)[number]): boolean =>
    standing === 'suspect' || (standing === 'open' && gating);
  const found = distinct(judgement.rows.filter(isOpen).flatMap(({ key }) => concurrencyIn(key)));
  return found.length > 0 ? found : all;
};

/** GPU hours of one trial of a row's load; null where neither row nor caller says how long it takes or on how many GPUs. */
export const hoursOfTrial = (
  { duration_s: seconds, n_gpus: gpus }: AtlasRow,
  { minutesPerTrial }: Costs,
): number | null => {
  const duration = minutesPerTrial === undefined ? seconds : minutesPerTrial * 60;
  return duration === null || gpus === null ? null : (duration / 3600) * gpus;
};

const total = (hours: readonly (number | null)[]): number | null => {
  const known = hours.filter((one) => one !== null);
  return known.length === 0 || known.length < hours.length ? null : known.reduce((sum, one) => sum + one, 0);
};

/** Both sides run once at each of these loads; what is not known of one side is taken from the other. */
const hoursOfPair = ({ rows, otherRows }: Standing, loads: readonly number[], costs: Costs): number | null => {
  const [own, other] = [rows.length > 0 ? rows : otherRows, otherRows.length > 0 ? otherRows : rows];
  const of = (side: readonly AtlasRow[]): AtlasRow[] =>
    side.filter(({ concurrency }) => loads.includes(concurrency));
  return total([...of(own), ...of(other)].map((row) => hoursOfTrial(row, costs)));
}; // prettier-ignore

/** Trials that a side has at the load that has fewest; rows without trials of their own count as one. */
const trialsAt = (rows: readonly AtlasRow[], loads: readonly number[]): number => {
  const counts = rows.flatMap(({ concurrency, trials }) =>
    loads.includes(concurrency) ? [trials.length === 0 ? 1 : trials.filter((trial) => isValidTrial(trial)).length] : [],
  );
  return counts.length === 0 ? 0 : Math.min(...counts);
};

const heldBy = ({ judgement, rows, otherRows, against }: Standing, loads: readonly number[]): number => {
  if (against?.kind !== 'baseline') return Math.min(trialsAt(rows, loads), trialsAt(otherRows, loads));
  return Math.min(trialsAt(rows, loads), judgement?.trials.baseline.valid ?? 0);
};

/** What the noise asks for; a Fault of the plan is its reason. */
export const planFor = (noisiest: Noisiest, gatingMetrics: number, minutesPerTrial: number, trials: number | null = null): TrialPlan | Fault => {
  const { cv, tolerance } = noisiest;
  try {
    return planTrials({ tolerance, noise: { cv }, gatingMetrics, minutesPerTrial, analysis: 'paired', trials, minutesAllowed: null });
  } catch (error) {
    if (error instanceof Fault && error.kind === 'refused') return error;
    throw error;
  }
}; // prettier-ignore

/** Metrics that must all pass. */
export const gatingCount = ({ judgement, side, otherSide }: Standing, sources: PolicySources): number => {
  if (judgement !== null) return Math.max(1, judgement.rows.filter(({ gating }) => gating).length);
  const known = side ?? otherSide;
  return known === null ? 1 : Math.max(1, headlineMetrics(known.metrics, sources).length);
};

/** A minute for where nobody says how long a trial takes: the plan's minutes are not shown then. */
const ANY_MINUTES = 1;

type TrialNumber = Pick<TrialsWanted, 'pairs' | 'from' | 'reason'>;

const numberFor = (standing: Standing, noisiest: Noisiest | null, sources: PolicySources): TrialNumber => {
  const { decision } = standing.judgement ?? {};
  if (decision !== undefined && decision.rule !== 'V1') {
    const { trials_needed: pairs, reason } = decision;
    return { pairs, from: 'decision', reason: pairs === null ? `no number of trials settles this: ${reason}` : null };
  }
  if (noisiest === null) return { pairs: DEFAULT_TRIALS.paired, from: 'usual', reason: null };
  const plan = planFor(noisiest, gatingCount(standing, sources), ANY_MINUTES);
  return plan instanceof Fault
    ? { pairs: null, from: 'plan', reason: `${plan.message}: ${plan.details.fix ?? ''}` }
    : { pairs: plan.trials, from: 'plan', reason: null };
};

/** What would settle the question. Null where the judge has settled it. */
export const trialsWanted = (standing: Standing, sources: PolicySources, costs: Costs): TrialsWanted | null => {
  const { judgement, side, otherSide } = standing;
  if (judgement !== null && judgement.decision.status !== 'INCONCLUSIVE') return null;
  const noisiest = noisiestOf([side, otherSide], sources);
  const { pairs, from, reason } = numberFor(standing, noisiest, sources);
  const concurrencies = openLoadsOf(standing);
  const held = heldBy(standing, concurrencies);
  const more = pairs === null ? null : Math.max(1, pairs - held);
  const perPair = hoursOfPair(standing, concurrencies, costs);
  return {
    pairs,
    more,
    held,
    from,
    noisiest,
    concurrencies,
    gpu_hours: more === null || perPair === null ? null : more * perPair,
    reason,
  };
};
