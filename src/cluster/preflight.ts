// What must hold in a cluster before a command is started there: permissions, the pod, secrets by their names, free GPUs, quota, queue.
// Only reads; a value of a secret is never asked for in a form that is kept or shown.
import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import type { KubeTarget } from '../drivers/kubectl.ts';
import type { RunResult, Runner } from '../exec/run-process.ts';
import { outputTail } from '../exec/tool-fault.ts';
import { check, type Check } from './check.ts';
import { probeWords } from './pod-scripts.ts';
import { askPod } from './pod-run.ts';
import { podTroubleText } from './workload-state.ts';
import type { Workload } from './workload.ts';

interface Cluster {
  readonly run: Runner;
  readonly namespace: string;
  readonly context?: string | undefined;
}

/** A cluster that does not answer is said within seconds, once for each question. */
const ANSWER_S = 10;

const ask = ({ run, namespace, context }: Cluster, words: readonly string[], stdin?: string): Promise<RunResult> =>
  run(
    [
      'kubectl',
      ...(context === undefined ? [] : [`--context=${context}`]),
      `--namespace=${namespace}`,
      `--request-timeout=${ANSWER_S}s`,
      ...words,
    ],
    stdin === undefined ? {} : { stdin },
  );

const FORBIDDEN = /\(Forbidden\)|is forbidden/;
const NOT_FOUND = /\(NotFound\)/;
const NO_KIND = /doesn't have a resource type|could not find the requested resource/;
const NOT_THERE = /\(NotFound\)|could not find the requested resource/;

const lastLine = (result: RunResult): string => outputTail(result, [], 1);

/** What a question that failed says of its subject. */
const failedCheck = (name: string, result: RunResult): Check =>
  FORBIDDEN.test(result.stderr)
    ? check(name, 'unknown', 'may not be read by this user')
    : check(name, 'bad', lastLine(result));

interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
}

const rightText = ({ verb, resource, subresource }: Right): string =>
  `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;

const GET_PODS: Right = { verb: 'get', group: '', resource: 'pods' };
const LIST_PODS: Right = { verb: 'list', group: '', resource: 'pods' };
const EXEC: Right = { verb: 'create', group: '', resource: 'pods', subresource: 'exec' };

const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

interface Review {
  readonly status?: { readonly allowed?: boolean };
}

/** Asks the cluster itself; a review is answered and not kept. */
const permissions = async (cluster: Cluster, rights: readonly Right[]): Promise<Check> => {
  const refused: string[] = [];
  for (const right of rights) {
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { namespace: cluster.namespace, ...right } },
    };
    const result = await ask(cluster, ['create', '--raw', REVIEWS, '--filename=-'], JSON.stringify(review));
    if (result.code !== 0) return check('permissions', 'bad', lastLine(result));
    const { status } = JSON.parse(result.stdout) as Review; // checked boundary: the server's own JSON of a review
    if (status?.allowed !== true) refused.push(rightText(right));
  }
  return refused.length === 0
    ? check('permissions', 'ok', rights.map(rightText).join(', '))
    : check('permissions', 'bad', `this user may not ${refused.join(', ')}`);
};

const KEYS = '{{range $key, $value := .data}}{{$key}} {{end}}';

/** Whether the secret has the key; its value stays in the cluster's answer to kubectl. */
const secretKey = async (cluster: Cluster, variable: string, secret: string, key: string): Promise<Check> => {
  const name = `secret ${secret}`;
  const result = await ask(cluster, ['get', 'secret', secret, `--output=go-template=${KEYS}`]);
  if (NOT_FOUND.test(result.stderr)) return check(name, 'bad', `is not there, for ${variable}`);
  if (result.code !== 0) return failedCheck(name, result);
  return result.stdout.trim().split(' ').includes(key)
    ? check(name, 'ok', `has key ${key} for ${variable}`)
    : check(name, 'bad', `has no key ${key} for ${variable}`);
};

const TOKEN = 'HF_TOKEN';
const noToken = check('variables', 'unknown', 'no HF_TOKEN there, so that gated models and tokenizers cannot be had');

const tokenOf = async (cluster: Cluster, { env = [], envFrom = [] }: Container): Promise<Check> => {
  const found = env.find(({ name }) => name === TOKEN);
  const reference = found?.valueFrom?.secretKeyRef;
  if (reference?.name !== undefined) return secretKey(cluster, TOKEN, reference.name, reference.key);
  if (found !== undefined) return check('variables', 'ok', 'HF_TOKEN stands in the pod');
  return envFrom.length > 0 ? check('variables', 'unknown', 'HF_TOKEN may come from envFrom of the pod') : noToken;
};

const containerNamed = (pod: Pod, name: string | undefined): Container | undefined =>
  pod.spec?.containers.find((each) => name === undefined || each.name === name);

const podCheck = (pod: Pod, container: string | undefined): Check => {
  const { status, metadata } = pod;
  const name = `pod ${metadata?.name ?? ''}`;
  if (containerNamed(pod, container) === undefined) return check(name, 'bad', `has no container ${container ?? ''}`);
  const trouble = podTroubleText(pod);
  if (status?.phase !== 'Running' || metadata?.deletionTimestamp !== undefined)
    return check(name, 'bad', `is ${metadata?.deletionTimestamp === undefined ? (status?.phase ?? 'of no phase') : 'being deleted'}${trouble === null ? '' : `: ${trouble}`}`);
  return check(name, 'ok', `runs on ${pod.spec?.nodeName ?? 'a node'}${trouble === null ? '' : `; before: ${trouble}`}`);
}; // prettier-ignore

/** Before a command runs in a pod that stands. */
export const podPreflight = async (run: Runner, target: KubeTarget & { readonly namespace: string }): Promise<Check[]> => {
  const cluster = { run, namespace: target.namespace, context: target.context };
  const rights = await permissions(cluster, [GET_PODS, EXEC]);
  if (rights.state === 'bad') return [rights];
  const result = await ask(cluster, ['get', 'pods', target.pod, '--output=json']);
  if (result.code !== 0) return [rights, failedCheck(`pod ${target.pod}`, result)];
  const pod = JSON.parse(result.stdout) as Pod; // checked boundary: kubectl's own JSON of a pod
  const container = containerNamed(pod, target.container);
  return [rights, podCheck(pod, target.container), ...(container === undefined ? [] : [await tokenOf(cluster, container)])];
}; // prettier-ignore

const KINDS = {
  Job: { group: 'batch', version: 'v1', resource: 'jobs' },
  JobSet: { group: 'jobset.x-k8s.io', version: 'v1alpha2', resource: 'jobsets' },
  LeaderWorkerSet: { group: 'leaderworkerset.x-k8s.io', version: 'v1', resource: 'leaderworkersets' },
} as const;

const rightsFor = (kind: Workload['kind']): Right[] => {
  const { group, resource } = KINDS[kind];
  return [...['create', 'get', 'list', 'delete'].map((verb) => ({ verb, group, resource })), LIST_PODS, EXEC];
};

/** Whether the cluster has the kind; JobSet and LeaderWorkerSet are installed there or not. */
const kindCheck = async (cluster: Cluster, kind: Workload['kind']): Promise<Check> => {
  const { group, version } = KINDS[kind];
  const result = await ask(cluster, ['get', '--raw', `/apis/${group}/${version}`]);
  if (result.code === 0) return check(`kind ${kind}`, 'ok', `${group}/${version}`);
  return check(`kind ${kind}`, 'bad', NOT_THERE.test(result.stderr) ? 'is not installed there' : lastLine(result));
};

type Absent<Given> = { readonly [Key in keyof Given]?: Given[Key] | undefined };
type Needs = Pick<Workload, 'kind'> &
  Absent<Pick<Workload, 'nodes' | 'gpus_per_node' | 'gpu_resource' | 'node_selector' | 'queue' | 'secrets' | 'env'>>;

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec?: { readonly unschedulable?: boolean };
    readonly status?: { readonly allocatable?: Readonly<Record<string, string>> };
  }[];
}

const sumOf = (text: string): number => text.split(' ').reduce((sum, word) => sum + (Number(word) || 0), 0);

/** GPUs that pods on each node have asked for. */
const usedByNode = (table: string): ReadonlyMap<string, number> => {
  const used = new Map<string, number>();
  for (const line of table.split('\n')) {
    const [node = '', counts = ''] = line.split('\t');
    used.set(node, (used.get(node) ?? 0) + sumOf(counts));
  }
  return used;
};

/** Nodes with enough free GPUs. That none is free now only means waiting; that none could ever be is bad. */
const freeGpus = async (cluster: Cluster, needs: Needs): Promise<Check> => {
  const { gpus_per_node: gpus = 0, gpu_resource: resource = 'nvidia.com/gpu', nodes = 1, queue } = needs;
  const selector = Object.entries(needs.node_selector ?? {}).map(([key, value]) => `${key}=${value}`);
  const name = `${nodes} x ${gpus} ${resource}`;
  const listed = await ask(cluster, ['get', 'nodes', ...(selector.length === 0 ? [] : [`--selector=${selector.join(',')}`]), '--output=json']);
  if (listed.code !== 0) return failedCheck(name, listed);
  const all = (JSON.parse(listed.stdout) as NodeList).items; // checked boundary: kubectl's own JSON of nodes
  const able = all.filter(({ spec, status }) => spec?.unschedulable !== true && Number(status?.allocatable?.[resource] ?? 0) >= gpus);
  if (able.length < nodes) return check(name, 'bad', `${able.length} nodes${selector.length === 0 ? '' : ` of ${selector.join(',')}`} have that many`);
  const column = `{.spec.containers[*].resources.requests.${resource.replaceAll('.', '\\.')}}`;
  const asked = await ask(cluster, [
    'get', 'pods', '--all-namespaces', '--field-selector=status.phase!=Succeeded,status.phase!=Failed',
    `--output=jsonpath={range .items[*]}{.spec.nodeName}{"\\t"}${column}{"\\n"}{end}`,
  ]);
  if (asked.code !== 0) return { ...failedCheck(name, asked), state: 'unknown' };
  const used = usedByNode(asked.stdout);
  const free = able.filter(({ metadata, status }) => Number(status?.allocatable?.[resource] ?? 0) - (used.get(metadata.name) ?? 0) >= gpus);
  const wait = free.length >= nodes ? '' : `; waits ${queue === undefined ? 'until enough are' : `in queue ${queue}`}`;
  return check(name, 'ok', `${free.length} of ${able.length} such nodes are free${wait}`);
}; // prettier-ignore

interface QuotaList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status?: {
      readonly hard?: Readonly<Record<string, string>>;
      readonly used?: Readonly<Record<string, string>>;
    };
  }[];
}

/** Quotas of the namespace that limit the GPUs; pods beyond one are never made. */
const quota = async (cluster: Cluster, needs: Needs): Promise<Check> => {
  const { gpus_per_node: gpus = 0, gpu_resource: resource = 'nvidia.com/gpu', nodes = 1 } = needs;
  const result = await ask(cluster, ['get', 'resourcequotas', '--output=json']);
  if (result.code !== 0) return failedCheck('quota', result);
  const key = `requests.${resource}`;
  const lefts = (JSON.parse(result.stdout) as QuotaList).items.flatMap(({ metadata, status }) => {
    const hard = status?.hard?.[key];
    return hard === undefined ? [] : [{ name: metadata.name, left: Number(hard) - Number(status?.used?.[key] ?? 0) }];
  }); // checked boundary: kubectl's own JSON of quotas
  const short = lefts.find(({ left }) => left < gpus * nodes);
  if (short !== undefined) return check('quota', 'bad', `${short.name} leaves ${short.left} of the ${gpus * nodes} ${resource}`);
  return check('quota', 'ok', lefts.length === 0 ? 'no quota of the namespace limits the GPUs' : lefts.map(({ name, left }) => `${name} leaves ${left}`).join(', '));
}; // prettier-ignore

interface LocalQueue {
  readonly status?: {
    readonly pendingWorkloads?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

const queueCheck = async (cluster: Cluster, queue: string): Promise<Check> => {
  const name = `queue ${queue}`;
  const result = await ask(cluster, ['get', 'localqueues.kueue.x-k8s.io', queue, '--output=json']);
  if (NO_KIND.test(result.stderr)) return check(name, 'bad', 'the cluster has no Kueue: the workload would never be begun');
  if (result.code !== 0) return failedCheck(name, result);
  const { status } = JSON.parse(result.stdout) as LocalQueue; // checked boundary: kubectl's own JSON of a queue
  const active = status?.conditions?.find(({ type }) => type === 'Active');
  if (active?.status === 'False') return check(name, 'bad', `is not active: ${active.message ?? ''}`);
  return check(name, 'ok', `${status?.pendingWorkloads ?? 0} workloads wait in it`);
}; // prettier-ignore

/** Before a workload is created. */
export const workloadPreflight = async (run: Runner, target: { readonly namespace: string; readonly context?: string | undefined }, needs: Needs): Promise<Check[]> => {
  const cluster = { run, ...target };
  const rights = await permissions(cluster, rightsFor(needs.kind));
  if (rights.state === 'bad') return [rights];
  const kind = await kindCheck(cluster, needs.kind);
  if (kind.state === 'bad') return [rights, kind];
  const secrets: Check[] = [];
  for (const { variable, secret, key } of needs.secrets ?? []) secrets.push(await secretKey(cluster, variable, secret, key));
  const hasToken = needs.env?.[TOKEN] !== undefined || (needs.secrets ?? []).some(({ variable }) => variable === TOKEN);
  return [
    rights,
    kind,
    ...secrets,
    ...(hasToken ? [] : [noToken]),
    ...((needs.gpus_per_node ?? 0) === 0 ? [] : [await freeGpus(cluster, needs), await quota(cluster, needs)]),
    ...(needs.queue === undefined ? [] : [await queueCheck(cluster, needs.queue)]),
  ];
}; // prettier-ignore

/** What a URL answers when it is asked from inside of the pod. */
export const probeFromPod = async (
  run: Runner,
  target: KubeTarget,
  url: string,
): Promise<{ readonly state: 'answers' | 'silent' | 'unknown'; readonly body: string }> => {
  const [state, body = ''] = await askPod({ run, target }, probeWords(url));
  const text = Buffer.from(body, 'base64').toString('utf8');
  return { state: state === 'answers' || state === 'silent' ? state : 'unknown', body: text };
};
