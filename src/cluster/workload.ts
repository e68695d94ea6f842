// One command on GPUs of a cluster as a Kubernetes object: a Job on one node, a JobSet or a LeaderWorkerSet over several. Secrets are
// references, never values. Pure; sources: the API reference of Kubernetes 1.30 (batch/v1), JobSet v1alpha2, LeaderWorkerSet v1, Kueue.
import type { Job, JobSpec } from 'kubernetes-types/batch/v1.js';
import type { Container, EnvVar, PodTemplateSpec } from 'kubernetes-types/core/v1.js';
import { inputFault } from '../text/fault.ts';
import { EXPERIMENT_LABEL, GROUP_LABEL, WORKLOAD_LABEL, experimentLabel, type KubeObject } from './experiment.ts';
import { keepWords, RUN_VARIABLE, runWords, type PodRun, type RunCommand } from './pod-scripts.ts';

export const WORKLOAD_KINDS = ['Job', 'JobSet', 'LeaderWorkerSet'] as const;

export interface SecretReference {
  /** Variable that the container sees. */
  readonly variable: string;
  readonly secret: string;
  readonly key: string;
}

export interface Workload {
  readonly kind: (typeof WORKLOAD_KINDS)[number];
  readonly experiment: string;
  /** From `workloadName`. */
  readonly name: string;
  /** Label value that the workloads of one call share. */
  readonly group: string;
  readonly namespace: string;
  readonly image: string;
  readonly argv: readonly string[];
  /** Where the command runs in the container and leaves what it writes. */
  readonly run: PodRun;
  /** Put there before it starts. */
  readonly files: RunCommand['files'];
  readonly env?: Readonly<Record<string, string>>;
  readonly secrets?: readonly SecretReference[];
  /** Nodes, each with a pod of its own; more than one needs JobSet or LeaderWorkerSet. Default 1. */
  readonly nodes?: number;
  readonly gpus_per_node?: number;
  /** Resource name of the GPUs, default `nvidia.com/gpu`. */
  readonly gpu_resource?: string;
  readonly node_selector?: Readonly<Record<string, string>>;
  /** Keys of taints that are tolerated whatever their value and effect. */
  readonly tolerations?: readonly string[];
  /** Size of `/dev/shm`, a Kubernetes quantity; NCCL and tensor parallel workers need far more than the 64 MiB of a container. */
  readonly shm?: string;
  /** Volume claims by the folder where they are seen. */
  readonly volumes?: Readonly<Record<string, string>>;
  /** Kueue's queue: the workload is created suspended, and Kueue starts it. */
  readonly queue?: string;
  readonly service_account?: string;
  readonly image_pull_secrets?: readonly string[];
  /** Seconds after which Kubernetes ends the workload. */
  readonly deadline_s?: number;
}

/** The container of the command, and the one that holds its files until they are fetched, also when the first was killed. */
export const CONTAINERS = { main: 'main', keeper: 'keeper' } as const;

/** Seconds that a pod has to end when its workload is deleted: the results are here by then. */
const GRACE_S = 10;
/** Seconds after its end for which the cluster keeps a workload that nobody took away. */
const LEFTOVER_S = 3600;

const labelsOf = ({ experiment, name, group }: Workload): Record<string, string> => ({
  [EXPERIMENT_LABEL]: experimentLabel(experiment),
  [WORKLOAD_LABEL]: name,
  [GROUP_LABEL]: group,
  'app.kubernetes.io/managed-by': 'profile-and-optimize',
});

const queueLabel = ({ queue }: Workload): Record<string, string> =>
  queue === undefined ? {} : { 'kueue.x-k8s.io/queue-name': queue };

const variables = ({ env = {}, secrets = [], run }: Workload): EnvVar[] => [
  { name: RUN_VARIABLE, value: run.id },
  ...Object.entries(env).map(([name, value]) => ({ name, value })),
  ...secrets.map(({ variable, secret, key }) => ({
    name: variable,
    valueFrom: { secretKeyRef: { name: secret, key } },
  })),
];

const containerOf = (workload: Workload): Container => {
  const { gpus_per_node: gpus = 0, gpu_resource: resource = 'nvidia.com/gpu', shm = '16Gi' } = workload;
  return {
    name: CONTAINERS.main,
    image: workload.image,
    command: runWords(workload.run, workload, workload.kind === 'LeaderWorkerSet'),
    env: variables(workload),
    ...(gpus === 0 ? {} : { resources: { limits: { [resource]: `${gpus}` }, requests: { [resource]: `${gpus}` } } }),
    volumeMounts: [
      { name: 'results', mountPath: workload.run.base },
      ...(shm === '' ? [] : [{ name: 'shm', mountPath: '/dev/shm' }]),
      ...Object.keys(workload.volumes ?? {}).map((mountPath, index) => ({ name: `claim-${index}`, mountPath })),
    ],
    // What a container prints last becomes its message, where it left none in its termination file.
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
};

/** The same image: it is on the node already, and has what the main container has. Asks for no GPU. */
const keeperOf = ({ image, run }: Workload): Container => ({
  name: CONTAINERS.keeper,
  image,
  command: keepWords(run),
  volumeMounts: [{ name: 'results', mountPath: run.base }],
});

const templateOf = (workload: Workload, restartPolicy: 'Never' | 'Always'): PodTemplateSpec => {
  const { shm = '16Gi', tolerations = [], image_pull_secrets: pullSecrets = [] } = workload;
  return {
    metadata: { labels: labelsOf(workload) },
    spec: {
      restartPolicy,
      terminationGracePeriodSeconds: GRACE_S,
      ...(workload.service_account === undefined ? {} : { serviceAccountName: workload.service_account }),
      ...(pullSecrets.length === 0 ? {} : { imagePullSecrets: pullSecrets.map((name) => ({ name })) }),
      ...(workload.node_selector === undefined ? {} : { nodeSelector: { ...workload.node_selector } }),
      ...(tolerations.length === 0 ? {} : { tolerations: tolerations.map((key) => ({ key, operator: 'Exists' })) }),
      containers: [containerOf(workload), keeperOf(workload)],
      volumes: [
        { name: 'results', emptyDir: {} },
        ...(shm === '' ? [] : [{ name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: shm } }]),
        ...Object.values(workload.volumes ?? {}).map((claimName, index) => ({
          name: `claim-${index}`,
          persistentVolumeClaim: { claimName },
        })),
      ],
    },
  };
};

/** A command that failed is not run again by the cluster: its run is a record, and the next one is another. */
const jobSpec = (workload: Workload): JobSpec => ({
  backoffLimit: 0,
  ...(workload.deadline_s === undefined ? {} : { activeDeadlineSeconds: workload.deadline_s }),
  template: templateOf(workload, 'Never'),
});

const metadataOf = (workload: Workload): KubeObject['metadata'] => ({
  name: workload.name,
  namespace: workload.namespace,
  labels: { ...labelsOf(workload), ...queueLabel(workload) },
});

const suspended = ({ queue }: Workload): { suspend?: true } => (queue === undefined ? {} : { suspend: true });

const job = (workload: Workload): Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { ...metadataOf(workload) } as Job['metadata'] & object, // checked boundary: the same fields, not readonly
  spec: { ...suspended(workload), ttlSecondsAfterFinished: LEFTOVER_S, ...jobSpec(workload) },
});

/** One pod a node, each with its index in `JOB_COMPLETION_INDEX`; all fail when one does. */
const jobSet = (workload: Workload): KubeObject => {
  const { nodes = 1 } = workload;
  const spec: JobSpec = { ...jobSpec(workload), parallelism: nodes, completions: nodes, completionMode: 'Indexed' };
  return {
    apiVersion: 'jobset.x-k8s.io/v1alpha2',
    kind: 'JobSet',
    metadata: metadataOf(workload),
    spec: {
      ...suspended(workload),
      ttlSecondsAfterFinished: LEFTOVER_S,
      failurePolicy: { maxRestarts: 0 },
      replicatedJobs: [{ name: 'node', replicas: 1, template: { metadata: { labels: labelsOf(workload) }, spec } }],
    },
  };
};

/**
 * A group that serves as one engine: rank and leader stand in `LWS_WORKER_INDEX` and `LWS_LEADER_ADDRESS`. A group that is made anew
 * would measure a second time and lose what the first left: a container that ends is begun again in its pod, and does nothing there.
 */
const leaderWorkerSet = (workload: Workload): KubeObject => ({
  apiVersion: 'leaderworkerset.x-k8s.io/v1',
  kind: 'LeaderWorkerSet',
  metadata: metadataOf(workload),
  spec: {
    replicas: 1,
    leaderWorkerTemplate: {
      size: workload.nodes ?? 1,
      restartPolicy: 'None',
      leaderTemplate: templateOf(workload, 'Always'),
      workerTemplate: templateOf(workload, 'Always'),
    },
  },
});

/** The object for the API server. Throws a Fault `workload_shape` for several nodes of a Job. */
export const renderWorkload = (workload: Workload): KubeObject => {
  if (workload.kind === 'Job' && (workload.nodes ?? 1) > 1)
    throw inputFault('workload_shape', `a Job runs on one node, and ${workload.nodes} are asked for`, {
      fix: 'use JobSet or LeaderWorkerSet for several nodes',
    });
  switch (workload.kind) {
    case 'Job':
      return job(workload) as KubeObject; // checked boundary: a Job has kind, version and name
    case 'JobSet':
      return jobSet(workload);
    case 'LeaderWorkerSet':
      return leaderWorkerSet(workload);
  }
};
