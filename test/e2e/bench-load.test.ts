// Loads and surroundings of `bench run` through the built binary: open loops, servers that are started anew, a terminal with its
// progress bar, and loads beyond what the generator is proven for.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStandIn, type StandIn } from '../load/stand-in-server.ts';
import { freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';

let root: string;
let server: StandIn;
const at = (...names: string[]): string => join(root, ...names);
const BENCH = resolve('dist/bench.mjs');
const bench = (...args: string[]): Promise<Finished> => runCli(args, { root, program: BENCH });

interface Envelope {
  readonly context: Record<string, unknown>;
  readonly driver_options: Record<string, unknown>;
  readonly warnings: readonly string[];
  readonly metrics: Record<string, number>;
  readonly trials: readonly {
    readonly replicate_level: string;
    readonly schedule_lag_ms: { readonly p99: number } | null;
    readonly failures: Record<string, number>;
  }[];
}
/** One measured point of a folder, as its envelope says it. */
const envelopeOf = (folder: string, point: string): Envelope => {
  const [name = ''] = readdirSync(at(folder)).filter((each) => each.startsWith(`${point}-`) && each.endsWith('.json'));
  return JSON.parse(readFileSync(at(folder, name), 'utf8'));
};

beforeAll(async () => {
  root = freshRoot();
  server = await startStandIn({ chunks: 4 });
});
afterAll(async () => {
  await server.close();
  removeRoot(root);
});

describe('goodput', () => {
  it.each([
    ['a number of requests', ['--concurrency', '4', '--requests', '30']],
    ['a duration', ['--concurrency', '4', '--duration-s', '0.4']],
    ['a warm-up that reaches into the window', ['--concurrency', '7', '--requests', '23', '--warm-up-s', '5']],
    ['a schedule', ['--rps', '60', '--duration-s', '0.4']],
  ])('equals requests per second where every answer met its level, for %s', async (name, load) => {
    const folder = `goodput-${name.replaceAll(' ', '-')}`;
    const fixed = ['--slo', 'e2e:60s', '--base-url', server.baseUrl, '--output', folder];
    const done = await bench(
      'run',
      'code',
      ...(load.includes('--warm-up-s') ? [] : ['--warm-up-s', '0']),
      ...load,
      ...fixed,
    );
    expect(done.code, done.stderr).toBe(0);
    const { metrics } = envelopeOf(folder, load[0] === '--rps' ? 'rps60' : `c${load[1]}`);
    expect(metrics['req_per_s']).toBeGreaterThan(0);
    expect(metrics['goodput_req_per_s']).toBe(metrics['req_per_s']);
  });
});

describe('an open loop', () => {
  const short = ['--requests', '12', '--warm-up-s', '0'];

  it('of one rate is sent by schedule, and the envelope says how late requests left', async () => {
    const done = await bench('run', 'code', '--rps', '50', '--base-url', server.baseUrl, '--output', 'open', ...short);
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).toMatch(/^rps50: /);
    const { context, driver_options: driver, trials } = envelopeOf('open', 'rps50');
    expect(context).toMatchObject({ request_rate: 50, concurrency: null });
    expect(driver).toMatchObject({ driver: 'open_loop', rps: 50, arrival: 'poisson', requests: 12 });
    expect(trials[0]?.schedule_lag_ms?.p99).toBeGreaterThanOrEqual(0);
  });

  it('of several rates gives an envelope each, and none is compared with another', async () => {
    const done = await bench(
      ...['run', 'code', '--rps-sweep', '40,80', '--arrival', 'constant', '--base-url', server.baseUrl],
      ...['--output', 'rates', ...short],
    );
    expect(done.code, done.stderr).toBe(0);
    for (const rate of [40, 80]) expect(envelopeOf('rates', `rps${rate}`).driver_options).toMatchObject({ rps: rate });
    const [slow = '', fast = ''] = readdirSync(at('rates')).filter((name) => /^rps.*\.json$/.test(name));
    const crossed = await bench('diff', join('rates', slow), join('rates', fast));
    expect(crossed).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/measured at rps80, the baseline at rps40/),
    });
  });

  it('counts what a server that hangs cannot take as unsent, and never as fast', async () => {
    const stuck = await startStandIn({ behave: (n) => (n < 4 ? 'good' : 'hang') });
    const load = ['--rps', '100', '--max-in-flight', '4', '--timeout-s', '0.5', '--base-url', stuck.baseUrl];
    const done = await bench('run', 'code', ...load, '--output', 'stuck', '--requests', '40', '--warm-up-s', '0');
    await stuck.close();
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).toMatch(/ok rate 0\.\d+ \(.*\d+ unsent/);
    const [trial] = envelopeOf('stuck', 'rps100').trials;
    expect(trial?.failures['unsent']).toBeGreaterThan(0);
    expect(trial?.failures['timeout_first_byte']).toBeGreaterThan(0);
  });
});

describe('a server that is started anew before each trial', () => {
  const freePort = (): Promise<number> =>
    new Promise((found) => {
      const probe = createServer().listen(0, '127.0.0.1', () => {
        const address = probe.address();
        const port = typeof address === 'object' && address !== null ? address.port : 0;
        probe.close(() => found(port));
      });
    });
  const PID = 'server.pid';
  const running = (): number => Number(readFileSync(at(PID), 'utf8'));

  it('gives trials of one process each, and a restart that fails ends the run with what it said', async () => {
    const port = await freePort();
    const serve = `'${process.execPath}' --import '${pathToFileURL(resolve('node_modules/tsx/dist/esm/index.mjs')).href}' '${resolve('test/load/serve-stand-in.ts')}' ${port}`;
    writeFileSync(
      at('restart.sh'),
      `[ ! -e ${PID} ] || kill "$(cat ${PID})"\n${serve} >server.log 2>&1 &\necho $! >${PID}\necho start >>starts\n`,
    );
    spawnSync('sh', ['restart.sh'], { cwd: root });
    const url = `http://127.0.0.1:${port}/v1`;
    for (let wait = 0; wait < 200 && !(await fetch(`${url}/models`).catch(() => null))?.ok; wait += 1)
      await new Promise((later) => setTimeout(later, 50));
    const first = running();
    const load = ['--concurrency', '2', '--requests', '8', '--warm-up-s', '0', '--base-url', url];
    try {
      const done = await bench(
        ...['run', 'code', ...load, '--trials', '3', '--restart-cmd', 'sh restart.sh', '--output', 'anew'],
      );
      expect(done.code, done.stderr).toBe(0);
      expect(running()).not.toBe(first);
      expect(readFileSync(at('starts'), 'utf8')).toBe('start\n'.repeat(4));
      const levels = envelopeOf('anew', 'c2').trials.map(({ replicate_level: level }) => level);
      expect(levels).toEqual(['process', 'process', 'process']);

      const failed = await bench(
        'run',
        'code',
        ...load,
        '--restart-cmd',
        "sh -c 'echo no GPU >&2; exit 3'",
        '--output',
        'x',
      );
      expect(failed).toMatchObject({ code: expect.any(Number), stderr: expect.stringMatching(/no GPU/) });
      expect(failed.code).not.toBe(0);
    } finally {
      process.kill(running());
    }
  });
});

describe('a load beyond what the generator is proven for', () => {
  it('is measured, and the answer names AIPerf', async () => {
    const load = ['--concurrency', '300', '--requests', '300', '--warm-up-s', '0', '--base-url', server.baseUrl];
    const done = await bench('run', 'random', '--isl', '16', '--osl', '4', ...load, '--output', 'many');
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).toMatch(
      /^! c300: 300 streams.*: the generator is proven exact up to 256 streams and 10000 chunks\/s$/m,
    );
    expect(done.stdout).toMatch(/^! give the generator an idle core, or use AIPerf/m);
    expect(envelopeOf('many', 'c300').warnings.join('\n')).toContain('300 streams');
  });
});

describe('a server that is not there', () => {
  it('is called unreachable, also where its model would have been asked for', async () => {
    const load = ['--concurrency', '2', '--base-url', 'http://127.0.0.1:9/v1', '--output', 'none'];
    const done = await bench('run', 'code', ...load);
    expect(done).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error endpoint_unreachable: .*ECONNREFUSED/),
    });
    const listed = await bench('run', 'code', ...load, '--json');
    expect(jsonOf(listed)).toMatchObject({ error: { code: 'endpoint_unreachable' } });
  });
});

describe('a server that takes connections and says nothing', () => {
  it('is named after one question, not after a timeout for each', async () => {
    const mute = createServer(() => undefined);
    await new Promise<void>((ready) => mute.listen(0, '127.0.0.1', ready));
    const address = mute.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/v1`;
    const load = ['--concurrency', '2', '--base-url', url, '--output', 'mute', '--timeout-s', '0.5'];
    const done = await bench('run', 'code', ...load);
    mute.close();
    expect(done).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error endpoint_unreachable: .* no answer within 0\.5 s/),
    });
  });
});

const withoutTerminal = spawnSync('script', ['--version']).status !== 0;
if (withoutTerminal) console.log('skipped: a terminal needs script (util-linux)');

describe.skipIf(withoutTerminal)('at a terminal', () => {
  /** What a command draws on a terminal of its own. */
  const onTerminal = (command: string): Promise<{ code: number | null; drawn: string }> =>
    new Promise((done) => {
      const env = { ...process.env, HOME: root, PROFILE_AND_OPTIMIZE_REPO_ROOT: root, TERM: 'xterm' };
      const child = spawn('script', ['-qefc', command, '/dev/null'], {
        cwd: root,
        env,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let drawn = '';
      child.stdout.on('data', (bytes) => (drawn += String(bytes)));
      child.on('close', (code) => done({ code, drawn }));
    });

  it('bench run shows a bar, the load point, and the time that is left, and takes the line away', async () => {
    const load = '--concurrency 2 --duration 3 --warm-up-s 0 --output tty';
    const line = `'${process.execPath}' '${BENCH}' run code ${load} --base-url ${server.baseUrl}`;
    const { code, drawn } = await onTerminal(line);
    expect(code, drawn).toBe(0);
    expect(drawn).toMatch(/\[=+> *\] {1,3}\d+% c2 trial 1\/1 measuring, \d+ s left \(\d+ s\)/);
    expect(drawn).toMatch(/\r\u001b\[2Kc2: [\d.]+ tok\/s/);
  });

  it('bench diff warns in yellow', async () => {
    const load = ['--concurrency', '2', '--requests', '8', '--warm-up-s', '0', '--base-url', server.baseUrl];
    expect(await bench('run', 'code', ...load, '--output', 'plain')).toMatchObject({ code: 0 });
    const other = envelopeOf('plain', 'c2');
    writeFileSync(at('other.json'), JSON.stringify({ ...other, context: { ...other.context, engine_version: '9' } }));
    const { drawn } = await onTerminal(`'${process.execPath}' '${BENCH}' diff plain other.json --strict --no-pager`);
    expect(drawn).toMatch(/\u001b\[33mWARNING:\u001b\[39m CONTEXT MISMATCH .*engine_version 0\.11\.0 -> 9/);
  });
});

describe.skipIf(spawnSync('openssl', ['version']).status !== 0)(
  'a server with a certificate of its own (needs openssl)',
  () => {
    const names: unknown[] = [];
    let baseUrl: string;
    let close: () => void;

    beforeAll(async () => {
      const [key, cert] = [at('key.pem'), at('cert.pem')];
      const asked = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost';
      const alternative = ['-addext', 'subjectAltName=DNS:localhost'];
      execFileSync('openssl', [...asked.split(' '), ...alternative, '-keyout', key, '-out', cert], { stdio: 'ignore' });
      const front = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) });
      front.on('secureConnection', (socket) => {
        names.push(socket.servername);
        const back = connect(Number(new URL(server.baseUrl).port), '127.0.0.1');
        socket
          .on('error', () => back.destroy())
          .pipe(back)
          .on('error', () => socket.destroy())
          .pipe(socket);
      });
      await new Promise<void>((done) => front.listen(0, '127.0.0.1', done));
      const { port } = front.address() as AddressInfo; // checked boundary: it listens on TCP
      baseUrl = `https://localhost:${port}/v1`;
      close = () => front.close();
    });
    afterAll(() => close());

    const measure = (env: Readonly<Record<string, string>>): Promise<Finished> => {
      const load = ['--concurrency', '2', '--requests', '4', '--warm-up-s', '0', '--trials', '1'];
      return runCli(['run', 'code', '--base-url', baseUrl, '--output', 'tls', ...load], { root, program: BENCH, env });
    };

    it('is refused with the reason and what to do', async () => {
      const done = await measure({});
      expect(done.code).toBe(2);
      expect(done.stderr).toMatch(/endpoint_unreachable: .*SELF_SIGNED_CERT.*\nfix: .*NODE_EXTRA_CA_CERTS/);
    });

    it('is measured, by its name, where the authority is named', async () => {
      const done = await measure({ NODE_EXTRA_CA_CERTS: at('cert.pem') });
      expect(done.code, done.stderr).toBe(0);
      expect(new Set(names)).toEqual(new Set(['localhost']));
    });
  },
);
