// The GPUs of a pod, read by programs of the pod through kubectl. kubectl that is ended leaves what it started running: a reader carries a
// mark of its own there, by which it is ended when a capture is stopped before its time.
import { askPod } from '../cluster/pod-run.ts';
import { endWords, RUN_VARIABLE } from '../cluster/pod-scripts.ts';
import { podNodeArgv, podRunner, type KubeTarget } from '../drivers/kubectl.ts';
import type { Environment } from '../exec/environment.ts';
import type { Runner } from '../exec/run-process.ts';
import type { GpuPlace } from './captured.ts';

const ANSWER_MS = 30_000;
const GRACE_MS = 2000;

export interface PodGpus {
  readonly place: GpuPlace;
  /** Ends the reader there, where one is left. Never throws: the capture is what matters. */
  readonly end: () => Promise<void>;
}

/** A program whose lines are read as they come outlives its stream; the others end by themselves. */
const marked =
  (inPod: Runner, mark: string): Runner =>
  (argv, options = {}) =>
    inPod(options.onLine === undefined ? argv : ['env', `${RUN_VARIABLE}=${mark}`, ...argv], options);

/** `mark`: lower-case letters, digits and dashes, of this capture alone. `asks` runs kubectl also after the capture was stopped. */
export const podGpus = async (
  target: KubeTarget,
  { run, asks, env, node, mark }: { readonly run: Runner; readonly asks: Runner; readonly env: Environment; readonly node: string | undefined; readonly mark: string },
): Promise<PodGpus> => {
  const asked = node === undefined ? await run(podNodeArgv(target), { timeoutMs: ANSWER_MS }) : null;
  const found = asked?.code === 0 ? asked.stdout.trim() : '';
  return {
    place: { run: marked(podRunner(run, target), mark), env, node: node ?? (found === '' ? target.pod : found) },
    end: async () => {
      try {
        await askPod({ run: asks, target }, endWords({ id: mark, base: '', run: '', raw: '' }, GRACE_MS));
      } catch {
        // its number of samples ends it
      }
    },
  };
}; // prettier-ignore
