// Where a gate's report goes on the command line: the file of --junit, and the summary of the CI job (GITHUB_STEP_SUMMARY). A report
// that cannot be written is a warning and never changes what the gate decided; a file that is not ours is never replaced.
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { campaignsFolder } from '../fs/root.ts';
import { gateMarkdown, junitXml, type GateReport } from '../render/junit.ts';
import { Fault } from '../text/fault.ts';
import { faultOf } from '../verb/failure.ts';
import { absolutePath } from '../verb/paths.ts';
import { checkReportPath } from '../verb/written-paths.ts';

/** `--junit <path>` or `--junit=<path>` among the words, and the words without it. Throws a Fault `junit_path_needed`. */
export const takeJunit = (
  words: readonly string[],
): { readonly junit: string | undefined; readonly rest: readonly string[] } => {
  const at = words.findIndex((word) => word === '--junit' || word.startsWith('--junit='));
  const word = words[at];
  if (word === undefined) return { junit: undefined, rest: words };
  const isJoined = word !== '--junit';
  const path = isJoined ? word.slice('--junit='.length) : words[at + 1];
  if (path === undefined || path === '' || path.startsWith('--'))
    throw new Fault('usage', 'junit_path_needed', '--junit names no file', { fix: 'write it as --junit report.xml' });
  return { junit: path, rest: words.toSpliced(at, isJoined ? 1 : 2) };
};

export interface ReportPlaces {
  readonly junit: string | undefined;
  /** Root of the call. */
  readonly root: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const attempt = async (what: string, write: () => Promise<void>): Promise<string[]> => {
  try {
    await write();
    return [];
  } catch (error) {
    return [`${what} was not written: ${faultOf(error).message}`];
  }
};

/** Writes the report where it was asked for. The result are warnings; a missing report is one where --junit asked for it. */
export const reportGate = async (
  report: GateReport | null,
  { junit, root, cwd, env }: ReportPlaces,
): Promise<readonly string[]> => {
  if (report === null) return junit === undefined ? [] : [`${junit} was not written: there is no result yet`];
  const summary = env['GITHUB_STEP_SUMMARY'];
  const written = async (path: string): Promise<void> => {
    const file = absolutePath(path, cwd);
    const campaigns = campaignsFolder({ env, cwd, commandLine: true }, { root, source: 'call' });
    checkReportPath(file, { root, campaigns, path: (given) => absolutePath(given, cwd) });
    await mkdir(dirname(file), { recursive: true });
    const { replaceFile } = await import('../fs/atomic-file.ts');
    await replaceFile(file, junitXml(report));
  };
  return [
    ...(junit === undefined ? [] : await attempt(junit, () => written(junit))),
    ...(summary === undefined || summary === ''
      ? []
      : await attempt('the job summary', () => appendFile(summary, `${gateMarkdown(report)}\n`))),
  ];
};
