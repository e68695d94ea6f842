// `bench compare`: several measurements side by side, and which of them are on the Pareto fronts. Different models or
// machines may be compared; that they differ is said.
import { latencyName, nameOf } from '../metrics/catalogue.ts';
import type { Context, ContextField } from '../metrics/context.ts';
import { metricKey } from '../metrics/metric.ts';
import { table, type Block, type Column } from '../render/document.ts';
import { blocksMarkdown } from '../render/markdown.ts';
import { formatCell } from '../render/numbers.ts';
import { blocksText } from '../render/terminal.ts';
import type { DiffFile } from './diff-files.ts';
import { loadPointName, splitPoints } from './load-point.ts';
import { PARETO_PAIRS, paretoFront, type ParetoPair, type Values } from './pareto.ts';

export interface ComparedRun {
  readonly path: string;
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

const runsOf = (file: DiffFile): Omit<ComparedRun, 'pareto'>[] =>
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
      metrics: withDerived(
        Object.fromEntries(reading.metrics.map((metric) => [metricKey(metric), metric.value])),
        context,
      ),
    };
  });

const MIXED: readonly (readonly [
  field: ContextField | 'suite',
  pick: (run: Omit<ComparedRun, 'pareto'>) => unknown,
])[] = [
  ['suite', (run) => run.suite_id],
  ['model', (run) => run.model_id],
  ['hardware', (run) => run.hardware],
  ['n_gpus', (run) => run.n_gpus],
  ['quant', (run) => run.quantization],
];

const mixedWarnings = (runs: readonly Omit<ComparedRun, 'pareto'>[]): string[] =>
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

/** Compares the load points of all files. */
export const compareRuns = (files: readonly DiffFile[]): Comparison => {
  const runs = files.flatMap(runsOf);
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
    runs: runs.map((run, index) => ({
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
    run.path.replace(/^.*[/\\]/, ''),
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
