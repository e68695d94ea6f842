// Starts a job in a root whose disk is as full as it is, waits for its end, and prints what a reader sees.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jobsFolder } from '../../src/jobs/job-folder.ts';
import { startJob } from '../../src/jobs/start-job.ts';
import { waitForJob } from '../../src/jobs/wait-for-job.ts';
import { Fault } from '../../src/text/fault.ts';
import { presentMoment } from '../../src/text/time.ts';

const [, , root = ''] = process.argv;
const module = fileURLToPath(new URL('./bodies.ts', import.meta.url));
const work = { module, export: 'echo', input: null };
try {
  const { id } = await startJob({ root, verb: 'test', input: null, work, env: process.env, now: presentMoment() });
  const { state, error, result_path } = await waitForJob({ root, id, waitS: 40 });
  console.log(JSON.stringify({ state, code: error?.code ?? null, result: result_path !== null }));
} catch (error) {
  const left = readdirSync(jobsFolder(root)).filter((name) => name !== '.staging');
  console.log(JSON.stringify({ refused: error instanceof Fault ? error.code : String(error), left }));
}
