import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/text/json.ts';
import { parseYaml } from '../../src/text/yaml.ts';
import { runAction, type ActionRun } from './action-runner.ts';

const missing = ['bash', 'git', 'curl', 'jq', 'sed'].filter((tool) => spawnSync('which', [tool]).status !== 0);
if (missing.length > 0) console.log(`skipped: the steps of the action need ${missing.join(', ')}`);

const ACTION = '.github/actions/performance-ratchet/action.yml';
const WORKFLOWS = ['performance-ratchet.yml', 'performance-comment.yml', 'autotune.yml'];

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
  const base = { sha: git(at('remote.git'), 'rev-parse', 'main') };
  const payload = name === 'pull_request' ? { pull_request: { number: 7, head: { sha: HEAD }, base } } : {};
  await mkdir(at('temp'), { recursive: true });
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
    RUNNER_TEMP: at('temp'),
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
      strict: 'false',
      ...inputs,
    },
    at('work'),
    { ...(await event(name)), ...env },
  );
};

interface Finished {
  readonly code: number;
  readonly output: string;
}

/** Runs a script of a later job over the artifact that the action has left. */
const script = (name: string, env: Readonly<Record<string, string>>): Promise<Finished> =>
  new Promise((done) => {
    const child = spawn('bash', [resolve('.github/actions/performance-ratchet', name)], { cwd: at('work'), env });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => done({ code: code ?? -1, output }));
  });

/** What upload and download make of the bundle of the last run. */
const deliver = async (): Promise<void> => {
  const bundle = at('temp', 'performance-ratchet', 'bundle');
  const { cell } = JSON.parse(await readFile(join(bundle, 'meta.json'), 'utf8'));
  await cp(bundle, at('bundles', `performance-${cell}-42-1`), { recursive: true, force: true });
};

const TOKEN = 'ghs_test_token_of_the_action';

const comment = async (): Promise<Finished> => {
  await deliver();
  return script('comment.sh', {
    ...gitEnv(),
    GITHUB_TOKEN: TOKEN,
    GITHUB_API_URL: api.url,
    GITHUB_REPOSITORY: 'acme/kernels',
    GITHUB_SERVER_URL: 'https://github.example',
    PERF_BUNDLES: at('bundles'),
    PERF_PULL: '7',
    PERF_COMMIT: HEAD,
    PERF_RUN_ID: '42',
    RUNNER_TEMP: at('temp'),
  });
};

const save = async (): Promise<Finished> => {
  await deliver();
  return script('save-baseline.sh', { ...(await event('push')), PERF_BUNDLES: at('bundles') });
};

const codes = ({ steps }: ActionRun): Record<string, number | null> =>
  Object.fromEntries(steps.map(({ name, code }) => [name, code]));
const outputOf = ({ steps }: ActionRun, name: string): string => steps.find((step) => step.name === name)?.output ?? '';
const calls = () => readFile(at('calls'), 'utf8');
const remoteBaseline = (): string => git(at('remote.git'), 'show', 'main:results/baseline.json');
const report = () => readFile(at('work', 'results', 'ratchet_report.md'), 'utf8');

describe.skipIf(missing.length > 0)('the performance ratchet action', () => {
  test('has its steps in order, and resets the clocks after them', async () => {
    const { steps, passed } = await act('push', 0.06);
    expect(steps.map(({ name }) => name)).toEqual([
      'Lock GPU clocks',
      'Build',
      'Run benchmark',
      'Choose the baseline',
      'Compare to baseline',
      'Profile what changed',
      'Put the results together',
      'Keep results and profiles',
      'Reset GPU clocks',
      'Verdict',
    ]);
    expect(passed).toBe(true);
    expect(await calls()).toMatch(/--lock-gpu-clocks=1665,1665[\s\S]*--reset-gpu-clocks/);
  });

  test('from first baseline to gain to regression, over main and a pull request', async () => {
    const first = await act('push', 0.0612);
    expect(outputOf(first, 'Compare to baseline')).toContain('from this run, nothing was compared');
    expect(await save()).toMatchObject({ code: 0 });
    expect(JSON.parse(remoteBaseline()).configs.training_512.median_ms).toBe(0.0612);
    expect(git(at('remote.git'), 'log', '-1', '--format=%s', 'main')).toContain('[skip ci]');

    const pull = await act('pull_request', 0.053);
    expect(pull.passed).toBe(true);
    expect(codes(pull)).toMatchObject({ 'Profile what changed': 0 });
    expect(await comment()).toMatchObject({ code: 0 });
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
    expect(codes(worse)).toMatchObject({ Verdict: 1, 'Put the results together': 0, 'Reset GPU clocks': 0 });
    expect(await comment()).toMatchObject({ code: 0 });
    expect(api.comments).toHaveLength(1);
    expect(api.comments[0]?.body).toContain('### ❌ Regressions (FAIL)');

    git(at('work'), 'checkout', '--quiet', '--', '.');
    const merged = await act('push', 0.053);
    expect(merged.passed).toBe(true);
    expect((await save()).output).toContain('pushed to main and checked');
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
    expect(codes(run)).toMatchObject({ Verdict: 0 });
    expect(outputOf(run, 'Compare to baseline')).toContain('::notice title=Performance ratchet::Baseline created');
    expect(await save()).toMatchObject({ code: 0 });
    expect(JSON.parse(remoteBaseline()).configs.training_512.median_ms).toBe(0.05);
  });

  test('a capture that fails is a warning', async () => {
    await act('push', 0.0612);
    await save();
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

describe.skipIf(missing.length > 0)('a pull request', () => {
  test('is judged against the baseline of its base commit, not against one that it brings', async () => {
    await act('push', 0.05);
    await save();
    const own = { configs: { training_512: { ...JSON.parse(remoteBaseline()).configs.training_512, median_ms: 9 } } };
    await writeFile(
      at('work', 'results', 'baseline.json'),
      JSON.stringify({ ...JSON.parse(remoteBaseline()), ...own }),
    );
    git(at('work'), 'commit', '--quiet', '--all', '-m', 'a kinder baseline');
    const run = await act('pull_request', 0.07);
    expect(codes(run)).toMatchObject({ Verdict: 1 });
    expect(await report()).toContain('0.0500 ms');
  });

  test('of a repository that has no baseline yet passes, and says that nothing was compared', async () => {
    const run = await act('pull_request', 0.07, { strict: 'true' });
    expect(codes(run)).toMatchObject({ Verdict: 0 });
    expect(outputOf(run, 'Choose the baseline')).toContain('has no results/baseline.json');
    expect(await report()).toContain('nothing was compared');
  });

  test('whose base commit was not fetched is an error, not a pass', async () => {
    const payload = { pull_request: { number: 7, base: { sha: 'f'.repeat(40) } } };
    const env = { ...(await event('pull_request')), PERF_BASELINE: 'results/baseline.json', GITHUB_OUTPUT: at('out') };
    await writeFile(at('event.json'), JSON.stringify(payload));
    const done = await script('base-baseline.sh', env);
    expect(done).toMatchObject({ code: 1, output: expect.stringContaining('set fetch-depth: 0') });
  });
});

describe.skipIf(missing.length > 0)('the pull request comment', () => {
  test('is found behind more than a hundred others and updated', async () => {
    for (let id = 0; id < 150; id += 1)
      api.comments.push({ id, body: id === 130 ? '<!-- performance-ratchet: NVIDIA-L4 -->\nold' : `note ${id}` });
    await act('pull_request', 1);
    await comment();
    expect(api.comments).toHaveLength(150);
    expect(api.comments[130]?.body).toContain('Performance Ratchet Report');
  });

  test('a comment that only quotes the marker is not taken for it', async () => {
    api.comments.push({ id: 1, body: '> <!-- performance-ratchet: NVIDIA-L4 -->' });
    await act('pull_request', 1);
    await comment();
    expect(api.comments).toHaveLength(2);
  });

  test('is one for each matrix cell, which its own pushes update', async () => {
    for (const cell of ['L4', 'B200, 8 GPUs']) await act('pull_request', 1, { cell }).then(deliver);
    await comment();
    expect(api.comments.map(({ body }) => body.split('\n')[0])).toEqual([
      '<!-- performance-ratchet: B200--8-GPUs -->',
      '<!-- performance-ratchet: L4 -->',
    ]);
    await act('pull_request', 2, { cell: 'L4' });
    await comment();
    expect(api.comments).toHaveLength(2);
    expect(api.comments[1]?.body).toContain('2.000');
  });

  test('of a large report is cut between lines and fits', async () => {
    await act('pull_request', 1);
    const row = `| ${'configuration '.repeat(8)}| 0.0500 ms | 📈 |\n`;
    await writeFile(
      at('temp', 'performance-ratchet', 'bundle', 'report.md'),
      `# Performance Ratchet Report\n\n${row.repeat(5000)}`,
    );
    expect(await comment()).toMatchObject({ code: 0 });
    const [written] = api.comments;
    expect(written?.body.length).toBeLessThan(65_536);
    expect(written?.body).toMatch(/\| 📈 \|\n\n… cut here, the report goes on\.\n\nSee the \[workflow run\]/);
  });

  test('says that there is no report where the benchmark crashed', async () => {
    await act('pull_request', 1, { 'bench-command': 'false' });
    await comment();
    expect(api.comments[0]?.body).toContain('There is no report');
  });

  test('takes names out of a bundle as plain words', async () => {
    await act('pull_request', 1);
    const meta = at('temp', 'performance-ratchet', 'bundle', 'meta.json');
    await writeFile(meta, JSON.stringify({ cell: 'a-->\n@everyone', gpu: 'L4 <img src=x> @team' }));
    await comment();
    expect(api.comments[0]?.body).toMatch(/^<!-- performance-ratchet: a----?-everyone -->\n/);
    expect(api.comments[0]?.body).not.toMatch(/@|<img/);
  });

  test('that may not be written fails its own job, and the verdict stands', async () => {
    const run = await act('pull_request', 1);
    api.status = 403;
    expect(run.passed).toBe(true);
    expect(await comment()).toMatchObject({ code: 1, output: expect.stringContaining('could not be read') });
  });

  test('the token is sent and never printed', async () => {
    await act('pull_request', 1);
    const { output } = await comment();
    expect(api.requests.length).toBeGreaterThan(1);
    expect(api.requests.every((request) => request.endsWith(`Bearer ${TOKEN}`))).toBe(true);
    expect(output).not.toContain(TOKEN);
  });
});

describe.skipIf(missing.length > 0)('the gate', () => {
  test.each([
    ['success', '["gpu"]', 0, ''],
    ['skipped', '', 1, 'set the repository variable PERFORMANCE_RUNNER'],
    ['skipped', '["gpu"]', 1, 'code of a fork'],
    ['cancelled', '["gpu"]', 1, 'was cancelled'],
    ['failure', '["gpu"]', 1, 'found a regression'],
  ])('a measuring job that ended as %s with runner %j: exit %i', async (needed, runner, code, output) => {
    const env = { ...gitEnv(), PERF_NEEDED: needed, PERF_RUNNER: runner };
    expect(await script('gate.sh', env)).toMatchObject({ code, output: expect.stringContaining(output) });
  });

  test.each([
    ['skipped', 0],
    ['failure', 1],
    ['cancelled', 1],
  ])('where nothing measured was touched, a measuring job that was %s: exit %i', async (needed, code) => {
    const env = { ...gitEnv(), PERF_NEEDED: needed, PERF_RUNNER: '["gpu"]', PERF_MEASURED: 'false' };
    expect(await script('gate.sh', env)).toMatchObject({ code });
  });
});

describe.skipIf(missing.length > 0)('the changed paths', () => {
  const changed = async (name: 'push' | 'pull_request', env: Readonly<Record<string, string>> = {}) => {
    const own = { PERF_PATHS: '**/*.cu bench/** setup.py', GITHUB_OUTPUT: at('changed') };
    const done = await script('changed.sh', { ...(await event(name)), ...own, ...env });
    return { ...done, outputs: existsSync(at('changed')) ? await readFile(at('changed'), 'utf8') : '' };
  };
  const commit = async (path: string): Promise<void> => {
    await mkdir(dirname(at('work', path)), { recursive: true });
    await writeFile(at('work', path), 'new\n');
    git(at('work'), 'add', '.');
    git(at('work'), 'commit', '--quiet', '-m', path);
  };

  test.each([
    ['kernel.cu', true],
    ['deep/er/gemm.cu', true],
    ['bench/shapes/a.json', true],
    ['setup.py', true],
    ['README.md', false],
    ['docs/setup.py', false],
  ])('of a pull request that touches %s: measured=%s', async (path, measured) => {
    await commit(path);
    expect(await changed('pull_request')).toMatchObject({ code: 0, outputs: `measured=${measured}\n` });
  });

  test('takes the changes of the pull request alone, not those that main made meanwhile', async () => {
    await commit('README.md');
    git(folder, 'clone', '--quiet', 'remote.git', 'other');
    await writeFile(at('other', 'kernel.cu'), 'of main\n');
    git(at('other'), 'commit', '--quiet', '--all', '-m', 'meanwhile');
    git(at('other'), 'push', '--quiet', 'origin', 'main');
    git(at('work'), 'fetch', '--quiet', 'origin');
    expect(await changed('pull_request')).toMatchObject({ code: 0, outputs: 'measured=false\n' });
  });

  test('measures whatever is pushed to main', async () => {
    expect(await changed('push')).toMatchObject({ code: 0, outputs: 'measured=true\n' });
  });

  test('without the base commit is an error, so that the gate does not pass', async () => {
    await event('pull_request');
    await writeFile(at('event.json'), JSON.stringify({ pull_request: { base: { sha: 'f'.repeat(40) } } }));
    const env = { ...gitEnv(), GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: at('event.json') };
    const done = await script('changed.sh', { ...env, PERF_PATHS: '**/*.cu', GITHUB_OUTPUT: at('changed') });
    expect(done).toMatchObject({ code: 1, output: expect.stringContaining('set fetch-depth: 0') });
    expect(existsSync(at('changed'))).toBe(false);
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

  test('reads a single artifact, which some versions of the download put straight into the folder', async () => {
    await act('push', 0.05);
    await cp(at('temp', 'performance-ratchet', 'bundle'), at('alone'), { recursive: true });
    const done = await script('save-baseline.sh', { ...(await event('push')), PERF_BUNDLES: at('alone') });
    expect(done.output).toContain('pushed to main and checked');
  });

  test('keeps what gained in a run in which another configuration regressed', async () => {
    const both = (first: number, second: number): Promise<ActionRun> => {
      const results = {
        configs: [first, second].map((ms, at) => ({ name: `c${at}`, performance: { median_ms: ms } })),
      };
      return act('push', 1, { 'bench-command': `echo '${JSON.stringify(results)}' >results/current.json` });
    };
    await both(1, 1);
    await save();
    const run = await both(0.5, 2);
    expect(codes(run)).toMatchObject({ Verdict: 1 });
    expect(await save()).toMatchObject({ code: 0 });
    expect(JSON.parse(remoteBaseline()).configs).toMatchObject({ c0: { median_ms: 0.5 }, c1: { median_ms: 1 } });
  });

  test('goes on top of commits that came meanwhile', async () => {
    await meanwhile('README.md', 'hello\n');
    await act('push', 0.05);
    expect((await save()).output).toContain('pushed to main and checked');
    expect(git(at('remote.git'), 'log', '--format=%s', 'main').split('\n')).toHaveLength(3);
  });

  test('refuses to overwrite a baseline that another run saved', async () => {
    await meanwhile('results/baseline.json', '{"configs": {}}\n');
    await act('push', 0.05);
    expect(await save()).toMatchObject({
      code: 1,
      output: expect.stringContaining('another run changed the baseline'),
    });
    expect(remoteBaseline()).toBe('{"configs": {}}');
  });

  test('a push that the server refuses is an error', async () => {
    await writeFile(at('remote.git', 'hooks', 'pre-receive'), '#!/bin/sh\nexit 1\n');
    await chmod(at('remote.git', 'hooks', 'pre-receive'), 0o755);
    await act('push', 0.05);
    expect(await save()).toMatchObject({ code: 1, output: expect.stringContaining('the job needs contents: write') });
  });

  test('an ignored baseline is an error, not silence', async () => {
    await writeFile(at('work', '.gitignore'), 'results/\n');
    await act('push', 0.05);
    expect(await save()).toMatchObject({ code: 1, output: expect.stringContaining('is it ignored?') });
  });

  test('an unchanged baseline makes no commit', async () => {
    await act('push', 0.05);
    await save();
    const before = git(at('remote.git'), 'rev-parse', 'main');
    await act('push', 0.05);
    expect(await save()).toMatchObject({ code: 0, output: expect.stringContaining('unchanged') });
    expect(git(at('remote.git'), 'rev-parse', 'main')).toBe(before);
  });

  test('commits nothing else that lies around', async () => {
    await act('push', 0.05);
    await save();
    expect(git(at('remote.git'), 'show', '--format=', '--name-only', 'main')).toBe('results/baseline.json');
  });

  test('keeps one of each matrix cell, and refuses two that would share a file', async () => {
    await act('push', 0.05, { cell: 'L4', baseline: 'results/l4.json' });
    await deliver();
    await act('push', 0.07, { cell: 'B200', baseline: 'results/b200.json' });
    expect(await save()).toMatchObject({ code: 0 });
    expect(git(at('remote.git'), 'show', '--format=', '--name-only', 'main').split('\n').sort()).toEqual([
      'results/b200.json',
      'results/l4.json',
    ]);
    await act('push', 0.05, { cell: 'H100', baseline: 'results/l4.json' });
    expect(await save()).toMatchObject({ code: 1, output: expect.stringContaining('two matrix cells keep') });
  });

  test.each(['/etc/passwd', '../out.json', '.git/config'])('writes no %s', async (baseline) => {
    await act('push', 0.05);
    const meta = at('temp', 'performance-ratchet', 'bundle', 'meta.json');
    await writeFile(meta, JSON.stringify({ cell: 'x', baseline }));
    expect(await save()).toMatchObject({ code: 1, output: expect.stringContaining('is no path for a baseline') });
  });

  test('does nothing for a pull request', async () => {
    await act('pull_request', 0.05);
    await deliver();
    const done = await script('save-baseline.sh', { ...(await event('pull_request')), PERF_BUNDLES: at('bundles') });
    expect(done).toMatchObject({ code: 0, output: expect.stringContaining('kept on main only') });
    expect(existsSync(at('temp', 'performance-ratchet', 'bundle', 'baseline.json'))).toBe(false);
  });
});

describe('the workflow templates', () => {
  const read = async (name: string) => {
    const path = `.github/workflows/${name}`;
    return (await parseYaml(await readFile(path, 'utf8'), path)) as JsonObject; // checked by the expectations
  };

  test('the ratchet runs on kernels and benchmarks, on main, and by hand, and never on code of a fork', async () => {
    const workflow = await read('performance-ratchet.yml');
    const paths = ['**/*.cu', '**/*.cuh', '**/*.cpp', 'bench/**', 'setup.py'];
    expect(workflow).toMatchObject({
      on: { pull_request: null, push: { branches: ['main'], paths }, workflow_dispatch: null },
      permissions: { contents: 'read' },
      jobs: {
        changes: { steps: expect.arrayContaining([expect.objectContaining({ env: { PERF_PATHS: paths.join(' ') } })]) },
        ratchet: {
          needs: 'changes',
          if: expect.stringMatching(/measured == 'true'.*head\.repo\.full_name == github\.repository/s),
        },
      },
    });
  });

  test('nothing is cancelled: no workflow that measures has a concurrency group', async () => {
    for (const name of WORKFLOWS) expect(await read(name)).not.toHaveProperty('concurrency');
  });

  test('code of a pull request runs without a right to write and without credentials', async () => {
    const workflow = await read('performance-ratchet.yml');
    const { changes, ratchet, gate, 'save-baseline': saving } = workflow['jobs'] as Record<string, JsonObject>; // checked below
    expect(ratchet).not.toHaveProperty('permissions');
    for (const job of [changes, gate]) expect(job).not.toHaveProperty('permissions');
    expect(JSON.stringify([changes, ratchet, gate])).not.toMatch(/github\.token|secrets\./);
    for (const job of [changes, ratchet, gate])
      expect(job?.['steps']).toContainEqual(
        expect.objectContaining({ with: expect.objectContaining({ 'persist-credentials': false }) }),
      );
    expect(saving).toMatchObject({
      if: "${{ !cancelled() && github.event_name != 'pull_request' && github.ref == 'refs/heads/main' }}",
      permissions: { contents: 'write' },
    });
    expect(JSON.stringify(saving)).not.toContain('uses: ./');
    expect(await readFile(ACTION, 'utf8')).not.toMatch(/github\.token|secrets\./);
  });

  test('the comment is written from main, and of the pull request it takes the artifact alone', async () => {
    const workflow = await read('performance-comment.yml');
    expect(workflow).toMatchObject({
      on: { workflow_run: { workflows: ['Performance ratchet'], types: ['completed'] } },
      permissions: { contents: 'read', actions: 'read', 'pull-requests': 'write' },
    });
    const text = await readFile('.github/workflows/performance-comment.yml', 'utf8');
    expect(text).toContain('ref: ${{ github.event.repository.default_branch }}');
    expect(text).not.toMatch(/ref: .*head/);
  });

  test('the gate waits for the measuring jobs whatever becomes of them', async () => {
    const workflow = await read('performance-ratchet.yml');
    expect(workflow).toMatchObject({ jobs: { gate: { needs: ['changes', 'ratchet'], if: 'always()' } } });
  });

  test('artifacts are named for their matrix cell, run and attempt', async () => {
    expect(await readFile(ACTION, 'utf8')).toContain(
      'name: performance-${{ steps.bundle.outputs.cell }}-${{ github.run_id }}-${{ github.run_attempt }}',
    );
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
    for (const path of [ACTION, ...WORKFLOWS.map((name) => `.github/workflows/${name}`)]) {
      const lines = (await readFile(path, 'utf8')).split('\n');
      expect(lines.filter((line) => /^\s*(- )?run:.*\$\{\{/.test(line))).toEqual([]);
    }
  });
});
