// Carries out a capture plan: runs its steps, undoes what was begun when one fails, brings the files here and checks them
// before it calls the capture done. Never leaves a profiler running, and never puts a profiled run among baselines.
import { mkdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { requireSuccess, type RunOptions, type Runner, type RunResult } from '../exec/run-process.ts';
import type { Environment } from '../exec/environment.ts';
import { toolFailed } from '../exec/tool-fault.ts';
import { copyFromArgv, kubectlFault, podRunner } from '../drivers/kubectl.ts';
import { profiledKernels } from '../drivers/ncu.ts';
import { DIFF_TABLES, nsysExportArgv, parseGenerated, parseSessions, type NsysSession } from '../drivers/nsys.ts';
import { replaceFile } from '../fs/atomic-file.ts';
import { onFile } from '../fs/io-fault.ts';
import { Fault } from '../text/fault.ts';
import { jsonFile } from '../text/json.ts';
import { environmentSecrets, redactArgv } from '../text/redact.ts';
import { isoSeconds } from '../text/time.ts';
import type { CaptureInput, RateQuestion } from './capture-input.ts';
import {
  captureOverhead,
  parseCounter,
  rateBetween,
  type CaptureOverhead,
  type CounterReading,
} from './capture-overhead.ts';
import { planCapture, type CapturePlan, type CaptureStep, type CaptureTools } from './capture-plan.ts';
import { deploymentAdvice } from './deployment-advice.ts';
import { answerFault, parseAnswer, type EngineAnswer } from './engine-endpoints.ts';
import { validateAll, validateNcu, validateNsys, validateTrace, type CaptureValidation } from './validate-capture.ts';

/** What a capture may use of the world; a job's context has all of it. */
export interface CaptureWorld {
  /** Runs programs on this machine. */
  readonly run: Runner;
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly progress: (done: number, total: number, message: string) => void;
}

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
const POLL_MS = 500;
const STEADY_POLLS = 2;
/** How often an idle session is looked at again. */
const IDLE_POLLS = 20;
const DEFAULT_WINDOW_S = 10;

interface Capture {
  readonly input: CaptureInput;
  readonly tools: CaptureTools;
  readonly plan: CapturePlan;
  readonly world: CaptureWorld;
  /** Programs at the captured place. */
  readonly atPlace: Runner;
  readonly commands: (readonly string[])[];
  readonly validations: CaptureValidation[];
  readonly paths: Set<string>;
  profiled: RunResult | null;
  rates: { before: number | null; during: number | null };
}

type Step<Action extends CaptureStep['action']> = Extract<CaptureStep, { action: Action }>;

const note = (capture: Capture, argv: readonly string[]): void =>
  void capture.commands.push(redactArgv(argv, environmentSecrets(capture.world.env)));

const optionsFor = ({ world }: Capture, timeoutS: number | null): RunOptions => ({
  env: world.env,
  signal: world.signal,
  ...(timeoutS === null ? {} : { timeoutMs: timeoutS * 1000 }),
});

const runStep = async (capture: Capture, step: Step<'run'>): Promise<void> => {
  note(capture, step.argv ?? step.command);
  const options = optionsFor(capture, step.timeoutS);
  const result = await capture.atPlace(step.command, options);
  if (step.expect === 'success' || result.timedOut || result.cancelled) requireSuccess(step.command, result, options);
  if (step.name === 'profile') capture.profiled = result;
  if (step.name === 'profile' || step.name === 'stop') demandPlace(capture, step, result);
};

/** nsys writes to a temporary folder, and says success, when it may not write where it was told to. */
const demandPlace = ({ input }: Capture, step: Step<'run'>, result: RunResult): void => {
  if (input.mode === 'ncu') return;
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

const notPrepared = ({ input, tools }: Capture, message: string): Fault =>
  new Fault('input', 'capture_not_prepared', message, {
    fix: 'add to the deployment what data.add_to_deployment lists, then capture again',
    data: { add_to_deployment: deploymentAdvice(input, tools.nsys) },
  });

const sessionsNow = async (capture: Capture, step: Step<'expect_session'>): Promise<NsysSession[]> =>
  parseSessions((await capture.atPlace(step.command, optionsFor(capture, 60))).stdout);

/** The session, once its program has been launched; it is idle in the moment before. */
const findSession = async (capture: Capture, step: Step<'expect_session'>): Promise<NsysSession> => {
  for (let turn = 1; ; turn += 1) {
    const sessions = await sessionsNow(capture, step);
    const found = sessions.find(({ name }) => name === step.session);
    const others = sessions.map(({ name }) => name).join(', ') || 'none';
    if (found === undefined)
      throw notPrepared(capture, `there is no nsys session ${step.session} (sessions: ${others})`);
    if (found.state !== 'Idle' || turn === IDLE_POLLS) return found;
    await sleep(POLL_MS, undefined, { signal: capture.world.signal });
  }
};

/** `nsys start` says success for a session that does not exist, so it has to be looked for. */
const expectSession = async (capture: Capture, step: Step<'expect_session'>): Promise<void> => {
  note(capture, step.argv ?? step.command);
  const { state } = await findSession(capture, step);
  if (state === 'Launched') return;
  throw new Fault('refused', 'capture_session_busy', `session ${step.session} is in state ${state}`, {
    fix: 'wait for the other capture, or end it with `nsys stop`',
  });
};

const postFromHere = async (capture: Capture, step: Step<'http'>): Promise<EngineAnswer> => {
  const limit = AbortSignal.timeout((capture.input.finishS ?? 600) * 1000);
  const signal = AbortSignal.any([capture.world.signal, limit]);
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'POST', signal, headers, ...(step.body === null ? {} : { body: step.body }) };
  try {
    const answer = await fetch(step.url, request);
    return { status: answer.status, text: await answer.text() };
  } catch (cause) {
    if (capture.world.signal.aborted) throw cause;
    const says = limit.aborted ? 'does not answer in time' : 'cannot be reached';
    throw new Fault('input', 'engine_unreachable', `${step.url} ${says}`, {
      fix: 'check base_url and the engine',
      cause,
    });
  }
};

const postInPod = async (capture: Capture, command: readonly string[]): Promise<EngineAnswer> => {
  const options = optionsFor(capture, (capture.input.finishS ?? 600) + 30);
  return parseAnswer(requireSuccess(command, await capture.atPlace(command, options), options).stdout);
};

const httpStep = async (capture: Capture, step: Step<'http'>): Promise<void> => {
  const command = step.argv === null ? null : step.argv.slice(step.argv.indexOf('--') + 1);
  note(capture, step.argv ?? ['POST', step.url]);
  const answer = command === null ? await postFromHere(capture, step) : await postInPod(capture, command);
  const fault = answerFault(step.url, answer);
  if (fault?.code === 'capture_not_prepared') throw notPrepared(capture, fault.message);
  if (fault !== null) throw fault;
};

const readCounter = async ({ counter }: RateQuestion, signal: AbortSignal): Promise<CounterReading | null> => {
  if (counter === undefined) return null;
  try {
    const page = await fetch(counter.url, { signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]) });
    const value = page.ok ? parseCounter(await page.text(), counter.metric) : null;
    return value === null ? null : { value, atMs: performance.now() };
  } catch {
    return null; // the overhead then says that the rate is not known
  }
};

/** Rate of the counter over `work`. */
const rateOver = async (
  question: RateQuestion,
  signal: AbortSignal,
  work: () => Promise<unknown>,
): Promise<number | null> => {
  const first = await readCounter(question, signal);
  await work();
  return rateBetween(first, await readCounter(question, signal));
};

const waitStep = async (capture: Capture, step: Step<'wait'>): Promise<void> => {
  const { signal } = capture.world;
  const wait = (): Promise<unknown> => sleep(step.seconds * 1000, undefined, { signal });
  const { rate } = capture.input;
  if (rate?.counter === undefined) return void (await wait());
  capture.rates = { ...capture.rates, during: await rateOver(rate, signal, wait) };
};

const measureBefore = async (capture: Capture): Promise<void> => {
  const { rate } = capture.input;
  if (rate?.counter === undefined || rate.before !== undefined) return;
  capture.world.progress(0, capture.plan.steps.length, 'measuring the rate without a profiler');
  const { signal } = capture.world;
  const wait = (): Promise<unknown> => sleep((rate.windowS ?? DEFAULT_WINDOW_S) * 1000, undefined, { signal });
  capture.rates = { ...capture.rates, before: await rateOver(rate, signal, wait) };
};

const fetchFile = async (capture: Capture, from: string, to: string): Promise<void> => {
  const { pod } = capture.input;
  if (pod === undefined) return;
  const argv = copyFromArgv(pod, from, to);
  note(capture, argv);
  const options = optionsFor(capture, capture.input.finishS ?? 600);
  const result = await capture.world.run(argv, options);
  const fault = kubectlFault(pod, argv, result);
  if (fault !== null) throw fault;
  requireSuccess(argv, result, options);
  await demandSameSize(capture, from, to);
};

/** A copy that the connection cut short ends with success too. */
const demandSameSize = async (capture: Capture, from: string, to: string): Promise<void> => {
  const there = await capture.atPlace(['stat', '-c', '%s', from], optionsFor(capture, 60));
  const bytes = (await onFile(to, () => stat(to))).size;
  if (there.code !== 0 || Number(there.stdout) === bytes) return;
  await rm(to, { force: true });
  throw new Fault('input', 'capture_copy_short', `${from} has ${there.stdout.trim()} bytes, ${bytes} arrived`, {
    fix: 'copy it again with `kubectl cp`; it is still in the pod',
  });
};

const PROFILE_FILE = /\.(nsys-rep|json|json\.gz)$/;

/** Profiles below the folder that are newer than the marker, with their sizes. */
const newProfiles = async (capture: Capture, { folder, marker }: Step<'find'>): Promise<string[]> => {
  const command = [
    'find',
    folder,
    '-maxdepth',
    '2',
    '-type',
    'f',
    '-newer',
    marker,
    '-exec',
    'stat',
    '-c',
    '%s %n',
    '{}',
    '+',
  ];
  const { stdout } = await capture.atPlace(command, optionsFor(capture, 60));
  return stdout
    .split('\n')
    .filter((line) => PROFILE_FILE.test(line))
    .sort();
};

/** Polls until there are profiles and none grows any more. */
const steadyProfiles = async (capture: Capture, step: Step<'find'>): Promise<string[]> => {
  const deadline = Date.now() + step.timeoutS * 1000;
  let before = '';
  let same = 0;
  while (Date.now() < deadline) {
    const found = await newProfiles(capture, step);
    same = found.length > 0 && found.join('\n') === before ? same + 1 : 0;
    if (same >= STEADY_POLLS) return found.map((line) => line.slice(line.indexOf(' ') + 1));
    before = found.join('\n');
    await sleep(POLL_MS, undefined, { signal: capture.world.signal });
  }
  throw notPrepared(capture, `no profile appeared in ${step.folder} within ${step.timeoutS} s`);
};

/** Exports a report that an engine's nsys wrote, where it lies, and brings both here. */
const takeReport = async (capture: Capture, report: string): Promise<CaptureValidation> => {
  const { input, tools } = capture;
  const base = basename(report, '.nsys-rep');
  const output = join(
    input.pod === undefined ? input.out : (input.podFolder ?? '/tmp/profile-and-optimize'),
    `${base}.sqlite`,
  );
  const { argv } = nsysExportArgv(tools.nsys, { report, output, type: 'sqlite', tables: DIFF_TABLES });
  note(capture, argv);
  const options = optionsFor(capture, input.finishS ?? 600);
  requireSuccess(argv, await capture.atPlace(argv, options), options);
  const here = (path: string): string => (input.pod === undefined ? path : join(input.out, basename(path)));
  for (const path of [report, output]) {
    await fetchFile(capture, path, here(path));
    capture.paths.add(here(path));
  }
  return validateNsys(here(report), here(output), input.minBytes);
};

const takeTrace = async (capture: Capture, trace: string): Promise<CaptureValidation> => {
  const { input } = capture;
  const here = input.pod === undefined ? trace : join(input.out, basename(trace));
  await fetchFile(capture, trace, here);
  capture.paths.add(here);
  return validateTrace(here, input.minBytes);
};

const findStep = async (capture: Capture, step: Step<'find'>): Promise<void> => {
  for (const path of await steadyProfiles(capture, step)) {
    const take = path.endsWith('.nsys-rep') ? takeReport : takeTrace;
    capture.validations.push(await take(capture, path));
  }
};

/** ncu writes no file when no kernel matched; then there is nothing to bring here. */
const fetchStep = async (capture: Capture, step: Step<'fetch'>): Promise<void> => {
  if (capture.input.mode === 'ncu' && profiledKernels(capture.profiled?.stdout ?? '').length === 0) return;
  await fetchFile(capture, step.from, step.to);
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
 * `capture_copy_short`, `engine_unreachable`, `engine_profile_failed`, and the faults of tools and cluster; a capture that
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
