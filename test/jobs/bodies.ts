// Bodies of jobs for the tests of the supervisor.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobBody } from '../../src/jobs/job-context.ts';
import { Fault } from '../../src/text/fault.ts';

export const echo: JobBody = async (input, job) => {
  job.progress(1, 2, 'half way');
  job.log('a line');
  job.event('note', { text: 'something happened' });
  return { input, id: job.id };
};

/** Puts a pipe in the place of the events: whoever writes the next one waits for a reader. */
export const piped: JobBody = async (_input, { folder }) => {
  const events = join(folder, 'events.jsonl');
  rmSync(events);
  execFileSync('mkfifo', [events]);
  return null;
};

export const faulty: JobBody = async () => {
  throw new Fault('input', 'bench_url_wrong', 'http://x answers 404', { fix: 'check base_url', path: '/a/b' });
};

export const broken: JobBody = async () => {
  throw new TypeError('undefined is not a function');
};

/** Breaks outside of its own promise. */
export const crashing: JobBody = async () => {
  setTimeout(() => {
    throw new Error('nobody caught this');
  }, 5);
  return sleep(60_000, null);
};

/** Starts a program and waits for it; ends when cancelled. */
export const waiting: JobBody = async (_input, job) => {
  const result = await job.run(['sleep', '60']);
  job.signal.throwIfAborted();
  return { code: result.code };
};

/** Starts a program that takes no notice of SIGTERM and has a child of its own. */
export const family: JobBody = async (_input, job) => {
  const { code } = await job.run(['sh', '-c', 'trap "" TERM; sleep 61 & echo "$!"; wait; sleep 61']);
  return { code };
};

/** Returns what it has when it is stopped. */
export const keeping: JobBody = async (_input, job) => {
  await job.run(['sleep', '60']);
  return { summary: 'half of the points', links: [], points: 3 };
};

/** Takes no notice of a cancel. */
export const stubborn: JobBody = async (_input, job) => {
  void job.run(['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'], { signal: new AbortController().signal });
  return sleep(60_000, null);
};

export const short: JobBody = async () => sleep(300, { done: true });

export const leaky: JobBody = async (input, job) => {
  const secret = job.env['HF_TOKEN'] ?? '';
  job.log(`token is ${secret}`);
  job.progress(0, 1, `using ${secret}`);
  job.event('call', { header: `Bearer ${secret}` });
  await job.run(['sh', '-c', 'echo "$HF_TOKEN"; env >&2', 'x', '--token', secret]);
  return { input, secret };
};

export const notABody = 7;
