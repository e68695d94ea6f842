// What to add to a deployment so that it can be captured: command prefix, arguments, environment, volume. Pure; changes
// nothing itself.
import { nsysProfileArgv } from '../drivers/nsys.ts';
import type { NsysFacts } from '../drivers/nsys-facts.ts';
import { Fault } from '../text/fault.ts';
import type { CaptureInput } from './capture-input.ts';
import { launchForSession, placeFolder, tracingOf } from './capture-plan.ts';

export interface DeploymentAdvice {
  /** To put before the server's command. */
  readonly command_prefix: readonly string[];
  /** To append to the server's arguments. */
  readonly extra_args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Folder that must be writable and have room; an emptyDir will do. */
  readonly writable_folder: string | null;
  readonly notes: readonly string[];
}

const SPAWN = { VLLM_WORKER_MULTIPROC_METHOD: 'spawn' };
const NSYS_IN_IMAGE = 'the image needs nsys (package nsight-systems-cli), or a volume that brings it';
const RESTART =
  'the server has to be restarted with these changes; a capture slows it down, so use a replica without traffic that counts';

const engineEnv = (engine: CaptureInput['engine']): Record<string, string> => (engine === 'vllm' ? SPAWN : {});

const adviceForSession = (input: CaptureInput, nsys: NsysFacts): DeploymentAdvice => ({
  command_prefix: launchForSession(input, nsys, []).argv,
  extra_args: [],
  env: engineEnv(input.engine),
  writable_folder: placeFolder(input),
  notes: [NSYS_IN_IMAGE, RESTART],
});

const adviceForTorch = ({ engine, collectFrom = '/tmp/traces' }: CaptureInput): DeploymentAdvice => {
  const config = JSON.stringify({ profiler: 'torch', torch_profiler_dir: collectFrom });
  return {
    command_prefix: [],
    extra_args: engine === 'sglang' ? [] : ['--profiler-config', config],
    env: engine === 'sglang' ? { SGLANG_TORCH_PROFILER_DIR: collectFrom } : {},
    writable_folder: collectFrom,
    notes:
      engine === 'sglang'
        ? ['SGLang needs no restart: the call names the folder; the variable is its default']
        : ['before vLLM 0.13: set VLLM_TORCH_PROFILER_DIR to the folder instead of --profiler-config', RESTART],
  };
};

const adviceForRange = (input: CaptureInput, nsys: NsysFacts): DeploymentAdvice => {
  const folder = input.collectFrom ?? '/tmp/traces';
  const call = nsysProfileArgv(nsys, {
    ...tracingOf(input),
    session: input.session,
    output: `${folder}/${input.name}`,
    captureRange: 'cudaProfilerApi',
    captureRangeEnd: 'repeat',
    application: [],
  });
  return {
    command_prefix: call.argv,
    extra_args: input.engine === 'sglang' ? [] : ['--profiler-config', JSON.stringify({ profiler: 'cuda' })],
    env: engineEnv(input.engine),
    writable_folder: folder,
    notes: [
      NSYS_IN_IMAGE,
      'a range that nobody starts leaves no report: the engine must answer /start_profile',
      RESTART,
    ],
  };
};

/** What the chosen way of capturing needs; null where nothing has to be prepared. */
export const deploymentAdvice = (input: CaptureInput, nsys: NsysFacts): DeploymentAdvice | null => {
  if (input.mode === 'session') return adviceForSession(input, nsys);
  if (input.mode !== 'endpoints') return null;
  return input.profiler === 'cuda' ? adviceForRange(input, nsys) : adviceForTorch(input);
};

/** The fault of a place that is not prepared, with what to add to it. */
export const notPrepared = (input: CaptureInput, nsys: NsysFacts, message: string): Fault =>
  new Fault('input', 'capture_not_prepared', message, {
    fix: 'add to the deployment what data.add_to_deployment lists, then capture again',
    data: { add_to_deployment: deploymentAdvice(input, nsys) },
  });
