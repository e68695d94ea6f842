// Works out what an entry is to hold before anything is written: scalar or structured, value and repeats, direction, context,
// share of speed of light, tier. Every refusal happens here.
import { freezeSol, solNotes } from '../compare/speed-of-light.ts';
import { compileGlobs } from '../compare/glob-set.ts';
import { createPolicy } from '../compare/policy.ts';
import { findCeiling } from '../compare/ceilings.ts';
import { recordTier, type TierResult } from '../compare/tier.ts';
import { readFileText } from '../importers/file-text.ts';
import { selectValue } from '../importers/select.ts';
import { contextKey, type Context } from '../measurement/context.ts';
import { metricKey, NO_LABELS, type Metric } from '../measurement/metric.ts';
import type { ReplicateLevel, Trial } from '../measurement/trial.ts';
import { describe } from '../stats/describe.ts';
import type { Direction } from '../stats/decision.ts';
import { Fault } from '../text/fault.ts';
import type { VerbContext } from '../verb/context.ts';
import { joinContext, parseContext, trialsOfValues, withLevel } from './given-context.ts';
import { ceilings, defaultRules } from './judging-rules.ts';
import { readFileSide, readFolderSide } from './read-side.ts';
import type { SourceShape } from './source-shape.ts';

export interface RecordRequest {
  readonly measurement: string;
  /** Absolute path of the source, which errors name. */
  readonly source: string;
  /** Where its bytes are read from: the snapshot, or the source itself. */
  readonly content: string;
  readonly value?: number | undefined;
  readonly values?: readonly number[] | undefined;
  readonly unit?: string | undefined;
  readonly direction?: Direction | undefined;
  readonly select?: string | undefined;
  readonly format?: string | undefined;
  readonly context?: unknown;
  readonly headline?: readonly string[] | undefined;
  /** `<hardware>.<key>` for all headline metrics, or `<metric glob>=<hardware>.<key>`. */
  readonly sol_ceiling_key?: readonly string[] | undefined;
  readonly replicate_level?: ReplicateLevel | undefined;
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
export interface PreparedRecord extends TierResult {
  readonly shape: SourceShape | 'scalar';
  readonly format: string | null;
  readonly value: number | null;
  readonly values: readonly number[] | null;
  readonly unit: string | null;
  readonly direction: Direction;
  readonly direction_source: string;
  readonly select: string | null;
  readonly headline: readonly string[];
  readonly metrics: readonly Metric[];
  readonly trials: readonly Trial[] | null;
  readonly n: number | null;
  readonly mean: number | null;
  readonly std: number | null;
  readonly median: number | null;
  readonly context: Context;
  readonly context_key: string;
  readonly sol: readonly SolBlock[];
  readonly warnings: readonly string[];
}

interface Measured {
  readonly shape: PreparedRecord['shape'];
  readonly format: string | null;
  readonly value: number | null;
  readonly values: readonly number[] | null;
  readonly unit: string | null;
  readonly metrics: readonly Metric[];
  readonly trials: readonly Trial[] | null;
  readonly context: Context;
  readonly warnings: readonly string[];
}

const finite = (value: number, what: string): number => {
  if (Number.isFinite(value)) return value;
  throw new Fault('usage', 'not_finite', `${what} is ${value}`, { fix: 'give a finite number' });
};

const scalarMetric = (request: RecordRequest, value: number, unit: string | null): Metric => ({
  name: request.measurement,
  source_key: request.select ?? 'value',
  unit,
  value,
  direction: null,
  statistic: null,
  labels: NO_LABELS,
});

const scalarOf = (request: RecordRequest, values: readonly number[], rest: Partial<Measured> = {}): Measured => {
  values.forEach((value, index) => finite(value, `values[${index}]`));
  const { median, n } = describe(values);
  const value = n === 1 ? (values[0] ?? null) : median;
  const unit = request.unit ?? rest.unit ?? null;
  const level = request.replicate_level ?? null;
  return {
    format: null,
    context: {},
    warnings: [],
    ...rest,
    shape: 'scalar',
    value,
    values: n > 1 ? values : null,
    unit,
    metrics: value === null ? [] : [scalarMetric(request, value, unit)],
    trials: n > 1 ? trialsOfValues(request.measurement, values, level) : null,
  };
};

/** Given numbers, the number at a path, or everything the source holds. */
const measure = async (request: RecordRequest, shape: SourceShape): Promise<Measured> => {
  const { source, content, format, unit = null } = request;
  if (request.value !== undefined && request.values !== undefined)
    throw new Fault('usage', 'value_given_twice', 'both value and values are given', { fix: 'give one of them' });
  if (request.value !== undefined) return scalarOf(request, [finite(request.value, 'value')]);
  if (request.values !== undefined) return scalarOf(request, request.values);
  if (request.select !== undefined) {
    const found = await selectValue(source, request.select, { format, text: await readFileText(content) });
    return scalarOf(request, found.trials.length > 1 ? found.trials : [found.value], { unit: found.unit });
  }
  if (shape === 'profile')
    return {
      shape,
      format: null,
      value: null,
      values: null,
      unit,
      metrics: [],
      trials: null,
      context: {},
      warnings: [],
    };
  const reading =
    shape === 'folder' ? await readFolderSide(content, format) : await readFileSide(source, format, content);
  const { metrics, trials, context, warnings } = reading;
  const [only] = metrics;
  if (reading.format === 'scalar' && only !== undefined) {
    const repeats = trials.flatMap(({ values }) => values[metricKey(only)] ?? []);
    return scalarOf(request, repeats.length > 1 ? repeats : [only.value], { unit: only.unit, context, warnings });
  }
  const kept = trials.length > 0 ? withLevel(trials, request.replicate_level) : null;
  return { shape, format: reading.format, value: null, values: null, unit, metrics, trials: kept, context, warnings };
};

/** Direction of a scalar, or the one that a structured measurement is stated to have as a whole. */
const resolveDirection = async (
  request: RecordRequest,
  measured: Measured,
  context: VerbContext,
): Promise<{ direction: Direction; direction_source: string }> => {
  if (request.direction !== undefined) return { direction: request.direction, direction_source: 'flag' };
  const [metric] = measured.metrics;
  if (measured.shape !== 'scalar' || metric === undefined)
    return { direction: 'two-sided', direction_source: 'per_metric' };
  const policy = createPolicy({ defaults: await defaultRules(context) });
  return policy({ name: metric.name, key: metricKey(metric), unit: metric.unit, direction: metric.direction });
};

const solPairs = (
  keys: readonly string[],
  headline: readonly string[],
): { globs: readonly string[]; ceiling: string }[] =>
  keys.map((text) => {
    const split = text.lastIndexOf('=');
    if (split > 0) return { globs: [text.slice(0, split)], ceiling: text.slice(split + 1) };
    return { globs: headline.length > 0 ? headline : ['*'], ceiling: text };
  });

const freezeShares = async (
  request: RecordRequest,
  measured: Measured,
  context: VerbContext,
): Promise<{ sol: SolBlock[]; notes: string[] }> => {
  if (request.sol_ceiling_key === undefined || request.sol_ceiling_key.length === 0) return { sol: [], notes: [] };
  const table = await ceilings(context);
  const sol: SolBlock[] = [];
  const notes: string[] = [];
  for (const { globs, ceiling } of solPairs(request.sol_ceiling_key, request.headline ?? [])) {
    const matches = compileGlobs(globs);
    const found = measured.metrics.filter((metric) => matches(metricKey(metric)).matched.length > 0);
    if (found.length === 0)
      throw new Fault('usage', 'sol_without_metric', `no metric matches ${globs.join(', ')} for ${ceiling}`, {
        fix: `name one of ${measured.metrics.slice(0, 6).map(metricKey).join(', ') || 'the metrics of the source'}`,
      });
    for (const metric of found) {
      const frozen = freezeSol(table, ceiling, metric.value, metric.unit ?? measured.unit);
      sol.push({ key: metricKey(metric), value: metric.value, ...frozen });
      notes.push(...solNotes(findCeiling(table, ceiling), frozen));
    }
  }
  return { sol, notes: [...new Set(notes)] };
};

/** Everything an entry holds beside provenance. Throws a Fault for every reason not to record. */
export const prepareRecord = async (
  request: RecordRequest,
  shape: SourceShape,
  context: VerbContext,
): Promise<PreparedRecord> => {
  const measured = await measure(request, shape);
  const stated = joinContext(measured.context, parseContext(request.context));
  const { direction, direction_source } = await resolveDirection(request, measured, context);
  const { sol, notes } = await freezeShares(request, measured, context);
  const {
    n = null,
    mean = null,
    std = null,
    median = null,
  } = measured.values === null ? {} : describe(measured.values);
  const headlineMetrics = measured.metrics.slice(0, 1).map((metric) => ({ key: metricKey(metric), unit: metric.unit }));
  const tier = recordTier({ context: stated, trials: measured.trials ?? [] }, { metrics: headlineMetrics });
  return {
    ...measured,
    ...tier,
    direction,
    direction_source,
    select: request.select ?? null,
    headline: request.headline ?? [],
    n: measured.trials === null ? (measured.value === null ? null : 1) : (n ?? measured.trials.length),
    mean: mean ?? null,
    std: std ?? null,
    median: median ?? null,
    context: stated,
    context_key: contextKey(stated),
    sol,
    warnings: [...measured.warnings, ...notes],
  };
};
