// What a document of unknown format holds besides its metrics: what was left out and why, settings that belong to the context,
// and what the reader of the answer has to know about names and positions. Never decides anything.
import { type ContextNames, USUAL_NAMES, contextFrom } from './context-fields.ts';
import type { Context } from '../metrics/context.ts';
import type { NameFacts } from '../metrics/name-facts.ts';
import { plural } from '../render/numbers.ts';
import type { JsonObject, JsonValue } from '../text/json.ts';

export type LeftKind = Exclude<NameFacts['kind'], 'metric'>;
/** Reasons beside the kind of a name. */
type LeftWhy = 'text' | 'inexact' | 'conflict' | 'surplus';

interface Tally {
  count: number;
  readonly shown: string[];
}

export interface Notes {
  readonly left: Map<LeftKind | LeftWhy, Tally>;
  /** Arrays whose elements nothing names. */
  readonly positions: Set<string>;
  /** Paths of summarised elements and how many there are. */
  readonly summarised: Map<string, number>;
  /** Settings by their name; null where the document states two. */
  readonly settings: Map<string, JsonValue>;
}

export const createNotes = (): Notes => ({
  left: new Map(),
  positions: new Set(),
  summarised: new Map(),
  settings: new Map(),
});

const SHOWN = 4;
/** Names cut out of a document would keep all of it: short copies are kept. */
const copyOf = (name: string): string => Buffer.from(name.slice(0, 80)).toString();

export const noteLeft = ({ left }: Notes, kind: LeftKind | LeftWhy, name: string): void => {
  const tally = left.get(kind);
  if (tally === undefined) left.set(kind, { count: 1, shown: [copyOf(name)] });
  else {
    tally.count += 1;
    if (tally.shown.length < SHOWN && !tally.shown.includes(name)) tally.shown.push(copyOf(name));
  }
};

/** Names of the context in documents of any origin, with those of the load. */
const NAMES: ContextNames = {
  ...USUAL_NAMES,
  concurrency: ['max_concurrency', 'concurrency'],
  request_rate: ['request_rate'],
  num_prompts: ['num_prompts'],
};

const CONTEXT_KEYS = new Set(Object.values(NAMES).flat());

/** Keeps what may belong to the context. Two values of one name cancel each other. */
export const noteSetting = ({ settings }: Notes, key: string, value: string | number): void => {
  if (!CONTEXT_KEYS.has(key)) return;
  const known = settings.get(key);
  settings.set(key, known === undefined || known === value ? value : null);
};

/** The context that the settings of a document make up. */
export const contextOfNotes = ({ settings }: Notes): Context => {
  if (settings.size === 0) return {};
  const stated: JsonObject = Object.fromEntries([...settings].filter(([, value]) => value !== null));
  return contextFrom(stated, NAMES);
};

const some = ({ count, shown }: Tally): string =>
  `${shown.join(', ')}${count > shown.length ? ` and ${count - shown.length} more` : ''}`;

const PLURALS: readonly (readonly [LeftKind, string])[] = [
  ['setting', 'settings'],
  ['count', 'counts of work'],
  ['spread', 'spreads'],
  ['series', 'series'],
];

const leftWarning = ({ left }: Notes): string[] => {
  const parts = PLURALS.flatMap(([kind, words]) => {
    const tally = left.get(kind);
    return tally === undefined ? [] : [`${words} ${some(tally)}`];
  });
  return parts.length === 0 ? [] : [`not compared: ${parts.join('; ')}`];
};

const positionWarning = ({ positions }: Notes): string[] =>
  positions.size === 0
    ? []
    : [
        `elements of ${[...positions].slice(0, 3).join(', ')} have no name and are matched by position: name them in the file to be sure`,
      ];

const summaryWarning = ({ summarised }: Notes): string[] =>
  [...summarised]
    .slice(0, 3)
    .map(
      ([path, count]) => `${path}: ${plural(count, 'value')} without a name of their own are compared by their median`,
    );

/** What the answer has to say, most important first. */
export const warningsOf = (notes: Notes): string[] => {
  const tally = (kind: LeftWhy, words: string): string[] => {
    const found = notes.left.get(kind);
    return found === undefined ? [] : [`${words}: ${some(found)}`];
  };
  return [
    ...tally('surplus', 'more metrics than are compared in one document, left out'),
    ...tally('inexact', 'integers that a double cannot hold are not read'),
    ...tally('conflict', 'name and unit contradict each other, so a change is neither better nor worse'),
    ...tally('text', 'texts that look like numbers but have no unit that is known are not read'),
    ...positionWarning(notes),
    ...summaryWarning(notes),
    ...leftWarning(notes),
  ];
};

/** The names of settings and counts, for a document that holds nothing else. */
export const leftNames = ({ left }: Notes): string[] => PLURALS.flatMap(([kind]) => left.get(kind)?.shown ?? []);
