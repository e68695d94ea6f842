// The controller of LeaderWorkerSet beside a control plane, as `build.sh` made it: its definition, its webhooks, and the program. For a check
// only.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, type ControlPlane } from './control-plane.ts';

const GROUP = 'leaderworkerset.x-k8s.io';
const OF_A_SET = { matchExpressions: [{ key: 'leaderworkerset.sigs.k8s.io/name', operator: 'Exists' }] };

const rule = (apiGroups: string, resources: string, operations: readonly string[]) => ({
  apiGroups: [apiGroups],
  apiVersions: ['v1'],
  operations,
  resources: [resources],
});

/** As its own manifests have them, by address in the place of a service. */
const webhooks = (kind: 'Mutating' | 'Validating', port: number, caBundle: string) => {
  const [prefix, path] = kind === 'Mutating' ? ['m', 'mutate'] : ['v', 'validate'];
  const at = (name: string) => ({
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy: 'Fail',
    clientConfig: { url: `https://127.0.0.1:${port}/${path}-${name}`, caBundle },
  });
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name: `${path}-leaderworkersets` },
    webhooks: [
      { ...at('leaderworkerset-x-k8s-io-v1-leaderworkerset'), name: `${prefix}leaderworkerset.kb.io`, rules: [rule(GROUP, 'leaderworkersets', ['CREATE', 'UPDATE'])] },
      { ...at('-v1-pod'), name: `${prefix}pod.kb.io`, objectSelector: OF_A_SET, rules: [rule('', 'pods', ['CREATE', 'UPDATE'])] },
    ],
  };
}; // prettier-ignore

/** A certificate for 127.0.0.1, as a server of webhooks wants it; its text. */
const makeCertificate = (folder: string): string => {
  const [key, cert] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2', '-keyout', key, '-out', cert], { stdio: 'ignore' }); // prettier-ignore
  return readFileSync(cert, 'utf8');
};

/** Starts the controller from the program at `binary`, whose definition is `<binary>.yaml`, and waits until its webhooks answer. */
export const startLeaderWorkerSets = async (plane: ControlPlane, binary: string): Promise<{ readonly stop: () => void }> => {
  const folder = join(plane.folder, 'leaderworkerset');
  mkdirSync(folder);
  const [port, health] = [await freePort(), await freePort()];
  const config = join(folder, 'config.yaml');
  const settings = {
    apiVersion: 'config.lws.x-k8s.io/v1alpha1',
    kind: 'Configuration',
    leaderElection: { leaderElect: false },
    internalCertManagement: { enable: false },
    webhook: { port, host: '127.0.0.1', certDir: folder },
    metrics: { bindAddress: '0' },
    health: { healthProbeBindAddress: `127.0.0.1:${health}` },
  };
  writeFileSync(config, JSON.stringify(settings));
  const certificate = makeCertificate(folder);
  const env = { ...process.env, KUBECONFIG: plane.kubeconfig };
  execFileSync('kubectl', ['apply', '--server-side', '--filename', `${binary}.yaml`], { env, stdio: 'pipe' });
  for (let turn = 0; (await plane.ask('GET', `/apis/${GROUP}/v1/leaderworkersets`).catch(() => null)) === null; turn += 1) {
    if (turn > 100) throw new Error('the cluster does not know LeaderWorkerSet');
    await sleep(200);
  }
  const log = openSync(join(folder, 'log'), 'a');
  const child = spawn(binary, ['--config', config], { env, stdio: ['ignore', log, log] });
  const listens = (): boolean => /Serving webhook server/.test(readFileSync(join(folder, 'log'), 'utf8'));
  for (let turn = 0; !listens(); turn += 1) {
    if (turn > 150) throw new Error(readFileSync(join(folder, 'log'), 'utf8').slice(-1500));
    await sleep(200);
  }
  const path = '/apis/admissionregistration.k8s.io/v1';
  for (const kind of ['Mutating', 'Validating'] as const)
    await plane.ask('POST', `${path}/${kind.toLowerCase()}webhookconfigurations`, webhooks(kind, port, Buffer.from(certificate).toString('base64')));
  return { stop: () => void child.kill('SIGKILL') };
}; // prettier-ignore
