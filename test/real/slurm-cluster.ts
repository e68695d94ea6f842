// A Slurm cluster on this machine: the real controller, and a daemon for each node, on ports and in a folder of their own. Several nodes are
// daemons that bear other names (`slurmd -N`), each with eight GPUs that only Slurm believes in. For tests only.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const TOOLS = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'squeue', 'scontrol', 'scancel', 'sinfo'];
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin`;

const has = (tool: string): boolean => PATH.split(':').some((folder) => existsSync(join(folder, tool)));

/** Why no cluster can be started here; null where one can. */
export const noSlurm = (): string | null => {
  const missing = TOOLS.filter((tool) => !has(tool));
  if (missing.length > 0) return `${missing.join(', ')} not installed (Debian: slurm-wlm, munge)`;
  return process.getuid?.() === 0 ? null : 'starting slurmd needs root';
};

export interface SlurmCluster {
  /** Folder that the node sees. */
  readonly folder: string;
  /** Value for `SLURM_CONF`. */
  readonly config: string;
  readonly stopController: () => Promise<void>;
  readonly startController: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo; // checked boundary: a TCP server
      server.close(() => resolve(port));
    });
  });

const hostName = (): string => hostname().split('.')[0] ?? 'localhost';

/** One node is this machine as it is; of several each runs one cell that asks for its GPUs. */
const nodeLines = (nodes: number, ports: readonly number[]): string[] =>
  nodes === 1
    ? [
        `NodeName=${hostName()} NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN`,
        'PartitionName=gpu Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:8',
      ]
    : [
        'GresTypes=gpu',
        'SchedulerParameters=batch_sched_delay=0,sched_min_interval=0',
        'SlurmdParameters=config_overrides',
        ...ports.map((port, index) => `NodeName=n${index + 1} NodeHostname=${hostName()} NodeAddr=127.0.0.1 Port=${port} CPUs=1 RealMemory=1000 Gres=gpu:8 State=UNKNOWN`),
        'PartitionName=gpu Nodes=ALL Default=YES MaxTime=INFINITE State=UP',
      ]; // prettier-ignore

const configText = (folder: string, [controller = 0, ...daemons]: readonly number[]): string =>
  [
    'ClusterName=one',
    `SlurmctldHost=${hostName()}(127.0.0.1)`,
    'SlurmUser=root',
    'SlurmdUser=root',
    'AuthType=auth/munge',
    `AuthInfo=socket=${folder}/munge.sock`,
    'CredType=cred/munge',
    `SlurmctldPort=${controller}`,
    `SlurmdPort=${daemons[0]}`,
    `StateSaveLocation=${folder}/state`,
    `SlurmdSpoolDir=${folder}/spool${daemons.length === 1 ? '' : '/%n'}`,
    `SlurmctldPidFile=${folder}/slurmctld.pid`,
    `SlurmdPidFile=${folder}/slurmd${daemons.length === 1 ? '' : '.%n'}.pid`,
    `SlurmctldLogFile=${folder}/slurmctld.log`,
    `SlurmdLogFile=${folder}/slurmd${daemons.length === 1 ? '' : '.%n'}.log`,
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_Core',
    'ReturnToService=2',
    'MpiDefault=none',
    'AccountingStorageType=accounting_storage/none',
    'JobAcctGatherType=jobacct_gather/none',
    'KillWait=2',
    'MessageTimeout=5',
    ...nodeLines(daemons.length, daemons),
    '',
  ].join('\n');

const until = async (what: string, holds: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 150; turn += 1) {
    if (holds()) return;
    await sleep(100);
  }
  throw new Error(`${what} did not come about within 15 s`);
};

/** Starts a cluster and waits until its nodes are idle. */
export const startSlurm = async ({ nodes = 1 } = {}): Promise<SlurmCluster> => {
  const folder = mkdtempSync(join(tmpdir(), 'slurm-'));
  chmodSync(folder, 0o755); // munge trusts no folder that others may write, and must be reached
  for (const name of ['state', 'spool']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'munge.key'), randomBytes(1024), { mode: 0o400 });
  const config = join(folder, 'slurm.conf');
  const ports = await Promise.all(Array.from({ length: nodes + 1 }, freePort));
  writeFileSync(config, configText(folder, ports));
  if (nodes > 1) {
    for (let gpu = 0; gpu < 8; gpu += 1) writeFileSync(join(folder, `gpu${gpu}`), '');
    writeFileSync(join(folder, 'gres.conf'), `Name=gpu File=${folder}/gpu[0-7]\n`);
  }
  const env = { ...process.env, PATH, SLURM_CONF: config };
  const daemons: ChildProcess[] = [];
  const start = (tool: string, args: readonly string[]): ChildProcess => {
    const child = spawn(tool, args, { env, stdio: 'ignore' });
    daemons.push(child);
    return child;
  };
  const file = (name: string): string => join(folder, name);
  const munge = [
    'key-file=munge.key',
    'socket=munge.sock',
    'pid-file=munge.pid',
    'log-file=munge.log',
    'seed-file=munge.seed',
  ];
  const stop = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), 5000);
    await gone;
    clearTimeout(killer);
  };
  const close = async (): Promise<void> => {
    for (const child of daemons.toReversed()) await stop(child);
  };
  start('munged', ['--force', '--foreground', ...munge.map((flag) => `--${flag.replace('=', `=${folder}/`)}`)]);
  await until('the socket of munge', () => existsSync(file('munge.sock')));
  let controller = start('slurmctld', ['-D', '-f', config]);
  const names = nodes === 1 ? [] : Array.from({ length: nodes }, (_, index) => `n${index + 1}`);
  for (const name of names) mkdirSync(join(folder, 'spool', name));
  for (const own of nodes === 1 ? [[]] : names.map((name) => ['-N', name]))
    start('slurmd', ['-D', '-f', config, ...own]);
  const areIdle = (): boolean => {
    try {
      const states = execFileSync('sinfo', ['--noheader', '--Node', '--format=%t'], {
        env,
        stdio: 'pipe',
        encoding: 'utf8',
      });
      return states.split('\n').filter((state) => state === 'idle').length === nodes;
    } catch {
      return false;
    }
  };
  await until('idle nodes', areIdle).catch(async (error: unknown) => {
    await close();
    throw new Error(`${String(error)}: ${readFileSync(file('slurmctld.log'), 'utf8').slice(-500)}`);
  });
  return {
    folder,
    config,
    stopController: () => stop(controller),
    startController: async () => {
      controller = start('slurmctld', ['-D', '-f', config]);
      await until('an idle or busy node', () => {
        try {
          return execFileSync('scontrol', ['ping'], { env, stdio: 'pipe', encoding: 'utf8' }).includes('UP');
        } catch {
          return false;
        }
      });
    },
    close,
  };
};
