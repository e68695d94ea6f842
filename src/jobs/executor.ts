// Where the commands of a job run: on this machine, or on whatever another executor stands for. An executor gives every command
// that it starts a handle of plain JSON, which stands in `state.json`: whoever reads the job later can observe and cancel the
// command, also when the program that started it was killed. Types only.
import type { RunOptions, RunResult } from '../exec/run-process.ts';
import type { TaskHandle } from './job-state.ts';

/** `elsewhere`: whether it runs cannot be seen from here. */
export type TaskLife = 'running' | 'ended' | 'elsewhere';

export interface Executor<Handle extends TaskHandle = TaskHandle> {
  /**
   * Starts a command. `options.signal` and `options.timeoutMs` end it as `cancel` does. Throws only when nothing was started:
   * `tool_missing`, `tool_not_started`, `cancelled`.
   */
  readonly submit: (argv: readonly string[], options: RunOptions) => Promise<Handle>;
  /** Also for commands whose submitter is gone. Never waits. */
  readonly observe: (handle: Handle) => Promise<TaskLife>;
  /**
   * Ends the command with everything that it started: asked first, by force after `graceMs`. Resolves when nothing is left; does
   * nothing for a command that has ended.
   */
  readonly cancel: (handle: Handle, graceMs: number) => Promise<void>;
  /** Waits for the end and says how it was. Throws `task_output_gone` when another program submitted the command. */
  readonly collect: (handle: Handle) => Promise<RunResult>;
}
