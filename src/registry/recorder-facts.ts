// Facts about where and by whom something is recorded: operator, machine, repository at the root, GPUs. Gathered once per
// process and root, because each costs a process.
import { arch, hostname, machine, release, type, userInfo, version } from 'node:os';
import { readGitFacts, type GitFacts } from '../drivers/git.ts';
import { readGpuFacts, type GpuFacts } from '../drivers/nvidia-smi.ts';
import { findTool } from '../exec/find-tool.ts';
import { localRunner } from '../exec/run-process.ts';
import type { VerbContext } from '../verb/context.ts';

export interface RecorderFacts {
  readonly operatorUser: string;
  readonly hostname: string;
  /** sysname nodename release version machine. */
  readonly uname: string;
  readonly git: GitFacts;
  /** Null where no GPU tool is installed. */
  readonly gpus: GpuFacts | null;
}

const gathered = new Map<string, Promise<RecorderFacts>>();

const operator = (env: VerbContext['env']): string => {
  const named = env['USER'] ?? env['USERNAME'];
  if (named !== undefined && named !== '') return named;
  try {
    return userInfo().username;
  } catch {
    return '(unknown)';
  }
};

const gather = async ({ root, env }: VerbContext): Promise<RecorderFacts> => {
  const seen = findTool('nvidia-smi', env) !== null;
  const [git, gpus] = await Promise.all([
    readGitFacts(root, { env }),
    seen ? readGpuFacts(localRunner({ env })) : Promise.resolve(null),
  ]);
  return {
    operatorUser: operator(env),
    hostname: hostname(),
    uname: [type(), hostname(), release(), version(), machine?.() ?? arch()].join(' '),
    git,
    gpus,
  };
};

/** The facts for the root of a call. */
export const recorderFacts = (context: VerbContext): Promise<RecorderFacts> => {
  const known = gathered.get(context.root);
  if (known !== undefined) return known;
  const facts = gather(context);
  gathered.set(context.root, facts);
  facts.catch(() => gathered.delete(context.root));
  return facts;
};
