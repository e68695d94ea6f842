// The executor of a pod that stands already: every command is started inside of it apart from the stream that asked for it, and found
// again after a connection was cut. Ends and removes only what it started there; the pod itself is never changed.
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { kubeApi } from '../cluster/kube-api.ts';
import {
  cleanPodRun,
  endPodRun,
  fetchPodFiles,
  isAway,
  pollPodRun,
  startPodRun,
  type PodShell,
} from '../cluster/pod-run.ts';
import type { PodRun, RunCommand } from '../cluster/pod-scripts.ts';
import { clusterReason, podTroubleText } from '../cluster/workload-state.ts';
import { localRunner, type RunOptions, type RunResult, type Runner } from '../exec/run-process.ts';
import { toolCancelled } from '../exec/tool-fault.ts';
import { Fault } from '../text/fault.ts';
import { environmentSecrets, redactArgv } from '../text/redact.ts';
import type { Executor, TaskLife } from './executor.ts';
import { followRun, type FollowedRun } from './followed-run.ts';
import { taskKey, type PodHandle } from './job-state.ts';

const POLL_MS = 500;
const MOST_POLL_MS = 10_000;
/** One answer of the pod through kubectl. */
const ANSWER_MS = 60_000;
/** Between asking a command to end and ending it by force. */
const GRACE_MS = 5000;
/** Questions in a row that find neither its shell nor its exit code. */
const MOST_MISSES = 3;

/** kubectl sees this process's environment: its configuration and its credentials' helpers are found there. */
const ask: Runner = localRunner({ env: process.env, timeoutMs: ANSWER_MS });

const shellOf = ({ pod, container, namespace, context, kubeconfig }: PodHandle): PodShell => ({
  run: ask,
  target: {
    pod,
    namespace,
    container: container ?? undefined,
    context: context ?? undefined,
    kubeconfig: kubeconfig ?? undefined,
  },
});

const observe = async (handle: PodHandle): Promise<TaskLife> => {
  try {
    const { found, exit, alive } = await pollPodRun(shellOf(handle), handle, [0, 0], '');
    return found && exit === null && alive ? 'running' : 'ended';
  } catch (error) {
    if (error instanceof Fault && error.code === 'pod_not_found') return 'ended';
    return 'elsewhere';
  }
};

const cancel = async (handle: PodHandle): Promise<void> => {
  try {
    await cleanPodRun(shellOf(handle), handle);
  } catch (error) {
    if (!(error instanceof Fault && error.code === 'pod_not_found')) throw error;
  }
};

/** What needs only a handle. */
export const podTasks = { observe, cancel };

/** What the cluster says of the pod: that it is gone, or why its container ended. */
const troubleOf = async ({ pod, namespace, context, kubeconfig }: PodHandle): Promise<string> => {
  const api = kubeApi(ask, { namespace, context: context ?? undefined, kubeconfig: kubeconfig ?? undefined });
  try {
    const found = await api.pod(pod);
    if (found === null) return clusterReason(`PodGone: pod ${pod} is not there any more`);
    return clusterReason(podTroubleText(found) ?? `RunGone: pod ${pod} was begun anew, or its /tmp was emptied`);
  } catch (error) {
    return clusterReason(`Unknown: ${error instanceof Error ? error.message : String(error)}`);
  }
};

interface Submitted {
  readonly options: RunOptions;
  readonly began: number;
  readonly command: RunCommand;
  readonly here: string;
}

/** Commands that this program submitted and nobody has collected. */
const submitted = new Map<string, Submitted>();

interface Ending {
  readonly how: 'exit' | 'lost' | 'cancel' | 'timeout';
  readonly code: number | null;
  /** Why it has no exit code of its own; empty where it has. */
  readonly reason: string;
}

const stopOf = ({ options, began }: Submitted): 'cancel' | 'timeout' | null => {
  if (options.signal?.aborted === true) return 'cancel';
  return options.timeoutMs !== undefined && performance.now() - began > options.timeoutMs ? 'timeout' : null;
};

/** One question; null while the command runs. */
const endingNow = async (
  handle: PodHandle,
  known: Submitted,
  { follow, misses }: { readonly follow: FollowedRun; readonly misses: number },
): Promise<Ending | 'running' | 'missed'> => {
  const seen = await follow.poll(shellOf(handle));
  if (seen.exit !== null) return { how: 'exit', code: seen.exit, reason: seen.ended === '' ? '' : clusterReason(`LeaseOver: ${seen.ended}`) };
  if (seen.found && seen.alive) return 'running';
  if (misses === 0 && !seen.found) await startPodRun(shellOf(handle), handle, known.command); // the first start may not have arrived
  if (misses < MOST_MISSES) return 'missed';
  return { how: 'lost', code: null, reason: seen.ended === '' ? await troubleOf(handle) : clusterReason(`LeaseOver: ${seen.ended}`) };
}; // prettier-ignore

/** Waits for the end, or for a reason to end it. A server that does not answer is asked again, for as long as it takes. */
const waitForEnd = async (handle: PodHandle, known: Submitted, follow: FollowedRun): Promise<Ending> => {
  const { signal } = known.options;
  let [pollMs, misses] = [POLL_MS, 0];
  for (;;) {
    try {
      const ending = await endingNow(handle, known, { follow, misses });
      if (typeof ending === 'object') return ending;
      misses = ending === 'missed' ? misses + 1 : 0;
    } catch (error) {
      if (error instanceof Fault && error.code === 'pod_not_found')
        return { how: 'lost', code: null, reason: await troubleOf(handle) };
      if (!isAway(error)) throw error;
    }
    const stop = stopOf(known);
    if (stop !== null) return { how: stop, code: null, reason: '' };
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    pollMs = Math.min(MOST_POLL_MS, pollMs * 1.25);
  }
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Brings the results here and takes away what lies in the pod; what went wrong, in words. */
const bringBack = async (handle: PodHandle, here: string, isStopped: boolean): Promise<string[]> => {
  const shell = shellOf(handle);
  const steps = [
    ...(isStopped ? [() => endPodRun(shell, handle, GRACE_MS)] : []),
    () => fetchPodFiles(shell, handle, here),
    () => cleanPodRun(shell, handle),
  ];
  const problems: string[] = [];
  for (const step of steps)
    try {
      await step();
    } catch (error) {
      problems.push(messageOf(error));
    }
  return problems;
};

const collect = async (handle: PodHandle): Promise<RunResult> => {
  const none = { options: { env: process.env }, began: performance.now(), command: { argv: [], files: [] }, here: '' };
  const known = submitted.get(taskKey(handle)) ?? none;
  submitted.delete(taskKey(handle));
  const follow = followRun(handle, known.options);
  const { how, code, reason } = await waitForEnd(handle, known, follow);
  const met = await bringBack(handle, known.here, how !== 'exit');
  const problems = how === 'lost' ? [] : met; // the reason says more than that nothing could be fetched
  return {
    code: code === 0 && problems.length > 0 ? 1 : code,
    signal: code === null ? 'SIGKILL' : null,
    ...follow.output([...(reason === '' ? [] : [reason]), ...problems].join('\n')),
    timedOut: how === 'timeout',
    cancelled: how === 'cancel',
    durationMs: performance.now() - known.began,
  };
};

/** The pod, as `kubectl exec` names it. */
export type PodPlace = Pick<PodHandle, 'pod' | 'container' | 'namespace' | 'context' | 'kubeconfig'>;

/**
 * An executor of this pod for one command: `files` are put there before, what it writes into `run.raw` is brought into the absolute
 * folder `here`. `submit` throws what the cluster refuses; the environment of `options` stays here.
 */
export const podExecutor = (
  place: PodPlace,
  { run, files, here }: { readonly run: PodRun; readonly files: RunCommand['files']; readonly here: string },
): Executor<PodHandle> => ({
  submit: async (argv, options) => {
    if (options.signal?.aborted === true) throw toolCancelled(argv);
    const { base, raw, id } = run;
    const redacted = redactArgv(argv, environmentSecrets(options.env));
    const handle: PodHandle = { executor: 'pod', ...place, base, run: run.run, raw, id, argv: redacted };
    const command = { argv, files };
    try {
      await startPodRun(shellOf(handle), run, command);
    } catch (error) {
      if (!isAway(error)) throw error; // it may have been started all the same: `collect` finds out
    }
    submitted.set(taskKey(handle), { options, began: performance.now(), command, here });
    return handle;
  },
  ...podTasks,
  collect,
});
