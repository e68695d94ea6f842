// What a Slurm cluster has to give, as sinfo and sacctmgr print it: a partition, its nodes with their GPUs, an account. Only reads.

export const partitionArgv = (partition: string | undefined): string[] => [
  'sinfo',
  '--noheader',
  ...(partition === undefined ? [] : [`--partition=${partition}`]),
  '--format=%R|%a',
];

/** Partitions with whether they take jobs; empty where there is none of that name. */
export const parsePartitions = (stdout: string): { readonly name: string; readonly up: boolean }[] =>
  stdout
    .split('\n')
    .filter((line) => line.includes('|'))
    .map((line) => {
      const [name = '', state = ''] = line.trim().split('|');
      return { name, up: state === 'up' };
    });

const WIDTH = 96;
const COLUMNS = ['NodeList', 'Gres', 'GresUsed', 'StateLong'];

export const nodesArgv = (partition: string | undefined): string[] => [
  'sinfo',
  '--noheader',
  '--Node',
  ...(partition === undefined ? [] : [`--partition=${partition}`]),
  `--Format=${COLUMNS.map((column) => `${column}:${WIDTH}`).join(',')}`,
];

export interface SlurmNode {
  readonly name: string;
  readonly gpus: number;
  readonly used: number;
  /** It runs jobs, or will when those that it has are over. */
  readonly usable: boolean;
  readonly idle: boolean;
}

/** `gpu:8`, `gpu:h100:8(S:0-1)`, `gpu:h100:4(IDX:0-3)`. */
const gpusIn = (text: string): number =>
  [...text.matchAll(/\bgpu(?::[^:,()]+)?:(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);

/** A node that does not answer has a star behind its state. */
const USABLE = /^(idle|mixed|allocated|completing|planned)$/;

/** The lines of `nodesArgv`, a node once. */
export const parseNodes = (stdout: string): SlurmNode[] => {
  const nodes = stdout.split('\n').filter((line) => line.trim() !== '').map((line) => {
    const [name = '', gres = '', used = '', state = ''] = COLUMNS.map((_, index) => line.slice(index * WIDTH, (index + 1) * WIDTH).trim());
    return { name, gpus: gpusIn(gres), used: gpusIn(used), usable: USABLE.test(state), idle: state === 'idle' };
  });
  return [...new Map(nodes.map((node) => [node.name, node])).values()];
}; // prettier-ignore

export const associationArgv = (account: string): string[] => [
  'sacctmgr',
  '--noheader',
  '--parsable2',
  'show',
  'associations',
  `account=${account}`,
  'format=account,user',
];
