// The current side of a comparison: files, repeats, a folder, or plain values, brought to the shape of the baseline. Never
// converts one shape into another silently.
import { stat } from 'node:fs/promises';
import type { Side } from '../compare/side.ts';
import { readFileText } from '../importers/file-text.ts';
import { readMeasurement } from '../importers/read.ts';
import { describeNumbers, listNumbers, selectValue } from '../importers/select.ts';
import { metricKey, NO_LABELS, type Metric } from '../measurement/metric.ts';
import type { PolicyRule } from '../measurement/policy.ts';
import type { ReplicateLevel } from '../measurement/trial.ts';
import { median } from '../stats/describe.ts';
import { inputFault } from '../text/fault.ts';
import type { BaselineSide } from './baseline-side.ts';
import { joinContext, parseContext, trialsOfValues, withLevel } from './given-context.ts';
import { readFolderSide, readRepeats } from './read-side.ts';
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

export interface CurrentSide {
  readonly side: Side;
  readonly documentPolicy: readonly PolicyRule[];
  readonly warnings: readonly string[];
}

interface Numbers {
  readonly values: readonly number[];
  readonly unit: string | null;
  readonly context: Side['context'];
  readonly warnings: readonly string[];
}

/** The number, or repeats, that a file holds for a scalar baseline. */
const numbersOfFile = async (path: string, request: CurrentRequest, stored: string | null): Promise<Numbers> => {
  const text = await readFileText(path);
  const selector = request.select ?? stored;
  const outcome = await readMeasurement(path, { format: request.format, text });
  if (outcome.kind === 'no_measurement')
    throw inputFault('no_measurement', `${path} holds no measurement: ${outcome.reason}`, {
      path,
      fix: 'run it again',
    });
  const { reading } = outcome;
  const { context, warnings } = reading;
  if (selector !== null) {
    const found = await selectValue(path, selector, { format: request.format, text });
    return { values: found.trials.length > 1 ? found.trials : [found.value], unit: found.unit, context, warnings };
  }
  const [only, ...others] = reading.metrics;
  if (only !== undefined && others.length === 0) {
    const key = metricKey(only);
    const repeats = reading.trials.flatMap(({ values }) => values[key] ?? []);
    return { values: repeats.length > 1 ? repeats : [only.value], unit: only.unit, context, warnings };
  }
  const numbers = listNumbers(reading);
  throw inputFault('selector_needed', `${path} holds ${numbers.length} numbers and the baseline is one number`, {
    path,
    fix: `choose one with select, or give current_value: ${describeNumbers(numbers)}`,
    data: { numbers: numbers.slice(0, 50) },
  });
};

const numbersOf = async (request: CurrentRequest, stored: string | null): Promise<Numbers> => {
  if (request.values !== undefined) return { values: request.values, unit: null, context: {}, warnings: [] };
  const found: Numbers[] = [];
  for (const path of request.paths) {
    const isFolder = (await stat(path)).isDirectory();
    const files = isFolder ? (await filesOf(path)).map((file) => `${path}/${file}`) : [path];
    for (const file of files) found.push(await numbersOfFile(file, request, stored));
  }
  const [first] = found;
  if (first === undefined) throw inputFault('no_current', 'no current measurement was named', { fix: 'give current' });
  return {
    values: found.flatMap(({ values }) => values),
    unit: first.unit,
    context: first.context,
    warnings: found.flatMap(({ warnings }) => warnings),
  };
};

const scalarCurrent = async (request: CurrentRequest, { entry }: BaselineSide): Promise<CurrentSide> => {
  const name = entry.measurement;
  const { values, unit, context, warnings } = await numbersOf(request, entry.baseline.select ?? null);
  const bad = values.find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw inputFault('not_finite', `the current value is ${bad}`, { fix: 'give finite numbers' });
  const metric: Metric = {
    name,
    source_key: request.select ?? 'value',
    unit,
    value: median(values),
    direction: null,
    statistic: null,
    labels: NO_LABELS,
  };
  const trials = values.length > 1 ? trialsOfValues(name, values, request.replicate_level ?? null) : [];
  return {
    side: { metrics: [metric], trials, context: joinContext(context, parseContext(request.context)), unit },
    documentPolicy: [],
    warnings,
  };
};

const structuredCurrent = async (request: CurrentRequest, { shape, entry }: BaselineSide): Promise<CurrentSide> => {
  if (request.values !== undefined || request.select !== undefined)
    throw inputFault(
      'shape_mismatch',
      `${entry.family}/${entry.measurement} is ${shape}; a single number cannot be compared with it`,
      {
        fix: 'give the whole result file as current, or record the number as a baseline of its own',
      },
    );
  const { paths, format } = request;
  const places = await Promise.all(paths.map(async (path) => ({ path, isFolder: (await stat(path)).isDirectory() })));
  const [only] = places;
  const asFolder = shape === 'folder' && places.length === 1 && only?.isFolder === true;
  const reading =
    asFolder && only !== undefined ? await readFolderSide(only.path, format) : await readRepeats(places, format);
  if (reading.format === 'scalar')
    throw inputFault('shape_mismatch', `${paths.join(', ')} holds one number, but the baseline is ${shape}`, {
      fix: 'give the result file that the baseline was recorded from, of the new run',
    });
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
export const readCurrentSide = (request: CurrentRequest, baseline: BaselineSide): Promise<CurrentSide> =>
  baseline.shape === 'scalar' ? scalarCurrent(request, baseline) : structuredCurrent(request, baseline);
