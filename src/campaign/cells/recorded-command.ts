// Runs a command and keeps what it was and what it said: `commands/NN-<slug>.cmd`, `.stdout`, `.stderr` and `.exit`. Records of
// earlier commands stay; secrets of the environment never get into one.
import { readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeNew } from '../../fs/atomic-file.ts';
import { onFile } from '../../fs/io-fault.ts';
import type { Environment } from '../../exec/environment.ts';
import type { RunOptions, RunResult, Runner } from '../../exec/run-process.ts';
import { faultOf } from '../../verb/failure.ts';
import { environmentSecrets, redact } from '../../text/redact.ts';
import { shellLine } from '../../text/shell-line.ts';

/** How a command ended, with the name of its record. */
export interface RecordedCommand {
  /** `03-bench-c8`. */
  readonly record: string;
  /** Null where it was not started. */
  readonly result: RunResult | null;
  /** How it failed, in words; null where it worked. */
  readonly failure: string | null;
}

const NUMBERED = /^(\d+)-/;

const nextNumber = (folder: string): string => {
  const numbers = readdirSync(folder).map((name) => Number(NUMBERED.exec(name)?.[1] ?? 0));
  return String(Math.max(0, ...numbers) + 1).padStart(2, '0');
};

const TAIL = 300;

/** A line in which a program says that something went wrong; tables and boxes that it draws around that are none. */
const COMPLAINT = /^(?![\s│|╭╰]).*\b(ERROR|FATAL|CRITICAL|[A-Za-z]*(Error|Exception)|[Ee]rror):?\s/;

/** The last complaint, else the last three lines. */
const lastWords = (text: string): string => {
  const lines = text.trim().split('\n');
  const complaint = lines.findLast((line) => COMPLAINT.test(line));
  return (complaint ?? lines.slice(-3).join(' | ')).trim().slice(-TAIL);
};

const failureOf = (result: RunResult): string | null => {
  if (result.cancelled) return 'was stopped';
  if (result.timedOut) return 'took longer than it may';
  if (result.code === 0) return null;
  const how = result.code === null ? `ended by ${result.signal ?? 'a signal'}` : `exit ${result.code}`;
  return `${how}: ${lastWords(result.stderr) || lastWords(result.stdout) || 'it printed nothing'}`;
};

const started = async (run: Runner, argv: readonly string[], options: Partial<RunOptions>) => {
  try {
    const result = await run(argv, options);
    return { result, failure: failureOf(result) };
  } catch (error) {
    return { result: null, failure: faultOf(error).message };
  }
};

/** Runs the command and records it. Never throws for how it ended. */
export const recordedCommand = async (
  { slug, argv }: { readonly slug: string; readonly argv: readonly string[] },
  { folder, run, env, options }: { readonly folder: string; readonly run: Runner; readonly env: Environment; readonly options: Partial<RunOptions> },
): Promise<RecordedCommand> => {
  await onFile(folder, () => mkdir(folder, { recursive: true }));
  const record = `${nextNumber(folder)}-${slug}`;
  const secrets = environmentSecrets(env);
  const keep = (kind: string, text: string): Promise<void> => writeNew(join(folder, `${record}.${kind}`), redact(text, secrets));
  await keep('cmd', `${shellLine(argv)}\n`);
  const { result, failure } = await started(run, argv, options);
  await keep('stdout', result?.stdout ?? '');
  await keep('stderr', result?.stderr ?? `${failure ?? ''}\n`);
  await keep('exit', `${result === null ? 'not started' : (result.code ?? result.signal ?? 'unknown')}\n`);
  return { record, result, failure: failure === null ? null : redact(failure, secrets) };
}; // prettier-ignore
