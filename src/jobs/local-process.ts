// The executor of this machine: every command is a process group. Only groups whose leader's recorded identity still fits are
// signalled.
import { setTimeout as sleep } from 'node:timers/promises';
import { groupState } from '../exec/group-state.ts';
import { stopGroup } from '../exec/process-group.ts';
import { identifyProcess, type ProcessIdentity } from '../exec/process-identity.ts';
import { startProcess, type RunResult } from '../exec/run-process.ts';
import { currentOwner } from '../fs/process-owner.ts';
import { inputFault } from '../text/fault.ts';
import { environmentSecrets, redactArgv } from '../text/redact.ts';
import type { Executor, TaskLife } from './executor.ts';
import { identityOf, recordProcess, type LocalHandle } from './job-state.ts';

/** A killed process is gone in a moment, unless the kernel waits for a device. */
const KILL_POLL_MS = 10;
const KILL_TURNS = 200;

const LIFE: Readonly<Record<'alive' | 'dead' | 'elsewhere', TaskLife>> = {
  alive: 'running',
  dead: 'ended',
  elsewhere: 'elsewhere',
};

/** Results of the commands that this program submitted and nobody has collected. */
const submitted = new Map<string, Promise<RunResult>>();

const keyOf = ({ process: { pid, started } }: LocalHandle): string => `${pid}.${started}`;

/** Fits no process: the command had ended before its start time could be read. */
const ended = (pid: number): ProcessIdentity => ({ ...currentOwner(), pid, started: 'ended' });

/** The handle of a process that leads its own group; `argv` redacted. */
export const localHandle = async (pid: number, argv: readonly string[]): Promise<LocalHandle> => ({
  executor: 'local_process',
  process: recordProcess((await identifyProcess(pid)) ?? ended(pid)),
  argv: [...argv],
});

const observe = async ({ process }: LocalHandle): Promise<TaskLife> => LIFE[await groupState(identityOf(process))];

export const localProcesses: Executor<LocalHandle> = {
  submit: async (argv, options) => {
    const { pid, result } = await startProcess(argv, options);
    const handle = await localHandle(pid, redactArgv(argv, environmentSecrets(options.env)));
    submitted.set(keyOf(handle), result);
    return handle;
  },
  observe,
  cancel: async (handle, graceMs) => {
    if ((await observe(handle)) !== 'running') return;
    await stopGroup(handle.process.pid, graceMs);
    for (let turn = 0; turn < KILL_TURNS && (await observe(handle)) === 'running'; turn += 1) await sleep(KILL_POLL_MS);
  },
  collect: async (handle) => {
    const result = submitted.get(keyOf(handle));
    submitted.delete(keyOf(handle));
    if (result !== undefined) return result;
    throw inputFault('task_output_gone', `process ${handle.process.pid} was started by a program that is gone`, {
      fix: "see the job's stdout.log and stderr.log for what it printed",
    });
  },
};
