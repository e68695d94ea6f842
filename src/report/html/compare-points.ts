// Two configurations held against each other at the loads that both were measured at, by the room of verdicts: one family of metrics
// over all loads, as every comparison of the product. Runs in Node and in a page's script, decides nothing by itself.
import { inBlocks, type RepeatedRow } from '../../campaign/next/in-turn.ts';
import type { JudgedRow } from '../../compare/judgement.ts';
import { makeRows } from '../../compare/make-rows.ts';
import { type KeyedMetrics, matchMetrics } from '../../compare/match-metrics.ts';
import { byPercent, orderFew } from '../../compare/order-rows.ts';
import { fewerRequests } from '../../compare/requests.ts';
import { settleRow } from '../../compare/settle-row.ts';
import type { Side } from '../../source/side.ts';
import { colourOf } from '../../verdict/colour.ts';
import { createDecider } from '../../verdict/decide.ts';
import type { Decision } from '../../verdict/decision.ts';
import type { LoneMetric, Verdict } from '../../verdict/delta-row.ts';
import { headlineWithoutNames } from '../../verdict/headline-rank.ts';
import { correctFamily, decideOverall, type LostMetric } from '../../verdict/overall.ts';
import type { MetricPolicy } from '../../verdict/policy.ts';

/** One load of a configuration. */
export interface MeasuredPoint {
  readonly row: RepeatedRow;
  readonly side: Side;
}

export interface PointPair {
  /** `C=8`. */
  readonly point: string;
  readonly baseline: MeasuredPoint;
  readonly candidate: MeasuredPoint;
}

export interface Comparison {
  readonly verdict: Verdict;
  readonly decision: Decision;
  /** Of all loads, in their order, of each the largest change first. */
  readonly rows: readonly JudgedRow[];
}

export type PolicyOf = (metric: string) => MetricPolicy | undefined;

interface Found {
  readonly rows: readonly JudgedRow[];
  readonly lost: readonly LostMetric[];
  readonly vanished: readonly LoneMetric[];
}

/** Metrics of rows have no labels here, and each name one unit: one reader read them all. */
const keyedOf = ({ metrics }: Side): KeyedMetrics => ({
  metrics,
  keys: metrics.map(({ name }) => name),
  units: metrics.map(({ unit }) => unit),
});
const alike = () => (value: number) => value;

const found = ({ point, baseline, candidate }: PointPair, policyOf: PolicyOf, isOne: boolean): Found => {
  const [before, after] = inBlocks([baseline.side, candidate.side], [[baseline.row], [candidate.row]]);
  const [keyed, other] = [keyedOf(before), keyedOf(after)];
  const policies = before.metrics.flatMap(({ name }) => policyOf(name) ?? []);
  const headline = headlineWithoutNames(policies);
  const paired = { ...matchMetrics(keyed, other), baseline: keyed, candidate: other, policies, headline };
  const decider = createDecider({ mismatch: [] }, fewerRequests(before, after));
  const { rows, lost, vanished } = makeRows(paired, { baseline: before, candidate: after }, decider, alike);
  return isOne
    ? { rows, lost, vanished }
    : { rows: rows.map((row) => ({ ...row, point })), lost: lost.map((each) => ({ ...each, point })), vanished };
};

/** The comparison over these loads; null where they have no metric in common. */
export const comparePoints = (pairs: readonly PointPair[], policyOf: PolicyOf): Comparison | null => {
  const parts = pairs.map((pair) => found(pair, policyOf, pairs.length === 1));
  const [rows, lost] = [parts.flatMap((part) => part.rows), parts.flatMap((part) => part.lost)];
  if (rows.length === 0) return null;
  const family = correctFamily(rows);
  const settled = parts.flatMap((part) =>
    orderFew(
      part.rows.map((row) => settleRow(row, family.standingOf(row))),
      byPercent,
    ),
  );
  const vanished = parts.flatMap((part) => part.vanished);
  return {
    verdict: colourOf({
      adverse: settled.filter(({ adverse }) => adverse),
      vanished,
      trending: [],
      implausible: settled.filter(({ standing }) => standing === 'implausible'),
    }),
    decision: decideOverall(rows, lost, family),
    rows: settled,
  };
};
