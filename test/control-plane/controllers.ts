// Controllers of workloads beside a control plane, as `build.sh` made them: their definitions, their webhooks and the program. For checks only.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { freePort, type ControlPlane } from './control-plane.ts';

export interface Controller {
  /** Ends the file names of `build.sh`. */
  readonly name: string;
  /** Its settings, beside those of every controller. */
  readonly config: object;
  /** Group and version of its definitions. */
  readonly api: string;
  /** Webhooks that are registered, by name. */
  readonly webhooks: RegExp;
  /** Label of pods that its webhooks of pods are asked about, as its own manifests have it. */
  readonly podLabel?: string;
  /** Folder below /etc that it reads the certificate of its metrics from. */
  readonly certificates?: string;
}

export const LEADER_WORKER_SET: Controller = {
  name: 'leaderworkerset',
  config: { apiVersion: 'config.lws.x-k8s.io/v1alpha1' },
  api: 'leaderworkerset.x-k8s.io/v1',
  webhooks: /./,
  podLabel: 'leaderworkerset.sigs.k8s.io/name',
};

export const JOB_SET: Controller = {
  name: 'jobset',
  config: { apiVersion: 'config.jobset.x-k8s.io/v1alpha1' },
  api: 'jobset.x-k8s.io/v1alpha2',
  webhooks: /./,
  podLabel: 'jobset.sigs.k8s.io/jobset-name',
};

export const KUEUE: Controller = {
  name: 'kueue',
  config: {
    apiVersion: 'config.kueue.x-k8s.io/v1beta2',
    namespace: 'default',
    integrations: { frameworks: ['batch/job', 'jobset.x-k8s.io/jobset'] },
    featureGates: { VisibilityOnDemand: false },
  },
  api: 'kueue.x-k8s.io/v1beta2',
  certificates: '/etc/kueue/metrics/certs',
  webhooks: /^[mv](job|jobset|workload|clusterqueue|resourceflavor|cohort)\.kb\.io$/,
};

/** The program of a controller beside that of the control plane. */
const programOf = (plane: string, { name }: Controller): string => `${plane}-${name}`;

/** Why a check of these controllers cannot be run; null where it can. */
export const lacking = (plane: string, ...controllers: readonly Controller[]): string | null => {
  const absent = [plane, ...controllers.map((each) => programOf(plane, each))].find((program) => !existsSync(program));
  return absent === undefined
    ? null
    : `${absent === '' ? 'CONTROL_PLANE' : absent} is not there; test/control-plane/build.sh makes it`;
};

interface Webhook {
  readonly name: string;
  readonly clientConfig: { readonly service: { readonly path: string } };
  readonly rules: readonly { readonly resources: readonly string[] }[];
}

/** As its own manifests have them, by address in the place of a service. */
const byAddress = (webhook: Webhook, { podLabel }: Controller, port: number, caBundle: string): object => ({
  ...webhook,
  clientConfig: { url: `https://127.0.0.1:${port}${webhook.clientConfig.service.path}`, caBundle },
  ...(podLabel !== undefined && webhook.rules.some(({ resources }) => resources.includes('pods'))
    ? { objectSelector: { matchExpressions: [{ key: podLabel, operator: 'Exists' }] } }
    : {}),
});

/** A certificate for 127.0.0.1, as a server of webhooks wants it; its text. */
const makeCertificate = (folder: string): string => {
  const [key, cert] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2', '-keyout', key, '-out', cert], { stdio: 'ignore' }); // prettier-ignore
  return readFileSync(cert, 'utf8');
};

/** Gives the words after it an /etc of their own, with the files of a folder in another. Arguments: folder, the other, the words. */
const OWN_ETC = 'mount -t tmpfs tmpfs /etc && mkdir -p "$2" && cp "$1"/tls.* "$2" || exit 126; shift 2; exec "$@"';

const wordsOf = (program: string, folder: string, { certificates }: Controller): readonly string[] => [
  ...(certificates === undefined ? [] : ['unshare', '-m', 'sh', '-c', OWN_ETC, 'sh', folder, certificates]),
  program,
  '--config',
  join(folder, 'config.yaml'),
];

const until = async (holds: () => Promise<boolean> | boolean, says: () => string): Promise<void> => {
  for (let turn = 0; !(await holds()); turn += 1) {
    if (turn > 300) throw new Error(says());
    await sleep(200);
  }
};

interface Definition {
  readonly spec: {
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string }[];
  };
}

/** Makes its definitions known, and waits until the API server names all of them: a controller that starts before ends. */
const define = async (plane: ControlPlane, file: string, { api, name }: Controller): Promise<void> => {
  execFileSync('kubectl', ['apply', '--server-side', '--filename', file], { env: { ...process.env, KUBECONFIG: plane.kubeconfig }, stdio: 'pipe' });
  const [, version] = api.split('/');
  const kinds = parseAllDocuments(readFileSync(file, 'utf8')).flatMap((document) => {
    const { spec } = (document.toJS() ?? {}) as Partial<Definition>;
    return spec?.versions.some((each) => each.name === version) === true ? [spec.names.plural] : [];
  });
  const known = async (): Promise<boolean> => {
    const found = (await plane.ask('GET', `/apis/${api}`).catch(() => null)) as { resources: { name: string }[] } | null;
    return kinds.every((kind) => found?.resources.some((resource) => resource.name === kind) === true);
  };
  await until(known, () => `the cluster does not know ${name}`);
}; // prettier-ignore

/** Starts a controller beside the control plane of this program, and waits until its webhooks answer. */
export const startController = async (plane: ControlPlane, planeProgram: string, controller: Controller): Promise<{ readonly stop: () => void; readonly log: () => string }> => {
  const { name, config, webhooks } = controller;
  const program = programOf(planeProgram, controller);
  const folder = join(plane.folder, name);
  mkdirSync(folder);
  const [port, health] = [await freePort(), await freePort()];
  const settings = {
    ...config,
    kind: 'Configuration',
    leaderElection: { leaderElect: false },
    internalCertManagement: { enable: false },
    webhook: { port, host: '127.0.0.1', certDir: folder },
    metrics: { bindAddress: '0' },
    health: { healthProbeBindAddress: `127.0.0.1:${health}` },
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(settings));
  const caBundle = Buffer.from(makeCertificate(folder)).toString('base64');
  const env = { ...process.env, KUBECONFIG: plane.kubeconfig };
  await define(plane, `${program}.yaml`, controller);
  const out = openSync(join(folder, 'log'), 'a');
  const [start = program, ...args] = wordsOf(program, folder, controller);
  const child = spawn(start, args, { env, stdio: ['ignore', out, out] });
  const log = (): string => readFileSync(join(folder, 'log'), 'utf8');
  await until(() => /Serving webhook server/.test(log()) || child.exitCode !== null, () => log().slice(-3000));
  if (child.exitCode !== null) throw new Error(`${name} ended: ${log().slice(-3000)}`);
  const path = '/apis/admissionregistration.k8s.io/v1';
  for (const document of parseAllDocuments(readFileSync(`${program}-webhooks.yaml`, 'utf8'))) {
    const found = document.toJS() as { kind: string; webhooks: Webhook[] } | null;
    if (found === null) continue;
    const own = found.webhooks.filter((webhook) => webhooks.test(webhook.name)).map((webhook) => byAddress(webhook, controller, port, caBundle));
    await plane.ask('POST', `${path}/${found.kind.toLowerCase()}s`, { ...found, metadata: { name }, webhooks: own });
  }
  return { stop: () => void child.kill('SIGKILL'), log };
}; // prettier-ignore
