// Pins what a job would run: the hash of every file that its commands and inputs name, and one hash of the whole plan, so that
// what was shown is what is run. Reads files, starts nothing.
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { findTool } from '../exec/find-tool.ts';
import type { Environment } from '../exec/environment.ts';
import { Fault } from '../text/fault.ts';
import { canonicalJson } from '../text/json.ts';
import { shellLine } from '../text/shell-line.ts';

/** Larger files (weights, captures) are pinned by size and time: they are inputs of the program, not the program. */
const MOST_BYTES = 64 * 1024 * 1024;

/** The commands of a plan, the files it was read from, and what else is to be said. */
export interface JobPlan {
  /** Exact argument lists, as they would be started. */
  readonly commands: readonly (readonly string[])[];
  /** Absolute paths of files that decide what is run. */
  readonly inputs: readonly string[];
  /** Lines beside the commands. */
  readonly notes: readonly string[];
  /** What was seen when the plan was made: shown, and no part of its hash. */
  readonly seen?: readonly string[];
  /** Where the commands run. */
  readonly cwd: string;
  /** Names that every call makes anew; the hash of the plan leaves them out. */
  readonly fresh?: readonly string[];
}

export interface PinnedPlan {
  readonly lines: readonly string[];
  /** Over the lines but those of what was seen: notes, commands and file hashes. */
  readonly sha256: string;
}

const fileAt = (path: string): { readonly size: number; readonly mtimeMs: number } | null => {
  try {
    const status = statSync(path);
    return status.isFile() ? status : null;
  } catch {
    return null;
  }
};

const pinOf = async (path: string): Promise<string | null> => {
  const status = fileAt(path);
  if (status === null) return null;
  if (status.size > MOST_BYTES) return `size ${status.size} at ${new Date(status.mtimeMs).toISOString()}  ${path}`;
  return `sha256 ${(await pinnedHash(path)) ?? ''}  ${path}`;
};

/** The files that a command names: its program, and every word that is one. */
const filesOf = (argv: readonly string[], cwd: string, env: Environment): string[] => {
  const [tool = '', ...words] = argv;
  const program = tool.includes('/') ? resolve(cwd, tool) : findTool(tool, env);
  return [...(program === null ? [] : [program]), ...words.map((word) => resolve(cwd, word))];
};

/** Programs that are not on this machine's PATH, said once each; where the job runs they may be. */
const missingTools = (commands: readonly (readonly string[])[], env: Environment): string[] => {
  const tools = new Set(commands.map(([tool = '']) => tool).filter((tool) => !tool.includes('/')));
  return [...tools].filter((tool) => findTool(tool, env) === null).map((tool) => `! ${tool} is not on PATH here`);
};

/** The lines of a plan and its hash; the same plan over unchanged files has the same hash. */
export const pinPlan = async (
  { commands, inputs, notes, seen = [], cwd, fresh = [] }: JobPlan,
  env: Environment,
): Promise<PinnedPlan> => {
  const files = new Set([...inputs, ...commands.flatMap((argv) => filesOf(argv, cwd, env))]);
  const pins: string[] = [];
  for (const path of files) {
    const pin = await pinOf(path);
    if (pin !== null) pins.push(pin);
  }
  const rest = [...commands.map(shellLine), ...missingTools(commands, env), ...pins];
  const lines = [...notes, ...rest];
  const lasting = fresh.reduce((text, name) => text.replaceAll(name, '*'), canonicalJson(lines));
  return { lines: [...notes, ...seen, ...rest], sha256: createHash('sha256').update(lasting).digest('hex') };
};

/** SHA-256 of a file that a job reads again when it runs; null where there is none. */
export const pinnedHash = async (path: string): Promise<string | null> => {
  if (fileAt(path) === null) return null;
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer); // checked boundary: no encoding is set
  return hash.digest('hex');
};

/** Throws `plan_changed` when the file is not the one that was planned with. */
export const requirePinned = async (path: string, sha256: string | null): Promise<void> => {
  if ((await pinnedHash(path)) === sha256) return;
  throw new Fault('refused', 'plan_changed', `${path} was changed after the job was planned`, {
    path,
    fix: 'see the new plan with dry_run, then start it again',
  });
};
