// The benchmark clients that .ci/python-tools installs, and what the tests give them: a tokenizer and a tiny model made on the spot,
// and a campaign of one cell. For tests only; nothing here downloads.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { CELL, writeTree } from '../campaign/bundles.ts';
import { jsonOf, runCli, type Finished } from '../e2e/run-cli.ts';

const { PROFILE_AND_OPTIMIZE_PYTHON_TOOLS: named, XDG_CACHE_HOME: cache, HOME: home = '/root' } = process.env;
const FOLDER = named ?? join(cache ?? join(home, '.cache'), 'profile-and-optimize', 'python-tools');
const BIN = join(FOLDER, 'venv', 'bin');

/** Whether a program of them is installed; prints the reason where it is not. */
export const hasClient = (name: string): boolean => {
  const reason = join(FOLDER, 'lacks');
  const present = existsSync(join(FOLDER, 'edition')) && existsSync(join(BIN, name));
  if (!present) {
    const said = existsSync(reason) ? readFileSync(reason, 'utf8').trim() : 'run .ci/python-tools';
    console.log(`skipped: ${name} is not installed: ${said}`);
  }
  return present;
};

/** What a client sees: its own programs first, a home of its own, and no network that it would wait for. */
export const clientEnvironment = (root: string): Record<string, string> => ({
  PATH: [BIN, process.env['PATH'] ?? ''].join(delimiter),
  HF_HOME: join(root, 'hf'),
  HF_HUB_OFFLINE: '1',
  VLLM_NO_USAGE_STATS: '1',
  VLLM_CPU_KVCACHE_SPACE: '1',
  TOKENIZERS_PARALLELISM: 'false',
});

/** Runs a program of the clients and returns what it printed. Throws where it fails. */
export const runClient = (argv: readonly string[], root: string): string => {
  const [program = '', ...args] = argv;
  const env = { ...clientEnvironment(root), HOME: root };
  const done = spawnSync(join(BIN, program), args, { cwd: root, env, encoding: 'utf8', timeout: 240_000 });
  if (done.status !== 0)
    throw new Error(`${argv.slice(0, 3).join(' ')}: exit ${done.status}: ${done.stderr.slice(-2000)}`);
  return done.stdout;
};

/** A byte-level tokenizer, and with `weights` a model of two layers whose weights are drawn at random; its folder. */
export const makeModel = (root: string, weights: 'weights' | 'tokenizer'): string => {
  const folder = join(root, 'tiny-model');
  runClient(['python', resolve('test/real/make-model.py'), folder, weights], root);
  return folder;
};

/** Runs a program of the clients while this process goes on, as one that asks a server of the test must. Throws where it fails. */
export const startClient = async (root: string, [program = '', ...args]: readonly string[]): Promise<void> => {
  mkdirSync(join(root, 'bundle'), { recursive: true });
  const env = { ...clientEnvironment(root), HOME: root };
  const child = spawn(join(BIN, program), args, { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => (said = (said + String(chunk)).slice(-2000)));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program}: exit ${String(code)}: ${said}`);
};

let campaigns = 0;

/** A campaign of the cell `cell`, and the calls that run and read it. */
export const campaignOf = async (root: string, cell: object, more: Readonly<Record<string, string>> = {}) => {
  const id = `real${(campaigns += 1)}-20261128T010203Z`;
  const env = { ...clientEnvironment(root), ...more };
  const run = (...args: string[]): Promise<Finished> =>
    runCli(args, { root, env, program: resolve('dist/perftunereport.mjs') });
  writeTree(root, { 'run.yaml': { experiment_id: id, cells: [{ ...CELL, model: 'tiny', cell_id: 'cell', ...cell }] } });
  jsonOf(await run('campaign_init', 'run.yaml', '--json'));
  const folder = join(root, 'campaigns', id, 'cells', 'cell');
  const cellRun = async (backend: string) => {
    const words = ['--campaign', id, '--cell', 'cell', '--backend', backend, '--i-understand-this-submits-jobs'];
    const done = await run('perf_tune_report_cell_run', ...words, '--wait-s', '840', '--json');
    return done.code === 0 ? jsonOf(done) : { failed: done.stderr + done.stdout, ...commandsOf(folder) };
  };
  return { id, run, cellRun, folder, rows: () => rowsOf(folder) };
};

export interface ReadRow {
  readonly concurrency: number;
  readonly status: string;
  readonly raw_path: string;
  readonly ttft_avg_ms: number;
  readonly tpot_median_ms: number;
  readonly request_throughput_avg: number;
  readonly output_tps_per_gpu: number;
  readonly mean_input_tokens: number | null;
  readonly mean_output_tokens: number | null;
  readonly power_watts_per_gpu: number | null;
  readonly extra: Readonly<Record<string, unknown>>;
}

const rowsOf = (folder: string): ReadRow[] => JSON.parse(readFileSync(join(folder, 'normalized.json'), 'utf8'));

/** The end of what the first command of a cell said, for the message of a test that fails. */
const commandsOf = (folder: string): Record<string, string> => {
  const found = spawnSync('sh', ['-c', `tail -n 40 "${folder}"/commands/01-*`], { encoding: 'utf8' });
  return { commands: found.stdout };
};
