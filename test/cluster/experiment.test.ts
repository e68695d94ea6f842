import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  experimentLabel,
  requireOwn,
  workloadName,
  type KubeObject,
  type Protected,
} from '../../src/cluster/experiment.ts';
import { protectedNames } from '../../src/cluster/protected-names.ts';

const GUARD: Protected = { names: ['*-inference*', 'standing-*'], namespaces: ['kube-*'], labels: ['migration'] };
const LABELS = { experiment: 'exp-a' };
const job = (metadata: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'exp-a-c1', namespace: 'bench', labels: LABELS, ...metadata },
});

describe('names of an experiment', () => {
  it('are what DNS and labels allow, and apart for whatever is apart', () => {
    const id = fc.string({ minLength: 1, maxLength: 90 });
    fc.assert(
      fc.property(id, id, (experiment, part) => {
        expect(experimentLabel(experiment)).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
        expect(workloadName(experiment, part)).toMatch(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/);
      }),
    );
    expect(experimentLabel('exp-a')).toBe('exp-a');
    expect(new Set(['Exp A', 'exp a', 'exp_a', 'exp-a'].map(experimentLabel)).size).toBe(4);
    const long = 'b200-nvfp4-tp8-ep-mbt4096-with-mtp-and-more';
    expect(workloadName('exp', `${long}-run-1`)).not.toBe(workloadName('exp', `${long}-run-2`));
  });
});

describe('an object that is sent to a cluster', () => {
  it('may be one of the experiment in a namespace of its own', () => {
    expect(() => requireOwn(job(), 'exp-a', GUARD)).not.toThrow();
  });

  it.each<[string, KubeObject, string]>([
    ['a volume of the cluster', { ...job(), apiVersion: 'v1', kind: 'PersistentVolume' }, 'cluster_kind_refused'],
    ['a namespace', { ...job(), apiVersion: 'v1', kind: 'Namespace' }, 'cluster_kind_refused'],
    [
      'a priority class',
      { ...job(), apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' },
      'cluster_kind_refused',
    ],
    [
      'a role of the cluster',
      { ...job(), apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' },
      'cluster_kind_refused',
    ],
    [
      'a definition of kinds',
      { ...job(), apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
      'cluster_kind_refused',
    ],
    ['a class of storage', { ...job(), apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }, 'cluster_kind_refused'],
    ['a Job of another group', { ...job(), apiVersion: 'batch.example.org/v1' }, 'cluster_kind_refused'],
    ['a standing service', job({ name: 'glm-inference-svc' }), 'protected_name'],
    ['a standing name in other letters', job({ name: 'Standing-Engine' }), 'protected_name'],
    ['what is marked as a migration', job({ labels: { ...LABELS, migration: '' } }), 'protected_name'],
    ['the namespace of the cluster', job({ namespace: 'kube-system' }), 'protected_namespace'],
    ['no label', job({ labels: {} }), 'not_of_experiment'],
    ['the label of another', job({ labels: { experiment: 'exp-b' } }), 'not_of_experiment'],
  ])('is refused: %s', (_, object, code) => {
    expect(() => requireOwn(object, 'exp-a', GUARD)).toThrow(expect.objectContaining({ code }));
  });

  it('is held against the names that the product protects', async () => {
    const guard = await protectedNames('/nowhere', '.');
    for (const name of ['kimi-k26-inference', 'model-cache-0', 'platform-gateway', 'standing-engine', 'db-migration-7'])
      expect(() => requireOwn(job({ name }), 'exp-a', guard)).toThrow(
        expect.objectContaining({ code: 'protected_name' }),
      );
    expect(() => requireOwn(job({ namespace: 'gpu-operator-system' }), 'exp-a', guard)).toThrow();
    expect(() => requireOwn(job(), 'exp-a', guard)).not.toThrow();
  });
});
