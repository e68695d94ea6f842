// Reads a frozen snapshot of counters, `dcgm_frozen_v1`: a YAML file of what GPUs did over a window, which people write too. Checked whole
// before anything is made of it; a value that only another unit explains is refused with that unit named, never corrected.
import { z } from 'zod';
import { CONFIGURATION_BYTES, readNamedText } from '../../fs/named-text.ts';
import type { Resource } from '../../telemetry/frozen.ts';
import { type Fault, inputFault } from '../../text/fault.ts';
import { checkAgainst } from '../../text/schema-fault.ts';
import { parseYaml } from '../../text/yaml.ts';

const text = z.string().min(1);
/** The keys say UTC, so a time without a zone is one. */
const moment = z.iso.datetime({ offset: true, local: true });

const resourceSchema = z.strictObject({
  peak_key: text,
  metric: text,
  unit: z.enum(['ratio', 'bytes_per_s']),
  measured_avg: z.number().nonnegative(),
  promql: z.string().optional(),
});

/** A file of the shape. */
export const frozenFileSchema = z.strictObject({
  schema: z.literal('dcgm_frozen_v1').optional(),
  schema_version: z.union([z.literal(1), z.literal('dcgm_frozen_v1')]).optional(),
  hw_key: text,
  n_gpus: z.number().int().positive().max(100_000),
  sweep_start_utc: moment,
  sweep_end_utc: moment,
  captured_at: z.string().optional(),
  captured_by: z.string().optional(),
  data_tier: text.optional(),
  scrape_interval_s: z.number().positive().optional(),
  power_watts_per_gpu: z.number().positive().optional(),
  nodes: z.array(text).optional(),
  namespace: z.string().nullable().optional(),
  pod_label_selector: z.string().nullable().optional(),
  notes: z.union([z.string(), z.array(z.string())]).optional(),
  resources: z.array(resourceSchema).min(1),
});

/** The predecessor's, where the file says nothing. */
const INTERVAL_S = 30;

export interface Frozen {
  /** As the file has it: a part of the table of ceilings, or the name of a device. */
  readonly hardware: string;
  readonly nGpus: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly resources: readonly Resource[];
  /** `prof` where the profiling unit counted. */
  readonly tier: string;
  readonly intervalS: number;
  readonly powerPerGpu: number | null;
  readonly nodes: readonly string[];
  readonly namespace: string | null;
  readonly podSelector: string | null;
  readonly notes: readonly string[];
}

const invalid = (path: string, at: string, says: string, fix: string): Fault =>
  inputFault('frozen_invalid', `${path}: ${at} ${says}`, { path, at, fix });

const epochMs = (written: string): number =>
  Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(written) ? written : `${written}Z`);

/** A ratio is a share of the window: what lies above 1 is written in percent, or is no ratio. */
const requireRatios = (resources: readonly Resource[], path: string): void => {
  for (const [index, { unit, measured_avg: value }] of resources.entries()) {
    if (unit !== 'ratio' || value <= 1) continue;
    const fix = value <= 100 ? `give ${value / 100} where it is ${value} percent` : 'give bytes_per_s as its unit where it counts bytes';
    throw invalid(path, `resources[${index}].measured_avg`, `is ${value}, and a ratio is 0 to 1`, fix);
  }
}; // prettier-ignore

const keyOf = ({ peak_key: peak, metric }: Resource): string => `${peak} ${metric}`;

const requireDistinct = (resources: readonly Resource[], path: string): void => {
  const keys = resources.map(keyOf);
  const index = keys.findIndex((key, at) => keys.indexOf(key) !== at);
  if (index >= 0)
    throw invalid(path, `resources[${index}]`, `is ${keys[index] ?? ''} a second time`, 'leave one of them out');
};

/** The snapshot from a parsed file. Throws a Fault `frozen_invalid` with the place. */
export const checkFrozen = (value: unknown, path: string): Frozen => {
  const keys = [...Object.keys(frozenFileSchema.shape), ...Object.keys(resourceSchema.shape)];
  const file = checkAgainst(frozenFileSchema, value, { path, code: 'frozen_invalid', keys, shape: 'frozen' });
  const [startMs, endMs] = [epochMs(file.sweep_start_utc), epochMs(file.sweep_end_utc)];
  if (endMs <= startMs)
    throw invalid(path, 'sweep_end_utc', `is not after sweep_start_utc ${file.sweep_start_utc}`, 'give the window from its start to its end');
  const resources = file.resources.map(({ promql, ...resource }) => ({ ...resource, ...(promql === undefined ? {} : { promql }) }));
  requireRatios(resources, path);
  requireDistinct(resources, path);
  return {
    hardware: file.hw_key,
    nGpus: file.n_gpus,
    startMs,
    endMs,
    resources,
    tier: file.data_tier ?? 'prof',
    intervalS: file.scrape_interval_s ?? INTERVAL_S,
    powerPerGpu: file.power_watts_per_gpu ?? null,
    nodes: file.nodes ?? [],
    namespace: file.namespace ?? null,
    podSelector: file.pod_label_selector ?? null,
    notes: file.notes === undefined ? [] : [file.notes].flat(),
  };
}; // prettier-ignore

/** Throws a Fault `yaml_syntax` or `frozen_invalid` with the place. */
export const readFrozen = async (path: string, signal?: AbortSignal): Promise<Frozen> =>
  checkFrozen(await parseYaml(await readNamedText(path, { limit: CONFIGURATION_BYTES, signal }), path), path);
