// What the starter hands to the supervisor over stdin, once, so that inputs with secrets are neither in an argument list
// nor in a file.
import { inputFault } from '../text/fault.ts';
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from '../text/json.ts';
import type { JobStep, JobWork } from './job-context.ts';

export interface JobRequest {
  readonly work: JobWork;
  /** Time limit of the whole job; null: none. */
  readonly time_limit_s: number | null;
}

const incomplete = () =>
  inputFault('job_request_incomplete', 'the process that started the job ended before it had said what to do', {
    fix: 'start the job again',
  });

const words = (value: JsonValue | undefined): string[] | null =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : null;

const stepOf = (value: JsonValue): JobStep => {
  const argv = isJsonObject(value) ? words(value['argv']) : null;
  if (!isJsonObject(value) || argv === null || typeof value['name'] !== 'string') throw incomplete();
  const { name, cwd, timeout_s } = value;
  return {
    name,
    argv,
    ...(typeof cwd === 'string' ? { cwd } : {}),
    ...(typeof timeout_s === 'number' ? { timeout_s } : {}),
  };
};

const workOf = (work: JsonObject): JobWork => {
  const { steps, module, export: name, input } = work;
  if (Array.isArray(steps)) return { steps: steps.map(stepOf) };
  if (typeof module !== 'string' || typeof name !== 'string' || input === undefined) throw incomplete();
  return { module, export: name, input };
};

/** Throws `job_request_incomplete` when the text was cut off. */
export const parseJobRequest = (text: string): JobRequest => {
  let value: JsonValue = null;
  try {
    value = parseJson(text);
  } catch {
    throw incomplete();
  }
  if (!isJsonObject(value) || !isJsonObject(value['work'])) throw incomplete();
  const limit = value['time_limit_s'];
  return { work: workOf(value['work']), time_limit_s: typeof limit === 'number' ? limit : null };
};
