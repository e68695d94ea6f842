// How long a process has kept a processor busy, by what Linux says; other systems have wall-clock time instead.
import { existsSync, readFileSync } from 'node:fs';

const TICK_MS = 10;

/** Time of the processor that a process has used, in ms; null where the system does not say, or the process is gone. */
const usedMs = (pid: string): number | null => {
  if (pid === '') return null;
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return TICK_MS * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return null;
  }
};

/** A machine that is busy with other things gives a process at least this share of a processor. */
const LEAST_SHARE = existsSync('/proc/self/stat') ? 1 / 20 : 1;

/**
 * Time from now on, by the process whose id the file holds: of the processor, and of the clock where the process must be waiting for
 * something that never comes, or the system does not say.
 */
export const stopwatch = (pidFile: string): (() => number) => {
  const pidNow = (): string => (existsSync(pidFile) ? readFileSync(pidFile, 'utf8') : '');
  const [began, pid] = [performance.now(), pidNow()];
  const before = usedMs(pid) ?? 0;
  return () => {
    const now = pidNow();
    const used = (usedMs(now) ?? 0) - (now === pid ? before : 0);
    return Math.max(used, (performance.now() - began) * LEAST_SHARE);
  };
};
