// Carries out a capture plan: runs its steps, undoes what was begun when one fails, brings the files here and checks them
// before it calls the capture done. Never leaves a profiler running, and never puts a profiled run among baselines.
import { mkdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { podRunner } from '../drivers/kubectl.ts';
import { ncuFault, profiledKernels } from '../drivers/ncu.ts';
import { parseGenerated } from '../drivers/nsys.ts';
import { requireSuccess, type RunResult } from '../exec/run-process.ts';
import { toolFailed } from '../exec/tool-fault.ts';
import { replaceFile } from '../fs/atomic-file.ts';
import { onFile } from '../fs/io-fault.ts';
import { Fault } from '../text/fault.ts';
import { jsonFile } from '../text/json.ts';
import { isoSeconds } from '../text/time.ts';
import type { CaptureInput } from './capture-input.ts';
import { captureOverhead, type CaptureOverhead } from './capture-overhead.ts';
import { planCapture, type CaptureStep, type CaptureTools } from './capture-plan.ts';
import { note, optionsFor, type Capture, type CaptureWorld, type Step } from './capture-run.ts';
import { fetchStep, findStep } from './collect-files.ts';
import { httpStep } from './engine-step.ts';
import { measureBefore, waitStep } from './rate-step.ts';
import { expectSession } from './session-step.ts';
import { validateAll, validateNcu, validateNsys, type CaptureValidation } from './validate-capture.ts';

/** `capture.json` beside the files, and what the verb returns. */
export interface CaptureResult {
  readonly schema_version: 1;
  readonly mode: CaptureInput['mode'];
  readonly name: string;
  readonly pod: string | null;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly validation: CaptureValidation;
  readonly capture_overhead: CaptureOverhead | null;
  /** Exit code of the profiled program where the capture started it. */
  readonly program_exit: { readonly code: number | null; readonly signal: string | null } | null;
  /** Commands that were run, redacted. */
  readonly commands: readonly (readonly string[])[];
  readonly left_out: readonly string[];
  readonly nsys_version: string | null;
  readonly started_at: string;
  readonly ended_at: string;
  /** Always false: a profiled run is slower than the same run without a profiler. */
  readonly throughput_baseline: false;
  readonly note: string;
}

const NOTE = 'captured under a profiler: kernel times explain, but its throughput and latency never enter a baseline';
const UNDO_LIMIT_MS = 60_000;

const runStep = async (capture: Capture, step: Step<'run'>): Promise<void> => {
  note(capture, step.argv ?? step.command);
  const options = optionsFor(capture, step.timeoutS);
  const result = await capture.atPlace(step.command, options);
  if (step.expect === 'success' || result.timedOut || result.cancelled) requireSuccess(step.command, result, options);
  if (step.name === 'profile') capture.profiled = result;
  if (capture.input.mode === 'ncu') demandNcu(step, result);
  else if (step.name === 'profile' || step.name === 'stop') demandPlace(capture, step, result);
};

/** ncu that could not profile exits like a program that failed; what it says distinguishes them. */
const demandNcu = (step: Step<'run'>, result: RunResult): void => {
  const fault = step.name === 'profile' ? ncuFault(result.stdout) : null;
  if (fault !== null) throw fault;
};

/** nsys writes to a temporary folder, and says success, when it may not write where it was asked to. */
const demandPlace = ({ input }: Capture, step: Step<'run'>, result: RunResult): void => {
  const generated = parseGenerated(result.stdout);
  const wanted = `${input.name}.nsys-rep`;
  if (generated.some((path) => basename(path) === wanted)) return;
  const [elsewhere] = generated;
  if (elsewhere === undefined) throw toolFailed(step.command, result, []);
  throw new Fault('input', 'capture_misplaced', `nsys could not write ${wanted} and put the report at ${elsewhere}`, {
    path: elsewhere,
    fix: 'make the output folder writable',
  });
};

const validateStep = (
  { input, validations, profiled, paths, plan }: Capture,
  { report, sqlite }: Step<'validate'>,
): void => {
  if (report === null) return;
  for (const path of plan.files) paths.add(path);
  if (input.mode === 'ncu')
    validations.push(validateNcu(report, profiledKernels(profiled?.stdout ?? ''), input.minBytes));
  else validations.push(validateNsys(report, sqlite ?? '', input.minBytes));
};

const takeStep = async (capture: Capture, step: CaptureStep): Promise<void> => {
  switch (step.action) {
    case 'run':
      return runStep(capture, step);
    case 'expect_session':
      return expectSession(capture, step);
    case 'http':
      return httpStep(capture, step);
    case 'wait':
      return waitStep(capture, step);
    case 'find':
      return findStep(capture, step);
    case 'fetch':
      return fetchStep(capture, step);
    case 'validate':
      return validateStep(capture, step);
  }
};

const isUndo = (step: CaptureStep): boolean => 'undoes' in step && step.undoes !== undefined;

/** Whether the failed step may have begun what an undo ends: not when the engine answered that it did not start. */
const mayHaveBegun = (step: CaptureStep, error: unknown): boolean =>
  step.action !== 'http' || !(error instanceof Fault) || error.kind !== 'input';

/** Ends what the steps before the failure had begun; its own failures do not hide the first one. */
const undo = async (capture: Capture, failed: CaptureStep, error: unknown): Promise<void> => {
  const { steps } = capture.plan;
  const past = steps.slice(0, steps.indexOf(failed));
  const begun = new Set([...past, ...(mayHaveBegun(failed, error) ? [failed] : [])].map(({ name }) => name));
  if (past.some(({ name }) => name === 'stop')) return;
  const world = { ...capture.world, signal: AbortSignal.timeout(UNDO_LIMIT_MS) };
  for (const step of steps.filter((step) => 'undoes' in step && begun.has(step.undoes ?? '')))
    await takeStep({ ...capture, world }, step).catch(() => undefined);
};

const takeSteps = async (capture: Capture): Promise<void> => {
  const steps = capture.plan.steps.filter((step) => !isUndo(step));
  for (const [index, step] of steps.entries()) {
    capture.world.progress(index, steps.length, step.name);
    try {
      capture.world.signal.throwIfAborted();
      await takeStep(capture, step);
    } catch (error) {
      await undo(capture, step, error);
      throw error;
    }
  }
};

const filesOf = async (paths: Iterable<string>): Promise<{ path: string; bytes: number }[]> => {
  const found = await Promise.all(
    [...paths].map(async (path) => ({ path, bytes: (await stat(path).catch(() => null))?.size ?? null })),
  );
  return found.flatMap(({ path, bytes }) => (bytes === null ? [] : [{ path, bytes }]));
};

const resultOf = async (capture: Capture, startedAt: string): Promise<CaptureResult> => {
  const { input, tools, plan, profiled, rates } = capture;
  return {
    schema_version: 1,
    mode: input.mode,
    name: input.name,
    pod: input.pod?.pod ?? null,
    files: await filesOf(capture.paths),
    validation: validateAll(capture.validations),
    capture_overhead: input.rate === undefined ? null : captureOverhead(input.rate, rates),
    program_exit: profiled === null ? null : { code: profiled.code, signal: profiled.signal },
    commands: capture.commands,
    left_out: plan.left_out,
    nsys_version: input.mode === 'ncu' ? null : tools.nsys.version,
    started_at: startedAt,
    ended_at: isoSeconds(Date.now()),
    throughput_baseline: false,
    note: NOTE,
  };
};

/**
 * Captures a profile. `input` is checked, `tools` are the facts of the captured place. The result is written to
 * `<out>/<name>.capture.json` too. Throws `capture_not_prepared`, `capture_session_busy`, `capture_misplaced`,
 * `capture_copy_short`, `engine_unreachable`, `engine_timeout`, `engine_profile_failed`, `ncu_failed`, and the faults of tools and cluster; a capture that
 * cannot be used is no throw but a verdict.
 */
export const runCapture = async (
  input: CaptureInput,
  tools: CaptureTools,
  world: CaptureWorld,
): Promise<CaptureResult> => {
  const startedAt = isoSeconds(Date.now());
  await onFile(input.out, () => mkdir(input.out, { recursive: true }));
  const capture: Capture = {
    input,
    tools,
    plan: planCapture(input, tools),
    world,
    atPlace: input.pod === undefined ? world.run : podRunner(world.run, input.pod),
    commands: [],
    validations: [],
    paths: new Set(),
    profiled: null,
    rates: { before: null, during: null },
  };
  await measureBefore(capture);
  await takeSteps(capture);
  const result = await resultOf(capture, startedAt);
  await replaceFile(join(input.out, `${input.name}.capture.json`), jsonFile(result));
  return result;
};
