// How a workload is doing, from its object and its pods as the API server gives them: waiting, running, or ended, and why. A reason
// that Kubernetes keeps only for the run before (`lastState`) counts, since a container that starts again has no other. Pure.
import type { Pod, ContainerStatus } from 'kubernetes-types/core/v1.js';
import type { KubeObject } from './experiment.ts';

export type WorkloadPhase = 'queued' | 'pending' | 'running' | 'succeeded' | 'failed';

export interface WorkloadState {
  readonly phase: WorkloadPhase;
  /** `OOMKilled`, `CrashLoopBackOff`, `ImagePullBackOff`, `Unschedulable`, `DeadlineExceeded`; null where nothing is wrong. */
  readonly reason: string | null;
  /** What Kubernetes says beside the reason, one line. */
  readonly message: string | null;
  /** Of the first container that ended badly, else of one that ended well; null while none has ended. */
  readonly exit_code: number | null;
  readonly nodes: readonly string[];
}

interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
}

interface Status {
  readonly conditions?: readonly Condition[];
}

const conditionsOf = ({ status }: KubeObject): readonly Condition[] => (status as Status | undefined)?.conditions ?? []; // checked boundary: every kind of ours has these or none

const holds = (conditions: readonly Condition[], ...types: readonly string[]): Condition | undefined =>
  conditions.find(({ type, status }) => status === 'True' && type !== undefined && types.includes(type));

const isSuspended = ({ spec }: KubeObject): boolean => (spec as { suspend?: boolean } | undefined)?.suspend === true; // checked boundary: optional in every kind

interface Trouble {
  readonly reason: string;
  readonly message: string | null;
}

const firstLine = (text: string | undefined): string | null => text?.trim().split('\n')[0]?.slice(0, 300) ?? null;

/** Waiting for one of these does not end by itself. */
const STUCK: ReadonlySet<string> = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

/** Why a container is not well. An OOM kill or a command that is not there says more than the back-off that follows it. */
const containerTrouble = ({ state, lastState }: ContainerStatus): Trouble | null => {
  const ended = [state?.terminated, lastState?.terminated].find((each) => each !== undefined && each.exitCode !== 0);
  const waiting = state?.waiting;
  if (ended?.reason !== undefined && ended.reason !== 'Error')
    return { reason: ended.reason, message: firstLine(ended.message) };
  if (waiting?.reason !== undefined && STUCK.has(waiting.reason))
    return { reason: waiting.reason, message: firstLine(ended?.message ?? waiting.message) };
  return ended === undefined ? null : { reason: ended.reason ?? 'Error', message: firstLine(ended.message) };
};

/** How a reason of the cluster stands in a command's stderr, where it is found again by `clusterReasonIn`. */
export const clusterReason = (text: string): string => `kubernetes: ${text}`;

const REASON_LINE = /^kubernetes: ([A-Z]\w+.*)$/m;

/** The reason that the cluster gave for the end of a command, `OOMKilled: message`; null where it gave none. */
export const clusterReasonIn = (stderr: string): string | null => REASON_LINE.exec(stderr)?.[1] ?? null;

/** What is wrong with a pod, `OOMKilled: message`; null where nothing is. */
export const podTroubleText = (pod: Pod): string | null => {
  const trouble = podTrouble(pod);
  if (trouble === null) return null;
  return trouble.message === null ? trouble.reason : `${trouble.reason}: ${trouble.message}`;
};

const podTrouble = ({ status }: Pod): Trouble | null => {
  if (status?.reason !== undefined) return { reason: status.reason, message: firstLine(status.message) }; // Evicted, NodeLost
  const unscheduled = status?.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
  if (unscheduled !== undefined)
    return { reason: unscheduled.reason ?? 'Unschedulable', message: firstLine(unscheduled.message) };
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return statuses.map(containerTrouble).find((each) => each !== null) ?? null;
};

const exitCodes = (pods: readonly Pod[]): number[] =>
  pods.flatMap(({ status }) =>
    (status?.containerStatuses ?? []).flatMap(({ state, lastState }) => {
      const ended = state?.terminated ?? lastState?.terminated;
      return ended === undefined ? [] : [ended.exitCode];
    }),
  );

const phaseOf = (workload: KubeObject, pods: readonly Pod[]): WorkloadPhase => {
  const conditions = conditionsOf(workload);
  if (holds(conditions, 'Complete', 'Completed') !== undefined) return 'succeeded';
  if (holds(conditions, 'Failed') !== undefined) return 'failed';
  if (isSuspended(workload)) return 'queued';
  return pods.some(({ status }) => status?.phase === 'Running') ? 'running' : 'pending';
};

/** `pods` are those that carry the workload's label. */
export const workloadState = (workload: KubeObject, pods: readonly Pod[]): WorkloadState => {
  const phase = phaseOf(workload, pods);
  const failed = holds(conditionsOf(workload), 'Failed');
  const trouble = pods.map(podTrouble).find((each) => each !== null) ?? null;
  const reason = phase === 'succeeded' ? null : (trouble?.reason ?? failed?.reason ?? null);
  const codes = exitCodes(pods);
  return {
    phase,
    reason,
    message: reason === null ? null : (trouble?.message ?? firstLine(failed?.message)),
    exit_code: codes.find((code) => code !== 0) ?? codes[0] ?? null,
    nodes: [...new Set(pods.flatMap(({ spec }) => (spec?.nodeName === undefined ? [] : [spec.nodeName])))].sort(),
  };
};

/** Trouble that no waiting cures: the image cannot be had, or the command dies each time it is started. */
export const isStuck = ({ reason }: WorkloadState): boolean =>
  reason !== null && (STUCK.has(reason) || reason === 'ContainerCannotRun' || reason === 'StartError');
