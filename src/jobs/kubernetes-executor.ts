// The executor of a Kubernetes cluster: every command is a workload of its own, deleted when its results are here. One that exists already
// under its name and is the same is taken over; only the object whose uid a handle names is ever deleted.
import type { Pod } from 'kubernetes-types/core/v1.js';
import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { requireOwn, type KubeObject, type Protected } from '../cluster/experiment.ts';
import type { KubeApi } from '../cluster/kube-api.ts';
import { endPodRun, fetchPodFiles, isAway, persistently, pollPodRun } from '../cluster/pod-run.ts';
import type { PodRun } from '../cluster/pod-scripts.ts';
import { clusterReason, isStuck, workloadState, type WorkloadState } from '../cluster/workload-state.ts';
import { CONTAINERS, renderWorkload, type Workload } from '../cluster/workload.ts';
import type { RunOptions, RunResult } from '../exec/run-process.ts';
import { toolCancelled } from '../exec/tool-fault.ts';
import { inputFault } from '../text/fault.ts';
import { canonicalJson } from '../text/json.ts';
import { environmentSecrets, redactArgv } from '../text/redact.ts';
import type { Executor } from './executor.ts';
import { followRun, type FollowedRun } from './followed-run.ts';
import { taskKey, type KubernetesHandle } from './job-state.ts';
import { apiOf, cancel, kubernetesTasks, ownObject } from './kubernetes-life.ts';
import { hasLeft, isUp, leaderOf, shellOf } from './kubernetes-pods.ts';

const POLL_MS = 2000;
const MOST_POLL_MS = 30_000;
/** How long an image that cannot be pulled, or a command that dies at each start, is watched before it counts as failed. */
const STUCK_MS = 180_000;

/** Between asking a command to end and ending it by force. */
const GRACE_MS = 5000;

const SPEC_ANNOTATION = 'profile-and-optimize/spec-sha256';

interface Submitted {
  readonly options: RunOptions;
  readonly began: number;
  readonly run: PodRun;
  readonly here: string;
}

/** Commands that this program submitted and nobody has collected. */
const submitted = new Map<string, Submitted>();

const hasEnded = ({ phase }: WorkloadState): boolean => phase === 'succeeded' || phase === 'failed';

interface Ending {
  readonly how: 'exit' | 'left' | 'ended' | 'stuck' | 'timeout' | 'cancel';
  readonly code: number | null;
  readonly state: WorkloadState | null;
  readonly pods: readonly Pod[];
}

interface Watch {
  readonly handle: KubernetesHandle;
  readonly known: Submitted;
  readonly follow: FollowedRun;
}

/** How it is now, with an end where it has one. The pods are asked before the command: one that left no exit code never will. */
const lookOnce = async ({ handle, follow }: Watch): Promise<Ending | Pick<Ending, 'state' | 'pods'>> => {
  const object = await ownObject(handle);
  if (object === null) return { how: 'ended', code: null, state: null, pods: [] };
  const pods = await apiOf(handle).podsOf(handle.name);
  const state = workloadState(object, pods);
  const leader = leaderOf(pods);
  if (leader !== undefined && isUp(leader, CONTAINERS.keeper)) {
    const { exit } = await follow.poll(shellOf(handle, leader, CONTAINERS.keeper));
    if (exit !== null) return { how: 'exit', code: exit, state, pods };
    if (hasLeft(leader)) return { how: 'left', code: codeOf(state), state, pods };
  }
  return hasEnded(state) ? { how: 'ended', code: codeOf(state), state, pods } : { state, pods };
};

/** Waits for the end, or for a reason to end it. A server that does not answer is asked again, for as long as it takes. */
const waitForEnd = async (watch: Watch): Promise<Ending> => {
  const { signal, timeoutMs = Infinity } = watch.known.options;
  let [pollMs, stuckSince] = [POLL_MS / 4, Infinity];
  let last: Pick<Ending, 'state' | 'pods'> = { state: null, pods: [] };
  for (;;) {
    try {
      const seen = await lookOnce(watch);
      if ('how' in seen) return seen;
      last = seen;
      const { state } = seen;
      stuckSince = state !== null && isStuck(state) ? Math.min(stuckSince, performance.now()) : Infinity;
      if (performance.now() - stuckSince > STUCK_MS) return { how: 'stuck', code: 1, ...last };
    } catch (error) {
      if (!isAway(error)) throw error;
    }
    if (signal?.aborted === true) return { how: 'cancel', code: null, ...last };
    if (performance.now() - watch.known.began > timeoutMs) return { how: 'timeout', code: null, ...last };
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    pollMs = Math.min(MOST_POLL_MS, pollMs * 1.5);
  }
};

const reasonOf = ({ how, code, state }: Ending): string => {
  if (state === null) return how === 'ended' ? clusterReason('WorkloadGone: somebody else deleted it') : '';
  if (state.reason === null || (how === 'exit' && (code === 0 || state.reason === 'Error'))) return '';
  return clusterReason(`${state.reason}${state.message === null ? '' : `: ${state.message}`}`);
};

/** Zero only by success; the container's code where it has one. */
const codeOf = (state: WorkloadState): number => {
  if (state.phase === 'succeeded') return 0;
  return state.exit_code === null || state.exit_code === 0 ? 1 : state.exit_code;
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const reported = async <Value>(work: () => Promise<Value>, otherwise: (message: string) => Value): Promise<Value> => {
  try {
    return await work();
  } catch (error) {
    return otherwise(messageOf(error));
  }
};

/** What the pods beside the first printed, each under a heading. */
const otherOutputs = async (handle: KubernetesHandle, pods: readonly Pod[], run: PodRun): Promise<string> => {
  const leader = leaderOf(pods);
  const texts: string[] = [];
  for (const pod of pods) {
    if (pod === leader || !isUp(pod, CONTAINERS.keeper)) continue;
    const shell = shellOf(handle, pod, CONTAINERS.keeper);
    const text = await reported(
      async () => (await pollPodRun(shell, run, [0, 0], '')).stdout.toString('utf8'),
      (message) => `${message}\n`,
    );
    texts.push(`== ${pod.metadata?.name ?? ''}\n${text}`);
  }
  return texts.join('');
};

/** Brings the results here where a container still holds them; what went wrong, in words. */
const bringBack = async (
  handle: KubernetesHandle,
  { how, pods }: Ending,
  { run, here }: Pick<Submitted, 'run' | 'here'>,
): Promise<string> => {
  const leader = leaderOf(pods);
  if (leader === undefined || !isUp(leader, CONTAINERS.keeper)) return '';
  return reported(
    async () => {
      if (how === 'cancel' || how === 'timeout')
        await reported(() => endPodRun(shellOf(handle, leader, CONTAINERS.main), run, GRACE_MS), () => undefined);
      await fetchPodFiles(shellOf(handle, leader, CONTAINERS.keeper), run, here);
      return '';
    },
    (message) => message,
  ); // prettier-ignore
};

/** What a container printed by itself: only where its image cannot run the scripts. */
const logsOf = async (handle: KubernetesHandle, { how, pods }: Ending): Promise<string> => {
  const [pod] = pods;
  if (how !== 'ended' || pod?.metadata?.name === undefined) return '';
  const { name } = pod.metadata;
  return reported(() => apiOf(handle).logs(name), () => ''); // prettier-ignore
};

const collect = async (handle: KubernetesHandle): Promise<RunResult> => {
  const known = submitted.get(taskKey(handle));
  if (known === undefined)
    throw inputFault('task_output_gone', `${handle.kind} ${handle.name} was submitted by a program that is gone`, {
      fix: "see the job's stdout.log and stderr.log for what it printed",
    });
  submitted.delete(taskKey(handle));
  const follow = followRun(known.run, known.options);
  const ending = await waitForEnd({ handle, known, follow });
  const others = await otherOutputs(handle, ending.pods, known.run);
  const problem = await bringBack(handle, ending, known);
  const logs = await logsOf(handle, ending);
  await cancel(handle);
  const { how, code } = ending;
  const { stdout, ...output } = follow.output([logs, reasonOf(ending), problem].filter((line) => line !== '').join('\n'));
  return {
    code: code === 0 && problem !== '' ? 1 : code,
    signal: code === null ? 'SIGKILL' : null,
    stdout: `${stdout}${others}`,
    ...output,
    timedOut: how === 'timeout',
    cancelled: how === 'cancel',
    durationMs: performance.now() - known.began,
  };
}; // prettier-ignore

export interface ClusterPlace {
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly guard: Protected;
  /** Absolute folder that the results are brought into. */
  readonly here: string;
}

const withHash = (object: KubeObject): KubeObject => {
  const hash = createHash('sha256').update(canonicalJson(object)).digest('hex');
  return { ...object, metadata: { ...object.metadata, annotations: { [SPEC_ANNOTATION]: hash } } };
};

/** The object on the server: made now, or the same one that an earlier attempt made. */
const place = async (api: KubeApi, object: KubeObject): Promise<KubeObject> => {
  const created = await api.create(object);
  if (created !== null) return created;
  const there = await api.get(object.kind, object.metadata.name);
  if (there === null) return place(api, object);
  const hash = object.metadata.annotations?.[SPEC_ANNOTATION];
  if (there.metadata.annotations?.[SPEC_ANNOTATION] === hash) return there;
  throw inputFault(
    'workload_name_taken',
    `${object.kind} ${object.metadata.name} exists in the namespace and is another workload`,
    {
      fix: 'remove it if it is yours, or name the experiment otherwise',
    },
  );
};

/**
 * An executor whose commands are workloads of this shape. `submit` takes over a workload that an earlier attempt created, and throws
 * what `requireOwn` and the cluster refuse. The environment of `options` stays here: a container sees `env` and `secrets` of the shape.
 */
export const kubernetesExecutor = (
  shape: Omit<Workload, 'argv'>,
  { guard, context, kubeconfig, here }: ClusterPlace,
): Executor<KubernetesHandle> => ({
  submit: async (argv, options) => {
    if (options.signal?.aborted === true) throw toolCancelled(argv);
    const object = withHash(renderWorkload({ ...shape, argv }));
    requireOwn(object, shape.experiment, guard);
    const where = { namespace: shape.namespace, context: context ?? null, kubeconfig: kubeconfig ?? null };
    const { metadata } = await persistently(() => place(apiOf(where), object));
    const handle: KubernetesHandle = {
      executor: 'kubernetes',
      ...where,
      kind: object.kind,
      name: metadata.name,
      uid: metadata.uid ?? '',
      argv: redactArgv(argv, environmentSecrets(options.env)),
    };
    submitted.set(taskKey(handle), { options, began: performance.now(), run: shape.run, here });
    return handle;
  },
  ...kubernetesTasks,
  collect,
});
