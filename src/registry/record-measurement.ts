// Records a measurement: copies the source, measures the copy, states what the entry is to say, publishes it. One after
// another; nothing is visible before all of it holds.
import { basename } from 'node:path';
import type { Metric } from '../metrics/metric.ts';
import { measureSource, type MeasuredSource } from '../source/measure-source.ts';
import { sourceShape } from '../source/source-shape.ts';
import { Fault } from '../text/fault.ts';
import { environmentSecrets, redact } from '../text/redact.ts';
import { jsonFile } from '../text/json.ts';
import type { VerbContext } from '../verb/context.ts';
import { withGivenNames } from '../verb/spooled-pipes.ts';
import type { RecordedEntry } from './commit.ts';
import { composeBaseline, type Provenance } from './compose-baseline.ts';
import { entryFacts, type RecordRequest } from './entry-facts.ts';
import type { Baseline } from './entry-schema.ts';
import { registryFolder } from './layout.ts';
import { dropRecording, openRecording, publishEntry, rehearseRecording } from './record-entry.ts';
import { recorderFacts } from './recorder-facts.ts';
import { type Snapshot, STATED_PATH, statedSource } from './snapshot.ts';

export interface RecordedMeasurement {
  readonly measured: MeasuredSource;
  readonly baseline: Baseline;
  /** Metrics that verdicts will hang on. */
  readonly claimed: readonly Metric[];
  /** Null for a dry run. */
  readonly entry: RecordedEntry | null;
  readonly warnings: readonly string[];
}

const provenanceOf = async (
  request: RecordRequest,
  secrets: readonly string[],
  context: VerbContext,
): Promise<Provenance> => {
  const facts = await recorderFacts(context);
  const { driver = null, gpus = [] } = facts.gpus ?? {};
  return {
    registeredAt: context.now(),
    operatorUser: facts.operatorUser,
    team: request.team ?? null,
    hostname: facts.hostname,
    uname: facts.uname,
    profileAndOptimizeSha: context.product.sha,
    productVersion: context.product.version,
    repoSha: facts.git.head_sha,
    repoDirty: facts.git.dirty,
    captureCommand: request.capture_command === undefined ? null : redact(request.capture_command, secrets),
    environment: { node: process.version, ...(facts.gpus === null ? {} : { driver, gpus }) },
    notes: redact(request.notes ?? '', secrets),
    supersedes: request.supersedes ?? null,
    schemaPath: request.schema ?? null,
  };
};

/** What is wrong with the stored copy is wrong with the source: the Fault names the path that the caller knows. */
const faultOfSource = (error: unknown, copy: string, source: string): unknown => {
  if (!(error instanceof Fault)) return error;
  const { kind, code, message, details } = error;
  const path = details.path === undefined ? {} : { path: details.path.replace(copy, source) };
  return new Fault(kind, code, message.replaceAll(copy, source), { ...details, ...path });
};

/** A snapshot of what came through a pipe says the name that the caller gave. */
const givenSource = (snapshot: Snapshot, { pipes }: VerbContext): Snapshot => ({
  ...snapshot,
  source: { ...snapshot.source, path: withGivenNames(snapshot.source.path, pipes) },
});

/** What is stated without a file, as the file that the entry keeps. */
const statedText = ({ measurement, value, values, trials, unit }: RecordRequest): string =>
  jsonFile({ measurement, value, values, trials, unit });

/**
 * Records, or with `dryRun` checks everything and writes nothing. Throws a Fault of `openRecording`, `measureSource`,
 * `entryFacts`, `composeBaseline` or `publishEntry`.
 */
export const recordMeasurement = async (request: RecordRequest, context: VerbContext): Promise<RecordedMeasurement> => {
  const { family, measurement, source } = request;
  const shape = source === undefined ? 'file' : await sourceShape(source);
  const secrets = environmentSecrets(context.env);
  const provenance = await provenanceOf(request, secrets, context);
  const given = source ?? statedSource(statedText(request));
  const registry = registryFolder(context.root);
  const input = { ...provenance, registry, family, measurement, source: given, secrets };
  const options = {
    signal: context.signal,
    onProgress: (bytes: number, total: number) =>
      context.progress(bytes, total, `reading ${basename(source ?? STATED_PATH)}`),
  };
  const open = await (context.dryRun ? rehearseRecording : openRecording)(input, options);
  const copy = open.snapshot.path;
  try {
    const measured = await measureSource(request, copy, shape);
    const { facts, claimed, warnings } = await entryFacts(request, measured, context);
    const named = givenSource(open.snapshot, context);
    const baseline = composeBaseline({ family, measurement }, named, facts, provenance, secrets);
    const units = measured.metrics.flatMap(({ unit }) => unit ?? []);
    const entry = context.dryRun
      ? null
      : await publishEntry(open, baseline, provenance.registeredAt, { ...options, units });
    const notes = [...warnings, ...(entry?.warnings ?? [])].map((warning) =>
      warning.replaceAll(copy, source ?? STATED_PATH),
    );
    return { measured, baseline, claimed, entry, warnings: notes };
  } catch (error) {
    await dropRecording(open);
    throw faultOfSource(error, copy, source ?? STATED_PATH);
  }
};
