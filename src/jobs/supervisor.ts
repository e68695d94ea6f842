// Entry of the supervisor process (dist/job-supervisor.mjs): one argument, the job's folder; the request comes on stdin.
// Never prints: its stdout and stderr are a log that stays empty unless it breaks.
import { text } from 'node:stream/consumers';
import { redact } from '../text/redact.ts';
import { filesIn } from './job-folder.ts';
import { supervise } from './supervise.ts';

const [, , folder = ''] = process.argv;

supervise(filesIn(folder), {
  env: process.env,
  readRequest: () => text(process.stdin),
  onSignal: (stop) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop(`ended by ${signal}`));
  },
  onCrash: (crash) => {
    process.on('uncaughtException', crash);
    process.on('unhandledRejection', crash);
  },
}).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(redact(`${error instanceof Error ? error.message : String(error)}\n`));
    process.exit(1);
  },
);
