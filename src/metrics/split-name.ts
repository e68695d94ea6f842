// Takes the name of a number apart into words, whatever its spelling: `ttft_p99_ms`, `avgTTFT`, `Mean TTFT (ms)`,
// `bw (GB/s)`. Runs of digits become `#`, so that names which differ in a number only are one name. Never gives meaning.

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** Characters that are words: `tok/s` is `tok per s`. */
const SPELLED = new Map([
  ['%', ' percent '],
  ['$', ' usd '],
  ['/', ' per '],
  ['#', ' num '],
  ['µ', 'u'],
  ['μ', 'u'],
]);

/** Runs of letters and digits, digits as `#`. */
const runsOf = (name: string): string[] =>
  name
    .replace(/[%$/#µμ]/g, (character) => SPELLED.get(character) ?? character)
    .replace(/\d+/g, '#')
    .split(/[^\p{L}#]+/u)
    .filter((run) => run !== '');

/** `timeToFirstToken` and `avgTTFT` at their humps. */
const humpsOf = (run: string): string[] =>
  run
    .replace(/([a-z#])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(' ');

/** Words in lower case; a run that `isWord` knows as a whole (`busBw`, `GBps`) stays whole. */
export const splitName = (name: string, isWord: (word: string) => boolean): string[] =>
  runsOf(name).flatMap((run) => {
    const whole = run.toLowerCase();
    return whole === run || isWord(whole) ? [whole] : humpsOf(run);
  });

/** Places in the names met so far; more are not kept, since a document whose names all differ would fill the memory. */
const MOST_PLACES = 4096;
/** Printable ASCII from the space on. */
const CHARACTERS = 96;
const FIRST = 32;
const HASH = 35;
/** Names that found no room before everything is forgotten and learnt anew. */
const PATIENCE = 50_000;

/**
 * Remembers what `compute` says of a name, by its characters and not by the text itself: a name cut out of a document would
 * keep the whole document alive. Names that differ in digits only share one answer.
 */
export const rememberByShape = <T>(compute: (name: string) => T): ((name: string) => T) => {
  let places = new Int32Array(0);
  let count = 1;
  let crowded = 0;
  let answers: (T | undefined)[] = [];
  const forget = (): void => {
    places = new Int32Array(MOST_PLACES * CHARACTERS);
    count = 1;
    crowded = 0;
    answers = [];
  };
  const withoutRoom = (name: string): T => {
    crowded += 1;
    if (crowded > PATIENCE) forget();
    return compute(name);
  };
  return (name) => {
    if (places.length === 0) forget();
    let place = 0;
    for (let at = 0; at < name.length; at += 1) {
      let code = name.charCodeAt(at);
      if (code >= 48 && code <= 57) {
        while (isDigit(name.charCodeAt(at + 1))) at += 1;
        code = HASH;
      } else if (code === HASH || code < FIRST || code > 126) return compute(name);
      const slot = place * CHARACTERS + code - FIRST;
      place = places[slot] ?? 0;
      if (place !== 0) continue;
      if (count >= MOST_PLACES) return withoutRoom(name);
      place = places[slot] = count;
      count += 1;
    }
    return (answers[place] ??= compute(name));
  };
};
