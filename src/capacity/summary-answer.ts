// Points of capacity as an answer holds them: short enough to be read, with what parts one from another in words. The files hold every
// figure.
import { z } from 'zod';
import { leftColumn, rightColumn } from '../render/document.ts';
import type { Rows } from '../render/rows.ts';
import {
  energyText,
  intervalText,
  labelOf,
  setText,
  slaText,
  tpmText,
  trialsText,
  usdText,
  variantText,
  workloadText,
} from './capacity-words.ts';
import { pointsOf } from './lake-rows.ts';
import { pointSchema, type Capacity, type CapacityGroup, type CapacityPoint } from './summary-schema.ts'; // prettier-ignore

const FIELDS = {
  operating_point: true,
  cell_id: true,
  concurrency: true,
  output_tpm_per_gpu: true,
  output_tpm_per_replica: true,
  output_tpm_per_node: true,
  output_tpm_per_rack: true,
  total_tpm_per_gpu: true,
  total_tpm_per_node: true,
  output_interval: true,
  gpus_per_replica: true,
  gpus_per_node: true,
  gpus_per_rack: true,
  ttft_avg_ms: true,
  tpot_median_ms: true,
  usd_per_gpu_hour: true,
  usd_is_estimate: true,
  usd_per_1m_output_tokens: true,
  usd_per_1m_total_tokens: true,
  tokens_per_watt: true,
  tokens_per_joule: true,
  power_watts_per_gpu: true,
  power_scope: true,
  power_window: true,
} as const;

/** A point, what it is of, and in words what its figures mean. */
export const shownPointSchema = pointSchema.pick(FIELDS).extend({
  hardware: z.string(),
  variant: z.string(),
  /** Lengths, warm or cold, data set, phase. */
  workload: z.string(),
  /** The limits by which the group was judged. */
  limits: z.string(),
  /** Why the group has no point within the limits; null where it has one. */
  sla_says: z.string().nullable(),
  /** The peak itself keeps the limits. */
  is_both: z.boolean(),
  /** The peak, the point within the limits, or how a peak stands to them. */
  label: z.string(),
  says: z.string(),
});

export type ShownPoint = z.infer<typeof shownPointSchema>;

const saysOf = (point: CapacityPoint): string =>
  [
    `${tpmText(point.output_tpm_per_gpu)} output tok/min per GPU (${intervalText(point)}) at concurrency ${point.concurrency}`,
    `replica ${setText(point.output_tpm_per_replica, point.gpus_per_replica)}`,
    `node ${setText(point.output_tpm_per_node, point.gpus_per_node)}`,
    ...(point.gpus_per_rack === null ? [] : [`rack ${setText(point.output_tpm_per_rack, point.gpus_per_rack)}`]),
    `total ${tpmText(point.total_tpm_per_gpu)} tok/min per GPU`,
    `${usdText(point.usd_per_1m_output_tokens, point.usd_is_estimate)} per 1M output tok`,
    `${usdText(point.usd_per_1m_total_tokens, point.usd_is_estimate)} per 1M total tok`,
    ...(point.tokens_per_joule === null ? [] : [energyText(point)]),
    ...trialsText(point),
  ].join('; ');

const shownOf = (group: CapacityGroup, point: CapacityPoint): ShownPoint => ({
  ...shownPointSchema.pick(FIELDS).parse(point),
  hardware: group.hardware,
  variant: variantText(group),
  workload: workloadText(group),
  limits: slaText(group),
  sla_says: group.sla_says,
  is_both: group.sla?.row_id === group.peak.row_id,
  label: labelOf(group, point),
  says: saysOf(point),
});

/** Every point of every group, in the order of the files. */
export const answerPoints = ({ groups }: Capacity): ShownPoint[] =>
  groups.flatMap((group) => pointsOf(group).map((point) => shownOf(group, point)));

/** A line for each point, one for a peak that keeps the limits; a group without a point within them says why there is none. */
export const pointLines = (points: readonly ShownPoint[]): string[] =>
  points.flatMap((point, index) => {
    const { operating_point: name, hardware, variant, workload, limits, label, says, sla_says: lack, is_both: isBoth } = point;
    const isSecond = name === 'sla' && isBoth && index > 0;
    if (isSecond) return [];
    return [`${hardware} ${variant}, ${workload}`, `  ${label}: ${says}`, ...(lack === null ? [] : [`  no SLA point (${limits}): ${lack}`])].slice(name === 'sla' && index > 0 ? 1 : 0);
  }); // prettier-ignore

const SHOWN = [
  'hardware', 'variant', 'workload', 'limits', 'operating_point', 'cell_id', 'concurrency', 'output_tpm_per_gpu', 'output_tpm_per_replica',
  'output_tpm_per_node', 'output_tpm_per_rack', 'total_tpm_per_gpu', 'usd_per_1m_output_tokens', 'usd_per_1m_total_tokens', 'tokens_per_watt',
  'power_watts_per_gpu', 'power_scope', 'ttft_avg_ms', 'tpot_median_ms',
] as const satisfies readonly (keyof ShownPoint)[]; // prettier-ignore

const WORDS: ReadonlySet<string> = new Set([
  'hardware',
  'variant',
  'workload',
  'limits',
  'operating_point',
  'cell_id',
  'power_scope',
]);

/** The points as rows, for `--csv` and `--markdown`. */
export const pointRows = (points: readonly ShownPoint[]): Rows => ({
  columns: SHOWN.map((name) => (WORDS.has(name) ? leftColumn(name) : rightColumn(name))),
  rows: points.map((point) => SHOWN.map((name) => point[name])),
});
