// Runs the profiler for each target, one after another, and attaches what the capture says about the change. Starts nothing that
// the caller did not list; a capture that failed is reported, never passed over.
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { Runner } from '../exec/run-process.ts';
import { howItEnded, outputTail } from '../exec/tool-fault.ts';
import { Fault } from '../text/fault.ts';
import type { JsonValue } from '../text/json.ts';
import { shellLine } from '../text/shell-line.ts';
import type { CaptureCommand, ProfileTarget } from './profile-target.ts';

/** Names the kernels behind the change, from the capture (`….ncu-rep`). */
export type Attribution = (target: ProfileTarget, capturePath: string) => Promise<JsonValue>;

/** What became of one target, as answers hold it. */
export const profiledTargetSchema = z.object({
  config: z.string(),
  reason: z.enum(['regression', 'improvement']),
  delta_pct: z.number(),
  /** As a shell line; null when there is none. */
  command: z.string().nullable(),
  status: z.enum(['printed', 'captured', 'failed', 'no_command']),
  /** Absolute path of the capture; null unless one was made. */
  capture: z.string().nullable(),
  /** Why there is no capture; null otherwise. */
  problem: z.string().nullable(),
  /** What the profiler's report says of the change, in its own shape; null without one. */
  attribution: z.json(),
});

export type ProfiledTarget = Readonly<z.infer<typeof profiledTargetSchema>>;

export interface AutoProfileOptions {
  /** Null prints the commands only: nobody acknowledged that they be run. */
  readonly run: Runner | null;
  /** Time limit of one capture in ms. */
  readonly timeoutMs: number;
  /** Folder in which the benchmark runs. */
  readonly cwd: string;
  readonly attribute?: Attribution | undefined;
  readonly signal?: AbortSignal | undefined;
}

const unprofiled = ({ config, reason, delta_pct, capture, problem }: ProfileTarget): ProfiledTarget => ({
  config,
  reason,
  delta_pct,
  command: capture === null ? null : shellLine(capture.argv),
  status: capture === null ? 'no_command' : 'printed',
  capture: null,
  problem,
  attribution: null,
});

/** Why the profiler made no capture; null when it did. A profiler that cannot be started is a reason like any other. */
const runProfiler = async (
  argv: readonly string[],
  run: Runner,
  options: AutoProfileOptions,
): Promise<string | null> => {
  const { cwd, timeoutMs, signal } = options;
  try {
    const result = await run(argv, { cwd, timeoutMs, ...(signal === undefined ? {} : { signal }) });
    if (result.timedOut) return `stopped after ${timeoutMs / 1000} s`;
    return result.code === 0 ? null : `${howItEnded(result)}: ${outputTail(result, [], 1)}`;
  } catch (error) {
    if (error instanceof Fault && error.kind === 'input') return error.message;
    throw error;
  }
};

const profileOne = async (
  target: ProfileTarget,
  command: CaptureCommand,
  run: Runner,
  options: AutoProfileOptions,
): Promise<ProfiledTarget> => {
  const capture = resolve(options.cwd, `${command.export}.ncu-rep`);
  await mkdir(dirname(capture), { recursive: true }); // ncu does not make the folder of its report
  const problem = await runProfiler(command.argv, run, options);
  if (problem !== null) return { ...unprofiled(target), status: 'failed', problem };
  const attribution = options.attribute === undefined ? null : await options.attribute(target, capture);
  return { ...unprofiled(target), status: 'captured', capture, attribution };
};

/** Prints or runs the command of every target. A failed capture does not stop the next one. */
export const autoProfile = async (
  targets: readonly ProfileTarget[],
  options: AutoProfileOptions,
): Promise<ProfiledTarget[]> => {
  const { run } = options;
  const done: ProfiledTarget[] = [];
  for (const target of targets) {
    const idle = run === null || target.capture === null;
    done.push(idle ? unprofiled(target) : await profileOne(target, target.capture, run, options));
  }
  return done;
};
