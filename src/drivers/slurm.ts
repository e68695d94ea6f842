// Slurm's commands as argument lists, the batch script of one command, and what squeue, scontrol and sacct print, read back.
// Secrets never stand in a script or an argument: Slurm takes variables by name from the environment of sbatch.
import type { RunResult } from '../exec/run-process.ts';
import { outputTail } from '../exec/tool-fault.ts';
import { Fault, inputFault } from '../text/fault.ts';
import { shellLine } from '../text/shell-line.ts';

/** What a command needs from the cluster. Null or absent leaves the site's default. */
export interface SlurmNeeds {
  /** Name of the job, unique to one command: it is how a job is found again whose number was lost. */
  readonly name: string;
  /** Label that all jobs of an experiment share; stands in the job's comment. */
  readonly experiment: string;
  readonly partition?: string | undefined;
  readonly account?: string | undefined;
  readonly qos?: string | undefined;
  readonly reservation?: string | undefined;
  readonly nodes?: number | undefined;
  readonly gpus_per_node?: number | undefined;
  readonly cpus_per_task?: number | undefined;
  /** Minutes; Slurm ends the job then. */
  readonly time_limit_min?: number | undefined;
  /** Image for pyxis (`srun --container-image`), with the mounts `source:target`. */
  readonly container_image?: string | undefined;
  readonly container_mounts?: readonly string[] | undefined;
  /** Node features, `h100&ib`. */
  readonly constraint?: string | undefined;
}

export interface SlurmScript extends SlurmNeeds {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Where the exit code is left: Slurm forgets a job minutes after its end where accounting is off. */
  readonly exit_file: string;
}

/** A value that stands in a line of directives must not begin another. */
const directive = (name: string, value: string | number | undefined): string[] => {
  if (value === undefined) return [];
  const text = String(value);
  if (/[\u0000-\u001f\u007f]/.test(text) || text === '')
    throw inputFault('slurm_value_invalid', `${name} is ${JSON.stringify(text)}`, {
      fix: `give ${name} without control characters`,
    });
  return [
    `#SBATCH --${name}=${/^[\w@%+=:,./&|*()[\]-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, '\\$&')}"`}`,
  ];
};

/** `srun` puts the command into the container. */
const commandLine = ({ argv, container_image: image, container_mounts: mounts = [] }: SlurmScript): string => {
  if (image === undefined) return shellLine(argv);
  const places = mounts.length === 0 ? [] : [`--container-mounts=${mounts.join(',')}`];
  return shellLine(['srun', '--ntasks=1', `--container-image=${image}`, ...places, ...argv]);
};

/** The exit code goes into a file that is there whole or not at all, and is the job's own as well. */
const keepExit = (path: string): string[] => {
  const [file, part] = [shellLine([path]), shellLine([`${path}.part`])];
  return ['code=$?', `printf '%s\\n' "$code" > ${part} && mv ${part} ${file}`, 'exit "$code"'];
};

/** The script for `sbatch`, which reads it from its standard input. Throws a Fault `slurm_value_invalid`. */
export const batchScript = (script: SlurmScript): string =>
  [
    '#!/bin/bash',
    ...directive('job-name', script.name),
    ...directive('comment', `experiment=${script.experiment}`),
    ...directive('chdir', script.cwd),
    ...directive('output', script.stdout.replaceAll('%', '%%')),
    ...directive('error', script.stderr.replaceAll('%', '%%')),
    ...directive('partition', script.partition),
    ...directive('account', script.account),
    ...directive('qos', script.qos),
    ...directive('reservation', script.reservation),
    ...directive('constraint', script.constraint),
    ...directive('nodes', script.nodes),
    ...directive('gpus-per-node', script.gpus_per_node),
    ...directive('cpus-per-task', script.cpus_per_task),
    ...directive('time', script.time_limit_min),
    '#SBATCH --no-requeue',
    '#SBATCH --open-mode=append',
    commandLine(script),
    ...keepExit(script.exit_file),
    '',
  ].join('\n');

const VARIABLE = /^[A-Za-z_]\w*$/;

/** `variables` are names: their values come from the environment that sbatch itself is run with. */
export const submitArgv = (variables: readonly string[]): string[] => [
  'sbatch',
  '--parsable',
  `--export=${variables.filter((name) => VARIABLE.test(name)).join(',') || 'NIL'}`,
];

/** Number (and, in a federation, cluster) of a job. */
export interface SlurmJobId {
  readonly id: string;
  readonly cluster: string | null;
}

/** `1234` or `1234;cluster`, the last line that sbatch printed. Throws a Fault `slurm_answer_unread`. */
export const parseSubmitted = (stdout: string): SlurmJobId => {
  const line = stdout.trim().split('\n').at(-1) ?? '';
  const [, id, cluster] = /^(\d+)(?:;(\S+))?$/.exec(line.trim()) ?? [];
  if (id === undefined)
    throw inputFault('slurm_answer_unread', `sbatch printed ${JSON.stringify(line.slice(0, 200))}, not a job number`, {
      fix: 'check with squeue whether the job was taken, and what wraps sbatch here',
    });
  return { id, cluster: cluster ?? null };
};

const on = ({ cluster }: SlurmJobId): string[] => (cluster === null ? [] : [`--clusters=${cluster}`]);

const COLUMNS = '%i|%T|%r|%j|%N|%k';

/** The jobs of this user with exactly this name, ended ones too as long as Slurm remembers them. */
export const findArgv = (name: string): string[] => [
  'squeue',
  '--me',
  '--noheader',
  '--states=all',
  `--name=${name}`,
  `--format=${COLUMNS}`,
];

export const showArgv = (job: SlurmJobId): string[] => ['scontrol', ...on(job), 'show', 'job', '--oneliner', job.id];

export const accountArgv = (job: SlurmJobId): string[] => [
  'sacct',
  ...on(job),
  '--noheader',
  '--parsable2',
  '--allocations',
  `--jobs=${job.id}`,
  '--format=JobIDRaw,State,ExitCode,Reason,NodeList,JobName',
];

export const cancelArgv = (job: SlurmJobId): string[] => ['scancel', ...on(job), job.id];

/** A job as Slurm sees it. */
export interface SlurmJob {
  readonly id: string;
  readonly name: string;
  /** `PENDING`, `RUNNING`, `COMPLETED`, `FAILED`, `CANCELLED`, `TIMEOUT`, `NODE_FAIL`, `OUT_OF_MEMORY`, … */
  readonly state: string;
  /** Why it waits or ended: `Resources`, `NonZeroExitCode`; null where Slurm says `None`. */
  readonly reason: string | null;
  /** Null while it has not ended. */
  readonly exit: { readonly code: number; readonly signal: number } | null;
  readonly nodes: string | null;
}

const ACTIVE = new Set([
  'PENDING',
  'CONFIGURING',
  'RUNNING',
  'COMPLETING',
  'STAGE_OUT',
  'SUSPENDED',
  'STOPPED',
  'SIGNALING',
  'RESIZING',
  'REQUEUED',
  'REQUEUE_HOLD',
  'REQUEUE_FED',
  'RESV_DEL_HOLD',
  'SPECIAL_EXIT',
]);

export const isActive = ({ state }: Pick<SlurmJob, 'state'>): boolean => ACTIVE.has(state);

/** Slurm's words for nothing. */
const known = (text: string | undefined): string | null =>
  text === undefined || text === '' || text === '(null)' || text === 'None' || text === 'None assigned' ? null : text;

/** `CANCELLED by 1000` and `CANCELLED+` are `CANCELLED`. */
const plainState = (state: string): string => state.replace(/[ +].*$/, '');

const jobOf = (
  fields: Readonly<Record<'id' | 'name' | 'state' | 'reason' | 'exit' | 'nodes', string | undefined>>,
): SlurmJob => {
  const state = plainState(fields.state ?? '');
  const [, code, signal] = /^(\d+):(\d+)$/.exec(fields.exit ?? '') ?? [];
  return {
    id: fields.id ?? '',
    name: fields.name ?? '',
    state,
    reason: known(fields.reason),
    exit: isActive({ state }) || code === undefined ? null : { code: Number(code), signal: Number(signal) },
    nodes: known(fields.nodes),
  };
};

/** The line of `scontrol show job --oneliner`; null where it holds no job. */
export const parseShown = (stdout: string): SlurmJob | null => {
  const value = (key: string): string | undefined => new RegExp(`(?:^|\\s)${key}=(\\S*)`).exec(stdout)?.[1];
  if (value('JobId') === undefined) return null;
  return jobOf({
    id: value('JobId'),
    name: value('JobName'),
    state: value('JobState'),
    reason: value('Reason'),
    exit: value('ExitCode'),
    nodes: value('NodeList'),
  });
};

/** The first line of `sacct` as `accountArgv` asks for it; null where accounting knows no such job. */
export const parseAccounted = (stdout: string): SlurmJob | null => {
  const [id, state, exit, reason, nodes, name] = (stdout.split('\n')[0] ?? '').split('|');
  return id === undefined || !/^\d/.test(id) ? null : jobOf({ id, name, state, reason, exit, nodes });
};

/** The lines of `findArgv`. */
export const parseFound = (stdout: string): SlurmJob[] =>
  stdout
    .split('\n')
    .filter((line) => line.includes('|'))
    .map((line) => {
      const [id, state, reason, name, nodes] = line.split('|');
      return jobOf({ id: id?.trim(), name, state, reason, nodes, exit: undefined });
    });

interface Refusal {
  readonly pattern: RegExp;
  readonly code: string;
  readonly fix: string;
}

const REFUSALS: readonly Refusal[] = [
  {
    pattern:
      /Unable to contact slurm controller|Connection refused|Unable to establish|configuration source|Connection timed out/i,
    code: 'slurm_unreachable',
    fix: 'check `scontrol ping` from this host',
  },
  {
    pattern: /Invalid job id/i,
    code: 'slurm_job_unknown',
    fix: 'look for its exit code in its folder: Slurm forgets a job soon after its end',
  },
  {
    pattern: /invalid partition/i,
    code: 'slurm_partition_unknown',
    fix: 'choose one of `sinfo --format=%R`',
  },
  {
    pattern: /Invalid account|association/i,
    code: 'slurm_account_refused',
    fix: 'choose one of `sacctmgr show associations user=$USER`',
  },
  {
    pattern: /node configuration is not available|Node count specification invalid|Invalid generic resource|gres/i,
    code: 'slurm_nodes_unavailable',
    fix: 'ask for what `sinfo --format="%R %G %D"` lists',
  },
  {
    pattern: /time limit|QOS|PartitionTimeLimit|limit/i,
    code: 'slurm_limit',
    fix: 'ask for less time or fewer nodes, or for another partition or QOS',
  },
  {
    pattern: /unrecognized option '?--container/i,
    code: 'pyxis_missing',
    fix: 'install pyxis on the nodes, or run without container_image',
  },
];

const OTHER: Refusal = {
  pattern: /^/,
  code: 'slurm_refused',
  fix: 'run the command by hand to see what it wants',
};

/** The fault behind what a Slurm command printed; a general one where it is none of the known refusals. */
export const slurmFault = (argv: readonly string[], result: RunResult): Fault => {
  const tool = argv[0] ?? 'slurm';
  const refusal = REFUSALS.find(({ pattern }) => pattern.test(result.stderr)) ?? OTHER;
  const { code, fix } = refusal;
  return new Fault('input', code, `${tool}: ${outputTail(result, [], 1)}`, { fix });
};
