// Stands for a server: starts one job in the given root, prints its id, and stays alive until it is killed.
import { fileURLToPath } from 'node:url';
import { startJob } from '../../src/jobs/start-job.ts';
import { presentMoment } from '../../src/text/time.ts';

const [, , root = ''] = process.argv;
const module = fileURLToPath(new URL('./bodies.ts', import.meta.url));
const work = { module, export: 'short', input: null };
console.log('starting');
const job = await startJob({ root, verb: 'test_short', input: null, work, env: process.env, now: presentMoment() });
console.log(job.id);
setInterval(() => undefined, 1000);
