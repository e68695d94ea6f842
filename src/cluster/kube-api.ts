// What is asked of a cluster, by the real kubectl: create, get, list, delete one object by its uid, logs. Nothing that exists is ever
// changed; an object is deleted only when it still is the one that was created.
import type { Pod } from 'kubernetes-types/core/v1.js';
import { kubectlFault } from '../drivers/kubectl.ts';
import type { RunResult, Runner } from '../exec/run-process.ts';
import { outputTail } from '../exec/tool-fault.ts';
import { Fault, inputFault } from '../text/fault.ts';
import { EXPERIMENT_LABEL, GROUP_LABEL, WORKLOAD_LABEL, experimentLabel, type KubeObject } from './experiment.ts';

export interface ClusterTarget {
  readonly namespace: string;
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
}

const flags = ({ context, kubeconfig, namespace }: ClusterTarget): string[] => [
  ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
  ...(context === undefined ? [] : [`--context=${context}`]),
  `--namespace=${namespace}`,
];

/** `jobs`, `jobsets.jobset.x-k8s.io`: what kubectl calls a kind without asking the server which group is meant. */
const RESOURCES: Readonly<Record<string, { readonly name: string; readonly path: string }>> = {
  Pod: { name: 'pods', path: '/api/v1' },
  Service: { name: 'services', path: '/api/v1' },
  ConfigMap: { name: 'configmaps', path: '/api/v1' },
  Job: { name: 'jobs.batch', path: '/apis/batch/v1' },
  JobSet: { name: 'jobsets.jobset.x-k8s.io', path: '/apis/jobset.x-k8s.io/v1alpha2' },
  LeaderWorkerSet: { name: 'leaderworkersets.leaderworkerset.x-k8s.io', path: '/apis/leaderworkerset.x-k8s.io/v1' },
};

const resourceOf = (kind: string): { name: string; path: string } => {
  const found = RESOURCES[kind];
  if (found !== undefined) return found;
  throw inputFault('workload_kind_unknown', `${kind} is no kind of a workload`, {
    fix: `use one of ${Object.keys(RESOURCES).join(', ')}`,
  });
};

/** An object by what identifies it for ever. */
export interface ObjectKey {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

const NOT_FOUND = /\(NotFound\)/;
const EXISTS = /\(AlreadyExists\)/;
/** The uid is another: the object was replaced since. */
const REPLACED = /UID in (?:the )?precondition/i;
const NO_KIND = /doesn't have a resource type|no matches for kind|could not find the requested resource/;

const verbOf = (argv: readonly string[]): string =>
  argv.find((word) => !word.startsWith('-') && word !== 'kubectl') ?? '';

const faultOf = (target: ClusterTarget, argv: readonly string[], result: RunResult): Fault => {
  if (result.timedOut)
    return inputFault('cluster_unreachable', `kubectl ${verbOf(argv)} did not answer within its time`, {
      fix: 'check the context and the network',
    });
  if (NO_KIND.test(result.stderr))
    return inputFault('kind_not_installed', `the cluster does not know the kind: ${outputTail(result, [], 1)}`, {
      fix: 'install JobSet or LeaderWorkerSet there, or use kind Job',
    });
  return (
    kubectlFault({ pod: '', ...target }, argv, result) ??
    new Fault('input', 'kubectl_refused', `kubectl ${verbOf(argv)}: ${outputTail(result, [], 2)}`, {
      fix: 'run the command by hand to see what the cluster says',
    })
  );
};

const parsed = <Value>(result: RunResult): Value => JSON.parse(result.stdout) as Value; // checked boundary: kubectl's own JSON of that kind

/** The object's API path with its uid as a precondition: what was replaced since is left alone. */
const deleteArgv = (target: ClusterTarget, { kind, name }: ObjectKey): string[] => {
  const { path } = resourceOf(kind);
  const plural = resourceOf(kind).name.split('.')[0] ?? '';
  return [
    'kubectl',
    ...flags(target),
    'delete',
    '--raw',
    `${path}/namespaces/${target.namespace}/${plural}/${name}`,
    '-f',
    '-',
  ];
};

/** How an object is created: it is read from stdin. */
export const createArgv = (target: ClusterTarget): string[] => [
  'kubectl',
  ...flags(target),
  'create',
  '--filename=-',
  '--output=json',
];

export interface KubeApi {
  /** Creates; null where an object of this name exists. */
  readonly create: (object: KubeObject) => Promise<KubeObject | null>;
  /** Null where there is none. */
  readonly get: (kind: string, name: string) => Promise<KubeObject | null>;
  /** The pod; null where there is none. */
  readonly pod: (name: string) => Promise<Pod | null>;
  /** Pods of a workload. */
  readonly podsOf: (workload: string) => Promise<Pod[]>;
  /** Objects of all kinds that carry the labels of experiment and group; kinds that the cluster does not have are left out. */
  readonly ofGroup: (experiment: string, group: string) => Promise<KubeObject[]>;
  /** Everything in the namespace, by kind, as far as it may be listed: what a teardown must leave as it is. */
  readonly everything: () => Promise<KubeObject[]>;
  /** Deletes with everything it owns, unless its uid is another by now; does nothing where it is gone. */
  readonly remove: (key: ObjectKey) => Promise<void>;
  /** What the main container of a pod printed; its scripts print nothing unless they cannot run. */
  readonly logs: (pod: string) => Promise<string>;
}

/** Kinds of workloads and of what they own. */
const CREATED: ReadonlySet<string> = new Set(['Job', 'Pod']);
const LISTED = ['Job', 'JobSet', 'LeaderWorkerSet', 'Pod', 'Service', 'ConfigMap'];

export const kubeApi = (run: Runner, target: ClusterTarget): KubeApi => {
  const call = async (
    words: readonly string[],
    stdin?: string,
  ): Promise<{ argv: readonly string[]; result: RunResult }> => {
    const argv = ['kubectl', ...flags(target), ...words];
    return { argv, result: await run(argv, stdin === undefined ? {} : { stdin }) };
  };
  const get = async <Kind>(kind: string, name: string): Promise<Kind | null> => {
    const { argv, result } = await call(['get', resourceOf(kind).name, name, '--output=json']);
    if (result.code === 0) return parsed<Kind>(result);
    if (NOT_FOUND.test(result.stderr)) return null;
    throw faultOf(target, argv, result);
  };
  const list = async (kind: string, selector: readonly string[]): Promise<KubeObject[]> => {
    const { argv, result } = await call(['get', resourceOf(kind).name, ...selector, '--output=json']);
    if (result.code === 0) return parsed<{ items: KubeObject[] }>(result).items;
    if (NO_KIND.test(result.stderr)) return [];
    throw faultOf(target, argv, result);
  };
  /** Of a kind that a cell creates nothing of, a refusal is none. */
  const mayList = async (kind: string, selector: readonly string[]): Promise<KubeObject[]> => {
    try {
      return await list(kind, selector);
    } catch (error) {
      if (error instanceof Fault && error.code === 'kubectl_forbidden' && !CREATED.has(kind)) return [];
      throw error;
    }
  };
  const listAll = async (selector: readonly string[]): Promise<KubeObject[]> => {
    const found: KubeObject[] = [];
    for (const kind of LISTED) found.push(...(await mayList(kind, selector)).map((each) => ({ ...each, kind })));
    return found;
  };
  return {
    create: async (object) => {
      const { argv, result } = await call(createArgv(target).slice(1 + flags(target).length), JSON.stringify(object));
      if (result.code === 0) return parsed<KubeObject>(result);
      if (EXISTS.test(result.stderr)) return null;
      throw faultOf(target, argv, result);
    },
    get: (kind, name) => get<KubeObject>(kind, name),
    pod: (name) => get<Pod>('Pod', name),
    podsOf: async (workload) => (await list('Pod', [`--selector=${WORKLOAD_LABEL}=${workload}`])) as Pod[], // checked boundary: the server's pods
    ofGroup: (experiment, group) =>
      listAll([`--selector=${EXPERIMENT_LABEL}=${experimentLabel(experiment)},${GROUP_LABEL}=${group}`]),
    everything: () => listAll([]),
    remove: async (key) => {
      const argv = deleteArgv(target, key);
      const body = {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        propagationPolicy: 'Foreground',
        preconditions: { uid: key.uid },
      };
      const result = await run(argv, { stdin: JSON.stringify(body) });
      if (result.code === 0 || NOT_FOUND.test(result.stderr) || REPLACED.test(result.stderr)) return;
      throw faultOf(target, argv, result);
    },
    logs: async (pod) => {
      const { argv, result } = await call(['logs', pod, '--container=main']);
      if (result.code === 0) return result.stdout;
      throw faultOf(target, argv, result);
    },
  };
};
