// What a tuning run knows so far, folded from its log: builds, values, failures, and which combinations are the same program.
import type { Combination } from './parameter-space.ts';
import type { BuildRecord, LogRecord, TrialRecord } from './tuning-log.ts';

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
  /** The first entry with each program. */
  readonly programs: ReadonlyMap<string, string>;
  /** Longest build and trial so far in ms; 0 before the first. */
  readonly buildMs: number;
  readonly trialMs: number;
}

export type Keyed = readonly (readonly [key: string, combination: Combination])[];

const foldEntry = (entry: Entry, records: readonly (BuildRecord | TrialRecord)[]): Entry =>
  records.reduce<Entry>((known, record) => {
    if (record.error !== null) return { ...known, failure: record.error };
    if (record.kind === 'build') return { ...known, fingerprint: record.fingerprint };
    const screened = record.phase === 'screen' && record.value !== null;
    return screened ? { ...known, values: [...known.values, record.value] } : known;
  }, entry);

/** Whether every combination that was built more than once gave the same program each time. */
const reproducibility = (builds: readonly BuildRecord[]): boolean | null => {
  const seen = new Map<string, string>();
  let repeated = false;
  for (const { key, fingerprint } of builds) {
    if (fingerprint === null) continue;
    const earlier = seen.get(key);
    if (earlier !== undefined && earlier !== fingerprint) return false;
    repeated ||= earlier !== undefined;
    seen.set(key, fingerprint);
  }
  return repeated ? true : null;
};

const grouped = <T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
};

const firstOfEach = (entries: Iterable<Entry>): Map<string, string> => {
  const programs = new Map<string, string>();
  for (const { key, fingerprint } of entries)
    if (fingerprint !== null && !programs.has(fingerprint)) programs.set(fingerprint, key);
  return programs;
};

const longest = (records: readonly { readonly ms: number }[]): number =>
  records.reduce((most, { ms }) => Math.max(most, ms), 0);

/** The state after `records`, over the given combinations. */
export const foldState = (keyed: Keyed, records: readonly LogRecord[]): TuningState => {
  const builds = records.filter((record) => record.kind === 'build');
  const trials = records.filter((record) => record.kind === 'trial');
  const byKey = grouped([...builds, ...trials], ({ key }) => key);
  const entries = new Map(
    keyed.map(([key, combination]) => {
      const blank: Entry = { key, combination, fingerprint: null, values: [], failure: null };
      return [key, foldEntry(blank, byKey.get(key) ?? [])];
    }),
  );
  return {
    entries,
    confirmed: trials.flatMap(({ key, phase, value, block }) =>
      phase === 'confirm' && value !== null && block !== null ? [{ key, block, value }] : [],
    ),
    reproducible: reproducibility(builds),
    programs: firstOfEach(entries.values()),
    buildMs: longest(builds),
    trialMs: longest(trials),
  };
};

/** Key of the entry that is measured in place of `entry`: the first with the same program, where programs can be told apart. */
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
