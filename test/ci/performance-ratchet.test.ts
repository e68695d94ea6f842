import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/text/json.ts';
import { parseYaml } from '../../src/text/yaml.ts';
import { runAction, type ActionRun } from './action-runner.ts';

const missing = ['bash', 'git', 'curl', 'jq', 'sed'].filter((tool) => spawnSync('which', [tool]).status !== 0);
if (missing.length > 0) console.log(`skipped: the steps of the action need ${missing.join(', ')}`);

const ACTION = '.github/actions/performance-ratchet/action.yml';

/** What the pretended GPU machine answers; every call is in the log. */
const NVIDIA_SMI = `#!/bin/bash
echo "nvidia-smi $*" >>"$CALLS"
case "$*" in
  *query-gpu=name*) echo "NVIDIA L4" ;;
  *query-gpu=clocks.default*) echo "\${DEFAULT_CLOCK:-1665}" ;;
  *query-supported-clocks*) printf '2040\\n1665\\n1410\\n' | grep -v "\${WITHOUT_CLOCK:-none}" ;;
  *lock-gpu-clocks*) exit "\${LOCK_CODE:-0}" ;;
  *reset-gpu-clocks*) exit "\${RESET_CODE:-0}" ;;
esac
`;
const NCU = `#!/bin/bash
printf 'ncu' >>"$CALLS"; printf ' [%s]' "$@" >>"$CALLS"; echo >>"$CALLS"
[ "\${NCU_CODE:-0}" = 0 ] || { echo "==ERROR== ERR_NVGPUCTRPERM" >&2; exit 1; }
touch "$5.ncu-rep"
`;
const NO_SUDO = '#!/bin/bash\nexit 1\n';

interface Comment {
  id: number;
  body: string;
}

/** A stand-in for the part of the GitHub API that the action uses, on this machine only. */
interface Api {
  readonly server: Server;
  readonly url: string;
  readonly comments: Comment[];
  readonly requests: string[];
  status: number;
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
};

const startApi = async (): Promise<Api> => {
  const comments: Comment[] = [];
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    requests.push(`${request.method} ${url.pathname} ${request.headers.authorization ?? ''}`);
    void bodyOf(request).then((text) => {
      const reply = (status: number, value: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(value));
      };
      if (api.status !== 200) return reply(api.status, { message: 'Resource not accessible by integration' });
      if (request.method === 'GET') {
        const page = Number(url.searchParams.get('page'));
        return reply(200, comments.slice(100 * (page - 1), 100 * page));
      }
      const { body } = JSON.parse(text) as { body: string }; // checked boundary: the action's own payload
      const known = comments.find(({ id }) => url.pathname.endsWith(`/comments/${id}`));
      if (known !== undefined) known.body = body;
      else comments.push({ id: 1000 + comments.length, body });
      return reply(known === undefined ? 201 : 200, {});
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const api: Api = { server, url: `http://127.0.0.1:${port}`, comments, requests, status: 200 };
  return api;
};

const PROGRAM = resolve('dist/profile-and-optimize.mjs');

let folder: string;
let api: Api;
const at = (...names: string[]): string => join(folder, ...names);

const git = (cwd: string, ...words: string[]): string => {
  const done = spawnSync('git', words, { cwd, encoding: 'utf8', env: gitEnv() });
  if (done.status !== 0) throw new Error(`git ${words.join(' ')}: ${done.stderr}`);
  return done.stdout.trim();
};
const gitEnv = (): Record<string, string> => ({
  PATH: `${at('bin')}:${process.env['PATH'] ?? ''}`,
  HOME: folder,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'dev',
  GIT_AUTHOR_EMAIL: 'dev@example.org',
  GIT_COMMITTER_NAME: 'dev',
  GIT_COMMITTER_EMAIL: 'dev@example.org',
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ci-'));
  await mkdir(at('bin'));
  for (const [name, script] of [
    ['nvidia-smi', NVIDIA_SMI],
    ['ncu', NCU],
    ['sudo', NO_SUDO],
  ] as const) {
    await writeFile(at('bin', name), script);
    await chmod(at('bin', name), 0o755);
  }
  await writeFile(at('calls'), '');
  api = await startApi();
  git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', 'remote.git');
  git(folder, 'clone', '--quiet', 'remote.git', 'work');
  git(at('work'), 'checkout', '--quiet', '-b', 'main');
  await writeFile(at('work', 'kernel.cu'), '// kernel\n');
  git(at('work'), 'add', '.');
  git(at('work'), 'commit', '--quiet', '-m', 'start');
  git(at('work'), 'push', '--quiet', 'origin', 'main');
});
afterEach(async () => {
  await new Promise((closed) => api.server.close(closed));
  await rm(folder, { recursive: true });
});

const HEAD = 'abc123def4567890abc123def4567890abc123de';

const event = async (name: 'push' | 'pull_request'): Promise<Record<string, string>> => {
  const payload = name === 'pull_request' ? { pull_request: { number: 7, head: { sha: HEAD } } } : {};
  await writeFile(at('event.json'), JSON.stringify(payload));
  return {
    ...gitEnv(),
    CALLS: at('calls'),
    GITHUB_EVENT_NAME: name,
    GITHUB_EVENT_PATH: at('event.json'),
    GITHUB_REF: name === 'push' ? 'refs/heads/main' : 'refs/pull/7/merge',
    GITHUB_SHA: git(at('work'), 'rev-parse', 'HEAD'),
    GITHUB_REPOSITORY: 'acme/kernels',
    GITHUB_API_URL: api.url,
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_RUN_ID: '42',
    GITHUB_STEP_SUMMARY: at('summary.md'),
  };
};

/** One run of the action in which the benchmark gives this time. */
const act = async (
  name: 'push' | 'pull_request',
  median_ms: number,
  inputs: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<ActionRun> => {
  await writeFile(at('measured.json'), JSON.stringify({ name: 'training_512', performance: { median_ms } }));
  return runAction(
    ACTION,
    {
      command: `${process.execPath} ${PROGRAM}`,
      'build-command': 'echo built >>build.log',
      'bench-command': `cp '${at('measured.json')}' results/current.json`,
      'profile-command': 'python3 bench.py --config {config}',
      'github-token': 'ghs_test_token_of_the_action',
      strict: 'false',
      ...inputs,
    },
    at('work'),
    { ...(await event(name)), ...env },
  );
};

const codes = ({ steps }: ActionRun): Record<string, number | null> =>
  Object.fromEntries(steps.map(({ name, code }) => [name, code]));
const outputOf = ({ steps }: ActionRun, name: string): string => steps.find((step) => step.name === name)?.output ?? '';
const calls = () => readFile(at('calls'), 'utf8');
const remoteBaseline = (): string => git(at('remote.git'), 'show', 'main:results/baseline.json');
const SAVE = 'Save the baseline on the main branch';

describe.skipIf(missing.length > 0)('the performance ratchet action', () => {
  test('has its seven steps in order, and resets the clocks after them', async () => {
    const { steps, passed } = await act('push', 0.06);
    expect(steps.map(({ name }) => name)).toEqual([
      'Lock GPU clocks',
      'Build',
      'Run benchmark',
      'Compare to baseline',
      'Profile what changed',
      'Keep results and profiles',
      'Comment on the pull request',
      SAVE,
      'Reset GPU clocks',
      'Verdict',
    ]);
    expect(passed).toBe(true);
    expect(await calls()).toMatch(/--lock-gpu-clocks=1665,1665[\s\S]*--reset-gpu-clocks/);
  });

  test('from first baseline to gain to regression, over main and a pull request', async () => {
    const first = await act('push', 0.0612);
    expect(outputOf(first, 'Compare to baseline')).toContain('from this run, nothing was compared');
    expect(JSON.parse(remoteBaseline()).configs.training_512.median_ms).toBe(0.0612);
    expect(git(at('remote.git'), 'log', '-1', '--format=%s', 'main')).toContain('[skip ci]');

    const pull = await act('pull_request', 0.053);
    expect(pull.passed).toBe(true);
    expect(codes(pull)).toMatchObject({ 'Profile what changed': 0, 'Comment on the pull request': 0 });
    expect(JSON.parse(remoteBaseline()).configs.training_512.median_ms).toBe(0.0612);
    expect(api.comments).toHaveLength(1);
    expect(api.comments[0]?.body).toContain(
      '## 📊 Performance Ratchet Report\n\n**Commit**: abc123d  \n**Hardware**: NVIDIA L4  \n',
    );
    expect(api.comments[0]?.body).toContain('### Summary');
    expect(api.comments[0]?.body).toContain('| training_512 | 0.0612 ms | 0.0530 ms | **+13.4%** |');
    expect(api.comments[0]?.body).toContain('[workflow run](https://github.example/acme/kernels/actions/runs/42)');
    expect(await calls()).toContain(
      'ncu [--set] [full] [--export] [results/nsight/training_512_ours] [--force-overwrite] [python3] [bench.py] [--config] [training_512]',
    );

    const worse = await act('pull_request', 0.07);
    expect(worse.passed).toBe(false);
    expect(codes(worse)).toMatchObject({ Verdict: 1, 'Comment on the pull request': 0, 'Reset GPU clocks': 0 });
    expect(api.comments).toHaveLength(1);
    expect(api.comments[0]?.body).toContain('### ❌ Regressions (FAIL)');

    git(at('work'), 'checkout', '--quiet', '--', '.');
    const merged = await act('push', 0.053);
    expect(merged.passed).toBe(true);
    expect(outputOf(merged, SAVE)).toContain('pushed to main and checked');
    expect(JSON.parse(remoteBaseline()).configs.training_512.median_ms).toBe(0.053);
    expect(await readFile(at('summary.md'), 'utf8')).toContain('# Performance Ratchet Report');
  }, 60_000);
});

describe.skipIf(missing.length > 0)('when a step fails', () => {
  test('a benchmark that crashes is no regression, leaves no stale result, and the clocks are reset', async () => {
    await mkdir(at('work', 'results'));
    await writeFile(at('work', 'results', 'current.json'), '{"name": "training_512", "median_ms": 0.01}');
    const run = await act('push', 1, { 'bench-command': 'false' });
    expect(codes(run)).toMatchObject({
      'Run benchmark': 1,
      'Compare to baseline': null,
      Verdict: null,
      'Reset GPU clocks': 0,
    });
    expect(run.outputs.has('steps.ratchet.outputs.code')).toBe(false);
  });

  test('a benchmark that ends well without a result is an error of its own', async () => {
    const run = await act('push', 1, { 'bench-command': 'true' });
    expect(outputOf(run, 'Run benchmark')).toContain('wrote no results/current.json');
  });

  test('a build that fails inside a pipe stops the job', async () => {
    expect(codes(await act('push', 1, { 'build-command': 'false | cat' }))).toMatchObject({
      Build: 1,
      'Run benchmark': null,
    });
  });

  test('a torn result ends the job before anything is compared', async () => {
    const run = await act('push', 1, { 'bench-command': 'echo "{" >results/current.json' });
    expect(codes(run)).toMatchObject({ 'Compare to baseline': 2, Verdict: null, 'Reset GPU clocks': 0 });
  });

  test('the first run passes under strict too: its baseline is created', async () => {
    const run = await act('push', 0.05, { strict: 'true' });
    expect(codes(run)).toMatchObject({ [SAVE]: 0, Verdict: 0 });
    expect(JSON.parse(remoteBaseline()).configs.training_512.median_ms).toBe(0.05);
  });

  test('a capture that fails is a warning', async () => {
    await act('push', 0.0612);
    const run = await act('push', 0.07, {}, { NCU_CODE: '1' });
    expect(outputOf(run, 'Profile what changed')).toContain(
      '::warning title=Profile::the capture of training_512 failed',
    );
    expect(codes(run)).toMatchObject({ 'Profile what changed': 0, Verdict: 1 });
  });
});

describe.skipIf(missing.length > 0)('GPU clocks', () => {
  const CLOCKS = 'Lock GPU clocks';
  test.each([
    ['a clock that this GPU does not have', { 'gpu-clock-mhz': '1980' }, {}, '1980 MHz is no clock of NVIDIA L4'],
    ['no default clock', {}, { DEFAULT_CLOCK: '[N/A]' }, 'names no default clock'],
    ['no right to lock', {}, { LOCK_CODE: '4' }, 'could not be locked'],
  ] as const)('%s: measured unlocked, said so, nothing to reset', async (_, inputs, env, message) => {
    const run = await act('push', 1, inputs, env);
    expect(outputOf(run, CLOCKS)).toContain(message);
    expect(run.passed).toBe(true);
    expect(await calls()).not.toContain('reset-gpu-clocks');
  });

  test('a machine without a driver goes on', async () => {
    await rm(at('bin', 'nvidia-smi'));
    const run = await act('push', 1);
    expect(outputOf(run, CLOCKS)).toMatch(/nvidia-smi is not installed|names no default clock|no clock of/);
    expect(run.passed).toBe(true);
  });

  test('a GPU that stays locked fails the job', async () => {
    const run = await act('push', 1, {}, { RESET_CODE: '3' });
    expect(outputOf(run, 'Reset GPU clocks')).toContain('GPU 0 is still locked');
    expect(run.passed).toBe(false);
  });
});

describe.skipIf(missing.length > 0)('the pull request comment', () => {
  test('is found behind more than a hundred others and updated', async () => {
    for (let id = 0; id < 150; id += 1)
      api.comments.push({ id, body: id === 130 ? '<!-- performance-ratchet -->\nold' : `note ${id}` });
    await act('pull_request', 1);
    expect(api.comments).toHaveLength(150);
    expect(api.comments[130]?.body).toContain('Performance Ratchet Report');
  });

  test('a comment that only quotes the marker is not taken for it', async () => {
    api.comments.push({ id: 1, body: '> <!-- performance-ratchet -->' });
    await act('pull_request', 1);
    expect(api.comments).toHaveLength(2);
  });

  test('a token that may not write is a warning', async () => {
    api.status = 403;
    const run = await act('pull_request', 1);
    expect(outputOf(run, 'Comment on the pull request')).toContain('::warning title=Pull request comment::');
    expect(run.passed).toBe(true);
  });

  test('the token is sent and never printed', async () => {
    const run = await act('pull_request', 1);
    expect(api.requests.every((request) => request.endsWith('Bearer ghs_test_token_of_the_action'))).toBe(true);
    expect(JSON.stringify(run.steps)).not.toContain('ghs_test_token_of_the_action');
  });
});

describe.skipIf(missing.length > 0)('saving the baseline', () => {
  /** Another clone pushes a file to main while the job runs. */
  const meanwhile = async (path: string, text: string): Promise<void> => {
    git(folder, 'clone', '--quiet', 'remote.git', 'other');
    await mkdir(at('other', 'results'), { recursive: true });
    await writeFile(at('other', path), text);
    git(at('other'), 'add', '.');
    git(at('other'), 'commit', '--quiet', '-m', 'meanwhile');
    git(at('other'), 'push', '--quiet', 'origin', 'main');
  };

  test('goes on top of commits that came meanwhile', async () => {
    await meanwhile('README.md', 'hello\n');
    const run = await act('push', 0.05);
    expect(outputOf(run, SAVE)).toContain('pushed to main and checked');
    expect(git(at('remote.git'), 'log', '--format=%s', 'main').split('\n')).toHaveLength(3);
  });

  test('refuses to overwrite a baseline that another run saved', async () => {
    await meanwhile('results/baseline.json', '{"configs": {}}\n');
    const run = await act('push', 0.05);
    expect(outputOf(run, SAVE)).toContain('another run changed the baseline');
    expect(run.passed).toBe(false);
    expect(remoteBaseline()).toBe('{"configs": {}}');
  });

  test('a push that the server refuses is an error', async () => {
    await writeFile(at('remote.git', 'hooks', 'pre-receive'), '#!/bin/sh\nexit 1\n');
    await chmod(at('remote.git', 'hooks', 'pre-receive'), 0o755);
    const run = await act('push', 0.05);
    expect(outputOf(run, SAVE)).toContain('the job needs contents: write');
    expect(run.passed).toBe(false);
  });

  test('an ignored baseline is an error, not silence', async () => {
    await writeFile(at('work', '.gitignore'), 'results/\n');
    const run = await act('push', 0.05);
    expect(outputOf(run, SAVE)).toContain('is it ignored?');
    expect(run.passed).toBe(false);
  });

  test('an unchanged baseline makes no commit', async () => {
    await act('push', 0.05);
    const before = git(at('remote.git'), 'rev-parse', 'main');
    const run = await act('push', 0.05);
    expect(outputOf(run, SAVE)).toContain('is unchanged');
    expect(git(at('remote.git'), 'rev-parse', 'main')).toBe(before);
  });

  test('commits nothing else that lies around', async () => {
    await act('push', 0.05);
    expect(git(at('remote.git'), 'show', '--format=', '--name-only', 'main')).toBe('results/baseline.json');
  });
});

describe('the workflow templates', () => {
  const read = async (name: string) => {
    const path = `.github/workflows/${name}`;
    return (await parseYaml(await readFile(path, 'utf8'), path)) as JsonObject; // checked by the expectations
  };

  test('the ratchet runs on kernels and benchmarks, on main, and by hand, and never on code of a fork', async () => {
    const workflow = await read('performance-ratchet.yml');
    const paths = expect.arrayContaining(['**/*.cu', 'bench/**', 'setup.py']);
    expect(workflow).toMatchObject({
      on: { pull_request: { paths }, push: { branches: ['main'], paths }, workflow_dispatch: null },
      permissions: { contents: 'write', 'pull-requests': 'write' },
      concurrency: { 'cancel-in-progress': false },
      jobs: { ratchet: { if: expect.stringContaining('head.repo.full_name == github.repository') } },
    });
  });

  test('autotune is dispatched with its file and its minutes, and may write nothing', async () => {
    const workflow = await read('autotune.yml');
    expect(workflow).toMatchObject({
      on: { workflow_dispatch: { inputs: { config: { required: true }, 'time-budget': { default: '20' } } } },
      permissions: { contents: 'read' },
    });
  });

  test('autotune calls the command with flags that it has, as long as the job may last', async () => {
    const workflow = await read('autotune.yml');
    const steps = (workflow as { jobs: { autotune: { steps: { name?: string; run?: string }[] } } }).jobs.autotune
      .steps;
    const line = steps.find(({ name }) => name === 'Tune')?.run ?? '';
    await writeFile(at('work', 'tune.yaml'), await readFile('configs/autotune-example.yaml', 'utf8'));
    await writeFile(at('bin', 'profile-and-optimize'), `#!/bin/bash\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
    await chmod(at('bin', 'profile-and-optimize'), 0o755);
    const env = { ...gitEnv(), TUNE_CONFIG: 'tune.yaml', TUNE_BUDGET: '300' };
    const run = spawnSync('bash', ['-c', `${line} --dry-run`], { cwd: at('work'), encoding: 'utf8', env });
    expect(run, run.stderr).toMatchObject({ status: 0, stdout: expect.stringContaining('for at most 300 minutes') });
    expect(line).toContain('--i-understand-this-submits-jobs');
  });

  test('no script line is built from what a pull request can choose', async () => {
    for (const path of [ACTION, '.github/workflows/performance-ratchet.yml', '.github/workflows/autotune.yml']) {
      const lines = (await readFile(path, 'utf8')).split('\n');
      expect(lines.filter((line) => /^\s*(- )?run:.*\$\{\{/.test(line))).toEqual([]);
    }
  });
});
