// What a measured number is: a canonical name, a unit, the point it was measured at, and which way is better.
import type { Direction } from '../stats/direction.ts';

/** The point a value belongs to: concurrency, request rate, size, pair, rank, isl, osl, … */
export type Labels = Readonly<Record<string, string | number>>;

export const NO_LABELS: Labels = Object.freeze({});

export interface Metric {
  /** Canonical name `<metric>_<stat>_<unit>` in snake_case, or the path inside a document of unknown format. */
  readonly name: string;
  /** Name as the file spells it. */
  readonly source_key: string;
  /** Unit of `value`, null when the file does not say. */
  readonly unit: string | null;
  /** Always finite. */
  readonly value: number;
  /** Null when the format does not fix it; policy decides then. */
  readonly direction: Direction | null;
  /** `mean`, `p50`, `p99`, `max`, `count`, …; null when the file does not say. */
  readonly statistic: string | null;
  readonly labels: Labels;
}

/** `name` or `name[concurrency=16,isl=1024]`: names one metric at one point; labels in code unit order. */
export const metricKey = ({ name, labels }: Pick<Metric, 'name' | 'labels'>): string =>
  labels === NO_LABELS ? name : name + pointText(labels);

/** The labels written last: all metrics of a point have the same, which never change. */
let last: { readonly labels: Labels; readonly text: string } = { labels: NO_LABELS, text: '' };

const pointText = (labels: Labels): string => {
  if (last.labels !== labels) last = { labels, text: writePoint(labels) };
  return last.text;
};

const writePoint = (labels: Labels): string => {
  const entries = Object.entries(labels);
  if (entries.length === 0) return '';
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `[${entries.map(([label, value]) => `${label}=${value}`).join(',')}]`;
};

/** Splits a key into the path before its labels, and the labels. */
export const splitKey = (key: string): { readonly name: string; readonly labels: readonly string[] } => {
  const found = /^([^[\]]+)\[([^[\]]*)\]$/.exec(key);
  return { name: found?.[1] ?? key, labels: found?.[2]?.split(',') ?? [] };
};
