import { Job } from 'kubernetes-models/batch/v1';
import { describe, expect, it } from 'vitest';
import { keepWords, runWords } from '../../src/cluster/pod-scripts.ts';
import { renderWorkload, type Workload } from '../../src/cluster/workload.ts';

const RUN = {
  base: '/tmp/profile-and-optimize/g',
  run: '/tmp/profile-and-optimize/g/run-c1',
  raw: '/tmp/profile-and-optimize/g/raw',
  id: 'exp-a-c1',
};
const MARK = { name: 'PROFILE_AND_OPTIMIZE_RUN', value: 'exp-a-c1' };
const WORKLOAD: Workload = {
  kind: 'Job',
  experiment: 'exp-a',
  name: 'exp-a-c1',
  group: 'g',
  run: RUN,
  files: [],
  namespace: 'bench',
  image: 'vllm/vllm-openai:v0.33.0',
  argv: ['vllm', 'bench', 'serve'],
  env: { A: '1' },
  secrets: [{ variable: 'HF_TOKEN', secret: 'hf', key: 'token' }],
  gpus_per_node: 8,
  node_selector: { 'nvidia.com/gpu.product': 'NVIDIA-B200' },
  tolerations: ['nvidia.com/gpu'],
  volumes: { '/models': 'model-claim' },
  queue: 'gpu-queue',
  deadline_s: 7200,
};

const KEEPER = {
  name: 'keeper',
  image: 'vllm/vllm-openai:v0.33.0',
  command: keepWords(RUN),
  volumeMounts: [{ name: 'results', mountPath: RUN.base }],
};
const POD_SPEC = {
  restartPolicy: 'Never',
  terminationGracePeriodSeconds: 10,
  nodeSelector: { 'nvidia.com/gpu.product': 'NVIDIA-B200' },
  tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
  containers: [
    {
      name: 'main',
      image: 'vllm/vllm-openai:v0.33.0',
      command: runWords(RUN, WORKLOAD, false),
      env: [
        MARK,
        { name: 'A', value: '1' },
        { name: 'HF_TOKEN', valueFrom: { secretKeyRef: { name: 'hf', key: 'token' } } },
      ],
      resources: { limits: { 'nvidia.com/gpu': '8' }, requests: { 'nvidia.com/gpu': '8' } },
      volumeMounts: [
        { name: 'results', mountPath: RUN.base },
        { name: 'shm', mountPath: '/dev/shm' },
        { name: 'claim-0', mountPath: '/models' },
      ],
      terminationMessagePolicy: 'FallbackToLogsOnError',
    },
    KEEPER,
  ],
  volumes: [
    { name: 'results', emptyDir: {} },
    { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '16Gi' } },
    { name: 'claim-0', persistentVolumeClaim: { claimName: 'model-claim' } },
  ],
};
const LABELS = {
  experiment: 'exp-a',
  'profile-and-optimize/workload': 'exp-a-c1',
  'profile-and-optimize/group': 'g',
  'app.kubernetes.io/managed-by': 'profile-and-optimize',
};

describe('a workload as an object', () => {
  it('is a Job that is valid by the published schema, never run again, and waits for Kueue', () => {
    const object = renderWorkload(WORKLOAD);
    expect(object).toEqual({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: 'exp-a-c1',
        namespace: 'bench',
        labels: { ...LABELS, 'kueue.x-k8s.io/queue-name': 'gpu-queue' },
      },
      spec: {
        suspend: true,
        ttlSecondsAfterFinished: 3600,
        backoffLimit: 0,
        activeDeadlineSeconds: 7200,
        template: { metadata: { labels: LABELS }, spec: POD_SPEC },
      },
    });
    expect(() => new Job(object as never).validate()).not.toThrow();
  });

  it('is a JobSet over several nodes: one pod each, all or none', () => {
    expect(renderWorkload({ ...WORKLOAD, kind: 'JobSet', nodes: 4 })).toMatchObject({
      apiVersion: 'jobset.x-k8s.io/v1alpha2',
      spec: {
        suspend: true,
        failurePolicy: { maxRestarts: 0 },
        replicatedJobs: [
          {
            name: 'node',
            replicas: 1,
            template: {
              spec: {
                parallelism: 4,
                completions: 4,
                completionMode: 'Indexed',
                backoffLimit: 0,
                template: { spec: POD_SPEC },
              },
            },
          },
        ],
      },
    });
  });

  it('is a LeaderWorkerSet that serves as one group', () => {
    const { queue: _, ...workload } = WORKLOAD;
    const [main] = POD_SPEC.containers;
    const containers = [{ ...main, command: runWords(RUN, WORKLOAD, true) }, KEEPER];
    const STAYS = { ...POD_SPEC, restartPolicy: 'Always', containers };
    expect(renderWorkload({ ...workload, kind: 'LeaderWorkerSet', nodes: 2 })).toMatchObject({
      apiVersion: 'leaderworkerset.x-k8s.io/v1',
      spec: {
        replicas: 1,
        leaderWorkerTemplate: {
          size: 2,
          restartPolicy: 'None',
          leaderTemplate: { spec: STAYS },
          workerTemplate: { spec: STAYS },
        },
      },
    });
  });

  it('asks for nothing that was not asked for', () => {
    const bare = renderWorkload({
      kind: 'Job',
      experiment: 'e',
      name: 'e-1',
      group: 'g',
      run: RUN,
      files: [],
      namespace: 'n',
      image: 'i',
      argv: ['a'],
      shm: '',
    });
    expect(bare.spec).toEqual({
      ttlSecondsAfterFinished: 3600,
      backoffLimit: 0,
      template: {
        metadata: { labels: { ...LABELS, experiment: 'e', 'profile-and-optimize/workload': 'e-1' } },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 10,
          containers: [
            {
              name: 'main',
              image: 'i',
              command: runWords(RUN, { argv: ['a'], files: [] }, false),
              env: [MARK],
              volumeMounts: [{ name: 'results', mountPath: RUN.base }],
              terminationMessagePolicy: 'FallbackToLogsOnError',
            },
            { ...KEEPER, image: 'i' },
          ],
          volumes: [{ name: 'results', emptyDir: {} }],
        },
      },
    });
  });

  it('of a Job stays on one node', () => {
    expect(() => renderWorkload({ ...WORKLOAD, nodes: 2 })).toThrow(
      expect.objectContaining({ code: 'workload_shape' }),
    );
  });
});
