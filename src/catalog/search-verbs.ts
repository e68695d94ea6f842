// Finds verbs for a task said in words: the more of the words a verb's name, title, description and fields hold, the earlier it
// comes. Pure; knows no synonyms beyond those below.
import type { ManifestEntry } from '../verb/manifest.ts';

/** Words that people use (without endings) for what verbs call otherwise. */
const SYNONYMS: Readonly<Record<string, string>> = {
  benchmark: 'bench',
  between: 'diff',
  compare: 'diff',
  comparison: 'diff',
  gate: 'ratchet',
  history: 'trend',
  kernel: 'profile',
  nightly: 'sweep',
  nsys: 'profile',
  regression: 'diff',
  repeat: 'trial',
  save: 'record',
  slow: 'regress',
  store: 'record',
  tamper: 'verify',
  tune: 'autotune',
};

const EMPTY_WORDS = new Set([
  'an',
  'and',
  'for',
  'got',
  'how',
  'in',
  'is',
  'of',
  'on',
  'or',
  'the',
  'to',
  'two',
  'which',
  'with',
]);

/** A word without the endings that do not change its subject: `tampered` and `tampers` are one. */
const stem = (word: string): string => (word.length < 5 ? word : word.replace(/(ies|es|s|ed|ing|er)$/, ''));

const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 1 && !EMPTY_WORDS.has(word))
    .map(stem);

const holds = (words: readonly string[], wanted: string): boolean =>
  words.some((word) => word === wanted || (wanted.length >= 4 && word.startsWith(wanted)));

/** Weights: a word in the name says most, one in a field least. */
const score = (entry: ManifestEntry, wanted: readonly string[]): number => {
  const places: readonly (readonly [words: string[], weight: number])[] = [
    [wordsOf(entry.name), 6],
    [wordsOf(entry.annotations.title), 4],
    [wordsOf(entry.description), 2],
    [Object.keys(entry.input_schema.properties).flatMap(wordsOf), 1],
  ];
  return wanted.reduce(
    (sum, word) => sum + places.reduce((most, [words, weight]) => (holds(words, word) ? most + weight : most), 0),
    0,
  );
};

/** The verbs that fit, best first; a verb named exactly comes alone. */
export const searchVerbs = (verbs: readonly ManifestEntry[], query: string): readonly ManifestEntry[] => {
  const name = query.trim().toLowerCase().replaceAll(/[- ]/g, '_');
  const exact = verbs.find((entry) => entry.name === name);
  if (exact !== undefined) return [exact];
  const wanted = [...new Set(wordsOf(query).flatMap((word) => [word, SYNONYMS[word] ?? word]))];
  return verbs
    .map((entry) => ({ entry, points: score(entry, wanted) }))
    .filter(({ points }) => points > 0)
    .toSorted((a, b) => b.points - a.points)
    .map(({ entry }) => entry);
};
