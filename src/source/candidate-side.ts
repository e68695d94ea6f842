// The candidate side of a comparison: files, repeats, a folder, or plain values, brought to the shape of the baseline. Never
// converts one shape into another silently.
import type { ReadingRequest } from './reading-request.ts';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Reading } from '../metrics/reading.ts';
import { Fault, inputFault } from '../text/fault.ts';
import { attestedOfCall, attestedOfContext, attestedOfTrials, joinAttested, originOf } from './fact-origin.ts';
import { joinContext, parseContext, withLevel } from './given-context.ts';
import { inUnit, readNumbers, scalarSide, statedNumbers } from './read-number.ts';
import { readFolderRepeats, readRepeats } from './read-side.ts';
import type { MeasuredSide, SideShape } from './side.ts';
import { filesOf } from './source-shape.ts';

export interface CandidateRequest extends ReadingRequest {
  /** Absolute paths. */
  readonly paths: readonly string[];
  /** Of `values`; absent where they have the unit of the baseline. */
  readonly unit?: string | undefined;
  readonly context?: unknown;
}

/** What the candidate is to fit: the recorded measurement. */
export interface Counterpart {
  readonly shape: SideShape;
  /** Reader of the baseline. */
  readonly format: string | null;
  readonly entry: {
    readonly family: string;
    readonly measurement: string;
    readonly baseline: { readonly select?: string | null | undefined; readonly unit?: string | null | undefined };
  };
}

interface Place {
  readonly path: string;
  readonly isFolder: boolean;
}

const placesOf = (paths: readonly string[]): Place[] =>
  paths.map((path) => ({ path, isFolder: statSync(path).isDirectory() }));

/** Throws a Fault `no_current`, `current_given_twice` or `unit_without_value`. */
export const requireOneSource = ({ paths, values, select, unit }: CandidateRequest): void => {
  if (values === undefined && paths.length === 0)
    throw new Fault('usage', 'no_current', 'no current measurement was named', {
      fix: 'give current: a file, several as repeats, or a folder; or current_value for a number',
    });
  if (values !== undefined && (paths.length > 0 || select !== undefined))
    throw new Fault('usage', 'current_given_twice', 'current_value is given beside current or select', {
      fix: 'give the file, or the number',
    });
  if (values === undefined && unit !== undefined)
    throw new Fault('usage', 'unit_without_value', 'unit is given without current_value', {
      fix: 'leave unit out: a file says its own',
    });
};

/** The number of each file as a repeat. Throws a Fault `folder_without_measurement` where there is no file. */
const numbersInFiles = async (request: CandidateRequest, { entry }: Counterpart): Promise<Reading> => {
  const { select, format } = request;
  const files: string[] = [];
  for (const { path, isFolder } of placesOf(request.paths))
    files.push(...(isFolder ? (await filesOf(path)).map((file) => join(path, file)) : [path]));
  if (files.length === 0)
    throw inputFault('folder_without_measurement', `${request.paths.join(', ')} holds no file`, { fix: 'name a file' });
  const stored = entry.baseline.select;
  return readNumbers(
    files.map((path) => ({ path, format, select, stored })),
    entry.measurement,
  );
};

/** In the unit of the baseline. Throws a Fault `unit_mismatch` or `unit_unknown`. */
const statedIn = (unit: string | undefined, reading: Reading, { entry }: Counterpart): Reading =>
  unit === undefined ? reading : inUnit(reading, entry.baseline.unit ?? null);

const scalarCandidate = async (request: CandidateRequest, baseline: Counterpart): Promise<MeasuredSide> => {
  const { values, replicate_level: level } = request;
  const reading =
    values === undefined
      ? await numbersInFiles(request, baseline)
      : statedIn(request.unit, statedNumbers(baseline.entry.measurement, values, request.unit ?? null), baseline);
  const side = scalarSide(reading, level);
  const given = parseContext(request.context);
  const attested = joinAttested(side.attested, attestedOfCall(side.context, given));
  return { ...side, attested, context: joinContext(side.context, given) };
};

const shapeFault = (message: string, fix: string): Fault => inputFault('shape_mismatch', message, { fix });

/** A baseline of no known format stays one, also where its format has got a reader since: names must go on to meet. */
const formatFor = (request: CandidateRequest, { format }: Counterpart): string | undefined =>
  request.format ?? (format === 'json_document' ? format : undefined);

/** The folder that several files stand for: that of all of them, where it holds no others. */
const folderOf = async (places: readonly Place[]): Promise<string | undefined> => {
  const [folder, ...others] = new Set(places.map(({ path }) => dirname(path)));
  if (folder === undefined || others.length > 0 || places.length < 2) return undefined;
  if (places.some(({ isFolder }) => isFolder)) return undefined;
  const named = new Set(places.map(({ path }) => path));
  const held = await filesOf(folder);
  return held.length === named.size && held.every((file) => named.has(join(folder, file))) ? folder : undefined;
};

const readStructured = async (request: CandidateRequest, baseline: Counterpart): Promise<Reading> => {
  const { paths } = request;
  const { shape } = baseline;
  const format = formatFor(request, baseline);
  const places = placesOf(paths);
  const file = places.find(({ isFolder }) => !isFolder);
  const folder = shape === 'folder' ? await folderOf(places) : undefined;
  if (shape === 'folder' && file !== undefined && folder === undefined)
    throw shapeFault(
      `${file.path} is a file, but the baseline is a folder`,
      `give the folder of the new run: ${dirname(file.path)}`,
    );
  const folders = folder === undefined ? paths : [folder];
  const reading = await (shape === 'folder' ? readFolderRepeats(folders, format) : readRepeats(places, format));
  if (reading.format !== 'scalar') return reading;
  const fix = 'give the result file that the baseline was recorded from, of the new run';
  throw shapeFault(`${paths.join(', ')} holds one number, but the baseline is ${shape}`, fix);
};

const structuredCandidate = async (request: CandidateRequest, baseline: Counterpart): Promise<MeasuredSide> => {
  const { shape, entry } = baseline;
  if (request.values !== undefined || request.select !== undefined)
    throw shapeFault(
      `${entry.family}/${entry.measurement} is ${shape}; a single number cannot be compared with it`,
      'give the whole result file as current, or record the number as a baseline of its own',
    );
  const reading = await readStructured(request, baseline);
  const { format, metrics, trials, context, warnings, policy = [], contradictions } = reading;
  const given = parseContext(request.context);
  return {
    shape,
    format,
    metrics,
    trials: withLevel(trials, request.replicate_level),
    attested: joinAttested(
      attestedOfTrials(originOf(reading), trials, request.replicate_level),
      attestedOfContext(originOf(reading), context),
      attestedOfCall(context, given),
    ),
    context: joinContext(context, given),
    unit: entry.baseline.unit ?? null,
    policy,
    warnings,
    contradictions,
  };
};

/** Reads the candidate to fit the baseline. Throws a Fault `shape_mismatch`, `selector_needed`, or one about the files. */
export const readCandidateSide = (request: CandidateRequest, baseline: Counterpart): Promise<MeasuredSide> =>
  baseline.shape === 'scalar' ? scalarCandidate(request, baseline) : structuredCandidate(request, baseline);
