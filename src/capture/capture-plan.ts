// Turns a capture's input and the facts of the installed tools into steps. Pure, so that a dry run shows exactly what a real
// run does. Steps that undo something carry `undoes` and also run when an earlier step failed or the work was cancelled.
import { join } from 'node:path';
import { copyFromArgv, execArgv } from '../drivers/kubectl.ts';
import { ncuArgv, ncuOutput, type NcuFacts } from '../drivers/ncu.ts';
import type { NsysFacts } from '../drivers/nsys-facts.ts';
import {
  DIFF_TABLES,
  nsysExportArgv,
  nsysLaunchArgv,
  nsysProfileArgv,
  nsysSessionsArgv,
  nsysShutdownArgv,
  nsysStartArgv,
  nsysStopArgv,
  type NsysCall,
  type NsysTracing,
} from '../drivers/nsys.ts';
import type { CaptureInput } from './capture-input.ts';
import { enginePost, type EngineCall } from './engine-endpoints.ts';

interface StepBase {
  readonly name: string;
  /** The command exactly as it is started on this machine; null for steps that start none. */
  readonly argv: readonly string[] | null;
}

export type CaptureStep = StepBase &
  (
    | {
        readonly action: 'run';
        /** The command at the captured place, inside `argv` when that is a pod. */
        readonly command: readonly string[];
        readonly timeoutS: number | null;
        /** What must be true afterwards: exit code 0, or nothing (the report decides). */
        readonly expect: 'success' | 'any';
        /** Name of the step whose effect this one ends. */
        readonly undoes?: string;
      }
    | { readonly action: 'expect_session'; readonly command: readonly string[]; readonly session: string }
    | { readonly action: 'http'; readonly url: string; readonly body: string | null; readonly undoes?: string }
    | { readonly action: 'wait'; readonly seconds: number }
    /** Files below `folder` that are newer than `marker` and end like a profile, as they stop growing. */
    | { readonly action: 'find'; readonly folder: string; readonly marker: string; readonly timeoutS: number }
    | { readonly action: 'fetch'; readonly from: string; readonly to: string }
    | { readonly action: 'validate'; readonly report: string | null; readonly sqlite: string | null }
  );

export interface CaptureTools {
  readonly nsys: NsysFacts;
  readonly ncu: NcuFacts | null;
}

export interface CapturePlan {
  readonly steps: readonly CaptureStep[];
  /** Options that were wanted and that the installed version lacks. */
  readonly left_out: readonly string[];
  /** Files that the capture makes on this machine; those of an engine are known only afterwards. */
  readonly files: readonly string[];
}

const POD_FOLDER = '/tmp/profile-and-optimize';
const FINISH_S = 600;
const QUICK_S = 60;
const DEFAULT_TRACE = ['cuda', 'nvtx', 'osrt'];

/**
 * How kernels are traced: inside CUDA graphs one by one; in forked workers only for vLLM, which needs it, since nsys warns
 * that it may break other programs.
 */
export const tracingOf = ({ trace = DEFAULT_TRACE, engine }: Pick<CaptureInput, 'trace' | 'engine'>): NsysTracing => ({
  trace,
  graphNodes: trace.includes('cuda'),
  forkedProcesses: engine === 'vllm',
});

/** Folder at the captured place. */
export const placeFolder = ({ pod, podFolder = POD_FOLDER, out }: CaptureInput): string =>
  pod === undefined ? out : podFolder;

const atPlace = ({ pod }: CaptureInput, command: readonly string[]): readonly string[] =>
  pod === undefined ? command : execArgv(pod, command);

interface RunWish {
  readonly timeoutS?: number | null;
  readonly expect?: 'success' | 'any';
  readonly undoes?: string;
}

const run = (input: CaptureInput, name: string, command: readonly string[], wish: RunWish = {}): CaptureStep => ({
  name,
  action: 'run',
  argv: atPlace(input, command),
  command,
  timeoutS: wish.timeoutS === undefined ? QUICK_S : wish.timeoutS,
  expect: wish.expect ?? 'success',
  ...(wish.undoes === undefined ? {} : { undoes: wish.undoes }),
});

const makeFolder = (input: CaptureInput): CaptureStep[] =>
  input.pod === undefined ? [] : [run(input, 'make_folder', ['mkdir', '-p', placeFolder(input)])];

const fetchFrom = (input: CaptureInput, from: string, to: string): CaptureStep[] =>
  input.pod === undefined
    ? []
    : [{ name: 'fetch', action: 'fetch', argv: copyFromArgv(input.pod, from, to), from, to }];

/** Export beside the report, with the version that wrote it, then bring both here and look at them. */
const finishNsys = (
  input: CaptureInput,
  facts: NsysFacts,
): { steps: CaptureStep[]; left_out: readonly string[]; files: string[] } => {
  const at = (extension: string): string => join(placeFolder(input), `${input.name}.${extension}`);
  const here = (extension: string): string => join(input.out, `${input.name}.${extension}`);
  const call = nsysExportArgv(facts, {
    report: at('nsys-rep'),
    output: at('sqlite'),
    type: 'sqlite',
    tables: DIFF_TABLES,
  });
  const kept = ['nsys-rep', 'sqlite'];
  const steps: CaptureStep[] = [
    run(input, 'export', call.argv, { timeoutS: input.finishS ?? FINISH_S }),
    ...kept.flatMap((extension) => fetchFrom(input, at(extension), here(extension))),
    { name: 'validate', action: 'validate', argv: null, report: here('nsys-rep'), sqlite: here('sqlite') },
  ];
  return { steps, left_out: call.left_out, files: kept.map(here) };
};

const launchTimeout = ({ durationS, delayS = 0, finishS = FINISH_S }: CaptureInput): number | null =>
  durationS === undefined ? null : delayS + durationS + finishS;

const planLaunch = (input: CaptureInput, { nsys }: CaptureTools): CapturePlan => {
  const call = nsysProfileArgv(nsys, {
    ...tracingOf(input),
    session: input.session,
    output: join(placeFolder(input), input.name),
    application: input.command ?? [],
    ...(input.durationS === undefined ? {} : { durationS: input.durationS }),
    ...(input.delayS === undefined ? {} : { delayS: input.delayS }),
  });
  const finish = finishNsys(input, nsys);
  const steps = [
    ...makeFolder(input),
    run(input, 'profile', call.argv, { timeoutS: launchTimeout(input), expect: 'any' }),
    run(input, 'end_session', nsysShutdownArgv(nsys, input.session), { expect: 'any', undoes: 'profile' }),
    ...finish.steps,
  ];
  return { steps, left_out: [...call.left_out, ...finish.left_out], files: finish.files };
};

const cancelSession = ({ nsys }: CaptureTools, session: string): string[] => [
  nsys.nsys,
  'cancel',
  `--session=${session}`,
];

const planSession = (input: CaptureInput, tools: CaptureTools): CapturePlan => {
  const { nsys } = tools;
  const { session, durationS = 0, finishS = FINISH_S } = input;
  const start = nsysStartArgv(nsys, { session, output: join(placeFolder(input), input.name) });
  const finish = finishNsys(input, nsys);
  const listing = nsysSessionsArgv(nsys);
  const steps: CaptureStep[] = [
    { name: 'find_session', action: 'expect_session', argv: atPlace(input, listing), command: listing, session },
    ...makeFolder(input),
    run(input, 'start', start.argv),
    { name: 'record', action: 'wait', argv: null, seconds: durationS },
    run(input, 'stop', nsysStopArgv(nsys, session), { timeoutS: finishS }),
    run(input, 'cancel_session', cancelSession(tools, session), { expect: 'any', undoes: 'start' }),
    ...finish.steps,
  ];
  return { steps, left_out: [...start.left_out, ...finish.left_out], files: finish.files };
};

const post = (input: CaptureInput, name: string, call: EngineCall, undoes?: string): CaptureStep => ({
  name,
  action: 'http',
  argv: call.command === null ? null : atPlace(input, call.command),
  url: call.url,
  body: call.body,
  ...(undoes === undefined ? {} : { undoes }),
});

const planEndpoints = (input: CaptureInput): CapturePlan => {
  const folder = input.collectFrom ?? '';
  const marker = join(placeFolder(input), `.${input.name}.began`);
  const { finishS = FINISH_S } = input;
  const steps: CaptureStep[] = [
    ...makeFolder(input),
    run(input, 'mark', ['touch', marker]),
    post(input, 'start', enginePost(input, 'start')),
    { name: 'record', action: 'wait', argv: null, seconds: input.durationS ?? 0 },
    post(input, 'stop', enginePost(input, 'stop')),
    post(input, 'stop_after_failure', enginePost(input, 'stop'), 'start'),
    { name: 'find_files', action: 'find', argv: null, folder, marker, timeoutS: finishS },
    { name: 'validate', action: 'validate', argv: null, report: null, sqlite: null },
  ];
  return { steps, left_out: [], files: [] };
};

/** Ending `kubectl exec` does not end what it started; with the process number on file another exec can. */
const rememberingPid = (pidFile: string, argv: readonly string[]): string[] => [
  ...['sh', '-c', 'echo $$ > "$0"; exec "$@"', pidFile],
  ...argv,
];

const endingPid = (pidFile: string): string[] => ['sh', '-c', 'kill "$(cat "$0")"', pidFile];

const planNcu = (input: CaptureInput, { ncu }: CaptureTools): CapturePlan => {
  const output = join(placeFolder(input), input.name);
  const argv = ncuArgv(ncu, {
    output,
    application: input.command ?? [],
    ...(input.kernels === undefined ? {} : { kernels: input.kernels }),
    ...(input.launchSkip === undefined ? {} : { launchSkip: input.launchSkip }),
    ...(input.launchCount === undefined ? {} : { launchCount: input.launchCount }),
  });
  const report = join(input.out, `${input.name}.ncu-rep`);
  const pidFile = `${output}.pid`;
  const command = input.pod === undefined ? argv : rememberingPid(pidFile, argv);
  const steps: CaptureStep[] = [
    ...makeFolder(input),
    run(input, 'profile', command, { timeoutS: launchTimeout(input), expect: 'any' }),
    ...(input.pod === undefined
      ? []
      : [run(input, 'end_ncu', endingPid(pidFile), { expect: 'any', undoes: 'profile' })]),
    ...fetchFrom(input, `${output}.ncu-rep`, report),
    { name: 'validate', action: 'validate', argv: null, report, sqlite: null },
  ];
  return { steps, left_out: [], files: [report] };
};

/** The steps of a capture, in order. `tools` may be assumed facts, in a dry run without the tools. */
export const planCapture = (input: CaptureInput, tools: CaptureTools): CapturePlan => {
  if (input.mode === 'launch') return planLaunch(input, tools);
  if (input.mode === 'session') return planSession(input, tools);
  return input.mode === 'endpoints' ? planEndpoints(input) : planNcu(input, tools);
};

/** Folder and name of an ncu capture unless the caller chose: `results/nsight/<config>_ours` below the working folder. */
export const ncuPlace = (cwd: string, config: string): { out: string; name: string } => {
  const parts = ncuOutput(config).split('/');
  return { out: join(cwd, ...parts.slice(0, -1)), name: parts.at(-1) ?? config };
};

/** The server command of a deployment that `session` mode can capture. */
export const launchForSession = (
  input: Pick<CaptureInput, 'trace' | 'session' | 'engine'>,
  nsys: NsysFacts,
  command: readonly string[],
): NsysCall => nsysLaunchArgv(nsys, { ...tracingOf(input), session: input.session, application: command });
