// What the GPUs did while a point was measured, as a file beside the result: `gpu_telemetry/c<N>/dcgm-capture.json`. A command begins and
// ends outside of its load, so figures and the spread of clocks hold only where the server's own gauges say when requests ran.
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { readNamedText } from '../fs/named-text.ts';
import { VALIDITY_CODES, type ValidityCode } from '../metrics/trial.ts';
import { parseJson, type JsonObject } from '../text/json.ts';
import { ownFolder } from './server-times.ts';

export const GPU_FOLDER = 'gpu_telemetry';

/** Folder of a point's capture; `all` of a command that measures several. */
export const gpuFolder = (raw: string, concurrency: number | 'all'): string =>
  join(raw, GPU_FOLDER, concurrency === 'all' ? concurrency : `c${concurrency}`);

/** What a command measures: one load, or a sweep whose loads have windows of their own inside of it. */
export const loadOf = ({ concurrencies, asksServer }: { readonly concurrencies: readonly number[]; readonly asksServer?: true }): number | 'all' => {
  const [first, ...others] = concurrencies;
  return first === undefined || others.length > 0 || asksServer === true ? 'all' : first;
}; // prettier-ignore

const CAPTURE = 'dcgm-capture.json';

const pointSchema = z.looseObject({
  source: z.string(),
  n_gpus: z.number(),
  means: z.record(z.string(), z.number()),
  power_watts_per_gpu: z.number().nullable(),
  validity: z.array(z.enum(VALIDITY_CODES)),
  window_of: z.enum(['requests', 'command']),
  lacking: z.array(z.looseObject({ field: z.string() })),
});

/** Fields of DCGM that rows have a column for. */
const COLUMNS = {
  sm_active: 'dcgm_sm_active',
  dram_active: 'dcgm_dram_active',
  tensor_active: 'dcgm_tensor_active',
} as const;

export interface PointGpus {
  /** Canonical name of a metric to its value. */
  readonly values: Readonly<Record<string, number>>;
  readonly powerPerGpu: number | null;
  readonly validity: readonly ValidityCode[];
  /** The window is known, and the GPUs were seen in it. */
  readonly telemetry: boolean;
  readonly block: JsonObject;
}

/** Folder of the capture of a point; undefined where there is none. */
export const findGpuFolder = (bundle: string, path: string, concurrency: number): string | undefined =>
  [ownFolder(bundle, path), join(bundle, dirname(path)), bundle]
    .map((folder) => gpuFolder(folder, concurrency))
    .find((folder) => existsSync(join(folder, CAPTURE)));

/** What a capture beside the point says; undefined where there is none. */
export const pointGpus = async (bundle: string, path: string, concurrency: number): Promise<PointGpus | undefined> => {
  const folder = findGpuFolder(bundle, path, concurrency);
  if (folder === undefined) return undefined;
  const found = join(folder, CAPTURE);
  const { source, n_gpus, means, power_watts_per_gpu: power, validity, window_of, lacking } = pointSchema.parse(parseJson(await readNamedText(found), found));
  const telemetry = window_of === 'requests';
  const columns = Object.entries(COLUMNS).flatMap(([field, column]) => (means[field] === undefined ? [] : [[column, means[field]] as const]));
  return {
    values: telemetry ? Object.fromEntries(columns) : {},
    powerPerGpu: telemetry ? power : null,
    validity,
    telemetry,
    block: { source, n_gpus, window_of, means, power_watts_per_gpu: power, validity, lacking: lacking.map(({ field }) => field), capture: relative(bundle, found) },
  };
}; // prettier-ignore
