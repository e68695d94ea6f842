// Hands the trials of one metric to the statistics and keeps the answers cheap where there is nothing to compute: without
// repeats every metric of one direction shares one decision. Never decides anything itself.
import { mayBeNegative } from '../metrics/signed.ts';
import { type Trial, isValidTrial } from '../metrics/trial.ts';
import { type MetricDecision, type Sample } from './decision.ts';
import { decideMetric } from './decide-metric.ts';
import type { FailRule } from './interval-verdict.ts';
import type { Direction } from '../stats/direction.ts';
import { median } from '../stats/describe.ts';
import type { Analysis } from '../stats/power.ts';
import { type Surprise, isBelowAll, isImplausible, isImpossible, surpriseOf } from './plausibility.ts';
import type { MetricPolicy } from './policy.ts';
import type { Tolerance } from './tolerance.ts';

export interface DecisionRules {
  readonly failRule?: FailRule;
  readonly analysis?: Analysis | 'auto';
  /** Fields in which the contexts differ where that forbids a comparison. */
  readonly mismatch?: readonly string[];
  /** Improvements too large to be believed have been vouched for. */
  readonly acceptImplausible?: boolean;
}

/** One metric's samples on one side, in the baseline's unit, and the value that stands for them. */
export interface Samples {
  readonly samples: readonly Sample[];
  /** Median of the valid trials; the side's own value where there are none. */
  readonly value: number;
}

/** The samples of `key`; a side without trials of it has its one value as the only sample. */
export const samplesOf = (
  trials: readonly Trial[],
  key: string,
  value: number,
  convert: (value: number) => number = (same) => same,
): Samples => {
  if (!trials.some(({ values }) => Object.hasOwn(values, key)))
    return { samples: [{ value, block: null, excluded: false }], value };
  const samples = trials.map((trial) => {
    const measured = Object.hasOwn(trial.values, key) ? trial.values[key] : undefined;
    return {
      value: measured === undefined ? null : convert(measured),
      block: trial.block,
      excluded: !isValidTrial(trial),
      requests: trial.requests ?? null,
    };
  });
  const valid = samples.flatMap((sample) => (sample.value === null || sample.excluded ? [] : [sample.value]));
  return { samples, value: valid.length === 0 ? value : median(valid) };
};

/** The tolerance in the terms of the statistics: a fraction, or a difference. */
const inFractions = (tolerance: Tolerance): { relative: number | null; absolute: number | null } =>
  'absolute' in tolerance
    ? { relative: null, absolute: tolerance.absolute }
    : { relative: tolerance.percent / 100, absolute: null };

const lone = (value: number | null): Sample[] => [{ value, block: null, excluded: false }];

const loneDecisions = new Map<string, MetricDecision>();

/** What every pair of single values says: nothing but how many trials to start with. Worked out once per set of rules. */
const loneDecision = (direction: Direction, rules: DecisionRules): MetricDecision => {
  const { mismatch = [] } = rules;
  if (mismatch.length > 0) return makeLoneDecision(direction, rules);
  const id = [direction, rules.failRule, rules.analysis].join();
  const decision = loneDecisions.get(id) ?? makeLoneDecision(direction, rules);
  loneDecisions.set(id, decision);
  return decision;
};

const makeLoneDecision = (direction: Direction, rules: DecisionRules): MetricDecision => {
  const tolerance = { relative: 0, absolute: null };
  const decision = decideMetric({ direction, tolerance, baseline: lone(1), candidate: lone(1), ...rules });
  return Object.freeze({
    ...decision,
    tolerance: null,
    scale: null,
    worsening: null,
    p_worse: null,
    p_beyond_tolerance: null,
    p_within_tolerance: null,
    cliffs_delta: null,
    baseline: null,
    candidate: null,
  });
};

/** Trials count the requests that were answered; a share of all that were attempted is one of more. */
const sharesOf = ({ share }: MetricPolicy, samples: readonly Sample[]): readonly Sample[] =>
  share !== 'attempted'
    ? samples
    : samples.map((sample) => {
        const { value, requests = null } = sample;
        return requests === null || value === null || value <= 0
          ? sample
          : { ...sample, requests: Math.round(requests / value) };
      });

/** Quantile of a tail statistic (`p99` -> 0.99) that needs many requests to mean anything; null for the others. */
const tailQuantile = (statistic: string | null): number | null => {
  const percentile = /^p(\d+(?:\.\d+)?)$/.exec(statistic ?? '')?.[1];
  const quantile = percentile === undefined ? 0 : Number(percentile) / 100;
  return quantile > 0.9 && quantile < 1 ? quantile : null;
};

export interface DecisionSubject {
  readonly policy: MetricPolicy;
  /** `p99`, `mean`, …; null when the file does not say. */
  readonly statistic: string | null;
  readonly baseline: Samples;
  readonly candidate: Samples;
}

/** The values of both sides. */
export interface Vetted {
  /** Name of the metric, with or without labels. */
  readonly key: string;
  readonly baseline: number;
  readonly candidate: number;
  /** The smallest value of a trial that counts, on either side; undefined where nothing was repeated. */
  readonly lowest?: number | undefined;
  /** One of them is refuted by the rest of its own result. */
  readonly contradicted?: boolean;
}

export interface Decider {
  /** Decision about a metric that nobody repeated. */
  readonly once: (policy: MetricPolicy) => MetricDecision;
  readonly repeated: (subject: DecisionSubject) => MetricDecision;
  /** Decision about a metric that the candidate lost. */
  readonly vanished: (policy: MetricPolicy) => MetricDecision;
  /** The decision, unless the values themselves cannot be: then INVALID or IMPLAUSIBLE takes its place. */
  readonly vetted: (
    policy: MetricPolicy,
    decision: MetricDecision,
    values: Vetted,
  ) => { readonly decision: MetricDecision; readonly surprise: Surprise | null };
}

const vet = (
  { direction, direction_source, quantity }: MetricPolicy,
  decision: MetricDecision,
  { key, baseline, candidate, lowest = Infinity, contradicted = false }: Vetted,
  acceptImplausible: boolean,
): { readonly decision: MetricDecision; readonly surprise: Surprise | null } => {
  const isDirected = direction_source !== 'default' && direction !== 'two-sided';
  const isOdd = isImpossible(baseline, candidate, quantity) || isBelowAll(lowest, quantity);
  const impossible = isDirected && isOdd && !mayBeNegative(key);
  if (decision.status !== 'INCOMPARABLE' && (contradicted || impossible)) {
    const reason = contradicted ? 'contradicts_itself' : 'value_impossible';
    const invalid = { status: 'INVALID', strength: null, rule: 'V10', reason } as const;
    return { decision: { ...decision, ...invalid }, surprise: null };
  }
  const surprise = surpriseOf(baseline, candidate, direction, quantity);
  const doubted = !acceptImplausible && isImplausible(surprise, baseline, candidate, direction);
  if (!doubted || decision.status === 'INCOMPARABLE' || decision.status === 'FAIL') return { decision, surprise };
  const implausible = { status: 'IMPLAUSIBLE', strength: null, rule: 'V10', reason: 'check_the_unit' } as const;
  return { decision: { ...decision, ...implausible }, surprise };
};

/** `requests`: completed requests behind each trial of either side, null when not stated. */
export const createDecider = (rules: DecisionRules, requests: number | null): Decider => {
  const shared = new Map<Direction, MetricDecision>();
  return {
    once: ({ direction }) => {
      const decision = shared.get(direction) ?? loneDecision(direction, rules);
      shared.set(direction, decision);
      return decision;
    },
    repeated: ({ policy, statistic, baseline, candidate }) => {
      const quantile = tailQuantile(statistic);
      return decideMetric({
        direction: policy.direction,
        tolerance: inFractions(policy.tolerance),
        share: policy.share !== null,
        baseline: sharesOf(policy, baseline.samples),
        candidate: sharesOf(policy, candidate.samples),
        counter: policy.counter,
        ...(quantile === null || requests === null ? {} : { tail: { quantile, requests } }),
        ...rules,
      });
    },
    vanished: ({ direction, tolerance }) =>
      decideMetric({
        direction,
        tolerance: inFractions(tolerance),
        baseline: lone(1),
        candidate: lone(null),
        ...rules,
      }),
    vetted: (policy, decision, values) => vet(policy, decision, values, rules.acceptImplausible ?? false),
  };
};
