// What must hold where a cell runs before anything is started there, asked without starting anything; a dry run shows the same.
import { podPreflight, serverFromPod, workloadPreflight, type Check } from '../../cluster/preflight.ts';
import { localRunner, type Runner } from '../../exec/run-process.ts';
import { Fault } from '../../text/fault.ts';
import type { CellCommand } from './cell-command.ts';
import { kubeTargetOf, type Place } from './place.ts';

const ask: Runner = localRunner({ env: process.env, timeoutMs: 30_000 });

const wordAfter = (argv: readonly string[], flag: string): string | undefined => {
  const at = argv.indexOf(flag);
  return at === -1 ? undefined : argv[at + 1];
};

/** Servers that the commands load, with the model that they ask for. */
const serversOf = (commands: readonly CellCommand[]): ReadonlyMap<string, string | undefined> =>
  new Map(
    commands.flatMap(({ server, argv }) =>
      server === undefined
        ? []
        : [[server, wordAfter(argv, '--served-model-name') ?? wordAfter(argv, '--model')] as const],
    ),
  );

const isBad = ({ state }: Check): boolean => state === 'bad';

/**
 * Checks of a place in a cluster; none of another. Only with `inside` are the servers asked from inside of the pod, by a program that
 * is started there.
 */
export const preflight = async (place: Place, commands: readonly CellCommand[], inside: boolean): Promise<Check[]> => {
  if (place.on === 'kubernetes') {
    const { needs } = place;
    return workloadPreflight(ask, needs, { ...needs, kind: needs.kind ?? 'Job' });
  }
  if (place.on !== 'pod') return [];
  const target = kubeTargetOf(place.pod);
  const checks = await podPreflight(ask, target);
  if (checks.some(isBad)) return checks;
  for (const [server, model] of serversOf(commands)) {
    const unasked: Check = { name: `server ${server}`, state: 'unknown', says: 'is asked from inside of the pod before the first command' };
    checks.push(inside ? await serverFromPod(ask, target, server, model) : unasked);
  }
  return checks;
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
