// Puts `baseline.json` together from what the caller knows and what the snapshot shows. Pure; takes every secret out and
// refuses to leave provenance out.
import type { AttestedFact } from '../metrics/attested.ts';
import { contextKey, type Context } from '../metrics/context.ts';
import type { Trial } from '../metrics/trial.ts';
import { describe } from '../stats/describe.ts';
import { Fault } from '../text/fault.ts';
import { redactValue } from '../text/redact.ts';
import { isoSeconds, type Moment } from '../text/time.ts';
import { baselineSchema, SCHEMA_VERSION, type Baseline, type Sol } from './entry-schema.ts';
import type { Snapshot } from './snapshot.ts';

/** What was measured, as the caller read it from the snapshot. Names and meaning as in `baseline.json`. */
export interface EntryFacts {
  /** Null for a structured measurement. With `values` and no value, their median. */
  readonly value?: number | null;
  readonly unit?: string | null;
  readonly direction: Baseline['direction'];
  readonly direction_source: string;
  readonly values?: readonly number[] | null;
  readonly trials?: readonly Trial[] | null;
  readonly format?: string | null;
  readonly context?: Context;
  readonly attested?: readonly AttestedFact[];
  readonly tier: Baseline['tier'];
  readonly tier_missing: readonly string[];
  readonly headline?: readonly string[];
  readonly select?: string | null;
  readonly sol?: readonly Sol[];
}

/** Who recorded what, where and with which build. */
export interface Provenance {
  readonly registeredAt: Moment;
  readonly operatorUser: string;
  readonly team?: string | null;
  readonly hostname: string;
  readonly uname: string;
  /** Commit of the product build; recording is refused without it. */
  readonly profileAndOptimizeSha: string | null;
  readonly productVersion: string;
  readonly repoSha: string | null;
  readonly repoDirty: boolean | null;
  readonly captureCommand?: string | null;
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly notes?: string;
  readonly supersedes?: string | null;
  readonly schemaPath?: string | null;
}

/** Throws a Fault `provenance_missing` that names what is missing. */
export const requireProvenance = ({ profileAndOptimizeSha, registeredAt }: Provenance): void => {
  const missing = [
    ...(/^[0-9a-f]{7,64}$/i.test(profileAndOptimizeSha ?? '') ? [] : ['profile_and_optimize_sha']),
    ...(Number.isFinite(registeredAt.epochMs) && registeredAt.epochMs > 0 ? [] : ['registered_at_utc']),
  ];
  if (missing.length === 0) return;
  throw new Fault('refused', 'provenance_missing', `an entry without ${missing.join(' and ')} is not recorded`, {
    fix: 'use a built product (its build carries the commit) on a machine whose clock is set',
    data: { missing },
  });
};

const repeats = ({ value, values, trials }: EntryFacts) => {
  const single = value === null || value === undefined ? [] : [value];
  const sample = values ?? single;
  if (sample.length === 0) return { n: trials?.length ?? null, mean: null, std: null, median: null };
  const { n, mean, std, median } = describe(sample);
  return { n, mean, std, median };
};

const solKeys = (facts: EntryFacts, scalar: boolean) => {
  const sol = facts.sol ?? [];
  const [first] = sol;
  if (first === undefined) return {};
  const { sol_pct, sol_ceiling_key, sol_ceiling_value } = first;
  return scalar ? { sol_pct, sol_ceiling_key, sol_ceiling_value, sol } : { sol };
};

const measured = (facts: EntryFacts) => {
  const summary = repeats(facts);
  const value = facts.value ?? summary.median;
  const unit = facts.unit ?? null;
  const context = facts.context ?? {};
  return {
    value,
    unit,
    measurement_value: value,
    units: unit,
    direction: facts.direction,
    direction_source: facts.direction_source,
    values: facts.values ?? null,
    trials: facts.trials ?? null,
    ...summary,
    format: facts.format ?? null,
    context,
    context_key: contextKey(context),
    attested: facts.attested ?? [],
    tier: facts.tier,
    tier_missing: facts.tier_missing,
    headline: facts.headline ?? [],
    select: facts.select ?? null,
    ...solKeys(facts, value !== null),
  };
};

const recorded = (provenance: Provenance) => ({
  registered_at_utc: isoSeconds(provenance.registeredAt.epochMs),
  registered_by: { operator_user: provenance.operatorUser, team: provenance.team ?? null },
  workstation: { hostname: provenance.hostname, uname: provenance.uname },
  profile_and_optimize_sha: provenance.profileAndOptimizeSha,
  product_version: provenance.productVersion,
  repo_sha: provenance.repoSha,
  repo_dirty: provenance.repoDirty,
  capture_command: provenance.captureCommand ?? null,
  environment: provenance.environment ?? {},
  notes: provenance.notes ?? '',
  supersedes: provenance.supersedes ?? null,
  schema_path: provenance.schemaPath ?? null,
});

/** `baseline.json` for a snapshot. Throws a Fault `entry_invalid` naming the field when a fact cannot be stored. */
export const composeBaseline = (
  name: { readonly family: string; readonly measurement: string },
  snapshot: Snapshot,
  facts: EntryFacts,
  provenance: Provenance,
  secrets: readonly string[],
): Baseline => {
  const parsed = baselineSchema.safeParse(
    redactValue(
      {
        schema_version: SCHEMA_VERSION,
        ...name,
        ...measured(facts),
        ...recorded(provenance),
        source_path: snapshot.source.path,
        source_sha256: snapshot.sha256,
        source_hash_format: snapshot.hashFormat,
        source_bytes: snapshot.bytes,
      },
      secrets,
    ),
  );
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue?.path.join('.') ?? '';
  throw new Fault('input', 'entry_invalid', `${at}: ${issue?.message ?? 'not valid'}`, {
    at,
    fix: `correct ${at}; nothing was recorded`,
  });
};
