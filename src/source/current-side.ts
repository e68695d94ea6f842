// The current side of a comparison: files, repeats, a folder, or plain values, brought to the shape of the baseline. Never
// converts one shape into another silently.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Side, SideShape } from './side.ts';
import { NO_LABELS, type Metric } from '../metrics/metric.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';
import type { Reading } from '../metrics/reading.ts';
import { isValidTrial, type ReplicateLevel, type Trial } from '../metrics/trial.ts';
import { median } from '../stats/describe.ts';
import { Fault, inputFault } from '../text/fault.ts';
import { findNumber, inUnit, type FoundNumber } from './find-number.ts';
import { joinContext, parseContext, trialsOfValues, withLevel } from './given-context.ts';
import { readFolderRepeats, readRepeats } from './read-side.ts';
import { agreeingContext } from './read-trials.ts';
import { filesOf } from './source-shape.ts';

export interface CurrentRequest {
  /** Absolute paths. */
  readonly paths: readonly string[];
  readonly values?: readonly number[] | undefined;
  readonly select?: string | undefined;
  readonly format?: string | undefined;
  readonly context?: unknown;
  readonly replicate_level?: ReplicateLevel | undefined;
}

/** What the new side is to fit: the recorded measurement. */
export interface Counterpart {
  readonly shape: SideShape;
  readonly entry: {
    readonly family: string;
    readonly measurement: string;
    readonly baseline: { readonly select?: string | null | undefined; readonly unit?: string | null | undefined };
  };
}

export interface CurrentSide {
  readonly side: Side;
  readonly documentPolicy: readonly PolicyRule[];
  readonly warnings: readonly string[];
}

interface Place {
  readonly path: string;
  readonly isFolder: boolean;
}

const placesOf = (paths: readonly string[]): Place[] =>
  paths.map((path) => ({ path, isFolder: statSync(path).isDirectory() }));

/** Throws a Fault `no_current` or `current_given_twice`. */
export const requireOneSource = ({ paths, values, select }: CurrentRequest): void => {
  if (values === undefined && paths.length === 0)
    throw new Fault('usage', 'no_current', 'no current measurement was named', {
      fix: 'give current: a file, several as repeats, or a folder; or current_value for a number',
    });
  if (values !== undefined && (paths.length > 0 || select !== undefined))
    throw new Fault('usage', 'current_given_twice', 'current_value is given beside current or select', {
      fix: 'give the file, or the number',
    });
};

/** What each file holds, all in the unit of the first. */
const numbersInFiles = async (request: CurrentRequest, { entry }: Counterpart): Promise<FoundNumber[]> => {
  const { select, format } = request;
  const files: string[] = [];
  for (const { path, isFolder } of placesOf(request.paths))
    files.push(...(isFolder ? (await filesOf(path)).map((file) => join(path, file)) : [path]));
  const found: FoundNumber[] = [];
  for (const path of files) {
    const number = await findNumber({ path, format, select, stored: entry.baseline.select }, entry.measurement);
    found.push(inUnit(number, found[0]?.unit ?? null));
  }
  if (found.length > 0) return found;
  throw inputFault('folder_without_measurement', `${request.paths.join(', ')} holds no file`, { fix: 'name a file' });
};

/** Files without repeats of their own are one trial each. */
const joinedTrials = (found: readonly FoundNumber[], name: string): Trial[] =>
  found
    .flatMap(({ trials, value }) => (trials.length > 0 ? trials : trialsOfValues(name, [value], null)))
    .map((trial, index) => ({ ...trial, index }));

const scalarCurrent = async (request: CurrentRequest, baseline: Counterpart): Promise<CurrentSide> => {
  const name = baseline.entry.measurement;
  const { values, replicate_level: level } = request;
  const found = values === undefined ? await numbersInFiles(request, baseline) : [];
  const trials = withLevel(
    values === undefined ? joinedTrials(found, name) : trialsOfValues(name, values, null),
    level,
  );
  const counted = trials.filter(isValidTrial).flatMap((trial) => trial.values[name] ?? []);
  const bad = counted.find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw inputFault('not_finite', `the current value is ${bad}`, { fix: 'give finite numbers' });
  const unit = found[0]?.unit ?? null;
  const metric: Metric = {
    name,
    source_key: request.select ?? 'value',
    unit,
    value: counted.length > 0 ? median(counted) : (found[0]?.value ?? Number.NaN),
    direction: null,
    statistic: null,
    labels: NO_LABELS,
  };
  const { context } = agreeingContext(found.map((each) => each.context));
  return {
    side: {
      metrics: [metric],
      trials: trials.length > 1 ? trials : [],
      context: joinContext(context, parseContext(request.context)),
      unit,
    },
    documentPolicy: [],
    warnings: [...new Set(found.flatMap(({ warnings }) => warnings))],
  };
};

const shapeFault = (message: string, fix: string): Fault => inputFault('shape_mismatch', message, { fix });

const readStructured = async ({ paths, format }: CurrentRequest, { shape }: Counterpart): Promise<Reading> => {
  const places = placesOf(paths);
  const file = places.find(({ isFolder }) => !isFolder);
  if (shape === 'folder' && file !== undefined)
    throw shapeFault(`${file.path} is a file, but the baseline is a folder`, 'give the folder of the new run');
  const reading = await (shape === 'folder' ? readFolderRepeats(paths, format) : readRepeats(places, format));
  if (reading.format !== 'scalar') return reading;
  const fix = 'give the result file that the baseline was recorded from, of the new run';
  throw shapeFault(`${paths.join(', ')} holds one number, but the baseline is ${shape}`, fix);
};

const structuredCurrent = async (request: CurrentRequest, baseline: Counterpart): Promise<CurrentSide> => {
  const { shape, entry } = baseline;
  if (request.values !== undefined || request.select !== undefined)
    throw shapeFault(
      `${entry.family}/${entry.measurement} is ${shape}; a single number cannot be compared with it`,
      'give the whole result file as current, or record the number as a baseline of its own',
    );
  const reading = await readStructured(request, baseline);
  return {
    side: {
      metrics: reading.metrics,
      trials: withLevel(reading.trials, request.replicate_level),
      context: joinContext(reading.context, parseContext(request.context)),
      unit: entry.baseline.unit ?? null,
    },
    documentPolicy: reading.policy ?? [],
    warnings: reading.warnings,
  };
};

/** Reads the current side to fit the baseline. Throws a Fault `shape_mismatch`, `selector_needed`, or one about the files. */
export const readCurrentSide = (request: CurrentRequest, baseline: Counterpart): Promise<CurrentSide> =>
  baseline.shape === 'scalar' ? scalarCurrent(request, baseline) : structuredCurrent(request, baseline);
