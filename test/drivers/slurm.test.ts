import { describe, expect, it } from 'vitest';
import {
  batchScript,
  isActive,
  parseAccounted,
  parseFound,
  parseShown,
  parseSubmitted,
  slurmFault,
  submitArgv,
  type SlurmScript,
} from '../../src/drivers/slurm.ts';

const SCRIPT: SlurmScript = {
  name: 'exp-a-c1',
  experiment: 'exp-a',
  argv: ['vllm', 'bench', "it's"],
  cwd: '/shared/a b',
  stdout: '/shared/50%.stdout',
  stderr: '/shared/e',
  exit_file: '/shared/x',
};

describe('the script of a job', () => {
  it('holds the directives, the command, and what keeps its exit code', () => {
    expect(batchScript({ ...SCRIPT, partition: 'gpu', gpus_per_node: 8, nodes: 2, time_limit_min: 90 })).toBe(
      [
        '#!/bin/bash',
        '#SBATCH --job-name=exp-a-c1',
        '#SBATCH --comment=experiment=exp-a',
        '#SBATCH --chdir="/shared/a b"',
        '#SBATCH --output=/shared/50%%.stdout',
        '#SBATCH --error=/shared/e',
        '#SBATCH --partition=gpu',
        '#SBATCH --nodes=2',
        '#SBATCH --gpus-per-node=8',
        '#SBATCH --time=90',
        '#SBATCH --no-requeue',
        '#SBATCH --open-mode=append',
        "vllm bench 'it'\\''s'",
        'code=$?',
        `printf '%s\\n' "$code" > /shared/x.part && mv /shared/x.part /shared/x`,
        'exit "$code"',
        '',
      ].join('\n'),
    );
  });

  it('runs the command in the image where pyxis is asked for', () => {
    const text = batchScript({ ...SCRIPT, container_image: 'vllm/vllm-openai:v0.33.0', container_mounts: ['/m:/m'] });
    expect(text).toContain(
      "\nsrun --ntasks=1 --container-image=vllm/vllm-openai:v0.33.0 --container-mounts=/m:/m vllm bench 'it'\\''s'\n",
    );
  });

  it.each([['a\n#SBATCH --partition=x'], [''], ['a\u0000b']])('refuses the account %j', (account) => {
    expect(() => batchScript({ ...SCRIPT, account })).toThrow(expect.objectContaining({ code: 'slurm_value_invalid' }));
  });

  it('hands variables over by name', () => {
    expect(submitArgv(['PATH', 'HF_TOKEN', 'not a name', 'A=b'])).toEqual([
      'sbatch',
      '--parsable',
      '--export=PATH,HF_TOKEN',
    ]);
    expect(submitArgv([])).toEqual(['sbatch', '--parsable', '--export=NIL']);
  });
});

describe('what Slurm prints', () => {
  it.each([
    ['17\n', { id: '17', cluster: null }],
    ['sbatch: lua: hello\n17;west\n', { id: '17', cluster: 'west' }],
  ])('%j is a number', (text, job) => {
    expect(parseSubmitted(text)).toEqual(job);
  });

  it('anything else is no job number', () => {
    expect(() => parseSubmitted('Submitted batch job 17')).toThrow(
      expect.objectContaining({ code: 'slurm_answer_unread' }),
    );
  });

  it('scontrol: one line a job', () => {
    const line =
      'JobId=1 JobName=exp-a UserId=root(0) JobState=FAILED Reason=NonZeroExitCode ExitCode=3:0 NodeList=vm\n';
    expect(parseShown(line)).toEqual({
      id: '1',
      name: 'exp-a',
      state: 'FAILED',
      reason: 'NonZeroExitCode',
      exit: { code: 3, signal: 0 },
      nodes: 'vm',
    });
    const waiting = 'JobId=2 JobName=b JobState=PENDING Reason=Resources ExitCode=0:0 NodeList=(null)';
    expect(parseShown(waiting)).toMatchObject({ reason: 'Resources', exit: null, nodes: null });
    expect(parseShown('No jobs in the system')).toBeNull();
  });

  it('sacct: the allocation, whoever cancelled it', () => {
    const text = '12|CANCELLED by 1000|0:15|None|n[1-2]|exp-a\n12.batch|CANCELLED|0:15|||batch\n';
    expect(parseAccounted(text)).toEqual({
      id: '12',
      name: 'exp-a',
      state: 'CANCELLED',
      reason: null,
      exit: { code: 0, signal: 15 },
      nodes: 'n[1-2]',
    });
    expect(parseAccounted('')).toBeNull();
  });

  it('squeue: the jobs of one name', () => {
    const jobs = parseFound('7|RUNNING|None|exp-a|vm|experiment=a\n');
    expect(jobs.map(({ id, state }) => [id, state])).toEqual([['7', 'RUNNING']]);
    expect(parseFound('\n')).toEqual([]);
  });

  it.each([
    ['PENDING', true],
    ['COMPLETING', true],
    ['COMPLETED', false],
    ['NODE_FAIL', false],
    ['OUT_OF_MEMORY', false],
    ['PREEMPTED', false],
  ])('%s is at work: %s', (state, active) => {
    expect(isActive({ state })).toBe(active);
  });

  it.each([
    ['Batch job submission failed: Unable to contact slurm controller (connect failure)', 'slurm_unreachable'],
    ['slurm_load_jobs error: Invalid job id specified', 'slurm_job_unknown'],
    ['sbatch: error: invalid partition specified: none', 'slurm_partition_unknown'],
    ['Batch job submission failed: Requested node configuration is not available', 'slurm_nodes_unavailable'],
    ['Batch job submission failed: Invalid account or account/partition combination', 'slurm_account_refused'],
    ['sbatch: error: QOSMaxWallDurationPerJobLimit', 'slurm_limit'],
    ['sbatch: error: something new', 'slurm_refused'],
  ])('%s is %s', (stderr, code) => {
    const ended = { code: 1, signal: null, timedOut: false, cancelled: false, truncated: false, durationMs: 1 };
    expect(slurmFault(['sbatch'], { ...ended, stdout: '', stderr })).toMatchObject({ code });
  });
});
