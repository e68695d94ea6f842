// What a recording measures: numbers that the caller gives, the number at a path of the source, or everything that the source
// holds. Never takes a stated number and the source's own for the same thing when they differ.
import { type Context } from '../metrics/context.ts';
import { metricKey, NO_LABELS, type Metric } from '../metrics/metric.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';
import { isValidTrial, type ReplicateLevel, type Trial } from '../metrics/trial.ts';
import type { Direction } from '../stats/direction.ts';
import { median } from '../stats/describe.ts';
import { Fault } from '../text/fault.ts';
import { formatNumber, withUnit } from '../text/numbers.ts';
import { findNumber, inUnit, type FoundNumber } from './find-number.ts';
import { trialsOfValues, withLevel } from './given-context.ts';
import { parseTrials, requireKnownMetrics, trialsOfOneNumber } from './given-trials.ts';
import { readFileSide, readFolderSide } from './read-side.ts';
import type { SourceShape } from './source-shape.ts';

export interface MeasureRequest {
  readonly measurement: string;
  /** Absolute path of the source, which errors name. */
  readonly source: string;
  /** Where its bytes are read from: the snapshot, or the source itself. */
  readonly content: string;
  readonly value?: number | undefined;
  readonly values?: readonly number[] | undefined;
  readonly trials?: readonly unknown[] | undefined;
  readonly unit?: string | undefined;
  readonly select?: string | undefined;
  readonly format?: string | undefined;
  readonly replicate_level?: ReplicateLevel | undefined;
}

export interface Measured {
  readonly shape: SourceShape | 'scalar';
  readonly format: string | null;
  readonly value: number | null;
  /** Valid repeats of a scalar. */
  readonly values: readonly number[] | null;
  readonly unit: string | null;
  readonly metrics: readonly Metric[];
  readonly trials: readonly Trial[] | null;
  readonly context: Context;
  readonly warnings: readonly string[];
  readonly policy: readonly PolicyRule[];
  /** How much of a profile was checked, for a person; null for everything that was read whole. */
  readonly checked: string | null;
}

const NOTHING = { format: null, context: {}, warnings: [], policy: [], checked: null } as const;

const finite = (value: number, what: string): number => {
  if (Number.isFinite(value)) return value;
  throw new Fault('usage', 'not_finite', `${what} is ${value}`, { fix: 'give a finite number' });
};

interface Scalar {
  readonly trials: readonly Trial[];
  readonly value: number;
  readonly unit: string | null;
  readonly direction?: Direction | null;
}

const scalarOf = (request: MeasureRequest, { trials, value, unit, direction = null }: Scalar): Measured => {
  const name = request.measurement;
  const values = trials.filter(isValidTrial).flatMap((trial) => trial.values[name] ?? []);
  const middle = finite(values.length > 1 ? median(values) : (values[0] ?? value), 'the value');
  const metric: Metric = {
    name,
    source_key: request.select ?? 'value',
    unit,
    value: middle,
    direction,
    statistic: null,
    labels: NO_LABELS,
  };
  return {
    ...NOTHING,
    shape: 'scalar',
    value: middle,
    values: values.length > 1 ? values : null,
    unit,
    metrics: [metric],
    trials: trials.length > 1 ? withLevel(trials, request.replicate_level) : null,
  };
};

const foundScalar = (request: MeasureRequest, found: FoundNumber, format: string | null): Measured => {
  const { value, trials, unit, context, warnings, metric } = inUnit(found, request.unit ?? null);
  const direction = metric?.direction ?? null;
  return { ...scalarOf(request, { trials, value, unit, direction }), format, context, warnings };
};

/** Figures are often written down rounded. */
const ROUNDED = 1e-3;

/** Throws a Fault `value_contradicts` where the source has another number at the path than the caller states. */
const requireAgreement = (stated: Measured, found: Measured, request: MeasureRequest): void => {
  const [a, b] = [stated.value ?? 0, found.value ?? 0];
  if (Math.abs(a - b) <= ROUNDED * Math.max(Math.abs(a), Math.abs(b))) return;
  const says = `${request.source} has ${withUnit(b, found.unit)} at ${request.select ?? ''}`;
  throw new Fault('usage', 'value_contradicts', `the value is ${formatNumber(a)}, but ${says}`, {
    fix: 'leave the value out, or correct it or select',
    at: request.select ?? '',
  });
};

const statedNumbers = (request: MeasureRequest): Measured | undefined => {
  const { measurement, value, values, trials, unit = null, replicate_level: level } = request;
  if ([value, values, trials].filter((given) => given !== undefined).length > 1)
    throw new Fault('usage', 'value_given_twice', 'more than one of value, values and trials is given', {
      fix: 'give one of them',
    });
  const stated = value === undefined ? values : [value];
  if (stated !== undefined) {
    stated.forEach((each, index) => finite(each, value === undefined ? `values[${index}]` : 'value'));
    return scalarOf(request, { trials: trialsOfValues(measurement, stated, level ?? null), value: NaN, unit });
  }
  const single = trials === undefined ? undefined : trialsOfOneNumber(parseTrials(trials, level), measurement);
  if (single === undefined) return undefined;
  if (!single.some(isValidTrial))
    throw new Fault('usage', 'trials_without_valid', 'no trial is valid', { fix: 'give at least one valid trial' });
  return scalarOf(request, { trials: single, value: NaN, unit });
};

const selectedNumber = async (request: MeasureRequest): Promise<Measured> => {
  const { source: path, content, format, select, measurement } = request;
  return foundScalar(request, await findNumber({ path, content, format, select }, measurement), null);
};

/** Everything a file or folder holds, with the trials that the caller adds. */
const wholeSource = async (request: MeasureRequest, shape: 'file' | 'folder'): Promise<Measured> => {
  const { source, content, format, unit = null, replicate_level: level, measurement } = request;
  const reading =
    shape === 'folder' ? await readFolderSide(content, format) : await readFileSide(source, format, content);
  if (reading.format === 'scalar')
    return foundScalar(request, await findNumber({ path: source, content, format }, measurement), reading.format);
  const { metrics, context, warnings, policy = [] } = reading;
  const stated = request.trials === undefined ? [] : parseTrials(request.trials, level);
  if (stated.length > 0 && reading.trials.length > 0)
    throw new Fault('usage', 'trials_given_twice', `${source} holds trials of its own`, { fix: 'leave trials out' });
  requireKnownMetrics(stated, metrics.map(metricKey));
  const trials = withLevel(stated.length > 0 ? stated : reading.trials, level);
  return {
    shape,
    format: reading.format,
    value: null,
    values: null,
    unit,
    metrics,
    trials: trials.length > 0 ? trials : null,
    context,
    warnings,
    policy,
    checked: null,
  };
};

/** A profile, which is kept as it is when it can be read later. */
const wholeProfile = async (request: MeasureRequest): Promise<Measured> => {
  const { content, source, unit = null } = request;
  const { checkProfile } = await import('../profile/read/check-profile.ts');
  const { checked, warnings: told } = await checkProfile(content);
  const warnings = told.map((warning) => warning.replaceAll(content, source));
  return {
    ...NOTHING,
    shape: 'profile',
    value: null,
    values: null,
    unit,
    metrics: [],
    trials: null,
    checked,
    warnings,
  };
};

/** Throws a Fault for every reason why nothing is measured. */
export const measureSource = async (request: MeasureRequest, shape: SourceShape): Promise<Measured> => {
  const stated = statedNumbers(request);
  if (stated !== undefined && request.select === undefined) return stated;
  if (request.select !== undefined) {
    const found = await selectedNumber(request);
    if (stated === undefined) return found;
    requireAgreement(stated, found, request);
    return { ...stated, unit: stated.unit ?? found.unit, context: found.context, warnings: found.warnings };
  }
  if (shape !== 'profile') return wholeSource(request, shape);
  if (request.trials !== undefined)
    throw new Fault('usage', 'trials_of_profile', 'a profile has no trials', { fix: 'record each capture' });
  return wholeProfile(request);
};
