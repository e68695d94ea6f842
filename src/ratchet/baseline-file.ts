// The ratchet's baseline: the best known result of each configuration, with the samples, commit and file hash it rests on.
// Entries that are kept are written back as they were read, whoever wrote them.
import { inputFault } from '../text/fault.ts';
import { describeJson, isJsonObject, type JsonObject, type JsonValue } from '../text/json.ts';
import { parseResult, type ConfigResult } from './result-file.ts';

export interface BaselineEntry {
  readonly result: ConfigResult;
  /** The entry as it stands in the file. */
  readonly stored: JsonObject;
}

export type Baseline = ReadonlyMap<string, BaselineEntry>;

/** Where a promoted result comes from. */
export interface Provenance {
  readonly sourceSha256: string;
  /** Commit under test, for results that do not name theirs. */
  readonly commit: string | null;
  /** ISO 8601 UTC. */
  readonly at: string;
}

const BASELINE_VERSION = 2;

/** Every entry of a baseline has its time. */
const requireTime = (name: string, entry: JsonValue | undefined, path: string): void => {
  const at = `configs.${name}`;
  if (!isJsonObject(entry))
    throw inputFault('baseline_invalid', `${path}: ${at} is ${describeJson(entry ?? null)}, not an object`, {
      path,
      at,
    });
  if ((entry['median_ms'] ?? null) !== null) return;
  throw inputFault('baseline_invalid', `${path}: ${at} has no median_ms`, {
    path,
    at,
    fix: 'restore the file from version control',
  });
};

/** The entries of a baseline file. Throws a Fault `baseline_invalid`, or those of its reader, that names the place. */
export const parseBaseline = (document: JsonValue, path: string): Baseline => {
  const stored = isJsonObject(document) ? document['configs'] : undefined;
  if (!isJsonObject(stored))
    throw inputFault('baseline_invalid', `${path} has no object \`configs\``, {
      path,
      fix: 'give a baseline that the ratchet wrote, or remove the file to start a new one',
    });
  const names = Object.keys(stored);
  for (const name of names) requireTime(name, stored[name], path);
  const results = names.length === 0 ? [] : parseResult(document, path);
  const entries = results.flatMap((result): [string, BaselineEntry][] => {
    const entry = stored[result.name];
    return isJsonObject(entry) ? [[result.name, { result, stored: entry }]] : [];
  });
  return new Map(entries);
};

/** A result as a baseline entry. */
export const baselineEntry = (result: ConfigResult, { sourceSha256, commit, at }: Provenance): BaselineEntry => ({
  result,
  stored: {
    median_ms: result.timeMs,
    statistic: result.statistic,
    samples_ms: [...result.samplesMs],
    throughput_gflops: result.throughputGflops,
    bandwidth_gb_s: result.bandwidthGbPerS,
    config: result.shape,
    gpu: result.gpu,
    git_commit: result.gitCommit ?? commit,
    timestamp: result.timestamp,
    promoted_at: at,
    source_sha256: sourceSha256,
  },
});

/** The document of a baseline file. */
export const baselineDocument = (baseline: Baseline): JsonObject => ({
  schema_version: BASELINE_VERSION,
  configs: Object.fromEntries([...baseline].map(([name, { stored }]) => [name, stored])),
});
