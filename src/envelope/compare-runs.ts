// `bench compare`: several measurements side by side, and which of them are on the Pareto fronts. Different models or
// machines may be compared; that they differ is said.
import { dirname } from 'node:path';
import { latencyName, nameOf } from '../metrics/catalogue.ts';
import type { Context, ContextField } from '../metrics/context.ts';
import { metricKey } from '../metrics/metric.ts';
import { table, type Block, type Column } from '../render/document.ts';
import { blocksMarkdown } from '../render/markdown.ts';
import { formatCell, plural } from '../render/numbers.ts';
import { blocksText } from '../render/terminal.ts';
import { pathTails } from '../text/path-tails.ts';
import type { DiffFile } from './diff-files.ts';
import { loadPointName, splitPoints, type LoadPoint } from './load-point.ts';
import { PARETO_PAIRS, paretoFront, type ParetoPair, type Values } from './pareto.ts';

export interface ComparedRun {
  readonly path: string;
  /** The end of the path that no other run has. */
  readonly name: string;
  /** What sets its configuration apart from the others', the same for all of its load points. */
  readonly arm: string;
  readonly run_id: string | null;
  readonly suite_id: string | null;
  readonly model_id: string | null;
  readonly engine: string | null;
  readonly quantization: string | null;
  readonly hardware: string | null;
  readonly n_gpus: number | null;
  readonly point: string;
  readonly metrics: Values;
  /** Pair to whether the run is on its front. */
  readonly pareto: Readonly<Record<string, boolean>>;
}

export interface Comparison {
  readonly runs: readonly ComparedRun[];
  /** Pair to the positions of the runs on its front. */
  readonly pareto: Readonly<Record<string, readonly number[]>>;
  readonly warnings: readonly string[];
}

const textAt = (file: DiffFile, key: string): string | null => {
  const value = file.envelope?.[key];
  return typeof value === 'string' ? value : null;
};

/** tok/s/user is 1000 / median TPOT, tok/s/GPU the throughput over the GPUs, where a file does not say them itself. */
const withDerived = (values: Values, { n_gpus }: Context): Values => {
  const [tpot, throughput] = [values[latencyName('tpot', 'p50')], values[nameOf('throughput')]];
  return {
    ...(tpot !== undefined && tpot > 0 ? { [nameOf('perUser')]: 1000 / tpot } : {}),
    ...(throughput !== undefined && n_gpus ? { [nameOf('outputPerGpu')]: throughput / n_gpus } : {}),
    ...values,
  };
};

/** A run before it was seen beside the others. */
type Run = Omit<ComparedRun, 'pareto' | 'name' | 'arm'> & { readonly load: LoadPoint };

const runsOf = (file: DiffFile): Run[] =>
  splitPoints(file.path, file.reading).map(({ point, reading }) => {
    const { context } = reading;
    return {
      path: file.path,
      run_id: textAt(file, 'run_id'),
      suite_id: textAt(file, 'suite_id') ?? context.dataset ?? null,
      model_id: context.model ?? null,
      engine: [context.engine, context.engine_version].filter((part) => part).join(' ') || null,
      quantization: context.quant ?? null,
      hardware: context.hardware ?? null,
      n_gpus: context.n_gpus ?? null,
      point: loadPointName(point),
      load: point,
      metrics: withDerived(
        Object.fromEntries(reading.metrics.map((metric) => [metricKey(metric), metric.value])),
        context,
      ),
    };
  });

const MIXED: readonly (readonly [field: ContextField | 'suite', pick: (run: Run) => unknown])[] = [
  ['suite', (run) => run.suite_id],
  ['model', (run) => run.model_id],
  ['hardware', (run) => run.hardware],
  ['n_gpus', (run) => run.n_gpus],
  ['quant', (run) => run.quantization],
];

const mixedWarnings = (runs: readonly Run[]): string[] =>
  MIXED.flatMap(([field, pick]) => {
    const values = [...new Set(runs.map(pick))];
    return values.length < 2
      ? []
      : [`the runs differ in ${field}: ${values.map((value) => value ?? 'not stated').join(', ')}`];
  });

const absentWarnings = (runs: readonly { readonly metrics: Values }[], pairs: readonly ParetoPair[]): string[] =>
  pairs.flatMap(({ name, x, y }) => {
    const lacking = [x, y].filter((axis) =>
      runs.every(({ metrics }) => axis.metrics.every((metric) => metrics[metric] === undefined)),
    );
    return lacking.length === 0
      ? []
      : [`no front of ${name}: no run has ${lacking.map(({ metrics }) => metrics[0]).join(' and ')}`];
  });

const CONFIGURATION: readonly ((run: Run) => string | null)[] = [
  (run) => run.model_id,
  (run) => run.hardware,
  (run) => (run.n_gpus === null ? null : plural(run.n_gpus, 'GPU')),
  (run) => run.quantization,
  (run) => run.engine,
];

/** The parts of the configuration in which the runs differ; all of them where they differ in none. */
const configurationsOf = (runs: readonly Run[]): string[] => {
  const differing = CONFIGURATION.filter((part) => new Set(runs.map(part)).size > 1);
  const parts = differing.length === 0 ? CONFIGURATION : differing;
  return runs.map((run) =>
    parts
      .map((part) => part(run))
      .filter((part) => part !== null)
      .join(', '),
  );
};

/** What sets each run apart: its configuration, with its folder where two runs of one configuration have the same load. */
const armsOf = (runs: readonly Run[]): string[] => {
  const configurations = configurationsOf(runs);
  const keys = runs.map((run, index) => JSON.stringify([configurations[index], run.point]));
  if (new Set(keys).size === keys.length) return configurations;
  const folders = runs.map(({ path }) => dirname(path));
  const distinct = [...new Set(folders)];
  if (distinct.length === 1) return configurations;
  const names = pathTails(distinct);
  const isOne = new Set(configurations).size === 1;
  return configurations.map((configuration, index) => {
    const folder = names[distinct.indexOf(folders[index] ?? '')] ?? '';
    return isOne || configuration === '' ? folder : `${folder}: ${configuration}`;
  });
};

const byLoad = (a: Run, b: Run): number =>
  (a.load.concurrency ?? Infinity) - (b.load.concurrency ?? Infinity) ||
  (a.load.rate ?? Infinity) - (b.load.rate ?? Infinity) ||
  0;

/** Arm by arm in the order in which they were named, each by rising load. */
const inOrder = (runs: readonly Run[]): (Omit<ComparedRun, 'pareto'> & Run)[] => {
  const [arms, names] = [armsOf(runs), pathTails(runs.map(({ path }) => path))];
  const first = [...new Set(arms)];
  return runs
    .map((run, index) => ({ ...run, name: names[index] ?? run.path, arm: arms[index] ?? '' }))
    .toSorted((a, b) => first.indexOf(a.arm) - first.indexOf(b.arm) || byLoad(a, b));
};

/** Compares the load points of all files. */
export const compareRuns = (files: readonly DiffFile[]): Comparison => {
  const runs = inOrder(files.flatMap(runsOf));
  const fronts = PARETO_PAIRS.map(
    (pair) =>
      [
        pair.name,
        paretoFront(
          runs.map(({ metrics }) => metrics),
          pair,
        ),
      ] as const,
  );
  return {
    runs: runs.map(({ load: _, ...run }, index) => ({
      ...run,
      pareto: Object.fromEntries(fronts.map(([name, front]) => [name, front.includes(index)])),
    })),
    pareto: Object.fromEntries(fronts),
    warnings: [...mixedWarnings(runs), ...absentWarnings(runs, PARETO_PAIRS)],
  };
};

const COLUMNS: readonly Column[] = [
  { title: 'Run', fit: 'cut' },
  { title: 'Point', fit: 'cut' },
  { title: 'Model', fit: 'cut' },
  { title: 'tok/s/GPU', align: 'right' },
  { title: 'tok/s/user', align: 'right' },
  { title: 'tok/s', align: 'right' },
  { title: 'TTFT p99 ms', align: 'right' },
  { title: 'J/token', align: 'right' },
  { title: 'On the front of', fit: 'wrap' },
];

const SHOWN = [
  nameOf('outputPerGpu'),
  nameOf('perUser'),
  nameOf('throughput'),
  latencyName('ttft', 'p99'),
  nameOf('joulesPerToken'),
];

const rowsOf = ({ runs }: Comparison): string[][] =>
  runs.map((run) => [
    run.name,
    run.point,
    run.model_id ?? '-',
    ...SHOWN.map((name) => formatCell(run.metrics[name] ?? null)),
    Object.keys(run.pareto)
      .filter((name) => run.pareto[name])
      .join(', ') || '-',
  ]);

const tableOf = (comparison: Comparison): Block => table(COLUMNS, rowsOf(comparison));

export const comparisonTable = (comparison: Comparison, width = Infinity): string =>
  blocksText([tableOf(comparison)], width);
export const comparisonMarkdown = (comparison: Comparison): string => blocksMarkdown([tableOf(comparison)]);
