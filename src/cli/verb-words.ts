// Which verb the words of a command line call. Suggests names in the words of the program that was called; never guesses one.
import { findVerb, listVerbs } from '../catalog/find-verb.ts';
import { Fault } from '../text/fault.ts';
import { nearestName } from '../text/nearest.ts';
import type { ManifestEntry } from '../verb/manifest.ts';
import { programWords, shortName, type Program } from '../verb/program.ts';
import { PROGRAM_WORDS } from './completion.ts';

export interface VerbWords {
  readonly entry: ManifestEntry;
  /** The words without those that name the verb. */
  readonly rest: readonly string[];
}

/** The verb that one word or two name from `at` on: `perf-baseline-diff`, `perf_baseline diff`, or `diff` after the program's prefix. */
const verbAt = (words: readonly string[], at: number, { prefix }: Program) => {
  const [first = '', second = '-'] = words.slice(at);
  const one = findVerb(`${prefix}${first}`) ?? findVerb(first);
  if (one !== undefined) return { entry: one, end: at + 1 };
  const two = second.startsWith('-') ? undefined : findVerb(`${prefix}${first}_${second}`);
  return two === undefined ? undefined : { entry: two, end: at + 2 };
};

/** Names that have `part` as whole words: `diff` is part of `bench_diff`. */
const withPart = (part: string, names: readonly string[]): readonly string[] =>
  names.filter((name) => `_${name}_`.includes(`_${part}_`));

const plain = (word: string): string => word.toLowerCase().replaceAll('-', '_');

/** The names that may have been meant; several only where each has the word. */
const meantNames = (first: string, second: string, names: readonly string[]): readonly string[] => {
  const pair = second === '' ? plain(first) : `${plain(first)}_${plain(second)}`;
  const whole = withPart(pair, names);
  if (whole.length === 1) return whole;
  const group = withPart(plain(first), names);
  const near = group.length === 0 ? nearestName(first, names) : second === '' ? undefined : nearestName(pair, group);
  return near === undefined ? group : [near];
};

const unknownVerb = ([first = '', second = '']: readonly string[], program: Program): Fault => {
  const own = [...listVerbs().map(({ name }) => shortName(name, program)), ...PROGRAM_WORDS.map(({ word }) => word)];
  const isWord = /^[A-Za-z_-]+$/.test(second) && !second.startsWith('-');
  const meant = first === '' || first.startsWith('-') ? [] : meantNames(first, isWord ? second : '', own);
  const [near] = meant;
  if (near === undefined)
    return new Fault('usage', 'unknown_verb', `no verb ${JSON.stringify(first)}`, {
      fix: `see ${program.program} --help for the verbs that it has`,
    });
  const call = programWords(findVerb(`${program.prefix}${near}`)?.name ?? near, program).join(' ');
  return meant.length === 1
    ? new Fault('usage', 'unknown_verb', `no verb ${first}; did you mean ${near}?`, { fix: `write ${call}` })
    : new Fault('usage', 'unknown_verb', `no verb ${first}; several have that word: ${meant.join(', ')}`, {
        fix: `write the whole name: ${call}`,
      });
};

/** The verb that the words call, flags before it included. Throws a usage Fault `unknown_verb` that names what may be meant. */
export const verbOf = (words: readonly string[], program: Program): VerbWords => {
  const { prefix } = program;
  const at = words[0]?.startsWith('-') === true ? words.findIndex((_, index) => verbAt(words, index, program)) : 0;
  const found = at < 0 ? undefined : verbAt(words, at, program);
  if (found !== undefined) return { entry: found.entry, rest: [...words.slice(0, at), ...words.slice(found.end)] };
  if (prefix !== '' && listVerbs().every(({ name }) => !name.startsWith(prefix)))
    throw new Fault(
      'usage',
      'unknown_verb',
      `this version has no verb ${prefix}${words[0]?.replaceAll('-', '_')} yet`,
      {
        fix: 'see profile-and-optimize --help for the verbs that it has',
      },
    );
  throw unknownVerb(words, program);
};
