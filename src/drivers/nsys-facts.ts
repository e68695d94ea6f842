// What the installed Nsight Systems can do: version, options per command, report names. Read from what it prints about
// itself (`--version`, `--help`, `stats --help-reports`), never guessed from the version.
import { Fault } from '../text/fault.ts';
import type { Runner, RunResult } from '../exec/run-process.ts';

export type NsysCommand = 'profile' | 'launch' | 'start' | 'stop' | 'shutdown' | 'export' | 'stats';

export interface NsysFacts {
  /** How to call it: `nsys`, or an absolute path. */
  readonly nsys: string;
  /** `2022.4.2.1`; null when the facts are assumed. */
  readonly version: string | null;
  /** Help text of every option, by command and long name without dashes. */
  readonly options: Readonly<Partial<Record<NsysCommand, ReadonlyMap<string, string>>>>;
  /** Names that `nsys stats --report` takes. */
  readonly reports: ReadonlySet<string>;
}

/** Where installers put it when it is not on PATH. */
export const NSYS_FOLDERS = [
  '/usr/local/cuda/bin',
  '/opt/nvidia/nsight-systems/bin',
  '/opt/nvidia/nsight-systems-cli/bin',
];

const COMMANDS: readonly NsysCommand[] = ['profile', 'launch', 'start', 'stop', 'shutdown', 'export', 'stats'];

/** `NVIDIA Nsight Systems version 2025.6.1.190-256136895201v0`, with or without the build suffix. */
export const parseNsysVersion = (text: string): string | null =>
  /Nsight Systems version (\d+(?:\.\d+)+)/.exec(text)?.[1] ?? null;

const OPTION_LINE = /^\s+(?:-\w, )?--([a-z][a-z0-9-]*)(?:\[.*\])?(?:[\s=<[]|$)/;

/** Options of one command with their descriptions, from its `--help`. */
export const parseNsysOptions = (help: string): Map<string, string> => {
  const options = new Map<string, string>();
  let name: string | undefined;
  for (const line of help.split('\n')) {
    name = OPTION_LINE.exec(line)?.[1] ?? name;
    if (name !== undefined) options.set(name, `${options.get(name) ?? ''}${line}\n`);
  }
  return options;
};

/** Report names from `nsys stats --help-reports`: `  cuda_gpu_kern_sum[:base|:mangled] -- CUDA GPU Kernel Summary`. */
export const parseNsysReports = (help: string): Set<string> =>
  new Set([...help.matchAll(/^\s+([a-z][a-z0-9_]*)(?:\S*) -- /gm)].map((match) => match[1] ?? ''));

/** True when the command has the option and, when given, names the value in the option's help. */
export const nsysSupports = (facts: NsysFacts, command: NsysCommand, option: string, value?: string): boolean => {
  if (facts.version === null) return true;
  const help = facts.options[command]?.get(option);
  if (help === undefined) return false;
  return value === undefined || new RegExp(`(^|[^\\w-])${value}($|[^\\w-])`).test(help);
};

/** Stands for an installation that cannot be asked: taken to have every option. */
export const ASSUMED_NSYS: NsysFacts = { nsys: 'nsys', version: null, options: {}, reports: new Set() };

const helpOf = async (run: Runner, argv: readonly string[]): Promise<RunResult> => run(argv, { timeoutMs: 30_000 });

/**
 * Asks the `nsys` that `run` reaches. Throws `tool_missing` or `tool_not_started` from the runner, `nsys_unrecognised`
 * when something else answers to the name.
 */
export const readNsysFacts = async (run: Runner, nsys = 'nsys'): Promise<NsysFacts> => {
  const said = await helpOf(run, [nsys, '--version']);
  const version = parseNsysVersion(said.stdout);
  if (version === null)
    throw new Fault('input', 'nsys_unrecognised', `${nsys} --version does not answer like Nsight Systems`, {
      fix: 'name the path of the real nsys',
      data: { code: said.code, printed: said.stdout.slice(0, 200) },
    });
  const helps = await Promise.all(COMMANDS.map((command) => helpOf(run, [nsys, command, '--help'])));
  const reports = await helpOf(run, [nsys, 'stats', '--help-reports']);
  const options = Object.fromEntries(
    COMMANDS.map((command, index) => [command, parseNsysOptions(helps[index]?.stdout ?? '')]),
  );
  return { nsys, version, options, reports: parseNsysReports(reports.stdout) };
};
