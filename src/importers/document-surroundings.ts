// What stands around a number of a document of unknown format: the units that siblings state, whether it lies among results or
// configuration, and what it repeats. Reads no numbers.
import { type NameFacts, factsOfName } from '../metrics/name-facts.ts';
import { CONFIG_WORDS, REPEAT_WORDS } from '../metrics/name-words.ts';
import { factsOfPath, isOpen } from '../metrics/path-facts.ts';
import type { JsonObject } from '../text/json.ts';

/** A unit that an object states for its numbers: `unit` for all of them, `time_unit` for its times, `scoreUnit` for `score`. */
export interface StatedUnit {
  /** What stands before `unit`, in lower case. */
  readonly of: string;
  readonly unit: string;
}

/** What holds for the numbers of an object. */
export interface Surroundings {
  readonly units: readonly StatedUnit[];
  /** `description`: only numbers of a known quantity are measured; `settings`: none is. */
  readonly role: 'results' | 'description' | 'settings';
  /** What the repeats are of that stand beside: `mean` and `max` beside `times` are times. */
  readonly repeats?: NameFacts;
}

/** CPU times as `time` and hyperfine name them, beside the repeats of a command. */
const PARTS_OF_TIME = new Set(['user', 'system', 'sys', 'real']);

export const TOP: Surroundings = { units: [], role: 'results' };

const UNIT_KEY = /^(.*?)[_ ]?units?$/i;

/** The unit that a member states, if it is one that does. */
export const statedUnit = (key: string, value: string): StatedUnit | undefined => {
  const last = key.charCodeAt(key.length - 1) | 32;
  if (last !== 116 && last !== 115) return undefined; // ends in t or s
  const of = UNIT_KEY.exec(key)?.[1];
  return of === undefined ? undefined : { of: of.toLowerCase(), unit: value };
};

const isAbout = ({ of }: StatedUnit, key: string): boolean => {
  if (of === '') return true;
  const name = key.toLowerCase();
  if (name.startsWith(of)) return true;
  const { quantity, unit } = factsOfName(key);
  return of === 'time' && quantity === 'time' && unit === null;
};

export const unitFor = ({ units }: Surroundings, key: string): string | null =>
  units.length === 0 ? null : (units.findLast((stated) => isAbout(stated, key))?.unit ?? null);

const STRONG_CONFIG =
  /(^|_)(args|arguments|argv|params|parameters|settings?|options|env|environ|environment|metadata|hyperparameters|hparams|extra_info)$/;

const isConfigName = (key: string): boolean => {
  const words = key.toLowerCase().split(/[^a-z]+/);
  return CONFIG_WORDS.has(words.at(-1) ?? '');
};

/** What holds inside of a member; undefined where nothing in it is a measurement. */
export const inside = (around: Surroundings, key: string): Surroundings | undefined => {
  const { kind } = factsOfName(key);
  if (kind === 'spread' || kind === 'series') return undefined;
  const own = around.units.filter((stated) => stated.of === '' || stated.of === 'time');
  const taken = around.units.find((stated) => stated.of !== '' && isAbout(stated, key));
  const units = taken === undefined ? own : [{ of: '', unit: taken.unit }];
  if (around.role === 'settings' || STRONG_CONFIG.test(key.toLowerCase())) return { units, role: 'settings' };
  const role = around.role === 'description' || isConfigName(key) ? 'description' : 'results';
  const isSame =
    taken === undefined && units.length === around.units.length && role === around.role && around.repeats === undefined;
  return isSame ? around : { units, role };
};

export const isOfKind = (facts: NameFacts, { role }: Surroundings): NameFacts['kind'] => {
  if (facts.kind !== 'metric' || role === 'results') return facts.kind;
  return role === 'settings' || facts.direction === null ? 'setting' : 'metric';
};

/** What is known of a number under `key` at `path`. */
export const factsAt = (path: string, key: string, { repeats }: Surroundings): NameFacts => {
  const own = factsOfName(key);
  if (repeats !== undefined && (own.vague || PARTS_OF_TIME.has(key))) return repeats;
  return path === key || !isOpen(own) ? own : factsOfPath(path);
};

export const unitsOf = (object: JsonObject): StatedUnit[] =>
  Object.entries(object).flatMap(([key, value]) => (typeof value === 'string' ? (statedUnit(key, value) ?? []) : []));

/** True where numbers under this name are repeats of one figure. */
export const isRepeats = (name: string): boolean =>
  name
    .toLowerCase()
    .split(/[^a-z]+/)
    .some((word) => REPEAT_WORDS.has(word));

/** What the one array of repeats of an object is of. */
export const repeatsIn = (object: JsonObject): NameFacts | undefined => {
  const names = Object.keys(object).filter((key) => Array.isArray(object[key]) && isRepeats(key));
  const facts = names.length === 1 ? factsOfName(names[0] ?? '') : undefined;
  return facts?.kind === 'metric' && facts.quantity !== null ? facts : undefined;
};
