// `bench run` through the built binary against endpoints that never end, never begin, or say odd things: it ends at the first
// signal with what was measured, ends by itself at its limits, and names what to do.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startStandIn, type Behaviour, type StandIn, type StandInOptions } from '../load/stand-in-server.ts';
import { freshRoot, removeRoot } from './connect.ts';
import { runCli, type Finished } from './run-cli.ts';

const BENCH = resolve('dist/bench.mjs');
let root: string;
const servers: StandIn[] = [];
beforeEach(() => void (root = freshRoot()));
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  removeRoot(root);
});

const serve = async (options: StandInOptions): Promise<StandIn> => {
  const server = await startStandIn({ gapMs: 0, firstMs: 1, ...options });
  servers.push(server);
  return server;
};
const load = (server: StandIn, ...more: string[]): string[] => [
  ...['run', 'code', '--base-url', server.baseUrl, '--output', 'out', '--concurrency', '2', '--warm-up-s', '0'],
  ...more,
];
const bench = (server: StandIn, ...more: string[]): Promise<Finished> =>
  runCli(load(server, ...more), { root, program: BENCH });

interface Envelope {
  readonly warnings: readonly string[];
  readonly trials: readonly { readonly requests: number; readonly interrupted: boolean; readonly validity: string[] }[];
}
const envelope = (): Envelope => {
  const [name = ''] = readdirSync(join(root, 'out')).filter((each) => /^c2-.*\.json$/.test(each));
  return JSON.parse(readFileSync(join(root, 'out', name), 'utf8'));
};

const HOSTILE: readonly Behaviour[] = ['endless', 'endless_comments', 'gzip_bomb', 'slow_head', 'hang'];

describe('the first signal ends a run', () => {
  /** Starts a run, waits until the server has got so many streamed requests, and sends one signal. */
  const signalled = async (server: StandIn, seen: number, signal: NodeJS.Signals): Promise<Finished> => {
    const child = spawn(process.execPath, [BENCH, ...load(server, '--requests', '100000')], {
      cwd: root,
      env: { ...process.env, PROFILE_AND_OPTIMIZE_REPO_ROOT: root },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
    const ended = new Promise<number | null>((over) => child.once('close', over));
    await vi.waitFor(() => expect(server.bodies.length).toBeGreaterThanOrEqual(seen), {
      timeout: 15_000,
      interval: 20,
    });
    child.kill(signal);
    const giveUp = setTimeout(() => child.kill('SIGKILL'), 8000);
    const code = await ended;
    clearTimeout(giveUp);
    return { code, stdout, stderr } as Finished;
  };

  it.each(HOSTILE.filter((behaviour) => behaviour !== 'endless'))(
    'against a server that turns %s, and what was measured is kept',
    async (behaviour) => {
      const server = await serve({ behave: (n) => (n < 9 ? 'good' : behaviour) });
      const done = await signalled(server, 11, 'SIGINT');
      expect(done.code, done.stderr).toBe(130);
      const [trial] = envelope().trials;
      expect(trial).toMatchObject({ interrupted: true, requests: 8, validity: expect.arrayContaining(['undercount']) });
    },
  );

  it.each(HOSTILE.filter((behaviour) => behaviour !== 'endless'))(
    'while a server that is %s from the start is asked what it is',
    async (behaviour) => {
      const done = await signalled(await serve({ behave: () => behaviour }), 1, 'SIGTERM');
      expect(done).toMatchObject({ code: 130, stderr: expect.stringMatching(/ended before anything was measured/) });
    },
  );
});

describe('a run ends by itself', () => {
  const limits = ['--requests', '4', '--timeout-s', '0.4', '--request-timeout-s', '0.6'];

  it('against a server that generates for ever, by the number of tokens', async () => {
    const endless = await serve({ behave: () => 'endless' });
    const done = await bench(endless, '--requests', '4', '--osl', '4');
    const says = /error no_measurement: .*over_token_limit .*far beyond max_tokens 4/;
    expect(done).toMatchObject({ code: 2, stderr: expect.stringMatching(says) });
  });

  it.each<[Behaviour, RegExp]>([
    ['hang', /error endpoint_silent: .*no byte came within 0\.4 s/],
    ['slow_head', /error endpoint_silent: .*no byte came within 0\.4 s/],
    ['endless', /error no_measurement: .*timeout_total/],
    ['endless_comments', /error no_measurement: .*timeout_total.*not over after 0\.6 s/],
    ['gzip_bomb', /error no_measurement: .*(timeout_total|content-encoding gzip)/],
  ])('against a server that is %s, and says why', async (behaviour, says) => {
    const done = await bench(await serve({ behave: () => behaviour }), ...limits);
    expect(done).toMatchObject({ code: 2, stderr: expect.stringMatching(says) });
  });
});

describe('a refusal names the flag that helps:', () => {
  it.each<[Behaviour, string[], RegExp]>([
    ['unauthorized', [], /error unauthorized: .*401.*\nfix: name the environment variable .* --api-key-env/],
    [
      'unauthorized',
      ['--api-key-env', 'HOME'],
      /fix: check the key, which the server does not accept, in the variable of --api-key-env/,
    ],
    [
      'not_found',
      [],
      /error endpoint_not_found: the server has no \/v1\/chat\/completions.*\nfix: use --endpoint completions/,
    ],
    ['not_found', ['--endpoint', 'completions'], /fix: use --endpoint chat/],
  ])('%s with %j', async (behaviour, flags, says) => {
    const done = await bench(await serve({ behave: () => behaviour }), '--requests', '4', ...flags);
    expect(done).toMatchObject({ code: 2, stderr: expect.stringMatching(says) });
  });

  it('a server that wants max_completion_tokens gets it', async () => {
    const server = await serve({ wantsNewLimit: true, tokenize: null });
    const done = await bench(server, '--requests', '4');
    expect(done.code, done.stderr).toBe(0);
    for (const body of server.bodies) {
      expect(body).not.toHaveProperty('max_tokens');
      expect(body['max_completion_tokens']).toBeGreaterThan(0);
    }
    expect(envelope().warnings.join()).not.toMatch(/prompt length is an estimate/);
  });
});

describe('an odd answer', () => {
  it('with an error inside the stream is a failure of that name, and shares in the rate of answers', async () => {
    const server = await serve({ behave: (n) => (n % 2 === 1 ? 'error_in_stream' : 'good') });
    const done = await bench(server, '--requests', '8');
    expect(done.code, done.stderr).toBe(0);
    expect(JSON.stringify(envelope())).toContain('error_in_stream');
    expect(done.stdout).toMatch(/error_in_stream/);
  });

  it.each<[Behaviour, RegExp]>([
    ['done_without_finish', /^4 answers ended in \[DONE\] without a finish reason; they count as answered$/m],
    ['usage_one_above', /^4 answers report one token more than max_tokens/m],
    ['usage_too_small', /^4 answers report fewer tokens than pieces of text came/m],
  ])('%s counts, and the envelope says so', async (behaviour, says) => {
    const done = await bench(await serve({ behave: () => behaviour }), '--requests', '4');
    expect(done.code, done.stderr).toBe(0);
    expect(envelope().warnings.join('\n')).toMatch(says);
  });
});
