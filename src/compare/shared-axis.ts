// Finds what the metrics that got worse have in common and the others have not: a label, a part of the path, a word of the
// name. Says nothing where the common part is common to all metrics.
import { splitKey } from '../metrics/metric.ts';

interface Feature {
  readonly text: string;
  /** Smaller says more: label, branch of the document, metric name, word. */
  readonly rank: number;
}

export interface SharedAxis {
  /** As in `concurrency=64` or `allreduce`. */
  readonly axis: string;
  /** How many of the worse keys lie on it. */
  readonly covered: number;
  readonly of: number;
}

/** Keys looked at; a pattern shows in the first few hundred. */
const SAMPLE = 500;
/** Keys against which an axis must stand out, taken evenly from all. */
const BACKGROUND = 2000;
/** Share of the worse keys that must lie on the axis. */
const COVERAGE = 0.75;

/** A label of a pair also lies at each of its two ends: `pair=3-0` at `pair=3-*` and at `pair=*-0`. */
const endpoints = (label: string): string[] => {
  const [, name, from, to] = /^([^=]+)=(\w+)(?:-|->)(\w+)$/.exec(label) ?? [];
  return name === undefined ? [] : [`${name}=${from}-*`, `${name}=*-${to}`];
};

const featuresOf = (key: string): Feature[] => {
  const { name, labels } = splitKey(key);
  const path = name.split('.');
  const branches = path.slice(0, -1).map((_, depth) => path.slice(0, depth + 1).join('.'));
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => /^[A-Za-z]\w+$/.test(word));
  const ranked = [[...labels, ...labels.flatMap(endpoints)], branches, path.slice(-1), words];
  return ranked.flatMap((texts, rank) => [...new Set(texts)].map((text) => ({ text, rank })));
};

const idOf = ({ text, rank }: Feature): string => `${rank} ${text}`;

/** Features of the keys met last: measurements of one kind have the same keys, diff after diff. */
const remembered = new Map<string, ReadonlyMap<string, Feature>>();
const MOST_REMEMBERED = 4 * BACKGROUND;

/** The features of a key by their ids. */
const rememberedFeatures = (key: string): ReadonlyMap<string, Feature> => {
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const features = new Map(featuresOf(key).map((feature) => [idOf(feature), feature]));
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  remembered.set(key, features);
  return features;
};

interface Counted extends Feature {
  readonly id: string;
  count: number;
}

const countFeatures = (keys: readonly string[]): Counted[] => {
  const counts = new Map<string, Counted>();
  for (const key of keys)
    for (const [id, feature] of rememberedFeatures(key)) {
      const counted = counts.get(id);
      if (counted === undefined) counts.set(id, { ...feature, id, count: 1 });
      else counted.count += 1;
    }
  return [...counts.values()];
};

/** The feature that most of the worse keys share; of equal ones the one that says most. */
const byWeight = (a: Counted, b: Counted): number =>
  b.count - a.count || a.rank - b.rank || b.text.length - a.text.length || (a.text < b.text ? -1 : 1);

/** Takes items evenly from all, at most as many as an axis must stand out against. */
export const background = <T>(all: readonly T[]): T[] => {
  const stride = Math.max(1, Math.ceil(all.length / BACKGROUND));
  const taken: T[] = [];
  for (let at = 0; at < all.length; at += stride) taken.push(...all.slice(at, at + 1));
  return taken;
};

/** `worse` are keys of `all`. Null for fewer than two worse keys, or when nothing sets them apart. */
export const findSharedAxis = (worse: readonly string[], all: readonly string[]): SharedAxis | null => {
  const sample = worse.slice(0, SAMPLE);
  if (sample.length < 2) return null;
  const candidates = countFeatures(sample).filter(({ count }) => count >= 2 && count >= COVERAGE * sample.length);
  const others = background(all);
  const setsApart = ({ id }: Counted): boolean => others.some((key) => !rememberedFeatures(key).has(id));
  const best = candidates.sort(byWeight).find(setsApart);
  return best === undefined ? null : { axis: best.text, covered: best.count, of: sample.length };
};
