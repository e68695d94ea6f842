// Capacity in words and cells of tables: what a group is of, by which limits a point counts, and every figure with its unit. Computes
// nothing.
import { formatCount, formatFixed, formatNumber, formatShare } from '../render/numbers.ts';
import type { CapacityGroup, CapacityPoint } from './summary-schema.ts';

const NOT_KNOWN = 'n/a';

/** Whole tokens per minute with separators; `n/a` where none are known. */
export const tpmText = (tpm: number | null): string => (tpm === null ? NOT_KNOWN : formatCount(tpm));

/** `195,672 (8 GPUs)`. */
export const setText = (tpm: number | null, gpus: number | null): string =>
  tpm === null || gpus === null ? NOT_KNOWN : `${tpmText(tpm)} (${gpus} GPU${gpus === 1 ? '' : 's'})`;

/** `$3.07`, below ten cents with more digits; an asterisk marks an estimate. */
export const usdText = (usd: number | null, isEstimate: boolean | null): string =>
  usd === null ? NOT_KNOWN : `$${formatFixed(usd, usd >= 0.1 || usd === 0 ? 2 : 4)}${isEstimate === true ? '*' : ''}`;

export const msText = (ms: number | null): string => (ms === null ? NOT_KNOWN : `${formatNumber(ms, 4)} ms`);

/** `GLM-5.1 NVFP4 TP8 EP MTP vllm`. */
export const variantText = (group: CapacityGroup): string =>
  [
    group.model,
    group.quant,
    `TP${group.tensor_parallel}`,
    group.parallel_strategy,
    ...(group.mtp ? ['MTP'] : []),
    ...(group.disagg ? ['disaggregated'] : []),
    group.serving_engine === '' ? 'engine unknown' : group.serving_engine,
  ].join(' ');

const lengthText = (length: number | null): string => (length === null ? '?' : formatCount(length));

/** `ISL 1,024 / OSL 512, cold, random`: what was served, and whether from a warm cache. */
export const workloadText = ({ isl, osl, shape_from: from, cache_mode: cache, dataset, phase }: CapacityGroup): string =>
  [
    from === null ? 'ISL and OSL unknown' : `ISL ${lengthText(isl)} / OSL ${lengthText(osl)}${from === 'asked' ? ' (asked for)' : ''}`,
    cache === 'unknown' ? 'warm or cold unknown' : cache,
    dataset === 'unknown' ? 'data set unknown' : dataset,
    ...(phase === null ? [] : [`${phase} alone`]),
  ].join(', '); // prettier-ignore

/** `TTFT <= 2000 ms, TPOT <= 50 ms`. */
export const slaText = ({ ttft_sla_ms: ttft, tpot_sla_ms: tpot }: Pick<CapacityGroup, 'ttft_sla_ms' | 'tpot_sla_ms'>): string =>
  `TTFT <= ${formatNumber(ttft)} ms, TPOT <= ${formatNumber(tpot)} ms`; // prettier-ignore

/** A point as a line says it: the peak, the point within the limits, or one that is both. */
export interface Line {
  readonly point: CapacityPoint;
  readonly name: string;
}

/** How a peak that is not the SLA point stands to the limits: outside of them, or not held against them for want of a time. */
const peakBeside = ({ ttft_avg_ms: ttft, decode_by: by, ...peak }: CapacityPoint, group: CapacityGroup): string => {
  const decode = by === null ? null : peak[by];
  const limits = slaText(group);
  const isOutside = (ttft ?? 0) > group.ttft_sla_ms || (decode ?? 0) > group.tpot_sla_ms;
  if (isOutside || (ttft !== null && decode !== null)) return `peak, outside of ${limits}`;
  return `peak, without ${decode === null ? 'TPOT' : 'TTFT'} to hold against ${limits}`;
};

/** What a point is called: the peak, the point within the limits, or one that is both. */
export const labelOf = (group: CapacityGroup, point: CapacityPoint): string => {
  const { peak, sla } = group;
  if (sla === null) return 'peak';
  if (sla.row_id === peak.row_id) return `peak, and SLA (${slaText(group)})`;
  return point.operating_point === 'sla' ? `SLA (${slaText(group)})` : peakBeside(peak, group);
};

/** The lines of a group: one where the peak itself keeps the limits. */
export const linesOf = (group: CapacityGroup): Line[] => {
  const { peak, sla } = group;
  const points = sla === null ? [peak] : sla.row_id === peak.row_id ? [sla] : [peak, sla];
  return points.map((point) => ({ point, name: labelOf(group, point) }));
};

/** `90 % interval 22,100 to 22,900, 3 trials`; what one trial cannot say. */
export const intervalText = ({ output_interval: interval }: CapacityPoint): string =>
  interval === null
    ? 'one trial: no interval'
    : `${formatShare(100 * interval.level, 0)} interval ${tpmText(interval.low)} to ${tpmText(interval.high)}, ${interval.n} trials`;

/** `0.42 tok/J (gpu, the cell's window)`. */
export const energyText = ({ tokens_per_joule: tokens, power_scope: scope, power_window: window }: CapacityPoint): string => {
  if (tokens === null) return NOT_KNOWN;
  const whose = scope ?? 'scope not recorded';
  return `${formatNumber(tokens, 4)} tok/J (${whose}${window === 'cell' ? ", mean over the cell's window" : ''})`;
}; // prettier-ignore

/** `2 of 3 trials meet both limits`; nothing where all do or none says. */
export const trialsText = ({ trials_within_sla: trials }: CapacityPoint): string[] =>
  trials === null || trials.met === trials.of
    ? []
    : [`${trials.met} of ${trials.of} trials meet both limits by themselves`];
