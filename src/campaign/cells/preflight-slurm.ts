// What a Slurm cluster must give before a job is submitted to it: the partition, an account, nodes with so many GPUs. Only reads.
import { check, type Check } from '../../cluster/check.ts';
import { slurmFault } from '../../drivers/slurm.ts';
import { associationArgv, nodesArgv, parseNodes, parsePartitions, partitionArgv } from '../../drivers/slurm-nodes.ts';
import type { RunResult, Runner } from '../../exec/run-process.ts';
import { Fault } from '../../text/fault.ts';
import type { SlurmPlace } from '../run-on.ts';

const partitionCheck = ({ partition }: SlurmPlace, { stdout }: RunResult): Check => {
  const found = parsePartitions(stdout);
  const name = partition === undefined ? 'partition' : `partition ${partition}`;
  if (found.length === 0) return check(name, 'bad', 'is not there');
  return found.some(({ up }) => up) ? check(name, 'ok', 'takes jobs') : check(name, 'bad', 'takes no jobs');
};

/** That none is free now only means waiting; that none could ever be is bad. */
const nodesCheck = ({ gpus_per_node: gpus = 0, nodes = 1 }: SlurmPlace, stdout: string): Check => {
  const all = parseNodes(stdout);
  const able = all.filter((node) => node.usable && node.gpus >= gpus);
  const name = gpus === 0 ? `${nodes} nodes` : `${nodes} x ${gpus} GPUs`;
  if (able.length < nodes) return check(name, 'bad', `${able.length} of ${all.length} nodes are up and have that many`);
  const free = able.filter((node) => (gpus === 0 ? node.idle : node.gpus - node.used >= gpus));
  return check(name, 'ok', `${free.length} of ${able.length} such nodes are free${free.length >= nodes ? '' : '; waits until enough are'}`);
}; // prettier-ignore

/** Sites without accounting have nobody to ask. */
const accountCheck = async (run: Runner, account: string): Promise<Check> => {
  const { code, stdout } = await run(associationArgv(account));
  const name = `account ${account}`;
  if (code !== 0) return check(name, 'unknown', 'sacctmgr does not say');
  return stdout.trim() === '' ? check(name, 'bad', 'has no association here') : check(name, 'ok', 'is known');
};

/** Before a job is submitted. */
export const slurmPreflight = async (run: Runner, needs: SlurmPlace): Promise<Check[]> => {
  try {
    const argv = partitionArgv(needs.partition);
    const asked = await run(argv);
    if (asked.code !== 0) return [check('Slurm', 'bad', slurmFault(argv, asked).message)];
    const partition = partitionCheck(needs, asked);
    if (partition.state === 'bad') return [partition];
    const listed = await run(nodesArgv(needs.partition));
    return [
      partition,
      ...(needs.account === undefined ? [] : [await accountCheck(run, needs.account)]),
      nodesCheck(needs, listed.stdout),
    ];
  } catch (error) {
    if (error instanceof Fault) return [check('Slurm', 'bad', error.message)];
    throw error;
  }
};
