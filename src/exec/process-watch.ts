// Knows which processes of this product run at the moment, for a supervisor that records them and for the last clean-up
// when this process exits. Never outlives it: children that are still there are killed.
import { signalGroup } from './process-group.ts';

export interface ProcessWatcher {
  readonly started: (pid: number, argv: readonly string[]) => void;
  readonly ended: (pid: number) => void;
}

const running = new Set<number>();
const watchers = new Set<ProcessWatcher>();
let cleansUp = false;

const killAll = (): void => {
  for (const pid of running) signalGroup(pid, 'SIGKILL');
};

/** Reports to `watcher` every process that starts or ends from now on; the returned function ends that. */
export const watchProcesses = (watcher: ProcessWatcher): (() => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

/** Notes a started group leader; the returned function notes its end. */
export const noteProcess = (pid: number, argv: readonly string[]): (() => void) => {
  if (!cleansUp) process.once('exit', killAll);
  cleansUp = true;
  running.add(pid);
  for (const watcher of watchers) watcher.started(pid, argv);
  return () => {
    running.delete(pid);
    for (const watcher of watchers) watcher.ended(pid);
  };
};
