// Matches a text against many globs at once: one pass over the text, whatever the number of globs. The globs are run as one
// automaton whose states are made when first met; it never backtracks, so no glob and no text can make it slow.

/** The globs that match a text: their positions in the list given, ascending. Equal sets are one object with one id. */
export interface GlobMatch {
  readonly id: number;
  readonly matched: readonly number[];
}

export type GlobSet = (text: string) => GlobMatch;

interface State {
  /** Places reached on the tape, ascending, without those that every state reaches. */
  readonly places: readonly number[];
  /** State after a character of each class; filled when first needed. */
  next: (State | undefined)[];
  readonly match: GlobMatch;
}

/** All globs joined to one row of character codes. */
interface Tape {
  readonly codes: readonly number[];
  /** Where each glob begins. */
  readonly starts: readonly number[];
  /** Glob that ends at a place. */
  readonly globAt: ReadonlyMap<number, number>;
}

const STAR = -1;
const END = -2;
const MAX_STATES = 4096;

const lower = (code: number): number => (code >= 65 && code <= 90 ? code + 32 : code);

const layTape = (globs: readonly string[]): Tape => {
  const codes: number[] = [];
  const starts: number[] = [];
  const globAt = new Map<number, number>();
  globs.forEach((glob, index) => {
    starts.push(codes.length);
    for (let at = 0; at < glob.length; at += 1) codes.push(glob[at] === '*' ? STAR : lower(glob.charCodeAt(at)));
    globAt.set(codes.length, index);
    codes.push(END);
  });
  return { codes, starts, globAt };
};

/** Class of each character code that occurs in a glob; all others are class 0, since no glob distinguishes them. */
const classesOf = ({ codes }: Tape): Uint16Array => {
  const classes = new Uint16Array(65_536);
  let count = 0;
  for (const code of codes) if (code >= 0 && classes[code] === 0) classes[code] = count += 1;
  for (let upper = 65; upper <= 90; upper += 1) classes[upper] = classes[upper + 32] ?? 0;
  return classes;
};

/** Adds a place and those that stars let one reach from it without a character. */
const reach = ({ codes }: Tape, place: number, reached: Set<number>): void => {
  let at = place;
  reached.add(at);
  while (codes[at] === STAR) reached.add((at += 1));
};

/** Adds the places that one character of a class leads to: stars stay, literals move on. */
const advance = (tape: Tape, from: Iterable<number>, isOfClass: (code: number) => boolean, to: Set<number>): void => {
  for (const place of from) {
    const code = tape.codes[place] ?? END;
    if (code === STAR) reach(tape, place, to);
    else if (code >= 0 && isOfClass(code)) reach(tape, place + 1, to);
  }
};

const ascending = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b);

const MOST_KEPT = 8;
/** The sets compiled last: a server judges by the same rules again and again, and a warm set has its states already. */
const kept = new Map<string, GlobSet>();

/** `*` matches any run of characters, also none; everything else is literal. Case of ASCII letters is ignored. */
export const compileGlobs = (globs: readonly string[]): GlobSet => {
  const name = JSON.stringify(globs);
  const known = kept.get(name) ?? buildSet(globs);
  kept.delete(name);
  kept.set(name, known);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  return known;
};

const buildSet = (globs: readonly string[]): GlobSet => {
  const tape = layTape(globs);
  const classes = classesOf(tape);
  const globsAt = (places: Iterable<number>): number[] => [...places].flatMap((place) => tape.globAt.get(place) ?? []);
  // Globs that begin with a star are at their beginning in every state, so states leave those places out.
  const everywhere = new Set<number>();
  for (const start of tape.starts) if (tape.codes[start] === STAR) reach(tape, start, everywhere);
  const matchedEverywhere = globsAt(everywhere);
  const fromEverywhere: (ReadonlySet<number> | undefined)[] = [];

  const matches = new Map<string, GlobMatch>();
  const matchOf = (places: readonly number[]): GlobMatch => {
    const ended = globsAt(places);
    const name = ended.join();
    const known = matches.get(name) ?? { id: matches.size, matched: ascending([...matchedEverywhere, ...ended]) };
    matches.set(name, known);
    return known;
  };

  const states = new Map<string, State>();
  const stateOf = (reached: ReadonlySet<number>): State => {
    const places = ascending(reached).filter((place) => !everywhere.has(place));
    const name = places.join();
    const known = states.get(name);
    if (known !== undefined) return known;
    if (states.size >= MAX_STATES) forget();
    const state: State = { places, next: [], match: matchOf(places) };
    states.set(name, state);
    return state;
  };
  const start = stateOf(new Set(tape.starts));
  /** Drops every state but the first, which is all that a text needs to begin with. */
  const forget = (): void => {
    states.clear();
    start.next = [];
  };

  const begin = (characterClass: number): ReadonlySet<number> => {
    const begun = new Set<number>();
    advance(tape, everywhere, (code) => classes[code] === characterClass, begun);
    return (fromEverywhere[characterClass] = new Set([...begun].filter((place) => !everywhere.has(place))));
  };
  const step = (from: State, characterClass: number): State => {
    const reached = new Set(fromEverywhere[characterClass] ?? begin(characterClass));
    advance(tape, from.places, (code) => classes[code] === characterClass, reached);
    return (from.next[characterClass] = stateOf(reached));
  };

  return (text) => {
    let state = start;
    for (let at = 0; at < text.length; at += 1) {
      const characterClass = classes[text.charCodeAt(at)] ?? 0;
      state = state.next[characterClass] ?? step(state, characterClass);
    }
    return state.match;
  };
};
