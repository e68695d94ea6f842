// Makes one row per metric that both sides have, and names the metrics that only one side has. Never leaves a metric out
// unless a rule says so.
import type { Metric } from '../metrics/metric.ts';
import { type Decider, type Samples, samplesOf } from '../verdict/decide.ts';
import type { LostMetric } from '../verdict/overall.ts';
import { deltaPercent, difference, exceeds, isWorse } from '../verdict/value-rule.ts';
import { isHeadline } from '../verdict/headline-rank.ts';
import type { LoneMetric } from '../verdict/delta-row.ts';
import type { JudgedRow } from './judgement.ts';
import type { PairedSides } from './pair-sides.ts';
import type { MetricPolicy } from '../verdict/policy.ts';
import type { KeyedMetrics, UnitBridge } from './match-metrics.ts';
import type { Side } from '../source/side.ts';

/** One metric on both sides. */
interface Couple {
  readonly key: string;
  readonly policy: MetricPolicy;
  readonly before: Metric;
  readonly after: Metric;
  readonly unit: string | null;
  readonly unitAfter: string | null;
}

interface Valued {
  readonly baseline: number;
  readonly candidate: number;
  /** Of the trials of both sides that count; undefined where nothing was repeated. */
  readonly lowest?: number;
  readonly decision: JudgedRow['decision'];
}

const lowestOf = (sides: readonly Samples[]): number => {
  let lowest = Infinity;
  for (const { samples } of sides)
    for (const { value, excluded } of samples) if (value !== null && !excluded && value < lowest) lowest = value;
  return lowest;
};

/** How each row is decided. */
interface Judging {
  readonly decider: Decider;
  readonly bridge: UnitBridge;
  /** What contradicts a metric of either side, by key; undefined where nothing does. */
  readonly contradictions: ReadonlyMap<string, string> | undefined;
}

/** The values that stand for both sides, in the baseline's unit, and what their repeats decide. */
const valueCouple = (
  couple: Couple,
  sides: { baseline: Side; candidate: Side },
  { decider, bridge }: Judging,
): Valued => {
  const { key, policy, before } = couple;
  const convert = bridge(key, couple.unit, couple.unitAfter);
  const after = convert(couple.after.value);
  const isRepeated = sides.baseline.trials.length + sides.candidate.trials.length > 0;
  if (!isRepeated && !policy.counter)
    return { baseline: before.value, candidate: after, decision: decider.once(policy) };
  const baseline = samplesOf(sides.baseline.trials, key, before.value);
  const candidate = samplesOf(sides.candidate.trials, key, after, convert);
  const decision = decider.repeated({ policy, statistic: before.statistic, baseline, candidate });
  return { baseline: baseline.value, candidate: candidate.value, lowest: lowestOf([baseline, candidate]), decision };
};

const contradictionsOf = (sides: { baseline: Side; candidate: Side }): ReadonlyMap<string, string> | undefined => {
  const found = (['baseline', 'candidate'] as const).flatMap((side) =>
    (sides[side].contradictions ?? []).map(({ key, text }) => [key, `${side}: ${text}`] as const),
  );
  return found.length === 0 ? undefined : new Map(found.toReversed());
};

const rowOf = (
  couple: Couple,
  { baseline, candidate, lowest, decision }: Valued,
  headline: boolean,
  { decider, contradictions }: Judging,
): JudgedRow => {
  const { direction, direction_source, tolerance, gating } = couple.policy;
  const beyond = exceeds(baseline, candidate, tolerance);
  const worse = beyond && isWorse(baseline, candidate, direction);
  const contradiction = contradictions?.get(couple.key);
  const vetted = { key: couple.key, baseline, candidate, lowest, contradicted: contradiction !== undefined };
  return {
    key: couple.key,
    baseline,
    candidate,
    delta: difference(baseline, candidate),
    delta_pct: deltaPercent(baseline, candidate),
    unit: couple.unit ?? couple.unitAfter,
    direction,
    direction_source,
    tolerance,
    headline,
    gating: gating ?? headline,
    beyond: worse,
    adverse: worse,
    improved: beyond && !worse,
    ...decider.vetted(couple.policy, decision, vetted),
    ...(contradiction === undefined ? {} : { contradiction }),
    standing: worse ? 'suspect' : 'open',
  };
};

const loneMetric = (side: KeyedMetrics, index: number, headline: boolean): LoneMetric[] => {
  const [metric, key] = [side.metrics[index], side.keys[index]];
  return metric === undefined || key === undefined
    ? []
    : [{ key, value: metric.value, unit: side.units[index] ?? null, headline }];
};

export interface Rows {
  /** In the order of the baseline; `standing` and `adverse` are those of one value a side. */
  readonly rows: readonly JudgedRow[];
  readonly vanished: readonly LoneMetric[];
  /** The vanished metrics, each with its decision. */
  readonly lost: readonly LostMetric[];
  readonly added: readonly LoneMetric[];
  readonly ignored: number;
}

/** Throws what `bridge` throws, which brings the candidate's values to the unit of the baseline. */
export const makeRows = (
  paired: PairedSides,
  sides: { baseline: Side; candidate: Side },
  decider: Decider,
  bridge: UnitBridge,
): Rows => {
  const { baseline, candidate, partner, policies } = paired;
  const judging = { decider, bridge, contradictions: contradictionsOf(sides) };
  const rows: JudgedRow[] = [];
  const vanished: LoneMetric[] = [];
  const lost: LostMetric[] = [];
  let ignored = 0;
  baseline.metrics.forEach((before, index) => {
    const [key, policy, position] = [baseline.keys[index] ?? before.name, policies[index], partner[index] ?? -1];
    if (policy === undefined || policy.ignore) {
      ignored += 1;
      return;
    }
    const headline = isHeadline(policy, paired.headline);
    const after = candidate.metrics[position];
    if (after === undefined) {
      vanished.push(...loneMetric(baseline, index, headline));
      lost.push({ key, decision: decider.vanished(policy) });
      return;
    }
    const units = { unit: baseline.units[index] ?? null, unitAfter: candidate.units[position] ?? null };
    const couple = { key, policy, before, after, ...units };
    rows.push(rowOf(couple, valueCouple(couple, sides, judging), headline, judging));
  });
  const added = paired.added.flatMap((index) => loneMetric(candidate, index, false));
  return { rows, vanished, lost, added, ignored };
};
