// Any tree of result files: the trees of `vllm bench sweep`, of AIPerf, of GuideLLM, or single files. Load points are what the files
// say; where a file is silent, a name like `c16` or `concurrency-16` says it. What repeats another file is not read twice.
import { basename, dirname, join } from 'node:path';
import { besideAiperfSummary } from '../../importers/aiperf-tree.ts';
import { numberAt, objectAt, textAt } from '../../importers/json-fields.ts';
import { SCRAPE } from '../server-times.ts';
import type { Bundle, BundleFolder, FailedPoint, Layout, PointFile } from './bundle.ts';
import { readFacts } from './bundle-facts.ts';
import { kindOfFile } from './other-files.ts';

const RESULT = /\.(json|jsonl|csv|txt|log|ya?ml)(\.gz)?$/i;
const CONCURRENCY = /(?:^|[/_.-])(?:c|conc|concurrency|max_concurrency)[-_=]?0*(\d+)(?=[/_.-]|$)/gi;

/** Files that benchmarks write beside their results, and why they give no row; the first that fits. */
const COMPANIONS: readonly (readonly [RegExp, string])[] = [
  [/^profile_export\.jsonl$/i, 'the records of single requests: the summary beside them is read'],
  [/^inputs\.json$/i, 'the prompts of a run'],
  [/_timeslices\.(json|csv)$/i, 'slices of a run whose summary is read'],
  [/^(server_metrics|gpu_telemetry)_export\./i, 'telemetry, no result'],
  [/(metadata|^config)\.json$/i, 'settings, no result'],
  [/^profile_export_aiperf_(aggregate|collated)\.(json|csv)$/i, 'an aggregate of runs, which are trials themselves'],
  [/^profile_export_aiperf_sweep\.(json|csv)$/i, 'an aggregate of runs, which are points themselves'],
  [/\.pytorch\.json$/i, 'the same run as the JSON beside it'],
  [/^warmup\.json$/i, 'a warm-up'],
  [SCRAPE, 'counters of the server, which go with the point'],
  [
    /^dcgm-((?:raw|reader|gpus|fields)\.txt|readings\.jsonl|capture\.json|frozen\.yaml)$/,
    'counters of the GPUs, which go with the point',
  ],
  [/^(capture_sources|result)\.json$/i, 'declares a bundle, no result'],
];

/** The same run written twice: the one to read by the name of the other. */
const TWIN_OF: Readonly<Record<string, string>> = {
  'profile_export_genai_perf.csv': 'profile_export_genai_perf.json',
};

const SWEEP_RUN = /(?:^|\/)run=\d+\.json$/;
const SWEEP_FAILURE = /(?:^|\/)(?:run=\d+\.failure|[^/]*-failure)\.json$/;

const concurrencyIn = (path: string): number | undefined => {
  const last = [...path.matchAll(CONCURRENCY)].at(-1)?.[1];
  return last === undefined ? undefined : Number(last);
};

const beside = (path: string, name: string): string => (dirname(path) === '.' ? name : `${dirname(path)}/${name}`);

/** `summary.json` of a sweep repeats its runs, and `summary.csv` above repeats the summaries. */
const repeatsRuns = (path: string, files: ReadonlySet<string>): boolean => {
  if (!/^summary\.(json|csv)$/.test(basename(path))) return false;
  const folder = dirname(path) === '.' ? '' : `${dirname(path)}/`;
  return [...files].some((file) => file.startsWith(folder) && SWEEP_RUN.test(file));
};

const reasonOf = (path: string, files: ReadonlySet<string>): string | undefined => {
  const repeated = besideAiperfSummary(path, files);
  if (repeated !== undefined) return repeated;
  const twin = TWIN_OF[basename(path)];
  if (twin !== undefined && files.has(beside(path, twin))) return 'the same run as the JSON beside it';
  if (repeatsRuns(path, files)) return 'repeats the runs beside it';
  const companion = COMPANIONS.find(([pattern]) => pattern.test(basename(path)))?.[1];
  return companion ?? (RESULT.test(path) ? undefined : (kindOfFile(path) ?? 'no result by its name'));
};

/** What a sweep writes where a run died. */
const failureAt = async (folder: string, path: string): Promise<FailedPoint> => {
  const named = concurrencyIn(path);
  const facts = await readFacts(join(folder, path)).catch(() => ({}));
  const concurrency = numberAt(objectAt(facts, 'bench_overrides'), 'max_concurrency', path) ?? named;
  const words = [textAt(facts, 'error_type'), textAt(facts, 'error')].filter((word) => word !== undefined);
  return {
    path,
    reason: words.length === 0 ? 'the run failed' : words.join(': '),
    ...(concurrency === undefined ? {} : { concurrency }),
  };
};

const find = async ({ path: folder, files, cellId }: BundleFolder): Promise<Bundle | undefined> => {
  const names = new Set(files);
  const failures = files.filter((path) => SWEEP_FAILURE.test(path));
  const results = files.filter((path) => !SWEEP_FAILURE.test(path) && reasonOf(path, names) === undefined);
  const points = results.map((path): PointFile => {
    const concurrency = concurrencyIn(path);
    return { path, ...(concurrency === undefined ? {} : { concurrency }) };
  });
  const failed = await Promise.all(failures.map((path) => failureAt(folder, path)));
  return {
    layout: 'result_tree',
    mixed: true,
    cells: [{ cellId, identity: {}, points, failed, extra: {}, notes: [], files: [] }],
    unread: files.flatMap((path) => {
      const reason = SWEEP_FAILURE.test(path) ? undefined : reasonOf(path, names);
      return reason === undefined ? [] : [{ path, reason }];
    }),
  };
};

export const resultTree: Layout = { name: 'result_tree', holds: 'result files of any tool that has a reader', find };
