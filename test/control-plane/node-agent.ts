// A node of a cluster without a container runtime: says that it is ready, runs the containers of the pods that the scheduler gives it,
// and reports how they end. For a check only.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container, ContainerStatus, Pod, Secret } from 'kubernetes-types/core/v1.js';
import { podVolumes, startContainer, type RunningContainer } from './containers.ts';
import { startExecServer } from './exec-server.ts';

/** One request to the API server; null where it answers 404. */
export type Ask = (method: string, path: string, body?: unknown, type?: string) => Promise<unknown>;

export interface NodeShape {
  readonly name: string;
  readonly gpus: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Folder for volumes. */
  readonly folder: string;
  readonly keys: { readonly key: string; readonly cert: string };
}

interface Task {
  pod: Pod;
  readonly folder: string;
  readonly containers: Map<string, RunningContainer>;
  /** Exit codes of containers that ended and were not begun again. */
  readonly ended: Map<string, number>;
  /** Times that a container was begun again, and how it ended before. */
  readonly again: Map<string, { readonly count: number; readonly code: number }>;
  readonly logs: Map<string, string>;
  stopping: boolean;
}

const MERGE = 'application/merge-patch+json';
const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

const nodeStatus = (gpus: number, port: number) => {
  const amounts = { cpu: '16', memory: '64Gi', pods: '110', 'ephemeral-storage': '100Gi', 'nvidia.com/gpu': `${gpus}` };
  return {
    capacity: amounts,
    allocatable: amounts,
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    conditions: [{ type: 'Ready', status: 'True', reason: 'AgentReady', message: '', lastHeartbeatTime: now(), lastTransitionTime: now() }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  };
}; // prettier-ignore

const pathOf = ({ metadata }: Pod): string => `/api/v1/namespaces/${metadata?.namespace}/pods/${metadata?.name}`;

const keyOf = (namespace: string, pod: string): string => `${namespace}/${pod}`;

const terminated = (exitCode: number) => {
  const reason = exitCode === 0 ? 'Completed' : exitCode === 137 ? 'OOMKilled' : 'Error';
  return { terminated: { exitCode, reason, finishedAt: now() } };
};

const stateOf = (container: Container, { ended, containers, again }: Task): ContainerStatus => {
  const code = ended.get(container.name);
  const running = code === undefined && containers.has(container.name);
  const before = again.get(container.name);
  return {
    name: container.name,
    image: container.image ?? '',
    imageID: '',
    ready: running,
    restartCount: before?.count ?? 0,
    ...(before === undefined ? {} : { lastState: terminated(before.code) }),
    state: code === undefined ? { running: { startedAt: now() } } : terminated(code),
  } as ContainerStatus;
}; // prettier-ignore

const phaseOf = (containers: readonly Container[], { ended }: Task): string => {
  if (containers.some(({ name }) => !ended.has(name))) return 'Running';
  return [...ended.values()].every((code) => code === 0) ? 'Succeeded' : 'Failed';
};

export interface NodeAgent {
  /** Names of pods whose processes still run. */
  readonly running: () => string[];
  readonly stop: () => Promise<void>;
}

/** How long a container of `restartPolicy: Always` waits before it is begun again. */
const RESTART_MS = 1000;

/** Joins the cluster as a node. */
export const startNode = async (ask: Ask, shape: NodeShape): Promise<NodeAgent> => {
  const tasks = new Map<string, Task>();
  const stopped = new AbortController();
  const server = await startExecServer(
    shape.keys,
    (namespace, pod, container) => tasks.get(keyOf(namespace, pod))?.containers.get(container),
    (namespace, pod, container) => tasks.get(keyOf(namespace, pod))?.logs.get(container) ?? '',
  );

  const lease = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases`;
  const beat = async (): Promise<void> => {
    const spec = { holderIdentity: shape.name, leaseDurationSeconds: 40, renewTime: new Date().toISOString().replace('Z', '000Z') };
    const renewed = await ask('PATCH', `${lease}/${shape.name}`, { spec }, MERGE);
    if (renewed === null) await ask('POST', lease, { metadata: { name: shape.name, namespace: 'kube-node-lease' }, spec });
    await ask('PATCH', `/api/v1/nodes/${shape.name}/status`, { status: nodeStatus(shape.gpus, server.port) }, MERGE);
  }; // prettier-ignore

  const variablesOf = async (container: Container, { metadata }: Pod): Promise<Record<string, string>> => {
    const env: Record<string, string> = {};
    for (const { name, value, valueFrom } of container.env ?? []) {
      const from = valueFrom?.secretKeyRef;
      const secret = from === undefined ? null : ((await ask('GET', `/api/v1/namespaces/${metadata?.namespace}/secrets/${from.name}`)) as Secret | null);
      const encoded = secret?.data?.[from?.key ?? ''];
      env[name] = encoded === undefined ? (value ?? '') : Buffer.from(encoded, 'base64').toString('utf8');
    }
    return env;
  }; // prettier-ignore

  const report = async (task: Task): Promise<void> => {
    const containers = task.pod.spec?.containers ?? [];
    const phase = phaseOf(containers, task);
    const ready = phase === 'Running' ? 'True' : 'False';
    const status = {
      phase,
      podIP: '127.0.0.1',
      hostIP: '127.0.0.1',
      startTime: now(),
      conditions: ['Initialized', 'Ready', 'ContainersReady'].map((type) => ({ type, status: ready, lastTransitionTime: now() })),
      containerStatuses: containers.map((container) => stateOf(container, task)),
    };
    await ask('PATCH', `${pathOf(task.pod)}/status`, { status }, MERGE);
  }; // prettier-ignore

  const begin = async (pod: Pod): Promise<void> => {
    const { name = '', namespace = '' } = pod.metadata ?? {};
    const folder = join(shape.folder, pod.metadata?.uid ?? name);
    mkdirSync(folder, { recursive: true });
    const task: Task = { pod, folder, containers: new Map(), ended: new Map(), again: new Map(), logs: new Map(), stopping: false };
    tasks.set(keyOf(namespace, name), task);
    const volumes = podVolumes(pod, folder);
    for (const container of pod.spec?.containers ?? []) await run(task, container, volumes);
    await report(task);
  }; // prettier-ignore

  const run = async (task: Task, container: Container, volumes: ReadonlyMap<string, string>): Promise<void> => {
    const env = await variablesOf(container, task.pod);
    const onOutput = (data: Buffer): void =>
      void task.logs.set(container.name, `${task.logs.get(container.name) ?? ''}${data.toString()}`);
    const started = startContainer(container, { volumes, env, onOutput });
    task.containers.set(container.name, started);
    const ended = async (code: number): Promise<void> => {
      task.containers.delete(container.name);
      const isAgain = task.pod.spec?.restartPolicy === 'Always' && !task.stopping;
      if (!isAgain) task.ended.set(container.name, code);
      else {
        await sleep(RESTART_MS);
        task.again.set(container.name, { count: (task.again.get(container.name)?.count ?? 0) + 1, code });
        if (!task.stopping) await run(task, container, volumes);
      }
      await report(task);
    };
    started.process.on('close', (code) => void ended(code ?? 137).catch(() => undefined));
  };

  /** Ends the processes, reports it, and only then lets the pod go: its controller counts how it ended. */
  const end = async (pod: Pod, task: Task): Promise<void> => {
    task.stopping = true;
    for (const container of task.containers.values()) container.kill();
    if (task.containers.size > 0) return;
    await report(task);
    const preconditions = { uid: pod.metadata?.uid };
    await ask('DELETE', pathOf(pod), { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0, preconditions });
    tasks.delete(keyOf(pod.metadata?.namespace ?? '', pod.metadata?.name ?? ''));
    rmSync(task.folder, { recursive: true, force: true });
  };

  const round = async (): Promise<void> => {
    const path = `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${shape.name}`)}`;
    const { items } = (await ask('GET', path)) as { items: Pod[] };
    for (const pod of items) {
      const task = tasks.get(keyOf(pod.metadata?.namespace ?? '', pod.metadata?.name ?? ''));
      if (pod.metadata?.deletionTimestamp !== undefined && task !== undefined) await end(pod, task);
      else if (pod.metadata?.deletionTimestamp === undefined && task === undefined && pod.status?.phase === 'Pending') await begin(pod);
    }
  }; // prettier-ignore

  const metadata = { name: shape.name, labels: { 'kubernetes.io/hostname': shape.name, ...shape.labels } };
  await ask('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata });
  await beat();
  const loop = async (everyMs: number, work: () => Promise<void>): Promise<void> => {
    while (!stopped.signal.aborted) {
      // A server that is away is asked again in the next round.
      await work().catch(() => undefined);
      await sleep(everyMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };
  const loops = [loop(5000, beat), loop(250, round)];
  return {
    running: () => [...tasks].filter(([, { containers }]) => containers.size > 0).map(([key]) => key),
    stop: async () => {
      stopped.abort();
      await Promise.all(loops);
      for (const task of tasks.values()) {
        task.stopping = true;
        for (const container of task.containers.values()) container.kill();
      }
      server.close();
    },
  };
};
