// The words and figures that every text about a comparison is put together from. Never decides anything.
import { visibleText } from '../render/escape.ts';
import type { DeltaRow } from './delta-row.ts';
import { formatNumber, formatPercent, withUnit } from '../text/numbers.ts';
import type { Tolerance } from './policy.ts';
import { splitKey } from '../metrics/metric.ts';

/** At most `length` characters, one line. */
export const clip = (text: string, length: number): string => {
  const line = visibleText(text);
  return line.length <= length ? line : `${line.slice(0, length - 3)}...`;
};

/** `nccl_busbw @ 1GB` for `nccl_busbw[size=1GB]`; a label that is not alone, or a size without unit, keeps its name. */
export const titleOf = (key: string): string => {
  const { name, labels } = splitKey(key);
  const [only = ''] = labels;
  const points = labels.length === 1 ? only.replace(/^size=(?=.*[A-Za-z])/, '') : labels.join(', ');
  return labels.length === 0 ? name : `${name} @ ${points}`;
};

/** `-15 GB/s`, `+3 ms`. */
export const signed = (delta: number, unit: string | null): string =>
  `${delta >= 0 ? '+' : ''}${withUnit(delta, unit)}`;

/** `5%`, or `0.02 ratio`. */
export const toleranceText = (tolerance: Tolerance, unit: string | null): string =>
  'absolute' in tolerance ? withUnit(tolerance.absolute, unit) : `${formatNumber(tolerance.percent)}%`;

/** `310 -> 295 GB/s (-4.8%)`. */
export const changeText = ({ baseline, current, unit, delta_pct }: DeltaRow): string =>
  `${formatNumber(baseline)} -> ${withUnit(current, unit)} (${formatPercent(delta_pct)})`;
