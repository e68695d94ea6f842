// What a capture is asked for: how, where, of what and for how long. Checked once here; planning and running trust it.
import type { KubeTarget } from '../drivers/kubectl.ts';
import { portableSegment, safeSegment } from '../fs/safe-path.ts';
import { Fault } from '../text/fault.ts';

/** `launch`: run a program under nsys; `session`: a server that `nsys launch` started; `endpoints`: the engine's own. */
export type CaptureMode = 'launch' | 'session' | 'endpoints' | 'ncu';
export type Engine = 'vllm' | 'sglang';
/** Who records between the engine's start and stop: nsys through cudaProfilerApi, or the torch profiler. */
export type EngineProfiler = 'cuda' | 'torch';

/** A rate of work (tokens or requests per second), to state what capturing cost. */
export interface RateQuestion {
  /** Known rate without a profiler. */
  readonly before?: number;
  /** Known rate while capturing; for a program that prints its own. */
  readonly during?: number;
  /** A counter of the engine's metrics page, read around the capture. */
  readonly counter?: { readonly url: string; readonly metric: string };
  /** Unit of the rate, `tok/s` unless said. */
  readonly unit?: string;
  /** Seconds over which the rate before the capture is measured, default 10. */
  readonly windowS?: number;
}

export interface CaptureInput {
  readonly mode: CaptureMode;
  /** Base name of all files: one safe path segment. */
  readonly name: string;
  /** Absolute folder on this machine for the results. */
  readonly out: string;
  /** The pod that is captured; absent: this machine. */
  readonly pod?: KubeTarget | undefined;
  /** Folder in the pod for files on their way, default `/tmp/profile-and-optimize`. */
  readonly podFolder?: string | undefined;
  /** The program, for `launch` and `ncu`. */
  readonly command?: readonly string[] | undefined;
  /** Name of the nsys session. */
  readonly session: string;
  readonly trace?: readonly string[] | undefined;
  /** Seconds to record; for `launch` absent means until the program ends. */
  readonly durationS?: number | undefined;
  readonly delayS?: number | undefined;
  readonly engine?: Engine | undefined;
  readonly baseUrl?: string | undefined;
  readonly profiler?: EngineProfiler | undefined;
  /** Where the engine or its nsys writes (a folder at the captured place), for `endpoints`. */
  readonly collectFrom?: string | undefined;
  readonly kernels?: readonly string[] | undefined;
  readonly launchSkip?: number | undefined;
  readonly launchCount?: number | undefined;
  /** A smaller report is called too small, default 1 byte. */
  readonly minBytes?: number | undefined;
  readonly rate?: RateQuestion | undefined;
  /** Seconds that the profiler may need to write its report after the recording, default 600. */
  readonly finishS?: number | undefined;
}

const usage = (code: string, message: string, fix: string): Fault => new Fault('usage', code, message, { fix });

const needs: Readonly<Record<CaptureMode, readonly (readonly [keyof CaptureInput, string])[]>> = {
  launch: [['command', 'the program to run under nsys']],
  session: [['durationS', 'how many seconds to record']],
  endpoints: [
    ['baseUrl', 'the address of the engine'],
    ['durationS', 'how many seconds to record'],
    ['collectFrom', 'the folder where the traces appear'],
  ],
  ncu: [['command', 'the program to run under ncu']],
};

const isPositive = (value: number | undefined): boolean => value === undefined || (Number.isFinite(value) && value > 0);

/** Throws usage faults: `capture_field_missing`, `capture_field_invalid`, `unsafe_segment`, `name_not_portable`. */
export const checkCaptureInput = (input: CaptureInput): CaptureInput => {
  portableSegment(input.name, 'name');
  safeSegment(input.session, 'session');
  const missing = needs[input.mode].find(([field]) => input[field] === undefined);
  if (missing !== undefined)
    throw usage('capture_field_missing', `${missing[0]} is missing`, `mode ${input.mode} needs ${missing[1]}`);
  if (input.command?.length === 0) throw usage('capture_field_invalid', 'command is empty', 'name the program to run');
  if (!isPositive(input.durationS) || !isPositive(input.finishS))
    throw usage(
      'capture_field_invalid',
      `${input.durationS ?? input.finishS} s is no duration`,
      'give seconds above 0',
    );
  if (input.baseUrl !== undefined && !/^https?:\/\//.test(input.baseUrl))
    throw usage('capture_field_invalid', `base_url is ${JSON.stringify(input.baseUrl)}`, 'begin it with http://');
  return input;
};
