// What a recording measures: numbers that the caller gives, the number at a path of the source, or everything that the source
// holds. Never takes a stated number and the source's own for the same thing when they differ.
import type { ReadingRequest } from './reading-request.ts';
import { join } from 'node:path';
import { metricKey } from '../metrics/metric.ts';
import type { Reading } from '../metrics/reading.ts';
import { isValidTrial } from '../metrics/trial.ts';
import { Fault, inputFault } from '../text/fault.ts';
import { formatNumber, withUnit } from '../render/numbers.ts';
import { attestedOfContext, attestedOfTrials, joinAttested, originOf } from './fact-origin.ts';
import { withLevel } from './given-context.ts';
import { parseTrials, requireKnownMetrics, trialsOfOneNumber } from './given-trials.ts';
import { inUnit, readNumbers, scalarSide, statedNumbers, statedTrials } from './read-number.ts';
import { readFileSide, readNewFolder } from './read-side.ts';
import type { MeasuredSide } from './side.ts';
import type { SourceShape } from './source-shape.ts';

export interface MeasureRequest extends ReadingRequest {
  readonly measurement: string;
  /** Absolute path of the source, which errors name; absent where the call states the number itself. */
  readonly source?: string | undefined;
  readonly value?: number | undefined;
  readonly trials?: readonly unknown[] | undefined;
  readonly unit?: string | undefined;
}

/** Figures are often written down rounded. */
const ROUNDED = 1e-3;

/** Throws a Fault `value_contradicts` where the source has another number at the path than the caller states. */
const requireAgreement = (stated: MeasuredSide, found: MeasuredSide, request: SourceRequest): void => {
  const [a, b] = [stated.metrics[0]?.value ?? 0, found.metrics[0]?.value ?? 0];
  if (Math.abs(a - b) <= ROUNDED * Math.max(Math.abs(a), Math.abs(b))) return;
  const says = `${request.source} has ${withUnit(b, found.unit ?? null)} at ${request.select ?? ''}`;
  throw new Fault('usage', 'value_contradicts', `the value is ${formatNumber(a)}, but ${says}`, {
    fix: 'leave the value out, or correct it or select',
    at: request.select ?? '',
  });
};

/** A request about a file or folder. */
type SourceRequest = MeasureRequest & { readonly source: string };

/** The number that a call states without a file. Throws a Fault `source_missing` where it states none, `unit_missing`, `source_needed`. */
const statedAlone = (request: MeasureRequest, stated: MeasuredSide | undefined): MeasuredSide => {
  if (stated === undefined)
    throw new Fault('usage', 'source_missing', 'neither source nor value is given', {
      fix: 'give the file or folder as source, or the number itself as value with its unit',
    });
  const about = (['select', 'format'] as const).find((field) => request[field] !== undefined);
  if (about !== undefined)
    throw new Fault('usage', 'source_needed', `${about} is about a file, and no source is given`, {
      fix: `leave ${about} out, or give source`,
    });
  if ((stated.unit ?? '') !== '') return stated;
  throw new Fault('usage', 'unit_missing', 'unit is missing: a number without a file needs one', {
    fix: 'give unit: ms, GB/s, tok/s, …',
    at: 'unit',
  });
};

const statedReading = (request: MeasureRequest): Reading | undefined => {
  const { measurement, value, values, trials, unit = null, replicate_level: level } = request;
  if ([value, values, trials].filter((given) => given !== undefined).length > 1)
    throw new Fault('usage', 'value_given_twice', 'more than one of value, values and trials is given', {
      fix: 'give one of them',
    });
  const stated = value === undefined ? values : [value];
  if (stated !== undefined) return statedNumbers(measurement, stated, unit);
  const single = trials === undefined ? undefined : trialsOfOneNumber(parseTrials(trials, level), measurement);
  if (single === undefined) return undefined;
  if (single.some(isValidTrial)) return statedTrials(measurement, single, unit);
  throw new Fault('usage', 'trials_without_valid', 'no trial is valid', { fix: 'give at least one valid trial' });
};

/** The one number of the source: the selected one, or the only one; of `repeats` in a folder the number of each. */
const numberSide = async (
  request: SourceRequest,
  content: string,
  repeats: readonly string[] = [],
): Promise<MeasuredSide> => {
  const { source, format, select, measurement, unit = null, replicate_level: level } = request;
  const files = repeats.map((file) => ({ path: join(source, file), content: join(content, file), format, select }));
  const reading = await readNumbers(
    files.length > 0 ? files : [{ path: source, content, format, select }],
    measurement,
  );
  const side = scalarSide(inUnit(reading, unit), level);
  return select === undefined ? side : { ...side, format: null };
};

/** The files of a folder that are repeats of one measurement. Throws a Fault `select_in_folder` where they are not. */
const repeatsToSelectFrom = async ({ source, format, replicate_level: level }: SourceRequest, content: string) => {
  const { repeats } = await readNewFolder(content, format, level !== undefined);
  if (repeats.length > 0) return repeats;
  throw inputFault('select_in_folder', `select is about one file, and ${source} holds several that are no repeats`, {
    path: source,
    fix: 'name the file, or give replicate_level if the files are repeats of one measurement',
  });
};

interface WholeSource {
  readonly side: MeasuredSide;
  readonly repeats: readonly string[];
}

/** Everything a file or folder holds, with the trials that the caller adds. */
const wholeSource = async (request: SourceRequest, content: string, shape: 'file' | 'folder'): Promise<WholeSource> => {
  const { source, format, unit = null, replicate_level: level } = request;
  const { reading, repeats } =
    shape === 'folder'
      ? await readNewFolder(content, format, level !== undefined)
      : { reading: await readFileSide(source, format, content), repeats: [] };
  if (reading.format === 'scalar') return { side: await numberSide(request, content, repeats), repeats };
  const { metrics, context, warnings, policy = [], contradictions } = reading;
  const stated = request.trials === undefined ? [] : parseTrials(request.trials, level);
  if (stated.length > 0 && reading.trials.length > 0)
    throw new Fault('usage', 'trials_given_twice', `${source} holds trials of its own`, { fix: 'leave trials out' });
  requireKnownMetrics(stated, metrics.map(metricKey));
  const side: MeasuredSide = {
    shape: shape === 'file' || repeats.length > 0 ? 'structured' : shape,
    format: reading.format,
    metrics,
    trials: withLevel(stated.length > 0 ? stated : reading.trials, level),
    attested: joinAttested(
      stated.length > 0
        ? attestedOfTrials(originOf(reading), stated, level, true)
        : attestedOfTrials(originOf(reading), reading.trials, level),
      attestedOfContext(originOf(reading), context),
    ),
    context,
    unit,
    policy,
    warnings,
    contradictions,
  };
  return { side, repeats };
};

/** A profile, which is kept as it is when it can be read later; `checked` says how much of it was, for a person. */
const wholeProfile = async (request: MeasureRequest, content: string): Promise<MeasuredSource> => {
  const { checkProfile } = await import('../profile/read/check-profile.ts');
  const { checked, warnings } = await checkProfile(content);
  const unit = request.unit ?? null;
  const side = { format: null, metrics: [], trials: [], context: {}, unit, policy: [], warnings };
  return { shape: 'profile', ...side, checked, repeats: [] };
};

const MOST_SHOWN = 3;

/** Throws a Fault `result_contradicts_itself` with both values: no later run could be judged against such a baseline. */
const requireConsistent = ({ contradictions = [] }: MeasuredSide, path: string): void => {
  const texts = [...new Set(contradictions.map(({ text }) => text))];
  if (texts.length === 0) return;
  const more = texts.length > MOST_SHOWN ? `; and ${texts.length - MOST_SHOWN} more` : '';
  throw inputFault(
    'result_contradicts_itself',
    `INVALID: ${path} contradicts itself: ${texts.slice(0, MOST_SHOWN).join('; ')}${more}`,
    {
      path,
      fix: 'give the file as the tool wrote it, or select a figure that nothing contradicts',
      data: { contradictions: contradictions.map(({ key, stated, implied }) => ({ key, stated, implied })) },
    },
  );
};

/** A side with what is to be said about its source. */
export interface MeasuredSource extends MeasuredSide {
  /** How much of a profile was checked; null for everything that was read whole. */
  readonly checked: string | null;
  /** Files of a folder that became trials of one measurement, by their names below it. */
  readonly repeats: readonly string[];
}

const WHOLE = { checked: null, repeats: [] };

/**
 * Measures what the request states, or the source, whose bytes are read at `content`: the copy that is kept, or the source itself.
 * Throws a Fault for every reason why nothing is measured.
 */
export const measureSource = async (
  request: MeasureRequest,
  content: string,
  shape: SourceShape,
): Promise<MeasuredSource> => {
  const reading = statedReading(request);
  const stated = reading === undefined ? undefined : scalarSide(reading, request.replicate_level);
  const { source } = request;
  if (source === undefined) return { ...statedAlone(request, stated), ...WHOLE };
  const about = { ...request, source };
  if (stated !== undefined && request.select === undefined) return { ...stated, ...WHOLE };
  if (request.select !== undefined) {
    const repeats = shape === 'folder' ? await repeatsToSelectFrom(about, content) : [];
    const found = await numberSide(about, content, repeats);
    requireConsistent(found, source);
    if (stated === undefined) return { ...found, checked: null, repeats };
    requireAgreement(stated, found, about);
    const { context, warnings } = found;
    const attested = joinAttested(stated.attested, found.attested);
    return { ...stated, attested, unit: stated.unit ?? found.unit ?? null, context, warnings, checked: null, repeats };
  }
  if (shape !== 'profile') {
    const { side, repeats } = await wholeSource(about, content, shape);
    requireConsistent(side, source);
    return { ...side, checked: null, repeats };
  }
  if (request.trials === undefined) return wholeProfile(request, content);
  throw new Fault('usage', 'trials_of_profile', 'a profile has no trials', { fix: 'record each capture' });
};
