// Argument lists for Nsight Compute and what it prints about its results. Pure but for asking the program about itself.
import { Fault } from '../text/fault.ts';
import { redact } from '../text/redact.ts';
import type { Runner } from '../exec/run-process.ts';

export interface NcuFacts {
  readonly ncu: string;
  /** `2022.3.0.0`. */
  readonly version: string;
  /** False where child processes are only profiled when asked for (the default changed over time). */
  readonly profilesChildren: boolean;
}

export const NCU_FOLDERS = ['/usr/local/cuda/bin', '/opt/nvidia/nsight-compute'];

export const parseNcuVersion = (text: string): string | null => /^Version (\d+(?:\.\d+)+)/m.exec(text)?.[1] ?? null;

/** Asks the `ncu` that `run` reaches. Throws `ncu_unrecognised` when something else answers to the name. */
export const readNcuFacts = async (run: Runner, ncu = 'ncu'): Promise<NcuFacts> => {
  const [version, help] = await Promise.all([run([ncu, '--version']), run([ncu, '--help'])]);
  const number = parseNcuVersion(version.stdout);
  if (number === null)
    throw new Fault('input', 'ncu_unrecognised', `${ncu} --version does not answer like Nsight Compute`, {
      fix: 'name the path of the real ncu',
      data: { code: version.code, printed: version.stdout.slice(0, 200) },
    });
  return { ncu, version: number, profilesChildren: /--target-processes arg \(=all\)/.test(help.stdout) };
};

export interface NcuWanted {
  /** Report path without `.ncu-rep`. */
  readonly output: string;
  /** Function names without parameters; none: every kernel. */
  readonly kernels?: readonly string[];
  readonly launchSkip?: number;
  readonly launchCount?: number;
  readonly set?: string;
  readonly application: readonly string[];
}

/** Where the captures of a configuration go: `results/nsight/<config>_ours`. */
export const ncuOutput = (config: string): string => `results/nsight/${config}_ours`;

const escaped = (name: string): string => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** One name is matched as it is; several become one anchored expression. Names are function names without parameters. */
const kernelFilter = (kernels: readonly string[]): string[] => {
  const [only] = kernels;
  if (only === undefined) return [];
  return ['--kernel-name', kernels.length === 1 ? only : `regex:^(${kernels.map(escaped).join('|')})$`];
};

const numberFlag = (flag: string, value: number | undefined): string[] =>
  value === undefined ? [] : [flag, String(value)];

/** `ncu --set full --export results/nsight/<config>_ours --force-overwrite …`. Facts unknown (a dry run): plain defaults. */
export const ncuArgv = (facts: NcuFacts | null, wanted: NcuWanted): string[] => [
  facts?.ncu ?? 'ncu',
  ...['--set', wanted.set ?? 'full', '--export', wanted.output, '--force-overwrite'],
  ...(facts?.profilesChildren === false ? ['--target-processes', 'all'] : []),
  ...kernelFilter(wanted.kernels ?? []),
  ...numberFlag('--launch-skip', wanted.launchSkip),
  ...numberFlag('--launch-count', wanted.launchCount),
  ...wanted.application,
];

/** Prints a report as CSV, one row per launch and metric; units unscaled. */
export const ncuImportArgv = (facts: NcuFacts, report: string, page: 'details' | 'raw'): string[] => [
  ...[facts.ncu, '--import', report, '--csv', '--page', page, '--print-units', 'base'],
];

/** The first `==ERROR==` line, without its mark; null when there is none. */
export const ncuError = (output: string): string | null => /^==ERROR== (.*\S)/m.exec(output)?.[1] ?? null;

/** The fault of a run that profiled nothing because it could not; null when it said no such thing. */
export const ncuFault = (output: string): Fault | null => {
  const says = ncuError(output);
  if (says === null || profiledKernels(output).length > 0) return null;
  const fix = says.includes('ERR_NVGPUCTRPERM')
    ? 'run as root or with CAP_SYS_ADMIN, or load the driver with NVreg_RestrictProfilingToAdminUsers=0'
    : 'fix what ncu names, then capture again';
  return new Fault('input', 'ncu_failed', `ncu: ${redact(says)}`, { fix });
};

/** Kernels that were profiled, from `==PROF== Profiling "name" - 0: 0%....`. */
export const profiledKernels = (output: string): string[] =>
  [...output.matchAll(/^==PROF== Profiling "(.+?)"/gm)].map((match) => match[1] ?? '');
