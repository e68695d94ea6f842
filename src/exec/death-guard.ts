// Ends the process groups of this program when it dies in whatever way, SIGKILL and the out-of-memory killer included: a small
// shell that outlives it learns over a pipe which groups run, and ends those that are left when the pipe closes. Never signals a
// group whose end it was informed of.
import { spawn } from 'node:child_process';
import { definedVariables, type Environment } from './environment.ts';
import { findTool } from './find-tool.ts';
import type { ProcessWatcher } from './process-watch.ts';

/** How long a group may take to end after SIGTERM, in tenths of a second. */
const GRACE_TENTHS = 20;

/** Lines on stdin: `+ <group>` when it has started, `- <group>` when it has ended. POSIX shell. */
const SCRIPT = `
live=' '
while read -r sign group; do
  case $sign in
    +) live="$live$group " ;;
    -) live="\${live%% "$group" *} \${live#* "$group" }" ;;
  esac
done
left() { for group in $live; do kill -s 0 -- "-$group" && return 0; done; return 1; }
for group in $live; do kill -s TERM -- "-$group"; done
turn=0
while [ $turn -lt ${GRACE_TENTHS} ] && left; do sleep 0.1; turn=$((turn + 1)); done
for group in $live; do kill -s KILL -- "-$group"; done
`;

/** A watcher for `watchProcesses`. Starts the shell with the first process; without a shell it does nothing. */
export const deathGuard = (env: Environment): ProcessWatcher => {
  let write: ((line: string) => void) | undefined;
  const open = (): ((line: string) => void) => {
    const shell = findTool('sh', env, ['/bin']);
    if (shell === null) return () => undefined;
    const guard = spawn(shell, ['-c', SCRIPT], {
      env: definedVariables({ PATH: env['PATH'] }),
      cwd: '/',
      detached: true, // its own session: what ends this program's group is not to end it
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    guard.on('error', () => undefined);
    guard.stdin.on('error', () => undefined);
    guard.unref();
    if ('unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref();
    return (line) => void guard.stdin.write(line);
  };
  const say = (line: string): void => (write ??= open())(line);
  return { started: (pid) => say(`+ ${pid}\n`), ended: (pid) => say(`- ${pid}\n`) };
};
