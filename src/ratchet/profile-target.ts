// Which configurations deserve a profile, and the exact command for each. Commands are argument lists; a name that a file system
// or a shell could read as anything but a name never becomes part of one.
import { Fault } from '../text/fault.ts';
import { parseJson } from '../text/json.ts';
import type { RatchetRow } from './judge-config.ts';

/** The capture of one configuration: the command, and where the profiler puts its file. */
export interface CaptureCommand {
  /** Without the `.ncu-rep` that the profiler appends. */
  readonly export: string;
  readonly argv: readonly string[];
}

export interface ProfileTarget {
  readonly config: string;
  readonly reason: 'regression' | 'improvement';
  /** Positive is faster. */
  readonly delta_pct: number;
  /** Null when no benchmark command is known, or the name cannot stand in one. */
  readonly capture: CaptureCommand | null;
  /** Why there is no command although one was asked for. */
  readonly problem: 'config_name_unsafe' | null;
}

/** How to run the benchmark for one configuration, and where captures go. */
export interface CapturePlan {
  /** Argument list with `{config}` where the name goes. */
  readonly command: readonly string[];
  readonly folder: string;
}

/** Stands in a benchmark command for the name of the configuration. */
export const CONFIG_PLACEHOLDER = '{config}';

/** Folder of the captures unless the caller names another. */
export const CAPTURE_FOLDER = 'results/nsight';

const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9._+=-]{0,127}$/;

/** True when the name can stand in a path and a command as it is. */
export const isSafeName = (config: string): boolean => SAFE_NAME.test(config) && !config.includes('..');

/**
 * Throws a Fault `command_ignores_config` when the benchmark command has no `{config}`: it would run the same kernel under every
 * name.
 */
export const checkCapturePlan = ({ command }: CapturePlan): void => {
  if (command.some((argument) => argument.includes(CONFIG_PLACEHOLDER))) return;
  throw new Fault('usage', 'command_ignores_config', `the benchmark command does not contain ${CONFIG_PLACEHOLDER}`, {
    fix: `write it as: python3 integrated_test.py --config ${CONFIG_PLACEHOLDER}`,
  });
};

/** `ncu --set full --export <folder>/<config>_ours --force-overwrite <command>` for a safe name. */
const captureCommand = ({ command, folder }: CapturePlan, config: string): CaptureCommand => {
  const target = `${folder}/${config}_ours`;
  const bench = command.map((argument) => argument.replaceAll(CONFIG_PLACEHOLDER, config));
  return { export: target, argv: ['ncu', '--set', 'full', '--export', target, '--force-overwrite', ...bench] };
};

/** One target for each row that asks for a profile, in the order of the rows; `plan` is null when only the names are wanted. */
export const profileTargets = (rows: readonly RatchetRow[], plan: CapturePlan | null): ProfileTarget[] =>
  rows
    .filter(({ profile }) => profile)
    .map(({ config, is_regression: regressed, delta_pct: delta }) => {
      const safe = isSafeName(config);
      return {
        config,
        reason: regressed ? 'regression' : 'improvement',
        delta_pct: delta ?? 0,
        capture: plan !== null && safe ? captureCommand(plan, config) : null,
        problem: plan === null || safe ? null : 'config_name_unsafe',
      };
    });

/**
 * A command as typed into one field: a JSON list of words, or plain words between spaces. Throws a Fault `command_words` for quotes,
 * variables and other syntax of a shell, since none is there to read them.
 */
export const commandWords = (text: string): string[] => {
  const refuse = (message: string): Fault =>
    new Fault('usage', 'command_words', `${JSON.stringify(text)} ${message}`, {
      fix: 'write a JSON list of words: ["python3", "bench.py", "--config", "{config}"]',
    });
  if (text.trimStart().startsWith('[')) {
    const words = parseJson(text, 'the command');
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
    throw refuse('is no list of words');
  }
  if (/["'`$\\|&;<>()]/.test(text)) throw refuse('holds shell syntax, and no shell will read it');
  return text.split(/\s+/).filter((word) => word !== '');
};
