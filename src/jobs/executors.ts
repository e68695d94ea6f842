// The executors by the name that stands in the handles of their commands.
import type { Executor } from './executor.ts';
import type { TaskHandle } from './job-state.ts';
import { localProcesses } from './local-process.ts';

const EXECUTORS: Readonly<Record<TaskHandle['executor'], Executor>> = { local_process: localProcesses };

/** The executor that a command was submitted to. */
export const executorOf = ({ executor }: TaskHandle): Executor => EXECUTORS[executor];
