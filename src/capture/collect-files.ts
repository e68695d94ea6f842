// Brings the files of a capture to this machine: waits until they have stopped growing, exports reports where they lie, copies
// them out of a pod and compares the sizes. Never takes a file that was there before the capture.
import { rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { copyFromArgv, kubectlFault } from '../drivers/kubectl.ts';
import { profiledKernels } from '../drivers/ncu.ts';
import { DIFF_TABLES, nsysExportArgv } from '../drivers/nsys.ts';
import { requireSuccess } from '../exec/run-process.ts';
import { onFile } from '../fs/io-fault.ts';
import { Fault } from '../text/fault.ts';
import { placeFolder } from './capture-plan.ts';
import { note, optionsFor, type Capture, type Step } from './capture-run.ts';
import { notPrepared } from './deployment-advice.ts';
import { validateNsys, validateTrace, type CaptureValidation } from './validate-capture.ts';

const POLL_MS = 500;
const STEADY_POLLS = 2;

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
  throw notPrepared(
    capture.input,
    capture.tools.nsys,
    `no profile appeared in ${step.folder} within ${step.timeoutS} s`,
  );
};

/** Exports a report that an engine's nsys wrote, where it lies, and brings both here. */
const takeReport = async (capture: Capture, report: string): Promise<CaptureValidation> => {
  const { input, tools } = capture;
  const base = basename(report, '.nsys-rep');
  const output = join(placeFolder(input), `${base}.sqlite`);
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

/** Takes every profile that the engine wrote since the marker. */
export const findStep = async (capture: Capture, step: Step<'find'>): Promise<void> => {
  for (const path of await steadyProfiles(capture, step)) {
    const take = path.endsWith('.nsys-rep') ? takeReport : takeTrace;
    capture.validations.push(await take(capture, path));
  }
};

/** ncu writes no file when no kernel matched; then there is nothing to bring here. */
export const fetchStep = async (capture: Capture, step: Step<'fetch'>): Promise<void> => {
  if (capture.input.mode === 'ncu' && profiledKernels(capture.profiled?.stdout ?? '').length === 0) return;
  await fetchFile(capture, step.from, step.to);
};
