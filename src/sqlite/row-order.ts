// Guesses which kind of row comes next: a program does the same things over and over, so rows follow one another as they did
// before. Rows of several devices or processes are interleaved; each of these sequences is followed on its own track. A guess
// that is wrong costs time and nothing else.
import { grown } from '../stats/grown.ts';

const TRACKS = 16;
/** Rows of a track that are remembered: several steps of a training run. */
const LOG = 1 << 18;
const HINTS = 256;
const PAIR_BITS = 16;

export interface RowOrder {
  /** Track of the last row that had this hint. */
  readonly tracks: Uint8Array;
  /** The last LOG kinds of each track that was met; 0 where there is none yet. */
  log: Int32Array;
  /** Where in the log the next row of each track is noted, and where its guess stands. */
  readonly ends: Int32Array;
  readonly guess: Int32Array;
  /** Where the log goes on after two kinds that followed one another, by their hash; 0 where it is not known. */
  readonly after: Int32Array;
}

/** Kinds are numbered from 1. */
export const createRowOrder = (): RowOrder => {
  const starts = Int32Array.from({ length: TRACKS }, (_, track) => track * LOG);
  return {
    tracks: new Uint8Array(HINTS),
    log: new Int32Array(LOG),
    ends: starts,
    guess: starts.slice(),
    after: new Int32Array(1 << PAIR_BITS),
  };
};

export const forgetOrder = ({ log, after }: RowOrder): void => {
  log.fill(0);
  after.fill(0);
};

export const trackOf = (sequence: number): number => sequence % TRACKS;

/** Where the log goes on after a place. */
export const nextPlace = (place: number): number => (place & -LOG) | ((place + 1) & (LOG - 1));

/** Place in `tracks` of rows that have these bytes where sequences are likely to differ. */
export const hintedTrack = (type: number, field: number, process: number): number =>
  (Math.imul(type, 37) ^ (Math.imul(field, 31) + process)) & (HINTS - 1);

/** The row was of this kind and track; the guess goes on where the log did after this kind and the one before it. */
export const correct = (order: RowOrder, hint: number, kind: number, track: number): void => {
  if (order.log.length <= track * LOG) order.log = grown(order.log, new Int32Array((track + 1) * LOG));
  const { tracks, log, guess, ends, after } = order;
  tracks[hint] = track;
  const place = ends[track] ?? 0;
  const next = nextPlace(place);
  log[place] = kind;
  ends[track] = next;
  const pair = pairOf(kind, log[lastPlace(place)] ?? 0);
  const known = after[pair] ?? 0;
  after[pair] = next;
  guess[track] = known === 0 ? nextPlace(guess[track] ?? 0) : known;
};

const lastPlace = (place: number): number => (place & -LOG) | ((place - 1) & (LOG - 1));

const pairOf = (kind: number, before: number): number =>
  (Math.imul(kind, 0x9e3779b1) ^ Math.imul(before, 0x85ebca6b)) >>> (32 - PAIR_BITS);
