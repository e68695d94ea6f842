// A trial: one independent repetition of a measurement, with the reasons for which it may not count.

/** What was repeated. Requests are never trials; windows of one run cap the tier at DRAFT. */
export type ReplicateLevel = 'request' | 'window' | 'process' | 'placement';

export const VALIDITY_CODES = [
  'throttle',
  'clock_spread',
  'power_cap',
  'ecc_or_xid',
  'foreign_gpu_process',
  'not_steady',
  'client_lag',
  'cache_state',
  'undercount',
  'no_telemetry',
  'no_measurement',
] as const;

/** Why a trial does not count. `no_telemetry` alone does not exclude a trial; it caps the tier. */
export type ValidityCode = (typeof VALIDITY_CODES)[number];

export interface Trial {
  /** 0-based position in time. */
  readonly index: number;
  /** Interleaved trials of both sides share a block; null when there are no blocks. */
  readonly block: number | null;
  /** ISO 8601 UTC, null when the file does not say. */
  readonly started_at: string | null;
  readonly replicate_level: ReplicateLevel | null;
  /** Metric key (see `metricKey`) to value. */
  readonly values: Readonly<Record<string, number>>;
  readonly validity: readonly ValidityCode[];
  readonly gpu_uuids: readonly string[] | null;
  /** Answered requests behind the values; null or absent where nobody says. */
  readonly requests?: number | null | undefined;
}

type Judged = Pick<Trial, 'validity'>;

/** True for a reason for which a trial does not count. A code that is not known is one. */
export const excludesTrial = (code: string): boolean => code !== 'no_telemetry';

/** True when the trial counts in a decision. */
export const isValidTrial = (trial: Judged): boolean => !trial.validity.some(excludesTrial);

/** Number of trials by the reason for which they do not count. */
export type InvalidReasons = Partial<Readonly<Record<ValidityCode, number>>>;

export const invalidReasons = (trials: readonly Judged[]): InvalidReasons => {
  const counted = VALIDITY_CODES.filter(excludesTrial).map((code): [ValidityCode, number] => [
    code,
    trials.filter(({ validity }) => validity.includes(code)).length,
  ]);
  return Object.fromEntries(counted.filter(([, trialsWithIt]) => trialsWithIt > 0));
};

/** `not_steady in 6, throttle in 1`; empty where there is none. */
export const reasonsText = (reasons: InvalidReasons): string =>
  Object.entries(reasons)
    .map(([code, trialsWithIt]) => `${code} in ${trialsWithIt}`)
    .join(', ');
