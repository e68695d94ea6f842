// Judges the links of a chain: unbroken, forked (two branches merged in git), or tampered with. Pure.
import { linkHash, type ChainLine, type ChainLink } from './chain.ts';

/** What is wrong with a line of the chain. */
export interface ChainBreak {
  /** 1-based line of `chain.jsonl`. */
  readonly line: number;
  readonly reason:
    | 'merge_mark' // an unfinished merge in git, not tampering
    | 'not_a_link'
    | 'previous_link_missing' // the link before was changed or removed
    | 'wrong_sequence'
    | 'repeated_entry'
    | 'repeated_link';
  readonly slug: string | null;
}

/** Two or more branches that go on from the same link. */
export interface ChainFork {
  /** Hash of the link that they share; null when they share none. */
  readonly after: string | null;
  /** Slugs of the first link of each branch. */
  readonly branches: readonly string[];
}

export interface ChainWalk {
  /** Links that hang together back to a first link, in file order. */
  readonly links: readonly ChainLink[];
  /** Hash of the last link in the file; null for an empty chain. */
  readonly head: string | null;
  /** Hashes of all links on which nothing follows: one in an unbroken chain, more after a fork. */
  readonly heads: readonly string[];
  readonly breaks: readonly ChainBreak[];
  readonly forks: readonly ChainFork[];
  /** Position of every sound link by its hash. */
  readonly sequence: ReadonlyMap<string, number>;
}

interface State {
  readonly sequence: Map<string, number>;
  readonly slugs: Set<string>;
  readonly links: ChainLink[];
  readonly breaks: ChainBreak[];
  readonly followers: Map<string | null, string[]>;
  head: string | null;
}

const judge = (state: State, link: ChainLink, hash: string): ChainBreak['reason'] | undefined => {
  const before = link.prev === null ? -1 : state.sequence.get(link.prev);
  if (before === undefined) return 'previous_link_missing';
  if (link.seq !== before + 1) return 'wrong_sequence';
  if (state.sequence.has(hash)) return 'repeated_link';
  return state.slugs.has(link.slug) ? 'repeated_entry' : undefined;
};

/** Links of a changed or removed line lose their predecessor; those after it still hang together among themselves. */
const accept = (state: State, link: ChainLink, hash: string): void => {
  state.sequence.set(hash, link.seq);
  state.slugs.add(link.slug);
  state.links.push(link);
  state.head = hash;
};

const step = (state: State, { line, link, mergeMark }: ChainLine): void => {
  if (link === undefined) {
    state.breaks.push({ line, reason: mergeMark ? 'merge_mark' : 'not_a_link', slug: null });
    return;
  }
  const hash = linkHash(link);
  const reason = judge(state, link, hash);
  if (reason !== undefined) state.breaks.push({ line, reason, slug: link.slug });
  if (reason === 'repeated_link' || reason === 'repeated_entry') return;
  if (reason === undefined) state.followers.set(link.prev, [...(state.followers.get(link.prev) ?? []), link.slug]);
  accept(state, link, hash);
};

/** Walks the lines of a chain in file order. Lines of two merged branches may stand in any order that keeps each branch's own. */
export const walkChain = (lines: readonly ChainLine[]): ChainWalk => {
  const state: State = {
    sequence: new Map(),
    slugs: new Set(),
    links: [],
    breaks: [],
    followers: new Map(),
    head: null,
  };
  for (const line of lines) step(state, line);
  const forks = [...state.followers]
    .filter(([, branches]) => branches.length > 1)
    .map(([after, branches]) => ({ after, branches }));
  const followed = new Set(state.links.map((link) => link.prev));
  return {
    links: state.links,
    head: state.head,
    heads: [...state.sequence.keys()].filter((hash) => !followed.has(hash)),
    breaks: state.breaks,
    forks,
    sequence: state.sequence,
  };
};
