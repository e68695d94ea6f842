// What a tuning run knows so far, folded from its log: builds, values, failures, and which combinations are the same program.
import type { Combination } from './parameter-space.ts';
import type { BuildRecord, LogRecord, TrialRecord } from './tuning-log.ts';
import { grouped } from '../text/lists.ts';

/** One combination and what is known about it. */
export interface Entry {
  readonly key: string;
  readonly combination: Combination;
  /** Of the last build; null until it was built. */
  readonly fingerprint: string | null;
  /** Screening values in order. */
  readonly values: readonly number[];
  /** Why it cannot be measured; null while it can. */
  readonly failure: string | null;
}

export interface ConfirmedTrial {
  readonly key: string;
  readonly block: number;
  readonly value: number;
}

export interface TuningState {
  /** By key, in the order of the search; the baseline first. */
  readonly entries: ReadonlyMap<string, Entry>;
  readonly confirmed: readonly ConfirmedTrial[];
  /** False when one combination gave different programs in two builds; null when none was built twice. */
  readonly reproducible: boolean | null;
  /** The first entry with each program; of no meaning where builds are not reproducible. */
  readonly programs: ReadonlyMap<string, string>;
  /** Longest build and trial so far in ms; 0 before the first. */
  readonly buildMs: number;
  readonly trialMs: number;
}

export type Keyed = readonly (readonly [key: string, combination: Combination])[];

const afterRecord = (known: Entry, record: BuildRecord | TrialRecord): Entry => {
  if (record.error !== null) return { ...known, failure: record.error };
  if (record.kind === 'build') return { ...known, fingerprint: record.fingerprint };
  const screened = record.phase === 'screen' && record.value !== null;
  return screened ? { ...known, values: [...known.values, record.value] } : known;
};

/** The state of a run that follows its log record by record, each at a cost that does not grow with the log. */
export interface Tally {
  /** The state after the records taken so far; the same object throughout. */
  readonly state: TuningState;
  readonly take: (record: LogRecord) => void;
}

/** A tally over the given combinations, before any record. */
export const startTally = (keyed: Keyed): Tally => {
  const position = new Map(keyed.map(([key], index) => [key, index]));
  const entries = new Map(
    keyed.map(([key, combination]): [string, Entry] => [
      key,
      { key, combination, fingerprint: null, values: [], failure: null },
    ]),
  );
  const programs = new Map<string, string>();
  const confirmed: ConfirmedTrial[] = [];
  const built = new Map<string, string>();
  const state = { entries, confirmed, programs, reproducible: null as boolean | null, buildMs: 0, trialMs: 0 };

  const takeBuild = ({ key, fingerprint, ms }: BuildRecord): void => {
    state.buildMs = Math.max(state.buildMs, ms);
    if (fingerprint === null) return;
    const earlier = built.get(key);
    if (earlier !== undefined && state.reproducible !== false) state.reproducible = earlier === fingerprint;
    built.set(key, fingerprint);
    const first = programs.get(fingerprint);
    const rank = position.get(key);
    if (rank === undefined || (first !== undefined && (position.get(first) ?? 0) <= rank)) return;
    programs.set(fingerprint, key);
  };
  const takeTrial = ({ key, phase, block, value, ms }: TrialRecord): void => {
    state.trialMs = Math.max(state.trialMs, ms);
    if (phase === 'confirm' && value !== null && block !== null) confirmed.push({ key, block, value });
  };
  const take = (record: LogRecord): void => {
    if (record.kind === 'start') return;
    const entry = entries.get(record.key);
    if (entry !== undefined) entries.set(record.key, afterRecord(entry, record));
    if (record.kind === 'build') takeBuild(record);
    else takeTrial(record);
  };
  return { state, take };
};

/** Key of the entry that is measured in place of `entry`: the first with the same program, where programs can be distinguished. */
export const representative = ({ key, fingerprint }: Entry, { programs, reproducible }: TuningState): string =>
  fingerprint === null || reproducible === false ? key : (programs.get(fingerprint) ?? key);

/** `unknown`: builds are not reproducible, or no two programs differ only in this parameter. */
export type Connection = 'connected' | 'not_connected' | 'unknown';

/**
 * Whether a parameter changes what is measured. It does as soon as two combinations that differ in nothing else give different
 * programs or commands, and does not when all such pairs give the same.
 */
export const connectionOf = (name: string, { entries, reproducible }: TuningState): Connection => {
  if (reproducible === false) return 'unknown';
  const built = [...entries.values()].filter(({ fingerprint }) => fingerprint !== null);
  const alike = grouped(built, ({ combination }) =>
    JSON.stringify(Object.entries({ ...combination, [name]: null }).sort()),
  );
  const groups = [...alike.values()].filter((group) => group.length > 1);
  if (groups.some((group) => new Set(group.map(({ fingerprint }) => fingerprint)).size > 1)) return 'connected';
  return groups.length > 0 ? 'not_connected' : 'unknown';
};
