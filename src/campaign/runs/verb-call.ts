// Calls a verb of this product as a program, for the steps of a campaign: recorded like every other command, by the name that a
// person would call it by. A verb that this version has not is known before.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JobContext } from '../../jobs/job-context.ts';
import { objectAt, textAt } from '../../importers/json-fields.ts';
import { isJsonObject, parseJson, type JsonObject } from '../../text/json.ts';
import { recordedCommand } from '../cells/recorded-command.ts';

export interface VerbCall {
  readonly verb: string;
  /** Flags and values after the name. */
  readonly words: readonly string[];
  /** Absolute path of the folder that keeps the record. */
  readonly records: string;
}

export type VerbOutcome = { readonly answer: JsonObject } | { readonly failed: string };

export const knowsVerb = (productFolder: string, verb: string): boolean =>
  existsSync(join(productFolder, 'schemas', 'verbs', `${verb}.output.json`));

const parsed = (text: string): JsonObject | null => {
  try {
    const value = parseJson(text, 'the answer');
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
};

export const verbArgv = (productFolder: string, { verb, words }: Omit<VerbCall, 'records'>, root: string): string[] => [
  process.execPath,
  join(productFolder, 'dist', 'profile-and-optimize.mjs'),
  verb,
  ...words,
  '--json',
  '--repo-root',
  root,
];

/** Never throws for how the verb ended. */
export const callVerb = async (call: VerbCall, productFolder: string, job: Pick<JobContext, 'env' | 'root' | 'run' | 'signal'>): Promise<VerbOutcome> => {
  const { env, root, signal } = job;
  const command = { slug: call.verb.replace('perf_tune_report_', ''), argv: verbArgv(productFolder, call, root) };
  const { result, failure } = await recordedCommand(command, { folder: call.records, run: job.run, env, options: { cwd: root, signal } });
  const answer = result === null ? null : parsed(result.stdout);
  if (failure !== null) return { failed: textAt(objectAt(answer ?? {}, 'error'), 'message') ?? failure };
  return answer === null ? { failed: 'its answer cannot be read' } : { answer };
}; // prettier-ignore
