// Matches a text against many globs at once: one pass over the text, whatever the number of globs. The globs are run as one
// automaton whose states are made when first met; it never backtracks, so no glob and no text can make it slow.

/** The globs that match a text: their positions in the list given, ascending. Equal sets are one object with one id. */
export interface GlobMatch {
  readonly id: number;
  readonly matched: readonly number[];
}

export type GlobSet = (text: string) => GlobMatch;

interface State {
  /** Places in the joined globs that are reached, ascending. */
  readonly places: readonly number[];
  /** State after a character of each class; filled when first needed. */
  next: (State | undefined)[];
  readonly match: GlobMatch;
}

const STAR = -1;
const END = -2;
const MAX_STATES = 20_000;

const lower = (code: number): number => (code >= 65 && code <= 90 ? code + 32 : code);

/** All globs joined to one tape of character codes, `STAR` for `*` and `END` after each glob. */
const joinGlobs = (globs: readonly string[]): { tape: number[]; starts: number[] } => {
  const tape: number[] = [];
  const starts = globs.map((glob) => {
    const start = tape.length;
    for (let at = 0; at < glob.length; at += 1) tape.push(glob[at] === '*' ? STAR : lower(glob.charCodeAt(at)));
    tape.push(END);
    return start;
  });
  return { tape, starts };
};

/** Class of each character code that occurs in a glob; all others are class 0, since no glob tells them apart. */
const classesOf = (tape: readonly number[]): Uint16Array => {
  const classes = new Uint16Array(65_536);
  let count = 0;
  for (const code of tape) if (code >= 0 && classes[code] === 0) classes[code] = count += 1;
  for (let upper = 65; upper <= 90; upper += 1) classes[upper] = classes[upper + 32] ?? 0;
  return classes;
};

/** Places reached from `places` when stars match nothing, ascending. */
const closureOf = (tape: readonly number[], places: Iterable<number>): number[] => {
  const reached = new Set<number>();
  for (let place of places) {
    reached.add(place);
    while (tape[place] === STAR) reached.add((place += 1));
  }
  return [...reached].sort((a, b) => a - b);
};

/** `*` matches any run of characters, also none; everything else is literal. Case of ASCII letters is ignored. */
export const compileGlobs = (globs: readonly string[]): GlobSet => {
  const { tape, starts } = joinGlobs(globs);
  const classes = classesOf(tape);
  const globAt = new Map<number, number>();
  starts.forEach((start, glob) => globAt.set(tape.indexOf(END, start), glob));

  const matches = new Map<string, GlobMatch>();
  const matchOf = (places: readonly number[]): GlobMatch => {
    const matched = places.flatMap((place) => globAt.get(place) ?? []);
    const name = matched.join();
    const known = matches.get(name) ?? { id: matches.size, matched };
    matches.set(name, known);
    return known;
  };

  const states = new Map<string, State>();
  const stateOf = (places: readonly number[]): State => {
    const reached = closureOf(tape, places);
    const name = reached.join();
    const known = states.get(name);
    if (known !== undefined) return known;
    if (states.size >= MAX_STATES) forget();
    const state: State = { places: reached, next: [], match: matchOf(reached) };
    states.set(name, state);
    return state;
  };
  const start = stateOf(starts);
  /** Drops every state but the first, which is all that a text needs to begin with. */
  const forget = (): void => {
    states.clear();
    start.next = [];
  };

  const step = (from: State, characterClass: number): State => {
    const places = from.places.flatMap((place) => {
      const code = tape[place] ?? END;
      if (code === STAR) return place;
      return code >= 0 && classes[code] === characterClass ? place + 1 : [];
    });
    return (from.next[characterClass] = stateOf(places));
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
