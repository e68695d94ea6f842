// A workload by its handle alone: whether it still stands, and its end. Only the object whose uid the handle names is ever deleted.
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../cluster/experiment.ts';
import { kubeApi, type KubeApi } from '../cluster/kube-api.ts';
import { isAway, persistently } from '../cluster/pod-run.ts';
import { localRunner, type Runner } from '../exec/run-process.ts';
import { inputFault } from '../text/fault.ts';
import type { TaskLife } from './executor.ts';
import type { KubernetesHandle } from './job-state.ts';

const POLL_MS = 500;
/** One answer of the API server through kubectl. */
const ANSWER_MS = 60_000;
/** How long pods may take to be gone after their workload was deleted; an engine with a terabyte of pinned memory takes its time. */
const GONE_MS = 300_000;

/** kubectl sees this process's environment: its configuration and its credentials' helpers are found there. */
export const ask: Runner = localRunner({ env: process.env, timeoutMs: ANSWER_MS });

export const apiOf = ({
  namespace,
  context,
  kubeconfig,
}: Pick<KubernetesHandle, 'namespace' | 'context' | 'kubeconfig'>): KubeApi =>
  kubeApi(ask, { namespace, context: context ?? undefined, kubeconfig: kubeconfig ?? undefined });

/** The workload as long as it is the one of the handle; null where it is gone or another. */
export const ownObject = async (handle: KubernetesHandle): Promise<KubeObject | null> => {
  const object = await apiOf(handle).get(handle.kind, handle.name);
  return object?.metadata.uid === handle.uid ? object : null;
};

/** A workload that stands counts as running though its command has ended: it is still to be taken away. */
const observe = async (handle: KubernetesHandle): Promise<TaskLife> => {
  try {
    return (await ownObject(handle)) === null ? 'ended' : 'running';
  } catch (error) {
    if (isAway(error)) return 'elsewhere';
    throw error;
  }
};

export const cancel = async (handle: KubernetesHandle): Promise<void> => {
  const isThere = (): Promise<boolean> => persistently(async () => (await ownObject(handle)) !== null);
  if (!(await isThere())) return;
  const api = apiOf(handle);
  await persistently(() => api.remove({ kind: handle.kind, name: handle.name, uid: handle.uid }));
  const until = performance.now() + GONE_MS;
  while ((await isThere()) || (await persistently(() => api.podsOf(handle.name))).length > 0) {
    if (performance.now() > until)
      throw inputFault(
        'workload_stays',
        `${handle.kind} ${handle.name} is still there ${GONE_MS / 1000} s after its deletion`,
        {
          fix: `check kubectl get pods --selector=profile-and-optimize/workload=${handle.name}`,
        },
      );
    await sleep(POLL_MS);
  }
};

/** What needs only a handle. */
export const kubernetesTasks = {
  observe,
  cancel: (handle: KubernetesHandle, _graceMs: number): Promise<void> => cancel(handle),
};
