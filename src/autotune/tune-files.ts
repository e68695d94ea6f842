// Runs a tuning specification on files: reads it, keeps the log beside the results, writes the suggestions. Never touches the
// sources that are tuned.
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { CONFIGURATION_BYTES, readNamedText } from '../fs/named-text.ts';
import type { Runner } from '../exec/run-process.ts';
import { appendLine, fixTornTail } from '../fs/append-line.ts';
import { replaceFile } from '../fs/atomic-file.ts';
import { ioFault } from '../fs/io-fault.ts';
import { inputFault, systemCode } from '../text/fault.ts';
import { canonicalJson, jsonFile } from '../text/json.ts';
import { redacted } from '../text/redact.ts';
import { parseYaml } from '../text/yaml.ts';
import { artifactName, commandTrialRunner } from './command-trial-runner.ts';
import { openMadeArtifacts, type MadeArtifacts } from './made-artifacts.ts';
import { combinations } from './parameter-space.ts';
import { runAutotune, type TuneOutcome } from './run-autotune.ts';
import { renderSuggestions } from './suggestions.ts';
import { logLine, parseTuningLog, type LogRecord } from './tuning-log.ts';
import { parseTuningSpec, type TuningSpec } from './tuning-spec.ts';

export interface TuneOptions {
  /** YAML or JSON. */
  readonly specPath: string;
  /** Folder of `results.jsonl`, `result.json` and `suggestions.md`. */
  readonly outputFolder: string;
  /** Working folder of the build and the benchmark. */
  readonly cwd: string;
  readonly run: Runner;
  readonly budgetMinutes: number;
  /** Present time, ISO 8601 UTC. */
  readonly now: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (message: string) => void;
}

export const DEFAULT_BUDGET_MINUTES = 20;

const readText = async (path: string): Promise<string | null> => {
  try {
    return await readNamedText(path, { limit: CONFIGURATION_BYTES });
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return null;
    throw ioFault(cause, path);
  }
};

/**
 * The tuning file that `config` means: the file itself, or for the name of a configuration `<name>.yaml` in `tuning/` or
 * `configs/autotune/` under `cwd`. Throws a Fault `tuning_spec` that lists the places.
 */
export const findTuningFile = async (config: string, cwd: string): Promise<string> => {
  const places = [config, `tuning/${config}.yaml`, `configs/autotune/${config}.yaml`].map((place) =>
    resolve(cwd, place),
  );
  for (const place of places) if ((await readText(place)) !== null) return place;
  throw inputFault('tuning_spec', `no tuning file for ${JSON.stringify(config)}`, {
    fix: `write one at ${places.join(' or ')}; configs/autotune-example.yaml shows how`,
  });
};

export const readTuningSpec = async (path: string): Promise<TuningSpec> => {
  const text = await readText(path);
  if (text === null) throw inputFault('tuning_spec', `${path} does not exist`, { path, fix: 'name an existing file' });
  return parseTuningSpec(await parseYaml(text, path), path);
};

/** The records of an earlier run with this specification; starts the log when there is none. */
const openLog = async (path: string, start: LogRecord & { readonly kind: 'start' }): Promise<LogRecord[]> => {
  await fixTornTail(path);
  const records = parseTuningLog((await readText(path)) ?? '', path, start.spec_sha256);
  if (records.length > 0) return records;
  await appendLine(path, logLine(start), { sync: true });
  return [start];
};

/** Log of the artifacts beside the results. */
const artifactsIn = (outputFolder: string): MadeArtifacts => openMadeArtifacts(join(outputFolder, 'artifacts.jsonl'));

const checkArtifacts = async (spec: TuningSpec, cwd: string, artifacts: MadeArtifacts): Promise<void> => {
  if (spec.build === null) return;
  const names = new Set(combinations(spec).map((combination) => artifactName(spec, combination)));
  for (const name of names) await artifacts.check(join(cwd, name));
};

/** Throws what would end the search before its first build: the Faults of the specification, and `artifact_exists`. */
export const checkTuning = async ({
  specPath,
  outputFolder,
  cwd,
}: Pick<TuneOptions, 'specPath' | 'outputFolder' | 'cwd'>): Promise<void> =>
  checkArtifacts(await readTuningSpec(specPath), cwd, artifactsIn(outputFolder));

/** Tunes, and writes the result as JSON and as suggestions. Throws the Faults of the specification, the log and the run. */
export const tuneFiles = async (options: TuneOptions): Promise<TuneOutcome> => {
  const { specPath, outputFolder, cwd, run, budgetMinutes, now, signal, onProgress } = options;
  const spec = await readTuningSpec(specPath);
  const artifacts = artifactsIn(outputFolder);
  await checkArtifacts(spec, cwd, artifacts);
  await mkdir(outputFolder, { recursive: true });
  const logPath = join(outputFolder, 'results.jsonl');
  const specSha256 = createHash('sha256').update(canonicalJson(spec)).digest('hex');
  const start = { kind: 'start', spec_sha256: specSha256, config: spec.config, at: now } as const;
  const records = await openLog(logPath, start);
  const trialRunner = {
    ...commandTrialRunner({ spec, run, cwd, signal, artifacts }),
    now: () => performance.now(),
    append: (record: LogRecord) => appendLine(logPath, logLine(record)),
    onProgress: onProgress ?? (() => undefined),
  };
  const outcome = await runAutotune(spec, trialRunner, budgetMinutes * 60_000, records);
  const shown = redacted(outcome);
  await replaceFile(join(outputFolder, 'result.json'), jsonFile({ schema_version: 1, ...shown }));
  await replaceFile(join(outputFolder, 'suggestions.md'), renderSuggestions(shown, spec));
  return outcome;
};
