// Says an estimate in a few lines: the interval first, then bytes and FLOPs, what takes the time, what was assumed.
import { formatBytes, formatNumber, formatShare, plural } from '../render/numbers.ts';
import type { Estimate, LineEstimate } from './estimate.ts';
import type { Ledger } from './ledger.ts';
import type { PartShare } from './profile-share.ts';

const interval = (lines: readonly LineEstimate[], of: (line: LineEstimate) => number | null, unit: string): string => {
  const values = lines.map(of).filter((value) => value !== null);
  const ends = [...new Set([values[0], values.at(-1)].map((value) => formatNumber(value ?? 0, 4)))];
  return `${ends.join(' to ')} ${unit}`;
};

const named = (lines: readonly LineEstimate[]): string =>
  lines.length === 1 ? 'datasheet only' : `${lines.map(({ line }) => line).join(', ')}`;

/** Operations that take the most of the datasheet's time. */
const largest = ({ lines }: Estimate): string => {
  const [first] = lines;
  if (first === undefined) return '';
  const parts = [...first.operations]
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, 3)
    .map(({ name, seconds }) => `${name} ${formatShare((100_000 * seconds) / first.stepMs, 0)}`);
  const link =
    first.communicationMs > 0 ? [`communication ${formatShare((100 * first.communicationMs) / first.stepMs, 0)}`] : [];
  return [...parts, ...link].join(', ');
};

const fitText = ({ fits, weightBytesPerGpu, kvBytesPerGpu }: Estimate): string => {
  const need = `${formatBytes(weightBytesPerGpu)} of weights and ${formatBytes(kvBytesPerGpu)} of cache per GPU`;
  if (fits === null) return `${need}; the memory of this hardware is not known`;
  return fits ? `${need} fit` : `${need} do not fit this hardware`;
};

export interface EstimateWords {
  readonly assumptions: readonly string[];
  readonly contextTokens: number;
  readonly ledger: Ledger | null;
  readonly parts: readonly PartShare[];
  /** Whose measured time is explained; null where the caller gave it, or none. */
  readonly cell: { readonly id: string; readonly concurrency: number } | null;
}

const ms = (value: number): string => formatNumber(value, 3);

/** `TPOT 9.1 ms = 2.0 bound + 1.0 communication + 3.1 inefficiency + 3.0 idle`. */
const ledgerLine = (ledger: Ledger, cell: EstimateWords['cell']): string => {
  const whose = cell === null ? '' : ` of ${cell.id} at concurrency ${cell.concurrency}`;
  const measured = `TPOT${whose} ${ms(ledger.measuredMs)} ms`;
  if (ledger.impossible) return `${measured} is below the bound: check its unit, the GPU's name and the parallel sizes`;
  const idle = ledger.idleMs === null ? '' : ` + ${ms(ledger.idleMs)} idle`;
  const rest = ledger.idleMs === null ? 'inefficiency and idle' : 'inefficiency';
  const by = ledger.communicationBy === 'latency' ? '; communication is the least time of its all-reduces' : '';
  return `${measured} = ${ms(ledger.boundMs)} bound + ${ms(ledger.communicationMs)} communication + ${ms(ledger.inefficiencyMs)} ${rest}${idle}: ${formatShare(ledger.sharePercent)} of what the datasheet allows${by}`;
};

/** What the kernels of the cell's profile say of each part, the largest excess first. */
const partsLine = (parts: readonly PartShare[]): string[] => {
  if (parts.length === 0) return [];
  const said = parts.filter(({ kernel_percent: share }) => share > 0).map(({ part, kernel_ms, bound_ms, times_bound: times }) => {
    const bound = times === null ? 'no bound' : `${ms(bound_ms)} bound, ${formatNumber(times, 2)} times`;
    return `${part} ${ms(kernel_ms)} ms (${bound})`;
  });
  return [`by its kernels' shares of time: ${said.join(', ')}`];
}; // prettier-ignore

/** Lines without an end of line. A bound is called a bound. */
export const estimateText = (estimate: Estimate, words: EstimateWords): string => {
  const { assumptions, contextTokens, ledger, parts, cell } = words;
  const { lines, missing, gpus, flopsPerRank, hbmBytesPerRank } = estimate;
  const ttft = lines.every(({ ttftMs }) => ttftMs === null)
    ? []
    : [`TTFT of a prompt alone not below ${interval(lines, ({ ttftMs }) => ttftMs, 'ms')}`];
  return [
    ...(ledger === null ? [] : [ledgerLine(ledger, cell), ...partsLine(parts)]),
    `TPOT not below ${interval(lines, ({ tpotMs }) => tpotMs, 'ms')} (${named(lines)}), limited by ${lines[0]?.limitedBy ?? 'nothing'}`,
    `output not above ${interval(lines, (line) => line.outputTokPerSecPerGpu, 'tok/s/GPU')} on ${plural(gpus, 'GPU')}, ${interval(lines, (line) => line.outputTokPerSecPerUser, 'tok/s/user')}, at a context of ${formatNumber(contextTokens)}`,
    ...ttft,
    `a step of one rank: ${formatBytes(hbmBytesPerRank)} of HBM, ${formatNumber(flopsPerRank / 1e9, 4)} GFLOP; ${largest(estimate)}`,
    fitText(estimate),
    ...missing.map(({ line, because }) => `no line "${line}": ${because}`),
    ...assumptions.map((assumption) => `assumed: ${assumption}`),
    'a bound, not a forecast: latencies, idle time and kernels below their peak come on top',
  ].join('\n');
};
