// The figures of a row by the metrics of its point: latencies, rates over all GPUs that served, and which of them make a point one of
// serving. Never takes a setting for a measurement.
import { latencyName, nameOf } from '../metrics/catalogue.ts';
import type { JsonObject } from '../text/json.ts';
import type { WholeIdentity } from './cell-identity.ts';
import { roleRates, totalsOfRoles } from './disaggregation.ts';
import { LATENCY_FIELDS } from './row-latencies.ts';
import type { AtlasRow } from './row.ts';
import type { MetricOf } from './window.ts';

/** Fields of a row that are a metric as it is, by its name. */
const FIGURES = {
  tpot_median_ms: latencyName('tpot', 'p50'),
  tpot_mean_ms: latencyName('tpot', 'mean'),
  itl_avg_ms: latencyName('itl', 'mean'),
  e2e_mean_ms: latencyName('e2e', 'mean'),
  ttfo_avg_ms: latencyName('ttfo', 'mean'),
  request_throughput_avg: nameOf('requestRate'),
  throughput_tok_per_s: nameOf('throughput'),
  total_throughput_tok_per_s: nameOf('totalThroughput'),
  output_tps_per_user: nameOf('perUser'),
  goodput_req_per_s: nameOf('goodput'),
  ok_rate: nameOf('okRate'),
  reasoning_token_count: nameOf('reasoningLength'),
  mean_input_tokens: nameOf('promptLength'),
  mean_output_tokens: nameOf('outputLength'),
  acceptance_length: nameOf('acceptanceLength'),
  spec_accept_rate: nameOf('acceptanceRate'),
  dcgm_sm_active: 'dcgm_sm_active',
  dcgm_dram_active: 'dcgm_dram_active',
  dcgm_tensor_active: 'dcgm_tensor_active',
  joules_per_token: nameOf('joulesPerToken'),
} as const satisfies Readonly<Partial<Record<keyof AtlasRow, string>>>;

const PER_GPU = ['outputPerGpu', 'totalPerGpu', 'outputPerDecodeGpu', 'inputPerPrefillGpu'] as const;

/** Of what a point is: a file that says none of it holds no operating point of serving. */
const SPEED: ReadonlySet<string> = new Set([
  ...LATENCY_FIELDS,
  latencyName('ttft', 'mean'),
  ...Object.values(FIGURES).filter((name) => /_ms$|_per_s$|^tps_|^req_/.test(name)),
  ...PER_GPU.map(nameOf),
]);

/** True for values of which a row carries at least one speed. */
export const isOperatingPoint = (values: Readonly<Record<string, number>>): boolean =>
  Object.keys(values).some((name) => SPEED.has(name));

export const over = (total: number | null, parts: number): number | null => (total === null ? null : total / parts);
const times = (each: number | null, parts: number): number | null => (each === null ? null : each * parts);
const minus = (whole: number | null, part: number | null): number | null =>
  whole === null || part === null ? null : whole - part;

export const latencyFields = (metric: MetricOf): Readonly<Record<string, number | null>> =>
  Object.fromEntries(LATENCY_FIELDS.map((field) => [field, metric(field)]));

/** Time to first token as rows call it: the mean, else the median with the mark that it is one. */
export const firstToken = (metric: MetricOf): { readonly value: number | null; readonly extra: JsonObject } => {
  const mean = metric(latencyName('ttft', 'mean'));
  if (mean !== null) return { value: mean, extra: {} };
  const value = metric(latencyName('ttft', 'p50'));
  return { value, extra: value === null ? {} : { ttft_median_ms_substituted_for_avg: true } };
}; // prettier-ignore

const sum = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

/** What the whole window gave, and that over the GPUs; rates per GPU of a role are made whole again first. */
export const rateFields = (metric: MetricOf, identity: WholeIdentity, gpus: number) => {
  const [perGpu, totalPerGpu, outputPerDecodeGpu, inputPerPrefillGpu] = PER_GPU.map((id) => metric(nameOf(id))).concat(
    null,
  );
  const ofRoles = totalsOfRoles(identity, {
    outputPerDecodeGpu: outputPerDecodeGpu ?? null,
    inputPerPrefillGpu: inputPerPrefillGpu ?? null,
  });
  const output = metric(nameOf('throughput')) ?? ofRoles.output ?? times(perGpu ?? null, gpus);
  const total =
    metric(nameOf('totalThroughput')) ?? sum(ofRoles.output, ofRoles.input) ?? times(totalPerGpu ?? null, gpus);
  const input = metric(nameOf('inputThroughput')) ?? ofRoles.input ?? minus(total, output);
  return {
    output_tps_per_gpu: over(output, gpus),
    total_tps_per_gpu: over(total, gpus),
    ...roleRates(identity, { output, input }, gpus),
  };
};

export const figuresOf = (metric: MetricOf) =>
  Object.fromEntries(Object.entries(FIGURES).map(([field, name]) => [field, metric(name)])) as Record<
    keyof typeof FIGURES,
    number | null
  >; // checked boundary: the keys of the table
