// A real Kubernetes control plane on this machine: etcd, kube-apiserver, kube-controller-manager and kube-scheduler as processes, with
// certificates and users of its own. For a check only; `build.sh` makes the program.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ask } from './node-agent.ts';

export interface ControlPlane {
  /** May do everything. */
  readonly kubeconfig: string;
  /** A user without any right. */
  readonly stranger: string;
  readonly folder: string;
  readonly keys: { readonly key: string; readonly cert: string };
  readonly ask: Ask;
  /** Ends the API server at once, and starts it again. */
  readonly killServer: () => Promise<void>;
  readonly startServer: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

const kubeconfigText = (port: number, token: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'real', cluster: { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    contexts: [{ name: 'real', context: { cluster: 'real', user: 'user', namespace: 'default' } }],
    users: [{ name: 'user', user: { token } }],
    'current-context': 'real',
  });

const asker =
  (port: number, token: string): Ask =>
  (method, path, body, type = 'application/json') =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body);
      // Node sends the body of a DELETE without its length.
      const headers = {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        'content-type': type,
        'content-length': Buffer.byteLength(text),
      };
      const options = { host: '127.0.0.1', port, method, path, headers, rejectUnauthorized: false, timeout: 10_000 };
      const call = request(options, (response) => {
        let answer = '';
        response.on('data', (data: Buffer) => (answer += data.toString()));
        response.on('end', () => {
          const { statusCode = 0 } = response;
          if (statusCode === 404) return resolve(null);
          if (statusCode >= 400) return reject(new Error(`${method} ${path}: ${statusCode} ${answer.slice(0, 300)}`));
          return resolve(JSON.parse(answer));
        });
      });
      call.on('error', reject);
      call.on('timeout', () => call.destroy(new Error('no answer')));
      call.end(text);
    });

const until = async (what: string, test: () => Promise<boolean>, limitMs = 60_000): Promise<void> => {
  const end = Date.now() + limitMs;
  for (;;) {
    if (await test().catch(() => false)) return;
    if (Date.now() > end) throw new Error(`${what} did not come within ${limitMs / 1000} s`);
    await sleep(200);
  }
};

/** Starts the control plane from the program at `binary`; etcd is found in PATH. */
export const startControlPlane = async (binary: string): Promise<ControlPlane> => {
  const folder = mkdtempSync(join(tmpdir(), 'control-plane-'));
  const at = (name: string): string => join(folder, name);
  const [etcdPort, peerPort, port, managerPort, schedulerPort] = await Promise.all([1, 2, 3, 4, 5].map(freePort));
  if (port === undefined) throw new Error('no port');
  const token = 'admin-of-this-check';
  writeFileSync(at('tokens.csv'), `${token},admin,1,"system:masters"\nnobody-of-this-check,nobody,2\n`);
  const keys = { key: at('node.key'), cert: at('node.crt') };
  execFileSync('openssl', ['genrsa', '-out', at('accounts.key'), '2048'], { stdio: 'ignore' });
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=127.0.0.1', '-days', '2', '-keyout', keys.key, '-out', keys.cert], { stdio: 'ignore' }); // prettier-ignore
  writeFileSync(at('admin.json'), kubeconfigText(port, token));
  writeFileSync(at('stranger.json'), kubeconfigText(port, 'nobody-of-this-check'));
  mkdirSync(at('etcd'));
  const processes = new Map<string, ChildProcess>();
  const begin = (name: string, argv: readonly string[]): void => {
    const [program = '', ...args] = argv;
    const log = openSync(at(`${name}.log`), 'a');
    processes.set(name, spawn(program, args, { stdio: ['ignore', log, log] }));
  };
  const etcd = `http://127.0.0.1:${etcdPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  begin('etcd', ['etcd', '--data-dir', at('etcd'), '--listen-client-urls', etcd, '--advertise-client-urls', etcd, '--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`, '--unsafe-no-fsync']); // prettier-ignore
  const ask = asker(port, token);
  const startServer = async (): Promise<void> => {
    begin('kube-apiserver', [
      binary, 'kube-apiserver',
      '--etcd-servers', etcd,
      '--bind-address', '127.0.0.1', '--secure-port', String(port), '--cert-dir', at('certs'),
      '--service-cluster-ip-range', '10.0.0.0/24',
      '--service-account-issuer', 'https://kubernetes.default.svc',
      '--service-account-key-file', at('accounts.key'), '--service-account-signing-key-file', at('accounts.key'),
      '--authorization-mode', 'RBAC', '--token-auth-file', at('tokens.csv'),
      // Streams of exec reach the node as kubectl sends them; the node agent speaks no SPDY.
      '--feature-gates', 'TranslateStreamCloseWebsocketRequests=false',
    ]); // prettier-ignore
    await until('the API server', async () => (await ask('GET', '/api/v1/namespaces/default')) !== null);
  };
  await startServer();
  const kubeconfig = at('admin.json');
  begin('kube-controller-manager', [binary, 'kube-controller-manager', '--kubeconfig', kubeconfig, '--service-account-private-key-file', at('accounts.key'), '--secure-port', String(managerPort), '--leader-elect=false', '--cert-dir', at('manager')]); // prettier-ignore
  begin('kube-scheduler', [binary, 'kube-scheduler', '--kubeconfig', kubeconfig, '--secure-port', String(schedulerPort), '--leader-elect=false', '--cert-dir', at('scheduler')]); // prettier-ignore
  await until('the default account', async () => (await ask('GET', '/api/v1/namespaces/default/serviceaccounts/default')) !== null); // prettier-ignore
  const end = async (name: string, signal: NodeJS.Signals): Promise<void> => {
    const child = processes.get(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.kill(signal);
    await gone;
  };
  return {
    kubeconfig,
    stranger: at('stranger.json'),
    folder,
    keys,
    ask,
    killServer: () => end('kube-apiserver', 'SIGKILL'),
    startServer,
    stop: async () => {
      for (const name of ['kube-scheduler', 'kube-controller-manager', 'kube-apiserver', 'etcd']) await end(name, 'SIGKILL');
      if (process.env['KEEP_CONTROL_PLANE'] === undefined) rmSync(folder, { recursive: true, force: true });
      else process.stderr.write(`${readFileSync(at('kube-apiserver.log'), 'utf8').slice(-2000)}\n${folder}\n`);
    },
  };
}; // prettier-ignore
