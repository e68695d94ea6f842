// What must hold where a cell runs before anything is started there; a dry run shows the same, without what can be asked only from inside.
import { check, type Check } from '../../cluster/check.ts';
import { needsChecks, parseAnswers, subjectsOf, unaskedChecks, type Needs } from '../../cluster/needs.ts';
import { podPreflight, workloadPreflight } from '../../cluster/preflight.ts';
import type { Environment } from '../../exec/environment.ts';
import { localRunner, type Runner } from '../../exec/run-process.ts';
import { Fault } from '../../text/fault.ts';
import type { AskInside } from './ask-inside.ts';
import type { CellCommand } from './cell-command.ts';
import { needsOf, ownServerOf } from './command-needs.ts';
import { kubeTargetOf, type Place } from './place.ts';
import { needsFromHere, ownServerChecks, tokenCheck } from './preflight-here.ts';
import { slurmPreflight } from './preflight-slurm.ts';

const ask: Runner = localRunner({ env: process.env, timeoutMs: 30_000 });

export interface Asker {
  /** What the commands see of this machine's variables. */
  readonly env: Environment;
  /** Folder in which the commands run here. */
  readonly cwd: string;
  /** Asks from inside of a cluster, where something may be started there; null where not. */
  readonly inside: AskInside | null;
  /** Servers are deployed before the commands are started, and not there yet. */
  readonly deploysFirst?: boolean;
}

const isBad = ({ state }: Check): boolean => state === 'bad';

const ofCluster = (place: Extract<Place, { on: 'pod' | 'kubernetes' }>): Promise<Check[]> =>
  place.on === 'pod'
    ? podPreflight(ask, kubeTargetOf(place.pod))
    : workloadPreflight(ask, place.needs, { ...place.needs, kind: place.needs.kind ?? 'Job' });

const fromInside = async (needs: Needs, inside: AskInside | null): Promise<Check[]> => {
  const subjects = subjectsOf(needs);
  if (subjects.length === 0) return [];
  if (inside === null) return unaskedChecks(needs, 'from inside of the cluster before the first command');
  const answer = await inside(subjects);
  return 'lines' in answer
    ? needsChecks(needs, parseAnswers(answer.lines))
    : [check('inside of the cluster', answer.state, answer.says)];
};

const later = ({ servers, files }: Needs, deploysFirst: boolean | undefined): { now: Needs; then: Check[] } =>
  deploysFirst === true
    ? { now: { servers: new Map(), files }, then: unaskedChecks({ servers, files: [] }, 'after the cell is deployed') }
    : { now: { servers, files }, then: [] };

/** Checks of a place, for these commands. */
export const preflight = async (place: Place, commands: readonly CellCommand[], { env, cwd, inside, deploysFirst }: Asker): Promise<Check[]> => {
  const { now, then } = later(needsOf(commands), deploysFirst);
  switch (place.on) {
    case 'pod':
    case 'kubernetes': {
      const checks = await ofCluster(place);
      return checks.some(isBad) ? checks : [...checks, ...(await fromInside(now, inside)), ...then];
    }
    case 'slurm':
      return [...(await slurmPreflight(ask, place.needs)), tokenCheck(env), ...(await needsFromHere(now, cwd, 'unknown')), ...then];
    case 'here': {
      const own = ownServerOf(commands);
      return [tokenCheck(env), ...(await needsFromHere(now, cwd, 'bad')), ...then, ...(own === null ? [] : await ownServerChecks(own, env))];
    }
  }
}; // prettier-ignore

const SIGNS = { ok: 'ok     ', bad: 'BAD    ', unknown: 'unknown' } as const;

export const checkLines = (checks: readonly Check[]): string[] =>
  checks.map(({ name, state, says }) => `# preflight ${SIGNS[state]} ${name}: ${says}`);

/** Throws a Fault `preflight_failed` that names everything that is bad. */
export const requireReady = (checks: readonly Check[]): void => {
  const bad = checks.filter(isBad).map(({ name, says }) => `${name}: ${says}`);
  if (bad.length === 0) return;
  throw new Fault('input', 'preflight_failed', `nothing was started: ${bad.join('; ')}`, {
    fix: 'put that right, then start it again; --dry-run shows the same checks',
    data: { checks: checks.map(({ name, state, says }) => ({ name, state, says })) },
  });
};
