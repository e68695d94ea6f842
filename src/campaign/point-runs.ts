// One file of a bundle, read by the reader of its format, as runs of points: each with its metrics, its counts and what the file says
// of its configuration. What is no operating point of serving is a reason, never a row.
import { nameOf } from '../metrics/catalogue.ts';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readNamedText } from '../fs/named-text.ts';
import { steadyOfRecords } from '../importers/aiperf-requests.ts';
import { readFileText } from '../importers/file-text.ts';
import { FOREIGN_CODES } from '../importers/foreign-files.ts';
import { readMeasurement } from '../importers/read.ts';
import { UNDERCOUNTED } from '../importers/steady-window.ts';
import type { Context } from '../metrics/context.ts';
import { metricKey, type Labels } from '../metrics/metric.ts';
import type { Reading, SteadyWindow } from '../metrics/reading.ts';
import { Fault } from '../text/fault.ts';
import type { JsonObject } from '../text/json.ts';
import type { FoundCell, PointFile } from './bundles/bundle.ts';
import { kindOfFile } from './bundles/other-files.ts';
import type { PointCounts, PointRun } from './point-repeats.ts';
import { isOperatingPoint } from './row-figures.ts';
import type { CellIdentity } from './cell-identity.ts';
import { pointGpus } from './gpu-window.ts';
import { besideClient, serverTimes } from './server-times.ts'; // prettier-ignore

/** What one file says of one point. */
export interface FileRun extends PointRun {
  /** Which tool wrote it. */
  readonly tool?: CellIdentity;
  readonly concurrency: number;
  /** What makes the point another one than those beside it: lengths, a rate, a phase. */
  readonly labels: Labels;
  readonly extra?: JsonObject;
}

/** A file, or a point of it, of which nothing came. */
export interface Failure {
  readonly file: PointFile;
  readonly reason: string;
  /** The file is of no benchmark: listed, but no point failed. */
  readonly foreign?: boolean;
  /** How many configurations it may belong to; absent where that is known to be one. */
  readonly candidates?: number;
}

export interface ReadFiles {
  readonly runs: readonly FileRun[];
  readonly failures: readonly Failure[];
  readonly warnings: readonly FileWarning[];
}

export interface FileWarning {
  readonly path: string;
  readonly text: string;
}

const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

export const groupKey = (labels: Labels): string => metricKey({ name: '', labels });

/** The tool by its format. A client of vLLM or SGLang says nothing of the engine that answered it. */
const TOOLS: readonly (readonly [RegExp, CellIdentity])[] = [
  [/^aiperf/, { backend: 'aiperf', bench_backend: 'aiperf' }],
  [/^genai_perf/, { backend: 'genai-perf', bench_backend: 'genai-perf' }],
  [/^guidellm/, { backend: 'guidellm', bench_backend: 'guidellm' }],
  [/^inference_perf/, { bench_backend: 'inference-perf' }],
  [/^llm_d/, { bench_backend: 'llm-d-benchmark' }],
  [/^inferencex/, { backend: 'inferencex' }],
  [/^mlperf/, { backend: 'mlperf' }],
  [/^trtllm/, { backend: 'trtllm', bench_backend: 'trtllm-bench' }],
  [/^envelope$/, { backend: 'bench', bench_backend: 'bench' }],
  [/^vllm/, { bench_backend: 'vllm' }],
  [/^sglang/, { bench_backend: 'sglang' }],
];

const toolOf = (format: string): CellIdentity => TOOLS.find(([pattern]) => pattern.test(format))?.[1] ?? {};

interface Group {
  readonly labels: Labels;
  readonly values: Record<string, number>;
}

const groupsOf = (reading: Reading): Map<string, Group> => {
  const groups = new Map<string, Group>();
  for (const metric of reading.metrics) {
    const key = groupKey(metric.labels);
    const group = groups.get(key) ?? { labels: metric.labels, values: {} };
    group.values[metric.name] = metric.value;
    groups.set(key, group);
  }
  return groups;
};

const countsOf = (reading: Reading, key: string, context: Context, values: Group['values']): PointCounts => {
  const counts = reading.counts?.find(({ labels }) => groupKey(labels) === key);
  return {
    completed: counts?.completed ?? values[nameOf('completedRequests')],
    failed: counts?.failed ?? values[nameOf('failedRequests')],
    num_prompts: counts?.requested ?? context.num_prompts ?? undefined,
    duration_s: counts?.duration_s,
    time_bounded: counts?.time_bounded,
    steady: counts?.steady,
  };
};

const valuesAt = (values: Group['values'], names: readonly string[], labels: Labels): Group['values'] =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = values[metricKey({ name, labels })];
      return value === undefined ? [] : [[name, value]];
    }),
  );

const contradictionsOf = ({ contradictions = [] }: Reading, { labels, values }: Group): string[] => {
  const keys = new Set(Object.keys(values).map((name) => metricKey({ name, labels })));
  return [...new Set(contradictions.filter(({ key }) => keys.has(key)).map(({ text }) => text))];
};

/** The points of a file, each with one run, or with one for each repeat that the file holds. */
const runsOf = (reading: Reading, file: PointFile): FileRun[] => {
  const tool = toolOf(reading.format);
  return runsAt(reading, file).map((run) => ({ ...run, tool }));
};

const runsAt = (reading: Reading, file: PointFile): FileRun[] =>
  [...groupsOf(reading)].flatMap(([key, group]) => {
    const { labels, values } = group;
    if (!isOperatingPoint(values)) return [];
    const facts = reading.points?.find((point) => groupKey(point.labels) === key);
    const own = reading.contexts?.find((point) => groupKey(point.labels) === key);
    const context = { ...reading.context, ...facts?.context, ...own?.context };
    const { concurrency: labelled, ...others } = labels;
    const concurrency = numberIn(labelled) ?? file.concurrency ?? numberIn(context.concurrency) ?? 0;
    const shared = {
      path: file.path,
      counts: countsOf(reading, key, context, values),
      context,
      concurrency,
      labels: others,
      contradictions: contradictionsOf(reading, group),
    };
    if (reading.trials.length === 0)
      return [{ ...shared, values, validity: ['no_telemetry'] as const, replicate_level: null }];
    return reading.trials.map((trial) => ({
      ...shared,
      values: valuesAt(trial.values, Object.keys(values), labels),
      validity: trial.validity,
      replicate_level: trial.replicate_level,
    }));
  });

/** Points of the file in which nothing completed. */
const failedPoints = ({ failed = [] }: Reading, file: PointFile): Failure[] =>
  failed.map(({ labels, reason }) => {
    const concurrency = numberIn(labels['concurrency']) ?? file.concurrency;
    return { file: { path: file.path, ...(concurrency === undefined ? {} : { concurrency }) }, reason };
  });

const REQUEST_RECORDS = 'profile_export.jsonl';

/** AIPerf keeps the times of requests in a file beside the summary. */
const steadyBeside = async (
  folder: string,
  { path }: PointFile,
  [first, ...others]: readonly FileRun[],
): Promise<SteadyWindow | undefined> => {
  const records = join(folder, dirname(path), REQUEST_RECORDS);
  if (first === undefined || others.length > 0 || !existsSync(records)) return undefined;
  try {
    return steadyOfRecords(await readNamedText(records), records, first.concurrency);
  } catch (error) {
    if (error instanceof Fault) return undefined; // damaged records say nothing; the summary stands without them
    throw error;
  }
};

const withSteady = (runs: readonly FileRun[], steady: SteadyWindow | undefined): readonly FileRun[] =>
  steady === undefined ? runs : runs.map((run) => ({ ...run, counts: { ...run.counts, steady } }));

/** What the server says stands where the client says nothing. */
const withServer = (folder: string, runs: readonly FileRun[]): Promise<FileRun[]> =>
  Promise.all(
    runs.map(async (run) => {
      const server = await serverTimes(folder, run.path, run.concurrency);
      if (server === undefined) return run;
      const { firstToken, values, block } = server;
      return { ...run, firstToken, values: { ...values, ...run.values }, server: besideClient(block, run.values) };
    }),
  );

/** What the GPUs did stands where the file has nothing of it; what makes their window doubtful makes the trial so. */
const withGpus = (folder: string, runs: readonly FileRun[]): Promise<FileRun[]> =>
  Promise.all(
    runs.map(async (run) => {
      const gpus = await pointGpus(folder, run.path, run.concurrency);
      if (gpus === undefined) return run;
      const own = run.validity.filter((code) => !(gpus.telemetry && code === 'no_telemetry'));
      const { values, powerPerGpu, block } = gpus;
      const validity = [...new Set([...own, ...gpus.validity])];
      return { ...run, values: { ...values, ...run.values }, validity, gpus: { powerPerGpu, block } };
    }),
  );

/** The names that a file has instead. */
const otherNames = ({ metrics }: Reading): string => {
  const names = [...new Set(metrics.map(({ name }) => name))];
  return `${names.slice(0, 3).join(', ')}${names.length > 3 ? `, ${names.length - 3} more` : ''}`;
};

const readPoints = async (folder: string, file: PointFile): Promise<ReadFiles> => {
  const outcome = await readMeasurement(join(folder, file.path));
  if (outcome.kind === 'no_measurement')
    return { runs: [], failures: [{ file, reason: outcome.reason }], warnings: [] };
  const { reading } = outcome;
  const runs = await withGpus(folder, await withServer(folder, runsOf(reading, file)));
  const failures = failedPoints(reading, file);
  if (runs.length + failures.length === 0) {
    const kind = kindOfFile(file.path, await headOf(join(folder, file.path)));
    const reason = kind ?? `no operating point of serving: ${reading.format} with ${otherNames(reading)}`;
    return { runs, failures: [{ file, reason, foreign: true }], warnings: [] };
  }
  const isAiperf = reading.format.startsWith('aiperf');
  return {
    runs: isAiperf ? withSteady(runs, await steadyBeside(folder, file, runs)) : runs,
    failures,
    // Rows have the mark, and the answer says it once for all of them.
    warnings: reading.warnings
      .filter((text) => !text.includes(UNDERCOUNTED))
      .map((text) => ({ path: file.path, text })),
  };
};

/** Faults of files that are no results, unless their name says that a point was tried there. */
const NO_RESULT: ReadonlySet<string> = new Set(['format_unknown', 'not_text', 'no_numbers']);
/** Faults of files that stand beside results. */
const BESIDE: ReadonlySet<string> = new Set(FOREIGN_CODES);

/** The message of a fault without the path, which stands beside it wherever it is shown. */
const withoutPath = (message: string, path: string): string => message.replace(`${path}: `, '').replace(`${path} `, '');

/** What a fault says of a file, as a reason that stands beside its path. */
export const faultReason = (fault: Fault, path: string): string => `${fault.code}: ${withoutPath(fault.message, path)}`;

const HEAD_CHARACTERS = 4096;

const headOf = async (path: string): Promise<string | undefined> => {
  try {
    return (await readFileText(path)).slice(0, HEAD_CHARACTERS);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
};

/** Why a file gave no row: what it is, where that is known, else what its reader says. */
const failureOf = async (folder: string, file: PointFile, fault: Fault): Promise<Failure> => {
  const path = join(folder, file.path);
  if (BESIDE.has(fault.code)) return { file, reason: withoutPath(fault.message, path), foreign: true };
  const said = faultReason(fault, path);
  if (!NO_RESULT.has(fault.code)) return { file, reason: said };
  const kind = kindOfFile(file.path, await headOf(path));
  return { file, reason: kind ?? said, foreign: kind !== undefined || file.concurrency === undefined };
};

/** Reads a file. What it cannot use becomes a reason. Throws a Fault `gpu_count_conflict`. */
export const readPointFile = async (folder: string, file: PointFile): Promise<ReadFiles> => {
  try {
    return await readPoints(folder, file);
  } catch (error) {
    // A number of GPUs that the file itself refutes would make every rate per GPU wrong: nothing is imported.
    if (!(error instanceof Fault) || error.code === 'gpu_count_conflict') throw error;
    return { runs: [], failures: [await failureOf(folder, file, error)], warnings: [] };
  }
};

export const readPointFiles = async (folder: string, files: readonly PointFile[], signal: AbortSignal): Promise<ReadFiles> => {
  const all: ReadFiles[] = [];
  for (const file of files) {
    signal.throwIfAborted();
    all.push(await readPointFile(folder, file));
  }
  return {
    runs: all.flatMap(({ runs }) => runs),
    failures: all.flatMap(({ failures }) => failures),
    warnings: all.flatMap(({ warnings }) => warnings),
  };
}; // prettier-ignore

/** Runs that the layout has read itself. */
export const foundRuns = ({ runs = [] }: FoundCell): FileRun[] =>
  runs.map((run) => ({ validity: ['no_telemetry'], replicate_level: null, context: {}, labels: {}, ...run }));
