// What must hold on this machine before a command is started on it, or by Slurm from it: a token for gated models, servers, files, and for
// a server that the command starts itself a free port and free GPUs. Only reads; a token is never shown.
import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { check, type Check } from '../../cluster/check.ts';
import { modelsIn, needsChecks, subjectsOf, type Answer, type Needs, type Unseen } from '../../cluster/needs.ts';
import type { Environment } from '../../exec/environment.ts';
import { localRunner } from '../../exec/run-process.ts';
import { createDeferredQueue } from '../../load/deferred.ts';
import { createHttpClient, fetchText } from '../../load/http-client.ts';
import { connectionProblem } from '../../load/server.ts';

const ANSWER_MS = 10_000;

const page = async (url: string): Promise<Answer> => {
  if (!URL.canParse(url)) return { state: 'silent', body: 'is no URL' };
  const { origin, pathname } = new URL(url);
  const client = createHttpClient({ baseUrl: new URL(origin), apiKey: null }, createDeferredQueue());
  try {
    const reply = await fetchText(client, pathname, null, ANSWER_MS);
    if (reply !== null) return { state: 'answers', body: reply.text };
    const problem = await connectionProblem(client, ANSWER_MS);
    return problem === null ? { state: 'answers', body: '' } : { state: 'silent', body: problem };
  } finally {
    client.close();
  }
};

const file = (path: string, cwd: string): Answer => {
  const absolute = resolve(cwd, path);
  if (!existsSync(absolute)) return { state: 'absent', body: '' };
  try {
    accessSync(absolute, constants.R_OK);
    return { state: 'readable', body: '' };
  } catch {
    return { state: 'unreadable', body: '' };
  }
};

/** Servers and files as this machine sees them; relative paths are of `cwd`. */
export const needsFromHere = async (needs: Needs, cwd: string, unseen: Unseen): Promise<Check[]> => {
  const answers: Answer[] = [];
  for (const subject of subjectsOf(needs))
    answers.push(/^https?:\/\//.test(subject) ? await page(subject) : file(subject, cwd));
  return needsChecks(needs, answers, unseen);
};

const TOKENS = ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN'] as const;

/** Whether there is a token for gated models; where a person logged in once it lies in a file. */
export const tokenCheck = (env: Environment): Check => {
  const named = TOKENS.find((name) => (env[name] ?? '') !== '');
  if (named !== undefined) return check('variables', 'ok', `${named} is set`);
  const stored = join(env['HF_HOME'] ?? join(env['HOME'] ?? homedir(), '.cache', 'huggingface'), 'token');
  return existsSync(stored)
    ? check('variables', 'ok', `a token lies in ${stored}`)
    : check('variables', 'unknown', 'no HF_TOKEN, so that gated models and tokenizers cannot be had');
};

/** What a server that the command starts takes of this machine. */
export interface OwnServer {
  readonly port: number;
  readonly gpus: number;
}

/** A command that starts a server where another one listens would measure that one. */
const portCheck = async ({ port }: OwnServer): Promise<Check> => {
  const { state, body } = await page(`http://127.0.0.1:${port}/v1/models`);
  const name = `port ${port}`;
  if (state === 'silent') return check(name, 'ok', 'is free');
  const [model] = modelsIn(body);
  return check(name, 'bad', `another server answers there${model === undefined ? '' : `, which serves ${model}`}`);
};

const QUERY = ['nvidia-smi', '--query-gpu=memory.used,memory.total', '--format=csv,noheader,nounits'];
/** A GPU of which less is in use counts as free: a display or a monitor holds a little. */
const FREE_SHARE = 0.1;

const gpuCheck = async ({ gpus }: OwnServer, env: Environment): Promise<Check> => {
  const name = `${gpus} GPUs`;
  try {
    const { code, stdout } = await localRunner({ env, timeoutMs: 15_000 })(QUERY);
    const shares = stdout.trim().split('\n').map((line) => line.split(',').map(Number)).flatMap(([used = NaN, total = NaN]) => (total > 0 ? [used / total] : []));
    if (code !== 0 || shares.length === 0) return check(name, 'unknown', 'nvidia-smi lists none');
    const free = shares.filter((share) => share < FREE_SHARE).length;
    return check(name, free < gpus ? 'bad' : 'ok', `${free} of ${shares.length} are free`);
  } catch {
    return check(name, 'unknown', 'nvidia-smi cannot be asked');
  }
}; // prettier-ignore

export const ownServerChecks = async (server: OwnServer, env: Environment): Promise<Check[]> => [
  await portCheck(server),
  await gpuCheck(server, env),
];
