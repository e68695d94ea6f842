// Containers without images: each runs its words as processes of this machine, in a mount and a process namespace of its own, with the
// pod's volumes bound where it mounts them. Needs root. For a check only.
import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import { POD_FOLDER } from '../../src/cluster/pod-scripts.ts';

/** Hides what other containers mount there. Arguments: that folder, pairs of volume and mount path, `--`, the words. */
const ENTER = `
mkdir -p "$1" && mount -t tmpfs tmpfs "$1" || exit 126
shift
while [ "$1" != -- ]; do mkdir -p "$2" && mount --bind "$1" "$2" || exit 126; shift 2; done
shift
exec "$@"
`;

export interface RunningContainer {
  readonly process: ChildProcess;
  /** Started inside of it, as `kubectl exec` does. */
  readonly enter: (argv: readonly string[]) => ChildProcessWithoutNullStreams;
  readonly kill: () => void;
}

/** Folders of the pod's volumes by name; only those that live and die with the pod. */
export const podVolumes = (pod: Pod, folder: string): Map<string, string> => {
  const volumes = (pod.spec?.volumes ?? []).filter((volume) => volume.emptyDir !== undefined);
  return new Map(
    volumes.map(({ name }) => {
      const path = join(folder, 'volumes', name);
      mkdirSync(path, { recursive: true });
      return [name, path];
    }),
  );
};

const mountsOf = ({ volumeMounts = [] }: Container, volumes: ReadonlyMap<string, string>): string[] =>
  volumeMounts.flatMap(({ name, mountPath }) => {
    const folder = volumes.get(name);
    return folder === undefined || mountPath === '/dev/shm' ? [] : [folder, mountPath];
  });

export interface ContainerPlace {
  readonly volumes: ReadonlyMap<string, string>;
  readonly env: Readonly<Record<string, string>>;
  readonly onOutput: (data: Buffer) => void;
}

/** Starts the command of a container. Its image is not looked at. */
export const startContainer = (container: Container, { volumes, env, onOutput }: ContainerPlace): RunningContainer => {
  // As container runtimes do: a home, whatever the image.
  const own = { PATH: process.env['PATH'] ?? '', HOME: '/root', ...env };
  const words = [...(container.command ?? []), ...(container.args ?? [])];
  const unshare = ['-m', '-p', '--fork', '--mount-proc', '--kill-child', 'sh', '-c', ENTER, 'sh', POD_FOLDER];
  const child = spawn('unshare', [...unshare, ...mountsOf(container, volumes), '--', ...words], {
    env: own,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', onOutput);
  child.stderr.on('data', onOutput);
  return {
    process: child,
    enter: (argv) => {
      const inside = ['-c', 'exec nsenter -t "$(pgrep -P "$0")" -m -p -- "$@"', String(child.pid), ...argv];
      return spawn('sh', inside, { env: own, stdio: 'pipe' });
    },
    kill: () => void child.kill('SIGKILL'),
  };
};
