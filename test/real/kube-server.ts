// A Kubernetes API server for tests that the real kubectl talks to: typed objects in memory, checked against the published schemas, and a
// node agent that runs the command of each container as a process of this machine. Faults can be injected.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Job } from 'kubernetes-models/batch/v1';
import { Pod } from 'kubernetes-models/v1';
import { serveExec } from './exec-socket.ts';

interface Meta {
  name: string;
  namespace: string;
  uid: string;
  labels?: Record<string, string>;
  ownerReferences?: { uid: string }[];
}

interface Stored {
  apiVersion: string;
  kind: string;
  metadata: Meta;
  spec: Record<string, unknown>;
  status: Record<string, unknown>;
}

interface Container {
  name: string;
  image: string;
  command?: string[];
  volumeMounts?: { name: string; mountPath: string }[];
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[];
}

interface Template {
  metadata?: { labels?: Record<string, string> };
  spec: { containers: Container[]; restartPolicy?: string };
}

const GROUPS: Readonly<Record<string, readonly (readonly [plural: string, kind: string])[]>> = {
  'api/v1': [
    ['pods', 'Pod'],
    ['services', 'Service'],
    ['configmaps', 'ConfigMap'],
    ['nodes', 'Node'],
    ['resourcequotas', 'ResourceQuota'],
    ['secrets', 'Secret'],
  ],
  'apis/batch/v1': [['jobs', 'Job']],
  'apis/jobset.x-k8s.io/v1alpha2': [['jobsets', 'JobSet']],
  'apis/kueue.x-k8s.io/v1beta1': [['localqueues', 'LocalQueue']],
};

/** Words for injected faults. */
const REASONS: Readonly<Record<number, string>> = { 403: 'Forbidden', 409: 'Conflict', 429: 'TooManyRequests' };

/** What the cluster gives, as against what runs in it. */
const FURNITURE = /^(?:Node|ResourceQuota|LocalQueue|Secret)\//;

const CHECKS: Readonly<Record<string, new (object: never) => { validate: () => void }>> = { Job, Pod };

export interface KubeServer {
  readonly kubeconfig: string;
  readonly home: string;
  /** `Job/name` of all objects, sorted. */
  readonly objects: () => string[];
  readonly logs: ReadonlyMap<string, string>;
  /** Puts an object there that somebody else made. */
  readonly seed: (
    apiVersion: string,
    kind: string,
    name: string,
    labels?: Record<string, string>,
    status?: Stored['status'],
  ) => void;
  /** Rights that are refused when they are asked about, `create pods/exec`. */
  readonly denied: Set<string>;
  /** Lets a suspended workload begin, as Kueue does. */
  readonly admit: (kind: string, name: string) => void;
  /** The next requests end with this HTTP status, or with a cut connection (0). */
  readonly failNext: (times: number, status: number) => void;
  /** The next exec streams are cut after so many bytes each. */
  readonly cutNext: (...bytes: number[]) => void;
  /** From now on every piece of an exec stream waits so long; 0 ends that. */
  readonly slow: (ms: number) => void;
  /** Programs that were started by exec so far. */
  readonly execs: () => number;
  /** Ends a container of a pod as the kernel does where memory is short. */
  readonly killContainer: (pod: string, container: string) => void;
  /** Puts a pod there that somebody else runs, with these containers. */
  readonly seedPod: (name: string, containers: readonly { name: string; env?: Container['env'] }[]) => void;
  /** Values of secrets, `name/key`. */
  readonly secrets: Map<string, string>;
  readonly close: () => Promise<void>;
}

const failure = (code: number, reason: string, message: string) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  code,
  reason,
  message,
});

const groupVersion = (base: string): string => base.replace(/^apis?\//, '');

const discovery = (path: string): unknown => {
  if (path === 'version') return { major: '1', minor: '32', gitVersion: 'v1.32.0' };
  if (path === 'api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (path === 'apis')
    return {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: Object.keys(GROUPS)
        .filter((base) => base.startsWith('apis/'))
        .map((base) => {
          const [name, version] = groupVersion(base).split('/');
          const entry = { groupVersion: groupVersion(base), version };
          return { name, versions: [entry], preferredVersion: entry };
        }),
    };
  const kinds = GROUPS[path];
  if (kinds === undefined) return openApi(path);
  return {
    kind: 'APIResourceList',
    groupVersion: groupVersion(path),
    resources: kinds.map(([name, kind]) => ({
      name,
      singularName: kind.toLowerCase(),
      namespaced: kind !== 'Node',
      kind,
      verbs: ['create', 'delete', 'get', 'list', 'watch'],
    })),
  };
};

/** kubectl asks here whether the server checks fields itself. */
const openApi = (path: string): unknown => {
  if (path === 'openapi/v3')
    return {
      paths: Object.fromEntries(
        Object.keys(GROUPS).map((base) => [base, { serverRelativeURL: `/openapi/v3/${base}` }]),
      ),
    };
  const base = path.replace('openapi/v3/', '');
  const kinds = GROUPS[base];
  if (kinds === undefined) return undefined;
  const [version = '', group = ''] = groupVersion(base).split('/').toReversed();
  const operation = (kind: string) => ({
    parameters: [{ name: 'fieldValidation', in: 'query', schema: { type: 'string' } }],
    responses: {},
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': { group, version, kind },
  });
  return {
    openapi: '3.0.0',
    info: { title: 'test', version: '1' },
    components: { schemas: {} },
    paths: Object.fromEntries(
      kinds.map(([plural, kind]) => [`/${base}/namespaces/{namespace}/${plural}/{name}`, { patch: operation(kind) }]),
    ),
  };
};

const PATH = /^(api\/v1|apis\/[^/]+\/[^/]+)\/(?:namespaces\/([^/]+)\/)?([^/]+)(?:\/([^/]+))?(?:\/(log))?$/;

const selects = ({ metadata }: Stored, selector: string | null): boolean =>
  selector === null ||
  selector.split(',').every((term) => {
    const [key = '', value] = term.split('=');
    return metadata.labels?.[key] === value;
  });

/** Where an emptyDir of a pod lies on this machine: two pods must not share one. */
const mountsOf = ({ spec, metadata }: Stored): { readonly path: string; readonly here: string }[] =>
  ((spec['containers'] ?? []) as Container[])
    .flatMap(({ volumeMounts = [] }) => volumeMounts)
    .filter(({ name }) => name === 'results')
    .map(({ mountPath }) => ({ path: mountPath, here: `${mountPath}.${metadata.uid}` }));

const placedIn =
  (pod: Stored) =>
  (word: string): string =>
    mountsOf(pod)
      .slice(0, 1)
      .reduce((text, { path, here }) => text.replaceAll(`${path}/`, `${here}/`), word);

/** A container and all that runs in it. */
const killGroup = (child: ChildProcess): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // it has ended
  }
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
};

/** Starts the server. Containers see only PATH and their own variables. */
export const startKubeServer = async ({ path = process.env['PATH'] } = {}): Promise<KubeServer> => {
  const home = mkdtempSync(join(tmpdir(), 'kube-'));
  const store = new Map<string, Stored>();
  const logs = new Map<string, string>();
  const secrets = new Map<string, string>();
  const processes = new Map<string, ChildProcess>();
  const denied = new Set<string>();
  const cuts: number[] = [];
  let pieceMs = 0;
  let execs = 0;
  let faults: { times: number; status: number } = { times: 0, status: 0 };
  const keyOf = (kind: string, name: string): string => `${kind}/${name}`;

  const owned = (uid: string): [string, Stored][] =>
    [...store].filter(([, each]) => each.metadata.ownerReferences?.some((owner) => owner.uid === uid));

  const remove = (key: string): void => {
    const object = store.get(key);
    if (object === undefined) return;
    for (const [child] of owned(object.metadata.uid)) remove(child);
    for (const [owner, child] of processes) if (owner.startsWith(object.metadata.uid)) killGroup(child);
    for (const { here } of mountsOf(object)) rmSync(here, { recursive: true, force: true });
    store.delete(key);
  };

  const finish = (workload: Stored): void => {
    const pods = owned(workload.metadata.uid).map(([, pod]) => pod);
    const phases = pods.map(({ status }) => status['phase']);
    const ended = (type: string, reason?: string) => {
      workload.status['conditions'] = [{ type, status: 'True', ...(reason === undefined ? {} : { reason }) }];
    };
    if (phases.includes('Failed')) ended('Failed', 'BackoffLimitExceeded');
    else if (phases.every((phase) => phase === 'Succeeded')) ended(workload.kind === 'Job' ? 'Complete' : 'Completed');
  };

  const statusOf = (pod: Stored): Record<string, unknown>[] =>
    pod.status['containerStatuses'] as Record<string, unknown>[];

  /** The pod's phase from its containers, then the workload's condition. */
  const settle = (workload: Stored, pod: Stored): void => {
    const ended = statusOf(pod).map(({ state }) => (state as { terminated?: { exitCode: number } }).terminated);
    if (ended.some((each) => each === undefined)) return;
    pod.status['phase'] = ended.every((each) => each?.exitCode === 0) ? 'Succeeded' : 'Failed';
    finish(workload);
  };

  const envOf = ({ env = [] }: Container): NodeJS.ProcessEnv =>
    Object.fromEntries(
      env.map(({ name, value, valueFrom }) => [
        name,
        value ?? secrets.get(`${valueFrom?.secretKeyRef.name}/${valueFrom?.secretKeyRef.key}`) ?? '',
      ]),
    );

  const runContainer = (workload: Stored, pod: Stored, container: Container, index: number): void => {
    const [program = '', ...args] = (container.command ?? []).map(placedIn(pod));
    const env = { PATH: path, HOME: home, JOB_COMPLETION_INDEX: `${index}`, ...envOf(container) };
    const child = spawn(program, args, { env, stdio: 'pipe', detached: true });
    const { uid, name } = pod.metadata;
    processes.set(`${uid}/${container.name}`, child);
    const note = (text: Buffer): void => void logs.set(name, `${logs.get(name) ?? ''}${text.toString()}`);
    child.stdout.on('data', note);
    child.stderr.on('data', note);
    child.on('error', () => undefined);
    child.on('close', (code, signal) => {
      const exitCode = code ?? (signal === 'SIGKILL' ? 137 : 143);
      const reason = exitCode === 0 ? 'Completed' : signal === 'SIGKILL' ? 'OOMKilled' : 'Error';
      const status = statusOf(pod).find((each) => each['name'] === container.name);
      if (status !== undefined) status['state'] = { terminated: { exitCode, reason } };
      settle(workload, pod);
    });
  };

  const runPod = (workload: Stored, template: Template, index: number): void => {
    const name = `${workload.metadata.name}-${randomUUID().slice(0, 5)}`;
    const { containers } = template.spec;
    const isMissing = containers.some(({ image }) => image === 'missing');
    const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image "missing"' };
    const pod: Stored = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace: workload.metadata.namespace,
        uid: randomUUID(),
        labels: { ...template.metadata?.labels, 'batch.kubernetes.io/job-completion-index': `${index}` },
        ownerReferences: [{ uid: workload.metadata.uid }],
      },
      spec: { ...template.spec, nodeName: `node-${index}` },
      status: {
        phase: isMissing ? 'Pending' : 'Running',
        containerStatuses: containers.map((each) => ({
          name: each.name,
          restartCount: 0,
          state: isMissing ? { waiting } : { running: {} },
          lastState: {},
        })),
      },
    };
    store.set(keyOf('Pod', name), pod);
    if (!isMissing) for (const container of containers) runContainer(workload, pod, container, index);
  };

  const begin = (workload: Stored): void => {
    if (workload.spec['suspend'] === true) return;
    if (workload.kind === 'Job') runPod(workload, workload.spec['template'] as Template, 0);
    if (workload.kind !== 'JobSet') return;
    const [set] = workload.spec['replicatedJobs'] as {
      template: { spec: { parallelism: number; template: Template } };
    }[];
    const spec = set?.template.spec;
    for (let index = 0; index < (spec?.parallelism ?? 0); index += 1) if (spec) runPod(workload, spec.template, index);
  };

  const create = (body: string, namespace: string, send: (code: number, value: unknown) => void): void => {
    const given = JSON.parse(body) as Stored;
    const key = keyOf(given.kind, given.metadata.name);
    if (store.has(key)) return send(409, failure(409, 'AlreadyExists', `"${given.metadata.name}" already exists`));
    const check = CHECKS[given.kind];
    try {
      if (check !== undefined) new check(given as never).validate();
    } catch (error) {
      return send(422, failure(422, 'Invalid', String(error)));
    }
    const object: Stored = { ...given, metadata: { ...given.metadata, namespace, uid: randomUUID() }, status: {} };
    store.set(key, object);
    begin(object);
    return send(201, object);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = url.pathname.slice(1);
    const send = (code: number, value: unknown): void => {
      response.writeHead(code, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value));
    };
    const body = await bodyOf(request);
    const known = discovery(path);
    if (known !== undefined) return send(200, known);
    if (faults.times > 0) {
      faults = { ...faults, times: faults.times - 1 };
      if (faults.status === 0) return void request.socket.destroy();
      return send(faults.status, failure(faults.status, REASONS[faults.status] ?? 'InternalError', 'injected'));
    }
    if (path === 'apis/authorization.k8s.io/v1/selfsubjectaccessreviews') {
      const { spec } = JSON.parse(body) as { spec: { resourceAttributes: Record<string, string> } };
      const { verb = '', resource = '', subresource } = spec.resourceAttributes;
      const allowed = !denied.has(`${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`);
      return send(201, { ...(JSON.parse(body) as object), status: { allowed } });
    }
    const [, base = '', namespace = 'default', plural = '', name, part] = PATH.exec(path) ?? [];
    const kind = GROUPS[base]?.find(([each]) => each === plural)?.[1];
    if (kind === undefined)
      return send(404, failure(404, 'NotFound', 'the server could not find the requested resource'));
    if (request.method === 'POST') return create(body, namespace, send);
    if (name === undefined) {
      const items = [...store.values()].filter(
        (each) => each.kind === kind && selects(each, url.searchParams.get('labelSelector')),
      );
      return send(200, {
        kind: `${kind}List`,
        apiVersion: groupVersion(base),
        metadata: { resourceVersion: '1' },
        items,
      });
    }
    const values = [...secrets].filter(([key]) => kind === 'Secret' && key.startsWith(`${name}/`));
    if (values.length > 0) {
      const data = values.map(([key, value]) => [key.slice(name.length + 1), Buffer.from(value).toString('base64')]);
      return send(200, { apiVersion: 'v1', kind, metadata: { name, namespace }, data: Object.fromEntries(data) });
    }
    const object = store.get(keyOf(kind, name));
    if (object === undefined) return send(404, failure(404, 'NotFound', `${plural} "${name}" not found`));
    if (part === 'log') {
      response.writeHead(200, { 'content-type': 'text/plain' });
      return void response.end(logs.get(name) ?? '');
    }
    if (request.method !== 'DELETE') return send(200, object);
    const { preconditions } = (body === '' ? {} : JSON.parse(body)) as { preconditions?: { uid: string } };
    if (preconditions !== undefined && preconditions.uid !== object.metadata.uid)
      return send(409, failure(409, 'Conflict', 'the UID in the precondition does not match'));
    remove(keyOf(kind, name));
    return send(200, object);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  serveExec(server, (namespace, name, container) => {
    if (faults.times > 0) {
      faults = { ...faults, times: faults.times - 1 };
      return faults.status === 403 ? 'forbidden' : 'cut';
    }
    const pod = store.get(keyOf('Pod', name));
    if (pod === undefined || pod.metadata.namespace !== namespace) return 'no pod';
    const found = (pod.spec['containers'] as Container[]).find((each) => each.name === container);
    if (found === undefined) return 'no container';
    const cutAfter = cuts.shift() ?? Infinity;
    return {
      env: { PATH: path, HOME: home, ...envOf(found) },
      cutAfter,
      pieceMs,
      placed: placedIn(pod),
      began: () => void (execs += 1),
    };
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const kubeconfig = join(home, 'config.json');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster: { server: `http://127.0.0.1:${port}` } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
      users: [{ name: 'test', user: {} }],
      'current-context': 'test',
    }),
  );
  return {
    kubeconfig,
    home,
    logs,
    secrets,
    objects: () => [...store.keys()].filter((key) => !FURNITURE.test(key)).sort(),
    denied,
    seed: (apiVersion, kind, name, labels, status = {}) => {
      const metadata = { name, namespace: 'default', uid: randomUUID(), ...(labels === undefined ? {} : { labels }) };
      store.set(keyOf(kind, name), { apiVersion, kind, metadata, spec: {}, status });
    },
    admit: (kind, name) => {
      const workload = store.get(keyOf(kind, name));
      if (workload === undefined) return;
      workload.spec['suspend'] = false;
      begin(workload);
    },
    cutNext: (...bytes) => void cuts.push(...bytes),
    slow: (ms) => void (pieceMs = ms),
    execs: () => execs,
    killContainer: (pod, container) => {
      const child = processes.get(`${store.get(keyOf('Pod', pod))?.metadata.uid ?? ''}/${container}`);
      if (child !== undefined) killGroup(child);
    },
    seedPod: (name, containers) => {
      store.set(keyOf('Pod', name), {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default', uid: randomUUID() },
        spec: { nodeName: 'node-0', containers: containers.map((each) => ({ image: 'bench', ...each })) },
        status: {
          phase: 'Running',
          containerStatuses: containers.map((each) => ({
            name: each.name,
            ready: true,
            restartCount: 0,
            state: { running: {} },
          })),
        },
      });
    },
    failNext: (times, status) => {
      faults = { times, status };
    },
    close: async () => {
      for (const child of processes.values()) killGroup(child);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
