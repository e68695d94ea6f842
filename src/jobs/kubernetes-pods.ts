// The pods of a workload: which one's command counts, and how its containers are. Pure.
import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.js';
import type { PodShell } from '../cluster/pod-run.ts';
import { CONTAINERS } from '../cluster/workload.ts';
import type { KubernetesHandle } from './job-state.ts';
import { ask } from './kubernetes-life.ts';

const JOB_INDEX = 'batch.kubernetes.io/job-completion-index';
const LWS_INDEX = 'leaderworkerset.sigs.k8s.io/worker-index';

/** The pod whose command counts: of several the first by its index. */
export const leaderOf = (pods: readonly Pod[]): Pod | undefined => {
  const indexOf = ({ metadata }: Pod): number =>
    Number(metadata?.labels?.[LWS_INDEX] ?? metadata?.labels?.[JOB_INDEX] ?? metadata?.annotations?.[JOB_INDEX] ?? 0);
  const nameOf = ({ metadata }: Pod): string => metadata?.name ?? '';
  return pods.toSorted((a, b) => indexOf(a) - indexOf(b) || nameOf(a).localeCompare(nameOf(b)))[0];
};

const containerOf = ({ status }: Pod, name: string): ContainerStatus | undefined =>
  status?.containerStatuses?.find((each) => each.name === name);

export const isUp = (pod: Pod, name: string): boolean => containerOf(pod, name)?.state?.running !== undefined;

/** Its container has ended, or was begun again after it had. */
export const hasLeft = (pod: Pod): boolean => {
  const main = containerOf(pod, CONTAINERS.main);
  return main?.state?.terminated !== undefined || (main?.restartCount ?? 0) > 0;
};

export const shellOf = (
  { namespace, context, kubeconfig }: KubernetesHandle,
  pod: Pod,
  container: string,
): PodShell => ({
  run: ask,
  target: {
    pod: pod.metadata?.name ?? '',
    namespace,
    container,
    context: context ?? undefined,
    kubeconfig: kubeconfig ?? undefined,
  },
});
