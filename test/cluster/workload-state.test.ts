import type { Pod, PodStatus } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/cluster/experiment.ts';
import { isStuck, workloadState } from '../../src/cluster/workload-state.ts';

const job = (conditions: object[] = [], spec: object = {}): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'j' },
  spec,
  status: { conditions },
});
const pod = (status: PodStatus, nodeName?: string): Pod => ({
  spec: { containers: [], ...(nodeName === undefined ? {} : { nodeName }) },
  status,
});
const container = (state: object, lastState: object = {}) => ({
  name: 'main',
  ready: false,
  restartCount: 0,
  image: 'i',
  imageID: '',
  state,
  lastState,
});
const failed = { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'Job has reached the limit' };

describe('how a workload is doing', () => {
  it.each<[string, KubeObject, Pod[], object]>([
    ['waits for its queue', job([], { suspend: true }), [], { phase: 'queued', reason: null, exit_code: null }],
    ['was just created', job(), [], { phase: 'pending', reason: null }],
    [
      'finds no node',
      job(),
      [
        pod({
          phase: 'Pending',
          conditions: [
            {
              type: 'PodScheduled',
              status: 'False',
              reason: 'Unschedulable',
              message: '0/9 nodes: 9 Insufficient nvidia.com/gpu.',
            },
          ],
        }),
      ],
      { phase: 'pending', reason: 'Unschedulable', message: '0/9 nodes: 9 Insufficient nvidia.com/gpu.' },
    ],
    [
      'cannot pull its image',
      job(),
      [
        pod({
          phase: 'Pending',
          containerStatuses: [container({ waiting: { reason: 'ImagePullBackOff', message: 'a\nb' } })],
        }),
      ],
      { phase: 'pending', reason: 'ImagePullBackOff', message: 'a' },
    ],
    [
      'runs',
      job(),
      [
        pod({ phase: 'Running', containerStatuses: [container({ running: {} })] }, 'n1'),
        pod({ phase: 'Running' }, 'n0'),
      ],
      { phase: 'running', reason: null, nodes: ['n0', 'n1'] },
    ],
    [
      'runs again after it was out of memory',
      job(),
      [
        pod({
          phase: 'Running',
          containerStatuses: [container({ running: {} }, { terminated: { exitCode: 137, reason: 'OOMKilled' } })],
        }),
      ],
      { phase: 'running', reason: 'OOMKilled', exit_code: 137 },
    ],
    [
      'starts and dies for a reason that only the run before knows',
      job(),
      [
        pod({
          phase: 'Running',
          containerStatuses: [
            container(
              { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m' } },
              { terminated: { exitCode: 1, reason: 'Error', message: 'ValueError: no such model' } },
            ),
          ],
        }),
      ],
      { phase: 'running', reason: 'CrashLoopBackOff', message: 'ValueError: no such model', exit_code: 1 },
    ],
    [
      'failed',
      job([failed]),
      [
        pod({
          phase: 'Failed',
          containerStatuses: [container({ terminated: { exitCode: 137, reason: 'OOMKilled' } })],
        }),
      ],
      { phase: 'failed', reason: 'OOMKilled', exit_code: 137 },
    ],
    [
      'ran out of time',
      job([{ ...failed, reason: 'DeadlineExceeded' }]),
      [],
      { phase: 'failed', reason: 'DeadlineExceeded' },
    ],
    [
      'was evicted',
      job([failed]),
      [pod({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' })],
      { phase: 'failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
    ],
    [
      'succeeded, though a node failed once',
      job([{ type: 'Complete', status: 'True' }]),
      [
        pod({ phase: 'Failed', containerStatuses: [container({ terminated: { exitCode: 1, reason: 'Error' } })] }),
        pod({ phase: 'Succeeded', containerStatuses: [container({ terminated: { exitCode: 0 } })] }),
      ],
      { phase: 'succeeded', reason: null, message: null },
    ],
    ['of a JobSet', job([{ type: 'Completed', status: 'True' }]), [], { phase: 'succeeded' }],
    ['whose condition does not hold', job([{ type: 'Complete', status: 'False' }]), [], { phase: 'pending' }],
  ])('one that %s', (_, object, pods, state) => {
    expect(workloadState(object, pods)).toMatchObject(state);
  });

  it.each([
    ['ImagePullBackOff', true],
    ['CrashLoopBackOff', true],
    ['ContainerCannotRun', true],
    ['OOMKilled', false],
    ['Unschedulable', false],
    [null, false],
  ])('no waiting cures %s: %s', (reason, stuck) => {
    expect(isStuck({ phase: 'pending', reason, message: null, exit_code: null, nodes: [] })).toBe(stuck);
  });
});
