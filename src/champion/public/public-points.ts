// The points of public results that a caller supplies: InferenceX aggregates, summaries of MLPerf. Read by the readers of their formats, with
// what the caller adds where a format does not say what was measured on what.
import { basename, dirname } from 'node:path';
import { readPointFile, type FileRun } from '../../campaign/point-runs.ts';
import { nameOf } from '../../metrics/catalogue.ts';
import type { Context } from '../../metrics/context.ts';
import { inputFault } from '../../text/fault.ts';

export interface PublicPoint {
  /** Name of the file. */
  readonly source: string;
  readonly kind: 'inferencex' | 'mlperf';
  readonly context: Context;
  /** Canonical name of a metric to its value; rates per GPU over the GPUs that served. */
  readonly values: Readonly<Record<string, number>>;
  /** What was corrected or derived. */
  readonly notes: readonly string[];
}

export interface PublicResults {
  readonly points: readonly PublicPoint[];
  readonly warnings: readonly string[];
}

const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** What a point states of its load: the labels of its format are facts of it. */
const loadOf = ({ labels, concurrency }: FileRun): Context => {
  const [isl, osl] = [numberIn(labels['isl']), numberIn(labels['osl'])];
  return {
    ...(concurrency > 0 ? { concurrency } : {}),
    ...(isl === undefined ? {} : { isl }),
    ...(osl === undefined ? {} : { osl }),
  };
};

/** What the caller says stands where the file says nothing. */
const joined = (own: Context, given: Context): Context => ({
  ...given,
  ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== null && value !== undefined)),
});

const [THROUGHPUT, PER_GPU] = [nameOf('throughput'), nameOf('outputPerGpu')];

/** A rate of the whole over the GPUs that the caller states; formats that divide themselves need none. */
const perGpu = (values: PublicPoint['values'], { n_gpus: gpus }: Context): Pick<PublicPoint, 'values' | 'notes'> => {
  const whole = values[THROUGHPUT];
  if (values[PER_GPU] !== undefined || whole === undefined || gpus === undefined || gpus === null) return { values, notes: [] };
  return { values: { ...values, [PER_GPU]: whole / gpus }, notes: [`${PER_GPU} is the rate of the whole over ${gpus} GPUs`] };
}; // prettier-ignore

/** The tool divides by TP x PP alone; its reader has divided by the replicas too. */
const replicaNotes = ({ dp, dp_attention: shared }: Context): string[] =>
  typeof dp === 'number' && dp > 1 && shared !== true
    ? [`rates per GPU are over all ${dp} replicas: the file leaves dp out of its GPUs`]
    : [];

const pointOf = (path: string, kind: PublicPoint['kind'], run: FileRun, given: Context): PublicPoint => {
  const context = joined({ ...run.context, ...loadOf(run) }, given);
  const { values, notes } = perGpu(run.values, context);
  const contradicted = (run.contradictions ?? []).map((text) => `contradicts itself: ${text}`);
  const corrected = kind === 'inferencex' ? replicaNotes(context) : [];
  return { source: basename(path), kind, context, values, notes: [...corrected, ...notes, ...contradicted] };
};

const kindOf = (run: FileRun): PublicPoint['kind'] | undefined => {
  const backend = run.tool?.backend;
  return backend === 'inferencex' || backend === 'mlperf' ? backend : undefined;
};

/**
 * Reads the files. Throws a Fault `not_public` for one that is of another tool or cannot be read: a comparison with a part of what was
 * named would look like one with all of it.
 */
export const readPublicResults = async (paths: readonly string[], given: Context): Promise<PublicResults> => {
  const points: PublicPoint[] = [];
  const warnings: string[] = [];
  for (const path of paths) {
    const file = { path: basename(path) };
    const { runs, failures, warnings: found } = await readPointFile(dirname(path), file);
    const own = runs.flatMap((run) => {
      const kind = kindOf(run);
      return kind === undefined ? [] : [pointOf(path, kind, run, given)];
    });
    if (own.length === 0 || own.length < runs.length)
      throw inputFault('not_public', `${path}: ${failures[0]?.reason ?? 'no aggregate of InferenceX and no summary of MLPerf'}`, {
        path,
        fix: 'name agg_*.json of InferenceX, or mlperf_log_summary.txt of a performance run',
      });
    points.push(...own);
    warnings.push(...found.map(({ text }) => `${file.path}: ${text}`));
  }
  return { points, warnings };
}; // prettier-ignore
