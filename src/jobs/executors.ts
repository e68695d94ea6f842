// The executors by the name that stands in the handles of their commands.
import type { TaskLife } from './executor.ts';
import type { TaskHandle } from './job-state.ts';
import { kubernetesTasks } from './kubernetes-life.ts';
import { localProcesses } from './local-process.ts';
import { podTasks } from './pod-executor.ts';
import { slurmTasks } from './slurm-executor.ts';

/** How a command lives, asked of the executor that it was submitted to. Never waits for its end. */
export const observeTask = async (handle: TaskHandle): Promise<TaskLife> => {
  switch (handle.executor) {
    case 'local_process':
      return localProcesses.observe(handle);
    case 'slurm':
      return slurmTasks.observe(handle);
    case 'kubernetes':
      return kubernetesTasks.observe(handle);
    case 'pod':
      return podTasks.observe(handle);
  }
};

/** Ends a command with everything that it started, as `Executor.cancel` says. */
export const cancelTask = async (handle: TaskHandle, graceMs: number): Promise<void> => {
  switch (handle.executor) {
    case 'local_process':
      return localProcesses.cancel(handle, graceMs);
    case 'slurm':
      return slurmTasks.cancel(handle, graceMs);
    case 'kubernetes':
      return kubernetesTasks.cancel(handle, graceMs);
    case 'pod':
      return podTasks.cancel(handle);
  }
};
