// Reads a measurement file of any known format: picks the reader by what the file looks like, unless the caller names one.
// Two formats that fit equally well are an error, never a choice.
import { withContradictions } from './contradictions.ts';
import { readFileText } from './file-text.ts';
import { foreignFault } from './foreign-files.ts';
import { inexact } from './json-fields.ts';
import { checkGpuCount } from './gpu-count.ts';
import { READERS } from './readers.ts';
import { isLatencyName } from './serving-metrics.ts';
import type { ReadOutcome, Reader, Reading } from '../metrics/reading.ts';
import { metricKey } from '../metrics/metric.ts';
import { formatNumber } from '../render/numbers.ts';
import { inputFault } from '../text/fault.ts';
import { roundedIntegers } from '../text/json.ts';
import { nearestName } from '../text/nearest.ts';

/** How much of a file a reader may look at to recognise it. */
const HEAD_CHARACTERS = 64 * 1024;

export interface ReadOptions {
  /** Name of the format, when the caller knows better than the sniffers. */
  readonly format?: string | undefined;
  /** The content, when it was read already; `path` then only names it. */
  readonly text?: string | undefined;
}

const formatNames = (): string[] => READERS.map(({ format }) => format);

const readerNamed = (format: string): Reader => {
  const reader = READERS.find((candidate) => candidate.format === format);
  if (reader !== undefined) return reader;
  const nearest = nearestName(format, formatNames());
  throw inputFault('format_unknown', `format ${JSON.stringify(format)} is not known`, {
    fix: `${nearest === undefined ? '' : `did you mean ${nearest}? `}use one of ${formatNames().join(', ')}`,
  });
};

const readerFor = (path: string, head: string): Reader => {
  const foreign = foreignFault(path, head);
  if (foreign !== undefined) throw foreign;
  const scores = READERS.map((reader) => ({ reader, confidence: reader.sniff(path, head) }));
  const best = Math.max(...scores.map(({ confidence }) => confidence));
  const [first, ...rivals] = scores.filter(({ confidence }) => confidence === best).map(({ reader }) => reader);
  if (best > 0 && first !== undefined && rivals.length === 0) return first;
  const names = best > 0 ? [first, ...rivals].flatMap((reader) => reader?.format ?? []) : formatNames();
  throw inputFault(
    best > 0 ? 'format_ambiguous' : 'format_unknown',
    best > 0 ? `${path} looks like ${names.join(' and ')}` : `${path} is of no known measurement format`,
    { path, fix: `name the format: ${names.join(', ')}`, data: { formats: names } },
  );
};

/** True where the text may name a median: only then is there anything for a tail to lie below. */
const namesMedian = (text: string): boolean =>
  ['p50', 'P50', 'edian', '"50"'].some((spelling) => text.includes(spelling));

/** Longest name of a metric and longest text of the context, in characters. */
const LONGEST_TEXT = 4096;

/** A text that no result has; the fault does not repeat it. */
const longText = ({ metrics, context }: Reading): { readonly what: string; readonly text: string } | undefined => {
  const metric = metrics.find(({ name, source_key: key }) => Math.max(name.length, key.length) > LONGEST_TEXT);
  if (metric !== undefined) return { what: 'a name', text: metric.name };
  const found = Object.values(context).find((value) => typeof value === 'string' && value.length > LONGEST_TEXT);
  return typeof found === 'string' ? { what: 'a setting', text: found } : undefined;
};

const checkTexts = (reading: Reading, path: string): void => {
  const found = longText(reading);
  if (found === undefined) return;
  const { what, text } = found;
  const message = `${path} holds ${what} of ${text.length} characters, ${JSON.stringify(`${text.slice(0, 40)}…`)}`;
  throw inputFault('text_too_long', `${message}; the limit is ${LONGEST_TEXT}`, {
    path,
    fix: 'give the result file of the benchmark',
  });
};

/** Throws a Fault `number_inexact` for a measured number of which the file writes a neighbour. */
const checkExact = ({ metrics, trials }: Reading, text: string, path: string): void => {
  const isLarge = (value: number): boolean => Math.abs(value) > Number.MAX_SAFE_INTEGER;
  const large = [
    ...metrics.filter(({ value }) => isLarge(value)).map((metric) => [metricKey(metric), metric.value] as const),
    ...trials.flatMap(({ values }) => Object.entries(values)).filter(([, value]) => isLarge(value)),
  ];
  if (large.length === 0) return;
  const rounded = roundedIntegers(text);
  for (const [key, value] of large) {
    const written = rounded.get(value);
    if (written !== undefined) throw inexact(written, path, key);
  }
};

/** Latencies below zero that a warning names before it counts them. */
const NAMED_NEGATIVE = 3;

/** The outcome with a warning of latencies that no run can have: they are kept, and no comparison passes with them. */
const withNegativeTimes = <T extends ReadOutcome>(outcome: T): T => {
  if (outcome.kind !== 'measured') return outcome;
  const { reading } = outcome;
  const negative = reading.metrics.filter(({ name, value }) => value < 0 && isLatencyName(name));
  if (negative.length === 0) return outcome;
  const named = negative
    .slice(0, NAMED_NEGATIVE)
    .map(({ source_key: key, value }) => `${key} is ${formatNumber(value)}`);
  const more = negative.length > NAMED_NEGATIVE ? [`${negative.length - NAMED_NEGATIVE} more`] : [];
  const warning = `${[...named, ...more].join(', ')}: no time is below zero, so the clock of that run was wrong`;
  return { ...outcome, reading: { ...reading, warnings: [...reading.warnings, warning] } };
};

/** Reads `path`. Throws a Fault that names the file and the place of what cannot be used. */
export const readMeasurement = async (
  path: string,
  options: ReadOptions = {},
): Promise<ReadOutcome & { readonly format: string }> => {
  const text = options.text ?? (await readFileText(path));
  const reader =
    options.format === undefined ? readerFor(path, text.slice(0, HEAD_CHARACTERS)) : readerNamed(options.format);
  const outcome = await reader.parse(text, path);
  if (outcome.kind === 'measured') {
    checkTexts(outcome.reading, path);
    checkGpuCount(outcome.reading.context, path);
    checkExact(outcome.reading, text, path);
  }
  const checked = withNegativeTimes(namesMedian(text) ? withContradictions(outcome) : outcome);
  return { ...checked, format: reader.format };
};
