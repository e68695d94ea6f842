// Makes metrics of the numbers that a walk finds: each in the unit that stands beside it, else in that of its name. Settings, counts
// of work, spreads and series become notes.
import { type Notes, createNotes, noteLeft, noteSetting } from './document-notes.ts';
import { finite } from './json-fields.ts';
import { type Summary, summarise } from './json-path.ts';
import { numberInText, startsLikeNumber } from './text-number.ts';
import { type Metric, NO_LABELS } from '../metrics/metric.ts';
import { type NameFacts, factsOfName } from '../metrics/name-facts.ts';
import { withUnit } from '../metrics/path-facts.ts';
import type { Surroundings } from './document-surroundings.ts';
import { factsAt, isOfKind, unitFor } from './document-surroundings.ts';

export interface Walk {
  readonly file: string;
  /** Integers of the file that no double holds, see `roundedIntegers`. */
  readonly rounded: ReadonlyMap<number, string>;
  readonly metrics: Metric[];
  readonly notes: Notes;
  /** Metrics that are taken from the document; the rest is counted. */
  readonly most: number;
}

const MOST_METRICS = 1_000_000;

export const createWalk = (
  file: string,
  { rounded = new Map(), most = MOST_METRICS }: Partial<Pick<Walk, 'rounded' | 'most'>> = {},
): Walk => ({
  file,
  rounded,
  metrics: [],
  notes: createNotes(),
  most,
});

export const addMetric = (walk: Walk, value: number, path: string, facts: NameFacts, stated: string | null): void => {
  if (walk.metrics.length >= walk.most) {
    noteLeft(walk.notes, 'surplus', path);
    return;
  }
  const judged = stated === null ? facts : withUnit(facts, stated);
  if ('conflict' in judged && judged.conflict) noteLeft(walk.notes, 'conflict', `${path} in ${stated}`);
  walk.metrics.push({
    name: path,
    source_key: path,
    unit: judged.unit,
    value,
    direction: judged.direction,
    statistic: null,
    labels: NO_LABELS,
  });
};

/** Makes a metric of a number, or a note of what is none. */
export const addNumber = (walk: Walk, value: number, path: string, key: string, around: Surroundings): void => {
  finite(value, walk.file, path);
  if (walk.rounded.has(value)) {
    noteLeft(walk.notes, 'inexact', path);
    return;
  }
  const facts = factsAt(path, key, around);
  const kind = isOfKind(facts, around);
  if (kind === 'metric') addMetric(walk, value, path, facts, unitFor(around, key));
  else {
    if (kind !== 'identity') noteLeft(walk.notes, kind, key);
    if (kind === 'setting' || kind === 'identity') noteSetting(walk.notes, key, value);
  }
};

/** A text may be a number with its unit, a setting, or nothing to us. */
export const addText = (walk: Walk, text: string, path: string, key: string, around: Surroundings): void => {
  noteSetting(walk.notes, key, text);
  if (!startsLikeNumber(text)) return;
  const found = numberInText(text);
  if (found === undefined) return;
  const facts = factsAt(path, key, around);
  if (isOfKind(facts, around) !== 'metric') return;
  const isKnown = facts.direction !== null;
  if (found === 'unknown unit' || (found.unit === null && !isKnown)) {
    if (isKnown) noteLeft(walk.notes, 'text', path);
  } else addMetric(walk, found.value, path, facts, found.unit ?? unitFor(around, key));
};

export const addSummary = (
  walk: Walk,
  values: readonly number[],
  path: string,
  like: Metric,
  statistic: Summary,
): void => {
  walk.metrics.push({ ...like, name: path, source_key: path, value: summarise(values, statistic), statistic });
};

/** Notes a member in which nothing is a measurement. */
export const noteSkipped = ({ notes }: Walk, name: string): void =>
  noteLeft(notes, factsOfName(name).kind === 'spread' ? 'spread' : 'series', name);
