// Finds the folder that everything is kept in, and the campaigns folder. Reads only names; never creates the root.
import { existsSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Fault, systemCode } from '../text/fault.ts';
import { onFile } from './io-fault.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type RootSource = 'flag' | 'environment' | 'ancestor' | 'home';

export interface Root {
  /** Absolute path. */
  readonly root: string;
  readonly source: RootSource;
}

export interface RootChoice {
  /** `--repo-root`, when given. */
  readonly explicit?: string | undefined;
  readonly env: Environment;
  readonly cwd: string;
}

const namedFolder = (path: string, label: string, cwd: string): string => {
  const fix = `name an existing folder with ${label}`;
  if (path.trim() === '' || path.includes('\0')) throw new Fault('usage', 'root_empty', `${label} is empty`, { fix });
  const absolute = resolve(cwd, path);
  const status = statSync(absolute, { throwIfNoEntry: false });
  if (status?.isDirectory() === true) return absolute;
  const says = status === undefined ? 'does not exist' : 'is not a folder';
  throw new Fault('input', 'root_not_found', `${label}: ${absolute} ${says}`, { path: absolute, fix });
};

/** The nearest ancestor that holds `experiments/` or `.git`; the top of the file system is left out. */
const markedAncestor = (from: string): string | undefined => {
  for (let at = resolve(from); dirname(at) !== at; at = dirname(at))
    if (statSync(join(at, 'experiments'), { throwIfNoEntry: false })?.isDirectory() || existsSync(join(at, '.git')))
      return at;
  return undefined;
};

const homeFolder = (env: Environment): string => {
  const home = env['HOME'] ?? '';
  if (home !== '') return join(home, '.local', 'share', 'profile-and-optimize');
  throw new Fault(
    'usage',
    'root_unknown',
    'no root: neither a repository around the working folder nor HOME is known',
    {
      fix: 'set PROFILE_AND_OPTIMIZE_REPO_ROOT',
    },
  );
};

/**
 * `--repo-root`, else `PROFILE_AND_OPTIMIZE_REPO_ROOT`, else the nearest ancestor of `cwd` that holds `experiments/` or
 * `.git`, else `~/.local/share/profile-and-optimize`. Throws a Fault `root_empty`, `root_not_found` or `root_unknown`.
 */
export const resolveRoot = ({ explicit, env, cwd }: RootChoice): Root => {
  if (explicit !== undefined) return { root: namedFolder(explicit, '--repo-root', cwd), source: 'flag' };
  const variable = env['PROFILE_AND_OPTIMIZE_REPO_ROOT'] ?? '';
  if (variable !== '')
    return { root: namedFolder(variable, 'PROFILE_AND_OPTIMIZE_REPO_ROOT', cwd), source: 'environment' };
  const ancestor = markedAncestor(cwd);
  if (ancestor !== undefined) return { root: ancestor, source: 'ancestor' };
  return { root: homeFolder(env), source: 'home' };
};

/** `<root>/experiments/artifacts`: registry, diffs, evidence, jobs. */
export const artifactsFolder = (root: string): string => join(root, 'experiments', 'artifacts');

export interface CampaignsChoice {
  /** `--campaigns-dir`, when given. */
  readonly explicit?: string | undefined;
  readonly env: Environment;
  readonly cwd: string;
  /** True on the command line, where a folder without a root marker means `./campaigns`. */
  readonly commandLine: boolean;
}

/**
 * The campaigns folder: `--campaigns-dir`, else `PERFREPORT_CAMPAIGNS_DIR`, else `<root>/campaigns`; on the command line
 * without a root marker, `./campaigns`. It need not exist.
 */
export const campaignsFolder = (
  { explicit, env, cwd, commandLine }: CampaignsChoice,
  { root, source }: { readonly root: string; readonly source: string },
): string => {
  const named = explicit ?? env['PERFREPORT_CAMPAIGNS_DIR'] ?? '';
  if (named !== '') return resolve(cwd, named);
  return join(commandLine && source === 'home' ? cwd : root, 'campaigns');
};

/** Creates a folder that git is to leave alone: a new one gets a `.gitignore` of `*`. */
export const ensureIgnoredFolder = (path: string): Promise<void> =>
  onFile(path, async () => {
    if ((await mkdir(path, { recursive: true })) === undefined) return;
    const { writeNew } = await import('./atomic-file.ts'); // not at the start of a server: it loads what makes random names
    await writeNew(join(path, '.gitignore'), '*\n').catch((error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error;
    });
  });
