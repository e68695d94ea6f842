// Asks the captured place which profilers it has. A dry run that cannot ask assumes the options of present versions and says
// so; it never fails because the cluster cannot be reached.
import { NCU_FOLDERS, readNcuFacts } from '../drivers/ncu.ts';
import { podRunner } from '../drivers/kubectl.ts';
import { ASSUMED_NSYS, NSYS_FOLDERS, readNsysFacts, type NsysFacts } from '../drivers/nsys-facts.ts';
import type { Environment } from '../exec/environment.ts';
import { findTool } from '../exec/find-tool.ts';
import type { Runner } from '../exec/run-process.ts';
import { Fault } from '../text/fault.ts';
import type { CaptureInput } from './capture-input.ts';
import type { CaptureTools } from './capture-plan.ts';
import { notPrepared } from './deployment-advice.ts';

/** Whether the plan needs nsys at the captured place: the torch profiler and ncu do not. */
const needsNsys = ({ mode, profiler }: CaptureInput): boolean =>
  mode !== 'ncu' && !(mode === 'endpoints' && profiler !== 'cuda');

/** The name where PATH has the program, else the path where installers put it. */
const callName = ({ pod }: CaptureInput, tool: string, env: Environment, folders: readonly string[]): string =>
  pod !== undefined || findTool(tool, env) !== null ? tool : (findTool(tool, {}, folders) ?? tool);

/** A server that is to be captured and has no nsys is not prepared; a program that the capture starts needs it installed. */
const preparedNsys = async (input: CaptureInput, run: Runner, name: string): Promise<NsysFacts> => {
  try {
    return await readNsysFacts(run, name);
  } catch (error) {
    if (input.mode === 'launch' || !(error instanceof Fault) || error.code !== 'tool_missing') throw error;
    throw notPrepared(input, ASSUMED_NSYS, error.message);
  }
};

/** Facts of the profilers that this capture needs. Throws `tool_missing`, `capture_not_prepared` and the faults of the cluster. */
export const readCaptureTools = async (input: CaptureInput, local: Runner, env: Environment): Promise<CaptureTools> => {
  const run = input.pod === undefined ? local : podRunner(local, input.pod);
  return {
    nsys: needsNsys(input) ? await preparedNsys(input, run, callName(input, 'nsys', env, NSYS_FOLDERS)) : ASSUMED_NSYS,
    ncu: input.mode === 'ncu' ? await readNcuFacts(run, callName(input, 'ncu', env, NCU_FOLDERS)) : null,
  };
};

export interface AssumedTools {
  readonly tools: CaptureTools;
  /** Why the options of present versions were assumed; null when the tools were asked. */
  readonly assumed: string | null;
}

/** For a dry run: the facts, or assumed ones and the reason. */
export const captureToolsOrAssumed = async (
  input: CaptureInput,
  local: Runner,
  env: Environment,
): Promise<AssumedTools> => {
  try {
    return { tools: await readCaptureTools(input, local, env), assumed: null };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return {
      tools: { nsys: ASSUMED_NSYS, ncu: null },
      assumed: `options of a present version are assumed: ${error.message}`,
    };
  }
};
