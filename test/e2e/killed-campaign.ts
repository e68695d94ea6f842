// Runs a campaign whose job is killed at random moments and resumed until it is done, and counts what was lost or doubled. As a program
// it takes the number of kills: `npm run kills -- 200`.
import { existsSync, mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CELL, writeTree } from '../campaign/bundles.ts';
import { startStandIn } from '../load/stand-in-server.ts';
import { runCli, type Finished } from './run-cli.ts';
import { standInTool } from './stand-in-tool.ts';

export interface KillFigures {
  readonly kills: number;
  /** Runs of the job, killed ones among them. */
  readonly runs: number;
  readonly points: number;
  /** Loads that the config asks for and no row has, or that have two rows. */
  readonly missing: number;
  readonly doubled: number;
  /** Cells with another number of entries in the registry than one. */
  readonly entries_wrong: number;
  /** Points that the tool had written and that were measured again all the same. */
  readonly measured_again: number;
  /** Files of deployments that are left. */
  readonly left: number;
}

export interface KillPlan {
  readonly cells: number;
  /** Most kills; fewer where the campaign is done before. */
  readonly kills: number;
  /** Longest time until a kill, ms. */
  readonly withinMs: number;
  readonly seed: number;
}

const ID = 'kill-20261129T010203Z';
const LOADS = [1, 2];

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
const randomFrom = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

interface JobFacts {
  readonly job_id: string;
  readonly job_folder: string;
}

const stateOf = (folder: string): { state: string; process: { pid: number } | null } =>
  JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as { state: string; process: { pid: number } | null };

const ENDED = ['succeeded', 'failed', 'cancelled', 'lost'];

/** Waits for the end, at most so long. */
const ended = async (folder: string, ms: number): Promise<string | null> => {
  const until = Date.now() + ms;
  for (;;) {
    const { state } = stateOf(folder);
    if (ENDED.includes(state)) return state;
    if (Date.now() > until) return null;
    await sleep(Math.min(50, Math.max(1, until - Date.now())));
  }
};

interface Row {
  readonly concurrency: number;
  readonly status: string;
}

const figuresOf = (root: string, log: string, cells: readonly string[], kills: number, runs: number): KillFigures => {
  const campaign = join(root, 'campaigns', ID);
  const rows = cells.map((cell) => JSON.parse(readFileSync(join(campaign, 'cells', cell, 'normalized.json'), 'utf8')) as Row[]);
  const count = (held: readonly Row[], load: number): number => held.filter(({ concurrency, status }) => concurrency === load && status === 'full').length;
  const registry = join(root, 'experiments', 'artifacts', 'perf-baselines', 'kill');
  const entries = cells.map((cell) => readdirSync(join(registry, cell)).filter((name) => /^\d{8}T/.test(name)).length);
  const finished = readFileSync(log, 'utf8').split('\n').filter((line) => line.startsWith('end ')).length;
  const expected = cells.length * LOADS.length;
  return {
    kills,
    runs,
    points: rows.flat().length,
    missing: rows.flatMap((held) => LOADS.filter((load) => count(held, load) === 0)).length,
    doubled: rows.flatMap((held) => LOADS.filter((load) => held.filter((row) => row.concurrency === load).length > 1)).length,
    entries_wrong: entries.filter((held) => held !== 1).length,
    measured_again: finished - expected,
    left: readdirSync(root).filter((name) => name.startsWith('deployed-')).length,
  };
}; // prettier-ignore

/** One campaign from its beginning to its end. */
export const killedCampaign = async ({ cells: count, kills: most, withinMs, seed }: KillPlan): Promise<KillFigures> => {
  const root = mkdtempSync(join(tmpdir(), 'killed-campaign-'));
  mkdirSync(join(root, '.git'));
  const tool = standInTool(root, 0.05);
  const cells = Array.from({ length: count }, (_, index) => `c${String(index).padStart(2, '0')}`);
  const engine = await startStandIn({ models: ['org/model'] });
  const shape = { ...CELL, concurrencies: LOADS, isl: 16, osl: 4, sglang: { endpoint_url: engine.baseUrl } };
  const standing = join(root, 'deployed-{cell_id}');
  writeTree(root, {
    'run.yaml': {
      experiment_id: ID,
      campaign: {
        deploy: { command: ['mkdir', '-p', standing], teardown: ['rm', '-rf', standing] },
        ready_url: 'data:text/plain,ready',
      },
      cells: cells.map((cell_id) => ({ ...shape, cell_id })),
    },
  });
  const env = { PATH: `${tool.path}:${process.env['PATH'] ?? ''}` };
  const run = (...args: string[]): Promise<Finished> =>
    runCli(args, { root, env, program: resolve('dist/perftunereport.mjs') });
  const random = randomFrom(seed);
  await run('campaign_init', 'run.yaml');
  let [kills, runs] = [0, 0];
  for (;;) {
    const started = await run('campaign_run', ID, '--resume', '--i-understand-this-submits-jobs', '--wait-s', '0', '--json');
    const { job_folder: folder } = JSON.parse(started.stdout) as JobFacts;
    runs += 1;
    const before = await ended(folder, kills < most ? random() * withinMs : 600_000);
    if (before === 'succeeded') break;
    if (before !== null) throw new Error(`run ${runs} ended as ${before}: ${readFileSync(join(folder, 'state.json'), 'utf8')}`);
    const { process: supervisor } = stateOf(folder);
    if (supervisor === null) continue;
    process.kill(supervisor.pid, 'SIGKILL');
    kills += 1;
  }
  const figures = figuresOf(root, tool.log, cells, kills, runs);
  await engine.close();
  rmSync(root, { recursive: true, force: true });
  return figures;
}; // prettier-ignore

const [, program = '', wanted] = process.argv;

if (program.endsWith('killed-campaign.ts') && existsSync('dist/perftunereport.mjs')) {
  let left = Number(wanted ?? 200);
  for (let seed = 1; left > 0; seed += 1) {
    const figures = await killedCampaign({ cells: 30, kills: left, withinMs: 4000, seed });
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    left -= figures.kills;
  }
}
