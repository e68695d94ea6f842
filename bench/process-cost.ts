// What one process costs: wall time, CPU time of all its threads, peak memory. Measured from outside, the child's output dropped.
import { spawnSync } from 'node:child_process';

/** Wall and CPU milliseconds and peak memory in MB of one process. */
export interface ProcessCost {
  readonly ms: number;
  readonly cpu: number;
  readonly mb: number;
}

const METER =
  'import resource,subprocess,sys;r=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL);u=resource.getrusage(resource.RUSAGE_CHILDREN);print(u.ru_maxrss,u.ru_utime+u.ru_stime);sys.exit(r.returncode)';

/** Runs a command to its end. Throws with its stderr where it fails. */
export const processCost = (argv: readonly string[]): ProcessCost => {
  const began = performance.now();
  const run = spawnSync('/usr/bin/env', ['python3', '-c', METER, ...argv], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  const [kilobytes = Number.NaN, seconds = Number.NaN] = run.stdout.trim().split(' ').map(Number);
  return { ms: performance.now() - began, cpu: 1000 * seconds, mb: kilobytes / 1024 };
};
