// Runs a ratchet check on files: reads the result, the baseline and the waivers, writes the report, the profile targets and, where
// it may, the baseline. Nothing is written before everything has been read and judged.
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CONFIGURATION_BYTES, readNamedText } from '../fs/named-text.ts';
import { replaceFile } from '../fs/atomic-file.ts';
import { ioFault } from '../fs/io-fault.ts';
import { MAX_BYTES } from '../importers/file-text.ts';
import { inputFault, systemCode } from '../text/fault.ts';
import { jsonFile, parseJson } from '../text/json.ts';
import { redact } from '../text/redact.ts';
import { parseYaml } from '../text/yaml.ts';
import { baselineDocument, parseBaseline, type Baseline } from './baseline-file.ts';
import type { FailOn } from '../verdict/exit-code.ts';
import { checkRatchet, readOnlyReason, type RatchetOutcome } from './check.ts';
import type { Thresholds } from './judge-config.ts';
import { checkCapturePlan, profileTargets, type CapturePlan, type ProfileTarget } from './profile-target.ts';
import { renderReport, renderText } from './report.ts';
import { parseResult, type RatePeaks } from './result-file.ts';
import { parseWaivers, type Waiver } from './waiver.ts';

export interface CheckFiles {
  readonly resultPath: string;
  readonly baselinePath: string;
  /** How the report calls the baseline; it goes into pull requests, where the runner's folders mean nothing. */
  readonly baselineName?: string;
  readonly waiversPath: string | null;
  /** Where the Markdown report goes; null for nowhere. */
  readonly reportPath: string | null;
  /** Where the profile targets go, as JSON; null for nowhere. Written also when there are none. */
  readonly targetsPath: string | null;
}

export interface CheckOptions extends CheckFiles {
  readonly thresholds: Thresholds;
  readonly peaks: RatePeaks;
  /** How to profile a configuration; null leaves the commands out of the targets. */
  readonly capture: CapturePlan | null;
  readonly noWrite: boolean;
  /** Name of the CI event that started the run (`GITHUB_EVENT_NAME`). */
  readonly eventName: string | undefined;
  /** Commit under test, for results that do not name theirs. */
  readonly commit: string | null;
  /** Present time, ISO 8601 UTC. */
  readonly now: string;
  readonly strict: boolean;
  readonly strictContext: boolean;
  readonly failOn?: readonly FailOn[];
  /** Gains that look too large have been vouched for. */
  readonly acceptImplausible?: boolean;
}

export interface CheckedRun {
  readonly outcome: RatchetOutcome;
  readonly targets: readonly ProfileTarget[];
  /** For a terminal. */
  readonly text: string;
  /** Paths that were written. */
  readonly written: readonly string[];
}

const readIfPresent = async (path: string, limit: number): Promise<string | null> => {
  try {
    return await readNamedText(path, { limit });
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return null;
    throw ioFault(cause, path);
  }
};

const readResult = async (path: string): Promise<string> => {
  const text = await readIfPresent(path, MAX_BYTES);
  if (text !== null) return text;
  throw inputFault('result_missing', `${path} does not exist: the benchmark wrote no result`, {
    path,
    fix: 'look at the benchmark step; a result that is absent is neither a pass nor a regression',
  });
};

const readBaseline = async (path: string): Promise<Baseline | null> => {
  const text = await readIfPresent(path, MAX_BYTES);
  return text === null ? null : parseBaseline(parseJson(text, path), path);
};

const readWaivers = async (path: string | null): Promise<Waiver[]> => {
  if (path === null) return [];
  const text = await readIfPresent(path, CONFIGURATION_BYTES);
  if (text === null)
    throw inputFault('waiver_invalid', `${path} does not exist`, { path, fix: 'name an existing file' });
  return parseWaivers(await parseYaml(text, path), path);
};

const writeText = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  await replaceFile(path, text);
};

/**
 * Checks the files. Throws a Fault `result_missing`, those of the parsers, and `threshold_sign`; a regression is not an error but
 * `outcome.exit_code`.
 */
export const runRatchetCheck = async (options: CheckOptions): Promise<CheckedRun> => {
  const { resultPath, baselinePath, reportPath, targetsPath, capture, now } = options;
  if (capture !== null) checkCapturePlan(capture);
  const text = await readResult(resultPath);
  const outcome = checkRatchet({
    ...options,
    candidate: parseResult(parseJson(text, resultPath), resultPath, options.peaks),
    baseline: await readBaseline(baselinePath),
    waivers: await readWaivers(options.waiversPath),
    provenance: { sourceSha256: createHash('sha256').update(text).digest('hex'), commit: options.commit, at: now },
    readOnly: readOnlyReason(options.noWrite, options.eventName),
  });
  const targets = profileTargets(outcome.rows, capture);
  const files: readonly (readonly [string | null, string])[] = [
    [reportPath, redact(renderReport(outcome, options.baselineName ?? baselinePath))],
    [targetsPath, jsonFile({ schema_version: 1, generated_at: now, targets })],
    [
      outcome.next === null ? null : baselinePath,
      outcome.next === null ? '' : jsonFile(baselineDocument(outcome.next)),
    ],
  ];
  const written: string[] = [];
  for (const [path, content] of files) {
    if (path === null) continue;
    await writeText(path, content);
    written.push(path);
  }
  return { outcome, targets, text: renderText(outcome, baselinePath), written };
};
