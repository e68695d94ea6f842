// Records a measurement: gathers who and where, lets the registry publish the entry, and says what was recorded.
import { basename } from 'node:path';
import type { EntryFacts, Provenance } from './compose-baseline.ts';
import { registryFolder } from './layout.ts';
import { recordEntry, rehearseEntry, type RecordedEntry } from './record-entry.ts';
import type { Snapshot } from './snapshot.ts';
import { environmentSecrets, redact } from '../text/redact.ts';
import type { VerbContext } from '../verb/context.ts';
import { namingSource } from './name-source.ts';
import { prepareRecord, type PreparedRecord, type RecordRequest } from './prepare-record.ts';
import { recorderFacts } from './recorder-facts.ts';
import { sourceShape } from '../source/source-shape.ts';

export interface RecordCall extends Omit<RecordRequest, 'content'> {
  readonly family: string;
  /** Absolute. */
  readonly schema?: string | undefined;
  readonly notes?: string | undefined;
  readonly team?: string | undefined;
  readonly supersedes?: string | undefined;
  readonly capture_command?: string | undefined;
}

interface PublishedEntry {
  readonly folder: string;
  readonly slug: string;
  readonly baselinePath: string;
  readonly sourceSha256: string;
  readonly registeredAtUtc: string;
  readonly seq: number;
  readonly head: string;
}

export interface RecordedMeasurement {
  readonly prepared: PreparedRecord;
  /** Null for a dry run. */
  readonly entry: PublishedEntry | null;
  readonly warnings: readonly string[];
}

const entryOf = ({ folder, slug, baselinePath, baseline, seq, head }: RecordedEntry): PublishedEntry => ({
  folder,
  slug,
  baselinePath,
  sourceSha256: baseline.source_sha256,
  registeredAtUtc: baseline.registered_at_utc,
  seq,
  head,
});

const factsOf = (prepared: PreparedRecord): EntryFacts => ({
  value: prepared.value,
  unit: prepared.unit,
  direction: prepared.direction,
  direction_source: prepared.direction_source,
  values: prepared.values,
  trials: prepared.trials,
  format: prepared.format,
  context: prepared.context,
  tier: prepared.tier,
  tier_missing: prepared.tier_missing,
  headline: prepared.headline,
  select: prepared.select,
  sol: prepared.sol,
});

const provenanceOf = async (call: RecordCall, context: VerbContext): Promise<Provenance> => {
  const facts = await recorderFacts(context);
  const secrets = environmentSecrets(context.env);
  const { driver = null, gpus = [] } = facts.gpus ?? {};
  return {
    registeredAt: context.now(),
    operatorUser: facts.operatorUser,
    team: call.team ?? null,
    hostname: facts.hostname,
    uname: facts.uname,
    profileAndOptimizeSha: context.product.sha,
    productVersion: context.product.version,
    repoSha: facts.git.head_sha,
    repoDirty: facts.git.dirty,
    captureCommand: call.capture_command === undefined ? null : redact(call.capture_command, secrets),
    environment: { node: process.version, ...(facts.gpus === null ? {} : { driver, gpus }) },
    notes: redact(call.notes ?? '', secrets),
    supersedes: call.supersedes ?? null,
    schemaPath: call.schema ?? null,
  };
};

/** Records, or with `dryRun` checks everything and writes nothing. Throws a Fault of `prepareRecord` or of `recordEntry`. */
export const recordMeasurement = async (call: RecordCall, context: VerbContext): Promise<RecordedMeasurement> => {
  const shape = await sourceShape(call.source);
  let prepared: PreparedRecord | undefined;
  const facts = async (snapshot: Snapshot): Promise<EntryFacts> => {
    prepared = await namingSource(snapshot.path, call.source, () =>
      prepareRecord({ ...call, content: snapshot.path }, shape, context),
    );
    return factsOf(prepared);
  };
  const input = {
    ...(await provenanceOf(call, context)),
    registry: registryFolder(context.root),
    family: call.family,
    measurement: call.measurement,
    source: call.source,
    facts,
    secrets: environmentSecrets(context.env),
  };
  const options = {
    signal: context.signal,
    onProgress: (bytes: number, total: number) => context.progress(bytes, total, `reading ${basename(call.source)}`),
  };
  const recorded = context.dryRun ? null : await recordEntry(input, options);
  if (recorded === null) await rehearseEntry(input, options);
  if (prepared === undefined) throw new Error('an entry was recorded without its facts');
  const warnings = [...prepared.warnings, ...(recorded?.warnings ?? [])];
  return { prepared, entry: recorded === null ? null : entryOf(recorded), warnings };
};
