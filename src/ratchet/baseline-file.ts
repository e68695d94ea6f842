// The ratchet's baseline: the best known result of each configuration, with the samples, commit and file hash it rests on.
// Entries that are kept are written back as they were read, whoever wrote them.
import { inputFault } from '../text/fault.ts';
import { describeJson, isJsonObject, type JsonObject, type JsonValue } from '../text/json.ts';
import { checkName, commitAt, positiveAt, samplesAt, type ConfigResult } from './result-file.ts';

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

const textAt = (value: JsonValue | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

const parseEntry = (name: string, stored: JsonValue, path: string): BaselineEntry => {
  const where = `configs.${name}`;
  checkName(name, 'configs', path);
  if (!isJsonObject(stored))
    throw inputFault('baseline_invalid', `${path}: ${where} is ${describeJson(stored)}, not an object`, {
      path,
      at: where,
    });
  const timeMs = positiveAt(stored, 'median_ms', where, path);
  if (timeMs === null)
    throw inputFault('baseline_invalid', `${path}: ${where} has no median_ms`, {
      path,
      at: where,
      fix: 'restore the file from version control',
    });
  const { statistic, config } = stored;
  const result: ConfigResult = {
    name,
    timeMs,
    statistic: statistic === 'median' || statistic === 'mean' ? statistic : null,
    samplesMs: samplesAt(stored, where, path),
    throughputGflops: positiveAt(stored, 'throughput_gflops', where, path),
    bandwidthGbPerS: positiveAt(stored, 'bandwidth_gb_s', where, path),
    shape: isJsonObject(config) ? config : null,
    gpu: textAt(stored['gpu']),
    gitCommit: commitAt(stored['git_commit']),
    timestamp: textAt(stored['timestamp']),
    invalid: null,
  };
  return { result, stored };
};

/** The entries of a baseline file. Throws a Fault `baseline_invalid` or `impossible_value` that names the place. */
export const parseBaseline = (document: JsonValue, path: string): Baseline => {
  const configs = isJsonObject(document) ? document['configs'] : undefined;
  if (!isJsonObject(configs))
    throw inputFault('baseline_invalid', `${path} has no object \`configs\``, {
      path,
      fix: 'give a baseline that the ratchet wrote, or remove the file to start a new one',
    });
  return new Map(Object.entries(configs).map(([name, stored]) => [name, parseEntry(name, stored, path)]));
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
