// A capture under way: what its steps share and add to. Holds no logic beyond how a step calls a program.
import type { RunOptions, Runner, RunResult } from '../exec/run-process.ts';
import type { Environment } from '../exec/environment.ts';
import { environmentSecrets, redactArgv } from '../text/redact.ts';
import type { CaptureInput } from './capture-input.ts';
import type { CapturePlan, CaptureStep, CaptureTools } from './capture-plan.ts';
import type { CaptureValidation } from './validate-capture.ts';

/** What a capture may use of the world; a job's context has all of it. */
export interface CaptureWorld {
  /** Runs programs on this machine. */
  readonly run: Runner;
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly progress: (done: number, total: number, message: string) => void;
}

export interface Capture {
  readonly input: CaptureInput;
  readonly tools: CaptureTools;
  readonly plan: CapturePlan;
  readonly world: CaptureWorld;
  /** Programs at the captured place. */
  readonly atPlace: Runner;
  readonly commands: (readonly string[])[];
  readonly validations: CaptureValidation[];
  readonly paths: Set<string>;
  /** The run of the profiled program, where the capture started it. */
  profiled: RunResult | null;
  rates: { before: number | null; during: number | null };
}

export type Step<Action extends CaptureStep['action']> = Extract<CaptureStep, { action: Action }>;

/** Notes a command for the record, redacted. */
export const note = (capture: Capture, argv: readonly string[]): void =>
  void capture.commands.push(redactArgv(argv, environmentSecrets(capture.world.env)));

export const optionsFor = ({ world }: Capture, timeoutS: number | null): RunOptions => ({
  env: world.env,
  signal: world.signal,
  ...(timeoutS === null ? {} : { timeoutMs: timeoutS * 1000 }),
});
