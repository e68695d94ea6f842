// The executors by the name that stands in the handles of their commands.
import type { TaskLife } from './executor.ts';
import type { TaskHandle } from './job-state.ts';
import { localProcesses } from './local-process.ts';
import { slurmTasks } from './slurm-executor.ts';

/** How a command lives, asked of the executor that it was submitted to. Never waits for its end. */
export const observeTask = (handle: TaskHandle): Promise<TaskLife> =>
  handle.executor === 'slurm' ? slurmTasks.observe(handle) : localProcesses.observe(handle);

/** Ends a command with everything that it started, as `Executor.cancel` says. */
export const cancelTask = (handle: TaskHandle, graceMs: number): Promise<void> =>
  handle.executor === 'slurm' ? slurmTasks.cancel(handle, graceMs) : localProcesses.cancel(handle, graceMs);
