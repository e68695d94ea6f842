// What makes an object of a cluster ours: names and a label that only this experiment has. Names that others rely on, and kinds that
// belong to the whole cluster, are refused before anything is sent.
import { createHash } from 'node:crypto';
import { Fault } from '../text/fault.ts';
import { compileGlobs } from '../text/glob-set.ts';

/** The label that all objects of an experiment carry, on the object and on its pods. */
export const EXPERIMENT_LABEL = 'experiment';
/** The label by which the pods of one workload are found. */
export const WORKLOAD_LABEL = 'profile-and-optimize/workload';

/** The label that the workloads of one call share. */
export const GROUP_LABEL = 'profile-and-optimize/group';

/** An object as it is sent to the API server or comes from it, as far as it is looked at here. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly uid?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  };
  readonly spec?: unknown;
  readonly status?: unknown;
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');

/** A name that DNS allows; where letters were changed or cut off, a hash of the whole keeps it apart from others. */
const dnsName = (text: string, longest: number): string => {
  const name = plain(text);
  if (name === text && name.length <= longest) return name;
  return `${name.slice(0, longest - 9).replaceAll(/-+$/g, '')}-${hashOf(text)}`.replaceAll(/^-+/g, '');
};

/** A value for a label of ours: at most 63 characters. */
const labelValue = (text: string): string => dnsName(text, 63);

/** Value of the experiment label: at most 63 characters, of the experiment id (Kubernetes "Labels and Selectors"). */
export const experimentLabel = (experiment: string): string => labelValue(experiment);

/** Longest name of a workload: a Job's pods add a dash and five characters, those of a JobSet two names and two indices, within 63. */
const LONGEST_NAME = 40;

/** Name of a workload, unique to experiment and part (`cell-a-run-2`). */
export const workloadName = (experiment: string, part: string): string =>
  dnsName(`${experiment}-${part}`, LONGEST_NAME);

/** Names and labels that nothing of ours may use; globs. */
export interface Protected {
  readonly names: readonly string[];
  readonly namespaces: readonly string[];
  /** Label keys: an object that carries one is not ours, whatever its value. */
  readonly labels: readonly string[];
}

/** Kinds that live in a namespace and that a cell may need. Everything else belongs to the cluster, or to nobody's cell. */
const KINDS: ReadonlySet<string> = new Set([
  'v1/Pod',
  'v1/Service',
  'v1/ConfigMap',
  'v1/Secret',
  'v1/PersistentVolumeClaim',
  'batch/v1/Job',
  'apps/v1/Deployment',
  'apps/v1/StatefulSet',
  'jobset.x-k8s.io/v1alpha2/JobSet',
  'leaderworkerset.x-k8s.io/v1/LeaderWorkerSet',
]);

const matches = (globs: readonly string[], text: string): boolean => compileGlobs(globs)(text).matched.length > 0;

const refused = (
  code: 'cluster_kind_refused' | 'protected_name' | 'protected_namespace' | 'not_of_experiment',
  message: string,
  fix: string,
): Fault => new Fault('refused', code, message, { fix });

/** Throws `protected_name` or `protected_namespace` where a standing object may not even be used. */
export const requireUsable = (kind: string, name: string, namespace: string, guard: Protected): void => {
  if (matches(guard.namespaces, namespace))
    throw refused('protected_namespace', `namespace ${namespace} is protected`, 'run in a namespace of your own');
  if (matches(guard.names, name))
    throw refused(
      'protected_name',
      `${kind} ${name} has a name that configs/protected-names.yaml protects`,
      'use one of your own',
    );
};

/**
 * Throws where an object could touch what others rely on: `cluster_kind_refused` (a PersistentVolume, a Namespace, a kind unknown here),
 * `protected_name`, `protected_namespace`, or `not_of_experiment` (its name or its label is not that of the experiment).
 */
export const requireOwn = (object: KubeObject, experiment: string, guard: Protected): void => {
  const { apiVersion, kind, metadata } = object;
  const what = `${kind} ${metadata.name}`;
  if (!KINDS.has(`${apiVersion}/${kind}`))
    throw refused(
      'cluster_kind_refused',
      `${apiVersion} ${what} is no kind that a cell may create`,
      `use one of ${[...KINDS].map((each) => each.slice(each.lastIndexOf('/') + 1)).join(', ')}`,
    );
  if (matches(guard.namespaces, metadata.namespace ?? 'default'))
    throw refused(
      'protected_namespace',
      `namespace ${metadata.namespace ?? 'default'} is protected`,
      'run in a namespace of your own',
    );
  const label = experimentLabel(experiment);
  const isProtected =
    matches(guard.names, metadata.name) || guard.labels.some((key) => metadata.labels?.[key] !== undefined);
  if (isProtected)
    throw refused(
      'protected_name',
      `${what} has a name or label that configs/protected-names.yaml protects`,
      'name the experiment otherwise',
    );
  if (metadata.labels?.[EXPERIMENT_LABEL] !== label)
    throw refused(
      'not_of_experiment',
      `${what} does not carry ${EXPERIMENT_LABEL}=${label}`,
      'render it anew for this experiment',
    );
};
