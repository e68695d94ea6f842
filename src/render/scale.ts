// The scale of one axis: linear or logarithmic as the data ask for, ticks at 1-2-5 steps or decades, labels in a unit that keeps
// them short. Knows numbers and units, not what is measured.
import { extent, max, min, nice, tickStep, ticks as stepsBetween } from 'd3-array';
import { median } from '../stats/describe.ts';
import { plainValue, prefixedValue } from './axis-numbers.ts';

export interface Tick {
  /** Pixels. */
  readonly at: number;
  readonly label: string;
}

export interface AxisScale {
  readonly kind: 'linear' | 'log';
  /** Pixels of a value in its own unit. */
  readonly at: (value: number) => number;
  readonly ticks: readonly Tick[];
  /** The unit that the labels count in; null where the values have none. */
  readonly unit: string | null;
  /** What a reader must know: `log scale`, `does not start at 0`; null for an axis from zero. */
  readonly note: string | null;
}

export interface ScaleOptions {
  /** Pixels of the low and of the high end. */
  readonly range: readonly [from: number, to: number];
  readonly unit?: string | null;
  /** Default: `auto`, which takes the logarithm where more than half of the points would lie in the lowest fifth. */
  readonly kind?: 'auto' | 'linear' | 'log';
  /** About how many ticks; fewer where labels would touch is for the caller to ask. */
  readonly ticks?: number;
  /** Start at zero although the data fill less than a third of the axis. */
  readonly fromZero?: boolean;
}

/** Units a thousand times apart. */
const LADDERS: readonly (readonly string[])[] = [
  ['ns', 'us', 'ms', 's'],
  ['B', 'kB', 'MB', 'GB', 'TB'],
  ['B/s', 'kB/s', 'MB/s', 'GB/s', 'TB/s'],
];

/** The unit in which the largest value takes between one and four digits: its own where that does, else a neighbour. */
const unitFor = (largest: number, unit: string | null): { readonly unit: string | null; readonly factor: number } => {
  const ladder = LADDERS.find((units) => unit !== null && units.includes(unit));
  if (ladder === undefined || unit === null || largest === 0 || (largest >= 0.1 && largest < 10_000))
    return { unit, factor: 1 };
  const own = ladder.indexOf(unit);
  const rungs = Math.floor(Math.log10(largest) / 3 + 1e-9);
  const fit = Math.min(Math.max(own + rungs, 0), ladder.length - 1);
  return { unit: ladder[fit] ?? unit, factor: 1000 ** (own - fit) };
};

/** Smaller sizes count as zero: steps between them are no numbers any more. */
const SMALLEST = 1e-250;

const SQUEEZED = 0.2;

/** True where a linear axis would push more than half of the values into its lowest fifth. */
export const asksForLog = (values: readonly number[]): boolean => {
  const [least = 0, most = 0] = extent(values);
  if (least < SMALLEST || values.length < 3) return false;
  return median(values) < most * SQUEEZED;
};

/** Below this share of the axis, a linear axis does not start at zero. */
const FILLED = 1 / 3;

/** What lies beyond the outermost value, so that its mark is whole. */
const AIR = 1.03;

/** Values that differ by a smaller share of their size are drawn as equal: ticks between them could not be distinguished. */
const SAME = 1e-9;

const linearDomain = (least: number, most: number, fromZero: boolean): [number, number] => {
  const size = Math.max(Math.abs(least), Math.abs(most));
  if (size < SMALLEST) return [0, 1];
  const far = least > 0 ? most - least < most * FILLED : most < 0 && most - least < -least * FILLED;
  if (far && !fromZero) {
    const air = most - least > size * SAME ? (most - least) * 0.12 : size * 0.05;
    return [least - air, most + air];
  }
  return [Math.min(0, least) * AIR, Math.max(0, most) * AIR];
};

/** Labels of ticks that are `step` apart. */
const labelOf = (step: number, size: number): ((value: number) => string) => {
  if (size >= 1e7) return (value) => prefixedValue(value, size, step);
  const decimals = Math.min(Math.max(0, -Math.floor(Math.log10(step))), 20);
  return (value) => plainValue(value, decimals);
};

/** A value between two ends as a place between two others. */
const between = ([low, high]: readonly [number, number], [from, to]: ScaleOptions['range']) => {
  const share = high === low ? 0 : (to - from) / (high - low);
  return (value: number): number => (high === low ? (from + to) / 2 : from + (value - low) * share);
};

const linearScale = (
  [least, most]: readonly [number, number],
  { range, ticks = 6, fromZero = false }: ScaleOptions,
): Omit<AxisScale, 'unit'> => {
  const [start, stop] = nice(...linearDomain(least, most, fromZero), ticks);
  const at = between([start, stop], range);
  const label = labelOf(tickStep(start, stop, ticks), Math.max(Math.abs(start), Math.abs(stop)));
  return {
    kind: 'linear',
    at,
    ticks: stepsBetween(start, stop, ticks).map((tick) => ({ at: at(tick), label: label(tick) })),
    note: start > 0 || stop < 0 ? 'does not start at 0' : null,
  };
};

/** What may stand between decades, the coarsest first. */
const STEPS: readonly (readonly number[])[] = [[1], [1, 3], [1, 2, 5]];

const plainNumber = (value: number): string =>
  value >= 1e7 || value < 1e-4
    ? prefixedValue(value, value)
    : value.toLocaleString('en-US', { maximumSignificantDigits: 6 });

/** The ticks `steps` x 10^n between two ends, of every decade or of each second, third ... one. */
const decadeTicks = (low: number, high: number, steps: readonly number[], every = 1): number[] => {
  const [first, last] = [Math.floor(Math.log10(low) / every) * every, Math.floor(Math.log10(high))];
  return Array.from({ length: Math.floor((last - first) / every) + 1 }, (_, index) => first + index * every)
    .flatMap((exponent) => steps.map((step) => Number(`${step}e${exponent}`)))
    .filter((tick) => tick >= low && tick <= high);
};

/** Ticks at decades and as many steps between as fit; within one decade at linear steps. */
const logTicks = (low: number, high: number, count: number): number[] => {
  const decades = Math.log10(high / low);
  if (decades > count + 2) return decadeTicks(low, high, [1], Math.ceil(decades / count));
  const fine = STEPS.map((steps) => decadeTicks(low, high, steps)).findLast((ticks) => ticks.length <= count + 2) ?? [];
  return fine.length >= 3 ? fine : stepsBetween(low, high, count);
};

const logScale = (
  [least, most]: readonly [number, number],
  { range, ticks = 6 }: ScaleOptions,
): Omit<AxisScale, 'unit'> => {
  const air = Math.max(Math.log(most / least) * 0.06, 0.02);
  const [low, high] = [least * Math.exp(-air), most * Math.exp(air)];
  const place = between([Math.log(low), Math.log(high)], range);
  const at = (value: number): number => place(Math.log(value));
  return {
    kind: 'log',
    at,
    ticks: logTicks(low, high, ticks).map((tick) => ({ at: at(tick), label: plainNumber(tick) })),
    note: 'log scale',
  };
};

/** The scale for these finite values; a logarithm that a value at or below zero forbids becomes linear. */
export const axisScale = (values: readonly number[], options: ScaleOptions): AxisScale => {
  const [least = 0, most = 1] = [min(values), max(values)];
  const { kind = 'auto' } = options;
  const { unit, factor } = unitFor(Math.max(Math.abs(least), Math.abs(most)), options.unit ?? null);
  const isLog = least >= SMALLEST && (kind === 'log' || (kind === 'auto' && asksForLog(values)));
  const span = [least * factor, most * factor] as const;
  const scale = isLog ? logScale(span, options) : linearScale(span, options);
  return { ...scale, at: (value) => scale.at(value * factor), unit };
};
