// Reads the aggregated result of SemiAnalysis InferenceX (formerly InferenceMAX), agg_*.json, one point or a list of them.
// Latencies are in seconds; `intvty` is 1000 / TPOT, so its p99 is the slow tail of the rate. Format: utils/process_result.py.
import { USUAL_NAMES, contextFrom, contextOf } from './context-fields.ts';
import { type PointContradiction, rateContradiction } from './contradictions.ts';
import { hasMembers, numberAt, parseObjects, textAt } from './json-fields.ts';
import { type Point, type Sample, assemble, present } from './point.ts';
import { latency, milliseconds, perUserPercentile, perUserSpeed, serving } from './serving-metrics.ts';
import { latenciesWrittenBy } from '../metrics/catalogue.ts';
import type { Context } from '../metrics/context.ts';
import type { Labels } from '../metrics/metric.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { type JsonObject, type JsonValue } from '../text/json.ts';

const LATENCIES = latenciesWrittenBy('inferencex');
const LATENCY_KEY = /^(mean|median|p\d+(?:\.\d+)?)_([a-z0-9]+)$/;
const INTERACTIVITY_KEY = /^p(\d+(?:\.\d+)?)_intvty$/;

const latencySamples = (run: JsonObject, path: string): (Sample | undefined)[] =>
  Object.keys(run).map((key) => {
    const [, statistic = '', metric = ''] = LATENCY_KEY.exec(key) ?? [];
    const kind = LATENCIES.get(metric);
    const seconds = kind === undefined ? undefined : numberAt(run, key, path);
    return kind && latency(kind, statistic === 'median' ? 'p50' : statistic, milliseconds(seconds), key);
  });

/** `p99_intvty` is the rate at the p99 of TPOT: the p1 of the rate. Its mean and std are not those of a rate. */
const interactivitySamples = (run: JsonObject, path: string): (Sample | undefined)[] =>
  Object.keys(run).map((key) => {
    const percentile = INTERACTIVITY_KEY.exec(key)?.[1];
    return percentile === undefined
      ? undefined
      : perUserPercentile(`p${Number((100 - Number(percentile)).toFixed(3))}`, numberAt(run, key, path), key);
  });

const isMultinode = (run: JsonObject): boolean => run['is_multinode'] === true || run['is_multinode'] === 'true';

/** The tool divides by TP x PP x PCP alone: replicas that do not share the GPUs of attention are GPUs too. */
const replicasLeftOut = (run: JsonObject, path: string): number => {
  const shares = run['dp_attention'] === true || run['dp_attention'] === 'true';
  return isMultinode(run) || shares ? 1 : Math.max(1, numberAt(run, 'dp', path) ?? 1);
};

/** Over several nodes output is divided by the decode GPUs and input by the prefill GPUs, not by all of them. */
const rateSamples = (run: JsonObject, path: string): (Sample | undefined)[] => {
  const [output, input] = isMultinode(run)
    ? (['outputPerDecodeGpu', 'inputPerPrefillGpu'] as const)
    : (['outputPerGpu', 'inputPerGpu'] as const);
  const replicas = replicasLeftOut(run, path);
  const rate = (key: string): number | undefined => {
    const value = numberAt(run, key, path);
    return value === undefined ? undefined : value / replicas;
  };
  return [
    serving('totalPerGpu', rate('tput_per_gpu'), 'tput_per_gpu'),
    serving(output, rate('output_tput_per_gpu'), 'output_tput_per_gpu'),
    serving(input, rate('input_tput_per_gpu'), 'input_tput_per_gpu'),
  ];
};

/** The rate over all GPUs against those of the roles, each made whole again by the GPUs of its role. */
const contradictionsOf = (run: JsonObject, path: string): PointContradiction[] => {
  const number = (key: string): number => numberAt(run, key, path) ?? NaN;
  const [prefill, decode] = [number('num_prefill_gpu'), number('num_decode_gpu')];
  const tokens = number('input_tput_per_gpu') * prefill + number('output_tput_per_gpu') * decode;
  if (!isMultinode(run) || !Number.isFinite(tokens)) return [];
  return rateContradiction({
    rate: { key: 'tput_per_gpu', value: numberAt(run, 'tput_per_gpu', path) },
    counts: [{ key: 'tokens per second of both roles', value: tokens }],
    duration: { key: 'all GPUs', value: prefill + decode },
  });
};

const labelsOf = (run: JsonObject, path: string): Labels => {
  const entries = [
    ['concurrency', 'conc'],
    ['isl', 'isl'],
    ['osl', 'osl'],
  ] as const;
  const known = entries.flatMap(([label, key]) => {
    const value = numberAt(run, key, path);
    return value === undefined ? [] : [[label, value] as const];
  });
  return Object.fromEntries(known);
};

const sideOf = (run: JsonObject, role: 'prefill' | 'decode'): JsonObject => {
  const fields: Readonly<Record<string, JsonValue | undefined>> = {
    workers: run[`${role}_num_workers`] ?? run[`num_${role}_workers`],
    n_gpus: run[`num_${role}_gpu`],
    hardware: run[`${role}_hw`],
    tp: run[`${role}_tp`],
    pp: run[`${role}_pp`],
    ep: run[`${role}_ep`],
  };
  const known = Object.entries(fields).filter(
    ([, value]) => (typeof value === 'number' && value > 0) || (typeof value === 'string' && value !== ''),
  );
  return { role, ...Object.fromEntries(known.map(([field, value]) => [field, value ?? null])) };
};

/** GPUs of a run whose prefill is parallel over context too: no other size of a row says so. */
const gpusWithContext = (run: JsonObject, path: string): number | undefined => {
  const [tp, pp, pcp] = ['tp', 'pp', 'pcp_size'].map((key) => numberAt(run, key, path) ?? 1);
  if (tp === undefined || pp === undefined || pcp === undefined || pcp <= 1 || isMultinode(run)) return undefined;
  return tp * pp * pcp * replicasLeftOut(run, path);
};

/** The number of GPUs is stated for disaggregated runs only; for most others it would be a product, and is left out. */
const contextOfRun = (run: JsonObject, path: string): Context => {
  const [prefill, decode] = [numberAt(run, 'num_prefill_gpu', path), numberAt(run, 'num_decode_gpu', path)];
  const sides = prefill !== undefined && decode !== undefined;
  return {
    ...contextFrom(run, { ...USUAL_NAMES, spec_method: ['spec_decoding', 'mtp'] }),
    ...contextOf({
      concurrency: run['conc'],
      n_gpus: sides ? prefill + decode : gpusWithContext(run, path),
      roles: sides ? [sideOf(run, 'prefill'), sideOf(run, 'decode')] : undefined,
    }),
  };
};

const pointOf = (run: JsonObject, path: string): Point => {
  const measured = present([
    ...rateSamples(run, path),
    ...latencySamples(run, path),
    ...interactivitySamples(run, path),
  ]);
  return {
    labels: labelsOf(run, path),
    samples: [...measured, ...present([perUserSpeed(measured)])],
    context: contextOfRun(run, path),
    contradictions: contradictionsOf(run, path),
  };
};

/** Points of one list that share a load but not a machine or recipe are distinguished by what differs. */
const parse = (text: string, path: string): ReadOutcome => {
  const runs = parseObjects(text, path);
  const several =
    new Set(runs.map((run) => JSON.stringify([run['hw'], run['model'], run['framework'], run['tp'], run['precision']])))
      .size > 1;
  const points = runs.map((run) => {
    const point = pointOf(run, path);
    if (!several) return point;
    const names = ['hw', 'model', 'framework', 'tp', 'precision'].flatMap((key) => {
      const value = textAt(run, key) ?? numberAt(run, key, path);
      return value === undefined ? [] : [[key, value] as const];
    });
    return { ...point, labels: { ...point.labels, ...Object.fromEntries(names) } };
  });
  const corrected = runs.filter((run) => replicasLeftOut(run, path) > 1).length;
  const warnings =
    corrected === 0
      ? []
      : [`rates per GPU leave out the replicas in ${corrected} of ${runs.length} runs: they were divided by dp`];
  return assemble({ format: 'inferencex_json', path, points, warnings });
};

/** `agg_<name>.json`. */
export const inferencex: Reader = {
  format: 'inferencex_json',
  sniff: (_path, head) => (hasMembers(head, 'hw', 'conc', 'tput_per_gpu') ? 0.95 : 0),
  parse,
};
