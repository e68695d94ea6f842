// Works out what an entry is to hold before anything is written: what was measured, direction, context, share of speed of
// light, tier. Every refusal happens here.
import { findCeiling } from '../hardware/ceilings.ts';
import { compileGlobs } from '../text/glob-set.ts';
import { createPolicy, type PolicySources } from '../verdict/policy.ts';
import { freezeSol, solNotes } from '../hardware/speed-of-light.ts';
import { recordTier, type TierResult } from '../verdict/tier.ts';
import { contextKey } from '../metrics/context.ts';
import { metricKey, type Metric } from '../metrics/metric.ts';
import type { Direction } from '../stats/direction.ts';
import { describe } from '../stats/describe.ts';
import { Fault } from '../text/fault.ts';
import type { VerbContext } from '../verb/context.ts';
import { joinContext, parseContext } from '../source/given-context.ts';
import { headlineMetrics } from '../verdict/headline-metrics.ts';
import { ceilings, defaultRules } from '../verdict/judging-rules.ts';
import { measureSource, type Measured, type MeasureRequest } from '../source/measure-source.ts';
import type { SourceShape } from '../source/source-shape.ts';

export interface RecordRequest extends MeasureRequest {
  readonly direction?: Direction | undefined;
  readonly context?: unknown;
  readonly headline?: readonly string[] | undefined;
  /** `<hardware>.<key>` for all headline metrics, or `<metric glob>=<hardware>.<key>`. */
  readonly sol_ceiling_key?: readonly string[] | undefined;
}

export interface SolBlock {
  readonly key: string;
  readonly value: number;
  readonly unit: string;
  readonly sol_pct: number;
  readonly sol_ceiling_key: string;
  readonly sol_ceiling_value: number;
}

/** What is known about a measurement before it is written. */
export interface PreparedRecord extends Measured, TierResult {
  readonly direction: Direction;
  readonly direction_source: string;
  readonly select: string | null;
  readonly headline: readonly string[];
  /** Repeats that count; null for a measurement of many metrics without trials. */
  readonly n: number | null;
  readonly mean: number | null;
  readonly std: number | null;
  readonly median: number | null;
  readonly context_key: string;
  /** Metrics that verdicts will hang on. */
  readonly claimed: readonly Metric[];
  readonly sol: readonly SolBlock[];
}

/** Direction of a scalar, or the one that a structured measurement is stated to have as a whole. */
const resolveDirection = (
  request: RecordRequest,
  { shape, metrics: [metric] }: Measured,
  policy: PolicySources,
): { direction: Direction; direction_source: string } => {
  if (request.direction !== undefined) return { direction: request.direction, direction_source: 'flag' };
  if (shape !== 'scalar' || metric === undefined) return { direction: 'two-sided', direction_source: 'per_metric' };
  const { name, unit, direction: reader } = metric;
  const { direction, direction_source } = createPolicy(policy)({ name, key: name, unit, direction: reader });
  return { direction, direction_source };
};

interface Share {
  readonly ceiling: string;
  readonly metrics: readonly Metric[];
}

/** Which metrics each ceiling is for. */
const sharesOf = (keys: readonly string[], all: readonly Metric[], headline: readonly Metric[]): Share[] =>
  keys.map((text) => {
    const split = text.lastIndexOf('=');
    if (split <= 0) return { ceiling: text, metrics: headline };
    const matches = compileGlobs([text.slice(0, split)]);
    return {
      ceiling: text.slice(split + 1),
      metrics: all.filter((metric) => matches(metricKey(metric)).matched.length > 0),
    };
  });

const freezeShares = async (
  request: RecordRequest,
  { metrics, unit }: Measured,
  headline: readonly Metric[],
  context: VerbContext,
): Promise<{ sol: SolBlock[]; notes: string[] }> => {
  const { sol_ceiling_key: keys = [] } = request;
  if (keys.length === 0) return { sol: [], notes: [] };
  const table = await ceilings(context);
  const sol: SolBlock[] = [];
  const notes: string[] = [];
  for (const share of sharesOf(keys, metrics, headline)) {
    if (share.metrics.length === 0)
      throw new Fault('usage', 'sol_without_metric', `no metric for ${share.ceiling}`, {
        fix: `write <metric>=${share.ceiling} for one of ${metrics.slice(0, 6).map(metricKey).join(', ') || 'the metrics of the source'}`,
      });
    for (const metric of share.metrics) {
      const frozen = freezeSol(table, share.ceiling, metric.value, metric.unit ?? unit);
      sol.push({ key: metricKey(metric), value: metric.value, ...frozen });
      notes.push(...solNotes(findCeiling(table, share.ceiling), frozen));
    }
  }
  return { sol, notes: [...new Set(notes)] };
};

const NO_SUMMARY = { n: null, mean: null, std: null, median: null };

const summaryOf = ({ value, values, trials }: Measured) => {
  if (value === null) return { ...NO_SUMMARY, n: trials?.length ?? null };
  const { n, mean, std, median } = describe(values ?? [value]);
  return { n, mean, std, median };
};

/** Share of answered requests below which a measurement is of another load than it says. */
const MOSTLY_ANSWERED = 0.99;

const failureNotes = (metrics: readonly Metric[]): string[] =>
  metrics
    .filter(({ name, value }) => name === 'ok_rate' && value < MOSTLY_ANSWERED)
    .map((metric) => `only ${(100 * metric.value).toFixed(1)}% of the requests were answered (${metricKey(metric)})`);

/** Everything an entry holds beside provenance. Throws a Fault for every reason not to record. */
export const prepareRecord = async (
  request: RecordRequest,
  shape: SourceShape,
  context: VerbContext,
): Promise<PreparedRecord> => {
  const measured = await measureSource(request, shape);
  const headline = request.headline ?? [];
  const policy = { document: measured.policy, defaults: await defaultRules(context), headline };
  const stated = joinContext(measured.context, parseContext(request.context));
  const claimed = measured.shape === 'profile' ? [] : headlineMetrics(measured.metrics, policy);
  const { sol, notes } = await freezeShares(request, measured, claimed, context);
  const metrics = claimed.map((metric) => ({ key: metricKey(metric), unit: metric.unit }));
  const tier = recordTier({ context: stated, trials: measured.trials ?? [] }, { metrics });
  return {
    ...measured,
    ...tier,
    ...summaryOf(measured),
    ...resolveDirection(request, measured, policy),
    select: request.select ?? null,
    headline,
    context: stated,
    context_key: contextKey(stated),
    claimed,
    sol,
    warnings: [...failureNotes(measured.metrics), ...measured.warnings, ...notes],
  };
};
