// Any tree of result files: the trees of `vllm bench sweep`, of AIPerf, of GuideLLM, or single files. Load points are what the files say; where a file is silent, a name like `c16` or `concurrency-16` says it.
import { basename, dirname } from 'node:path';
import type { Bundle, BundleFolder, Layout, PointFile } from './bundle.ts';

const RESULT = /\.(json|jsonl|csv|txt|log)(\.gz)?$/i;
const CONCURRENCY = /(?:^|[/_.-])(?:c|conc|concurrency)[-_=]?0*(\d+)(?=[/_.-]|$)/gi;

/** Files that benchmarks write beside their results, and that hold none. */
const COMPANIONS =
  /(^|\/)(profile_export\.jsonl|inputs\.json|.*_timeslices\.(json|csv)|server_metrics_export\..*|gpu_telemetry_export\..*|.*metadata\.json|config\.json)$/i;

/** The same run written twice: the one to read by the name of the other. */
const TWIN_OF: Readonly<Record<string, string>> = {
  'profile_export_aiperf.csv': 'profile_export_aiperf.json',
  'profile_export_genai_perf.csv': 'profile_export_genai_perf.json',
};

const concurrencyIn = (path: string): number | undefined => {
  const last = [...path.matchAll(CONCURRENCY)].at(-1)?.[1];
  return last === undefined ? undefined : Number(last);
};

const hasTwin = (path: string, files: ReadonlySet<string>): boolean => {
  const twin = TWIN_OF[basename(path)];
  return twin !== undefined && files.has(dirname(path) === '.' ? twin : `${dirname(path)}/${twin}`);
};

const reasonOf = (path: string, files: ReadonlySet<string>): string | undefined => {
  if (hasTwin(path, files)) return 'the same run as the JSON beside it';
  if (COMPANIONS.test(path)) return 'holds no summary of a run';
  return RESULT.test(path) ? undefined : 'no result by its name';
};

const find = ({ files, cellId }: BundleFolder): Promise<Bundle | undefined> => {
  const names = new Set(files);
  const points = files.flatMap((path): PointFile[] => {
    if (reasonOf(path, names) !== undefined) return [];
    const concurrency = concurrencyIn(path);
    return [{ path, ...(concurrency === undefined ? {} : { concurrency }) }];
  });
  if (points.length === 0) return Promise.resolve(undefined);
  return Promise.resolve({
    layout: 'result_tree',
    mixed: true,
    cells: [{ cellId, identity: {}, points, extra: {}, notes: [], files: [] }],
    unread: files.flatMap((path) => {
      const reason = reasonOf(path, names);
      return reason === undefined ? [] : [{ path, reason }];
    }),
  });
};

export const resultTree: Layout = { name: 'result_tree', holds: 'result files of any tool that has a reader', find };
