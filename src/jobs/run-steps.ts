// The body of a job that is a list of commands: one after another, the first failure ends it.
import { requireSuccess, type RunOptions } from '../exec/run-process.ts';
import type { JsonValue } from '../text/json.ts';
import type { JobContext, JobStep } from './job-context.ts';

const optionsOf = (step: JobStep, { env, root }: JobContext): RunOptions => ({
  env,
  cwd: step.cwd ?? root,
  ...(step.timeout_s === undefined ? {} : { timeoutMs: step.timeout_s * 1000 }),
});

/** Throws the Fault of the first command that fails. Returns `{ steps: [{ name, duration_s }] }`. */
export const runSteps = async (steps: readonly JobStep[], context: JobContext): Promise<JsonValue> => {
  const done: JsonValue[] = [];
  for (const [index, step] of steps.entries()) {
    context.progress(index, steps.length, step.name);
    const options = optionsOf(step, context);
    const result = requireSuccess(step.argv, await context.run(step.argv, options), options);
    done.push({ name: step.name, duration_s: result.durationMs / 1000 });
  }
  context.progress(steps.length, steps.length, 'done');
  return { steps: done };
};
