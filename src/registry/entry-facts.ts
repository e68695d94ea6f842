// Works out what an entry is to state about a measured source: value and repeats, direction, context, share of speed of light,
// tier. Writes nothing.
import { formatShare } from '../render/numbers.ts';
import { compileGlobs } from '../text/glob-set.ts';
import { createPolicy, type PolicySources } from '../verdict/policy.ts';
import { freezeSol, solNotes } from '../hardware/speed-of-light.ts';
import { recordTier } from '../verdict/tier.ts';
import { nameOf } from '../metrics/catalogue.ts';
import { metricKey, type Metric } from '../metrics/metric.ts';
import { isValidTrial } from '../metrics/trial.ts';
import type { Direction } from '../stats/direction.ts';
import { Fault } from '../text/fault.ts';
import type { VerbContext } from '../verb/context.ts';
import { attestedOfCall, joinAttested } from '../source/fact-origin.ts';
import { joinContext, parseContext } from '../source/given-context.ts';
import { headlineMetrics } from '../verdict/headline-metrics.ts';
import { ceilings, defaultRules } from '../verdict/judging-rules.ts';
import type { MeasureRequest } from '../source/measure-source.ts';
import type { MeasuredSide } from '../source/side.ts';
import type { EntryFacts } from './compose-baseline.ts';
import type { Sol } from './entry-schema.ts';

/** What a caller asks to be recorded; paths are absolute. */
export interface RecordRequest extends MeasureRequest {
  readonly family: string;
  readonly direction?: Direction | undefined;
  readonly context?: unknown;
  readonly headline?: readonly string[] | undefined;
  /** `<hardware>.<key>` for all headline metrics, or `<metric glob>=<hardware>.<key>`. */
  readonly sol_ceiling_key?: readonly string[] | undefined;
  readonly schema?: string | undefined;
  readonly notes?: string | undefined;
  readonly team?: string | undefined;
  readonly supersedes?: string | undefined;
  readonly capture_command?: string | undefined;
}

/** Direction of a scalar, or the one that a structured measurement is stated to have as a whole. */
const resolveDirection = (
  request: RecordRequest,
  { shape, metrics: [metric] }: MeasuredSide,
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
  { metrics, unit = null }: MeasuredSide,
  headline: readonly Metric[],
  context: VerbContext,
): Promise<{ sol: Sol[]; notes: string[] }> => {
  const { sol_ceiling_key: keys = [] } = request;
  if (keys.length === 0) return { sol: [], notes: [] };
  const table = await ceilings(context);
  const sol: Sol[] = [];
  const notes: string[] = [];
  for (const share of sharesOf(keys, metrics, headline)) {
    if (share.metrics.length === 0)
      throw new Fault('usage', 'sol_without_metric', `no metric for ${share.ceiling}`, {
        fix: `write <metric>=${share.ceiling} for one of ${metrics.slice(0, 6).map(metricKey).join(', ') || 'the metrics of the source'}`,
      });
    for (const metric of share.metrics) {
      const frozen = freezeSol(table, share.ceiling, metric.value, metric.unit ?? unit);
      sol.push({ key: metricKey(metric), value: metric.value, ...frozen });
      notes.push(...solNotes(table, frozen));
    }
  }
  return { sol, notes: [...new Set(notes)] };
};

/** Share of answered requests below which a measurement is of another load than it says. */
const MOSTLY_ANSWERED = 0.99;

const failureNotes = (metrics: readonly Metric[]): string[] =>
  metrics
    .filter(({ name, value }) => name === nameOf('okRate') && value < MOSTLY_ANSWERED)
    .map((metric) => `only ${formatShare(100 * metric.value)} of the requests were answered (${metricKey(metric)})`);

/** Valid repeats of a scalar, in the order they were taken; null for a single one. */
const repeatsOf = ({ shape, metrics: [metric], trials }: MeasuredSide): readonly number[] | null => {
  if (shape !== 'scalar' || metric === undefined) return null;
  const values = trials.filter(isValidTrial).flatMap((trial) => trial.values[metric.name] ?? []);
  return values.length > 1 ? values : null;
};

export interface DescribedEntry {
  readonly facts: EntryFacts;
  /** Metrics that verdicts will hang on. */
  readonly claimed: readonly Metric[];
  readonly warnings: readonly string[];
}

/** Everything an entry states beside provenance. Throws a Fault for every reason not to record. */
export const entryFacts = async (
  request: RecordRequest,
  measured: MeasuredSide,
  context: VerbContext,
): Promise<DescribedEntry> => {
  const { shape, metrics, trials, unit = null, format, policy: document, warnings } = measured;
  const headline = request.headline ?? [];
  const policy = { document, defaults: await defaultRules(context), headline };
  const given = parseContext(request.context);
  const stated = joinContext(measured.context, given);
  const attested = joinAttested(measured.attested, attestedOfCall(measured.context, given));
  const claimed = shape === 'profile' ? [] : headlineMetrics(metrics, policy);
  const { sol, notes } = await freezeShares(request, measured, claimed, context);
  const claims = claimed.map((metric) => ({ key: metricKey(metric), unit: metric.unit }));
  const facts = {
    value: shape === 'scalar' ? (metrics[0]?.value ?? null) : null,
    unit,
    ...resolveDirection(request, measured, policy),
    values: repeatsOf(measured),
    trials: trials.length > 0 ? trials : null,
    format,
    context: stated,
    attested,
    ...recordTier({ context: stated, trials, attested }, { metrics: claims }),
    headline,
    select: request.select ?? null,
    sol,
  };
  return { facts, claimed, warnings: [...failureNotes(metrics), ...warnings, ...notes] };
};
