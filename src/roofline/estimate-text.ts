// Says an estimate in a few lines: the interval first, then bytes and FLOPs, what takes the time, what was assumed.
import { formatBytes, formatNumber, formatShare, plural } from '../render/numbers.ts';
import type { Estimate, LineEstimate } from './estimate.ts';
import type { Ledger } from './ledger.ts';

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

/** `TPOT 9.1 ms = 2.0 bound + 1.0 communication + 3.1 inefficiency + 3.0 idle`. */
const ledgerLine = (ledger: Ledger): string => {
  const ms = (value: number): string => formatNumber(value, 3);
  const idle = ledger.idleMs === null ? '' : ` + ${ms(ledger.idleMs)} idle`;
  const rest = ledger.idleMs === null ? 'inefficiency and idle' : 'inefficiency';
  const parts = `${ms(ledger.boundMs)} bound + ${ms(ledger.communicationMs)} communication + ${ms(ledger.inefficiencyMs)} ${rest}${idle}`;
  const measured = `TPOT ${ms(ledger.measuredMs)} ms`;
  if (ledger.impossible) return `${measured} is below the bound: check its unit, the GPU's name and the parallel sizes`;
  return `${measured} = ${parts}: ${formatShare(ledger.sharePercent)} of what the datasheet allows`;
};

/** Lines without an end of line. A bound is called a bound. */
export const estimateText = (
  estimate: Estimate,
  assumptions: readonly string[],
  context: number,
  ledger: Ledger | null,
): string => {
  const { lines, missing, gpus, flopsPerRank, hbmBytesPerRank } = estimate;
  const ttft = lines.every(({ ttftMs }) => ttftMs === null)
    ? []
    : [`TTFT of a prompt alone not below ${interval(lines, ({ ttftMs }) => ttftMs, 'ms')}`];
  return [
    ...(ledger === null ? [] : [ledgerLine(ledger)]),
    `TPOT not below ${interval(lines, ({ tpotMs }) => tpotMs, 'ms')} (${named(lines)}), limited by ${lines[0]?.limitedBy ?? 'nothing'}`,
    `output not above ${interval(lines, (line) => line.outputTokPerSecPerGpu, 'tok/s/GPU')} on ${plural(gpus, 'GPU')}, ${interval(lines, (line) => line.outputTokPerSecPerUser, 'tok/s/user')}, at a context of ${formatNumber(context)}`,
    ...ttft,
    `a step of one rank: ${formatBytes(hbmBytesPerRank)} of HBM, ${formatNumber(flopsPerRank / 1e9, 4)} GFLOP; ${largest(estimate)}`,
    fitText(estimate),
    ...missing.map(({ line, because }) => `no line "${line}": ${because}`),
    ...assumptions.map((assumption) => `assumed: ${assumption}`),
    'a bound, not a forecast: latencies, idle time and kernels below their peak come on top',
  ].join('\n');
};
