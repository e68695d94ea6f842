// `summary.json` of variants, each with its figures at several concurrencies: one cell for each variant. A figure that the
// summary leaves out or holds as null stays unknown.
import { basename, join } from 'node:path';
import { numberAt, textAt } from '../../importers/json-fields.ts';
import { latencyName, nameOf } from '../../metrics/catalogue.ts';
import { isJsonObject, type JsonObject } from '../../text/json.ts';
import type { CellIdentity } from '../cell-identity.ts';
import { cellName, type Bundle, type BundleFolder, type FoundCell, type FoundRun, type Layout } from './bundle.ts';
import { readFacts } from './bundle-facts.ts'; // prettier-ignore

const POINTS = 'metrics_per_concurrency';

/** Key of a figure to the metric that it is. */
const FIGURES: readonly (readonly [string, string])[] = [
  ['req_per_s', nameOf('requestRate')],
  ['output_tps', nameOf('throughput')],
  ['total_tps', nameOf('totalThroughput')],
  ...(['ttft', 'tpot', 'itl', 'e2e'] as const).flatMap((kind) =>
    (['mean', 'median', 'p90', 'p95', 'p99'] as const).map(
      (word) => [`${kind}_${word}_ms`, latencyName(kind, word === 'median' ? 'p50' : word)] as const,
    ),
  ),
  ['mean_input_tokens', nameOf('promptLength')],
  ['mean_output_tokens', nameOf('outputLength')],
];

const runOf = (point: JsonObject, path: string): FoundRun[] => {
  const concurrency = numberAt(point, 'concurrency', path) ?? numberAt(point, 'c', path);
  const values = Object.fromEntries(
    FIGURES.flatMap(([key, name]) => {
      const value = numberAt(point, key, path);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  const tpot = values[latencyName('tpot', 'p50')];
  if (tpot !== undefined && tpot > 0) values[nameOf('perUser')] = 1000 / tpot;
  if (concurrency === undefined || Object.keys(values).length === 0) return [];
  const source = textAt(point, 'path');
  return [{ path, concurrency, values, counts: {}, extra: source === undefined ? {} : { source_path: source } }];
};

/** `mns=40, mbt=32768, kv=fp8`: what the short words of a knob set. */
const settingsOf = (knob: string): CellIdentity => {
  const word = (name: string): string | undefined => new RegExp(`\\b${name}=([^\\s,]+)`).exec(knob)?.[1];
  const number = (name: string): number | undefined => {
    const value = Number(word(name));
    return Number.isInteger(value) && value > 0 ? value : undefined;
  };
  return { max_num_batched_tokens: number('mbt'), max_num_seqs: number('mns'), kv_cache_dtype: word('kv') };
};

const cellOf = (variant: JsonObject, path: string, index: number): FoundCell => {
  const label = textAt(variant, 'label');
  const knob = textAt(variant, 'knob');
  const points = variant[POINTS];
  return {
    cellId: cellName(textAt(variant, 'short') ?? label ?? `variant-${index + 1}`),
    identity: { backend: 'vllm-sweep', dataset: textAt(variant, 'dataset'), ...settingsOf(knob ?? label ?? '') },
    points: [],
    runs: (Array.isArray(points) ? points.filter(isJsonObject) : []).flatMap((point) => runOf(point, path)),
    extra: { ...(label === undefined ? {} : { label }), ...(knob === undefined ? {} : { knob }) },
    notes: [],
    files: [],
  };
};

const variantsOf = (document: JsonObject): JsonObject[] => {
  const variants = document['variants'];
  const objects = Array.isArray(variants) ? variants.filter(isJsonObject) : [];
  return objects.filter((variant) => Array.isArray(variant[POINTS]));
};

const find = async ({ path, files }: BundleFolder): Promise<Bundle | undefined> => {
  const [summary, ...others] = files.filter((file) => basename(file) === 'summary.json');
  if (summary === undefined || others.length > 0) return undefined;
  const variants = await readFacts(join(path, summary)).then(variantsOf, () => []);
  if (variants.length === 0) return undefined;
  return {
    layout: 'lws_summary',
    cells: variants.map((variant, index) => cellOf(variant, summary, index)),
    unread: files
      .filter((file) => file !== summary)
      .map((file) => ({ path: file, reason: 'the summary holds its figures' })),
  };
};

export const lwsSummary: Layout = { name: 'lws_summary', holds: 'summary.json of variants', find };
