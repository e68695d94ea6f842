// A capture in words: source, GPUs and window first, then figures, what was lacking or left out, and what makes it doubtful.
import { formatNumber, formatShare, plural } from '../render/numbers.ts';
import type { CaptureSummary } from './capture.ts';

const PERCENT = ['sm_active', 'dram_active', 'tensor_active'] as const;

const figuresText = ({ means, power_watts_per_gpu: power }: CaptureSummary): string => {
  const shares = PERCENT.flatMap((field) => {
    const mean = means[field];
    return mean === undefined ? [] : [`${field} ${formatShare(mean * 100)}`];
  });
  return [...shares, ...(power === null ? [] : [`${formatNumber(power, 4)} W a GPU`])].join(', ') || 'no figure';
};

/** `frozen` says where the snapshot is, or why there is none. */
export const captureText = (summary: CaptureSummary, frozen: string): string => {
  const { source, window, n_gpus: n, nodes, lacking, multiplexed_zeros: zeros, validity, notes, short_window: short } = summary;
  const dropped = Object.entries(zeros).map(([field, count]) => `${field} ${count}`);
  return [
    `${source}: ${plural(n, 'GPU')} of ${nodes.join(', ')} over ${formatNumber(window.duration_s, 4)} s: ${figuresText(summary)}`,
    ...(lacking.length === 0 ? [] : [`  lacking: ${lacking.map(({ field }) => field).join(', ')} (${lacking[0]?.reason ?? ''})`]),
    ...(dropped.length === 0 ? [] : [`  zeros of fields that took turns, left out: ${dropped.join(', ')}`]),
    ...(validity.length === 0 ? [] : [`  a measurement in this window does not count: ${validity.join(', ')}`]),
    ...(short ? ['  shorter than a minute'] : []),
    ...notes.map((note) => `  ${note}`),
    `  ${frozen}`,
  ].join('\n');
}; // prettier-ignore
