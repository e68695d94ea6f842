// What the body of a job may use: cancel signal, progress, events, log files, and a runner whose output is logged. Types
// only; the supervisor provides it.
import type { Environment } from '../exec/environment.ts';
import type { OutputStream, Runner } from '../exec/run-process.ts';
import type { JsonObject, JsonValue } from '../text/json.ts';
import type { Executor } from './executor.ts';
import type { TaskHandle } from './job-state.ts';

export interface JobContext {
  readonly id: string;
  /** Absolute path of the job's own folder; files of the body may go there. */
  readonly folder: string;
  readonly root: string;
  readonly env: Environment;
  /** Aborted on cancel and at the time limit. A body that does not end then is ended. */
  readonly signal: AbortSignal;
  /** `total` 0 when unknown. Cheap to call often. */
  readonly progress: (done: number, total: number, message: string) => void;
  /** Appends to `events.jsonl`. */
  readonly event: (type: string, data?: JsonObject) => void;
  /** Appends a line to `stdout.log` or `stderr.log`. */
  readonly log: (line: string, stream?: OutputStream) => void;
  /**
   * Work that puts back what the job changed. A job that is stopped waits for it, `limitS` seconds at most; its commands get a
   * signal of their own, since that of the job may be aborted. Throws what `work` throws.
   */
  readonly restore: <T>(limitS: number, work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  /** Runs a program with the job's environment and signal; its output goes to the job's log files too. */
  readonly run: Runner;
  /** The same on another executor. */
  readonly runOn: <Handle extends TaskHandle>(executor: Executor<Handle>) => Runner;
}

/** The body of a job. What it returns becomes `result.json`. */
export type JobBody = (input: JsonValue, context: JobContext) => Promise<JsonValue>;

/** What a supervisor runs: an exported function of a module, or commands one after another. */
export type JobWork =
  | { readonly module: string; readonly export: string; readonly input: JsonValue }
  | { readonly steps: readonly JobStep[] };

export interface JobStep {
  readonly name: string;
  readonly argv: readonly string[];
  readonly cwd?: string;
  readonly timeout_s?: number;
}
