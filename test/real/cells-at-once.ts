// Measures how many cells of a campaign run at once on a cluster of made-up nodes, by asking the cluster itself meanwhile. As a program it
// takes numbers of nodes and starts a Slurm cluster of each: `npm run cells-at-once -- 1 4 16`.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CELL, writeTree } from '../campaign/bundles.ts';
import { runCli } from '../e2e/run-cli.ts';
import { startStandIn } from '../load/stand-in-server.ts';
import { startSlurm } from './slurm-cluster.ts';

export interface AtOncePlan {
  readonly nodes: number;
  readonly cells: number;
  readonly maxParallel: number;
  /** Length of the window of a cell's one load. */
  readonly seconds: number;
}

export interface AtOnceFigures extends AtOncePlan {
  /** Most cells that the cluster ran at one moment, and the most on one node. */
  readonly at_once: number;
  readonly on_one_node: number;
  readonly nodes_used: number;
  /** Points that were measured, of `cells`. */
  readonly points: number;
  /** What of ours is left in the cluster. */
  readonly left: number;
  readonly exit_code: number | null;
  readonly wall_s: number;
  /** What the windows alone would take on so many nodes at once. */
  readonly windows_s: number;
}

/** Something of ours that the cluster runs at the moment. */
export interface RunningCell {
  readonly node: string;
}

export interface AtOnceCluster {
  /** Block `run_on` of the cells. */
  readonly runOn: object;
  readonly env: Readonly<Record<string, string>>;
  /** What runs in the cluster now. */
  readonly running: () => Promise<RunningCell[]>;
  /** What of ours is there, running or not. */
  readonly left: () => Promise<number>;
  /** Folder that the nodes see. */
  readonly folder: string;
}

const ID = 'spread-20261129T010203Z';

const mostOnOneNode = (cells: readonly RunningCell[]): number =>
  Math.max(0, ...cells.map(({ node }) => cells.filter((other) => other.node === node).length));

interface Row {
  readonly status: string;
}

const rowsOf = (root: string, cell: string): Row[] => {
  const path = join(root, 'campaigns', ID, 'cells', cell, 'normalized.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Row[]) : []; // checked boundary: rows of the product
};

/** Runs a campaign of so many cells with one load each, and watches. */
export const cellsAtOnce = async (plan: AtOncePlan, cluster: AtOnceCluster): Promise<AtOnceFigures> => {
  const engine = await startStandIn({ chunks: 4, firstMs: 100, gapMs: 100, models: ['org/model'] });
  const root = mkdtempSync(join(cluster.folder, 'root-'));
  mkdirSync(join(root, '.git'));
  const bench = { endpoint_url: engine.baseUrl, duration_s: plan.seconds, warm_up_s: 0, trials: 1 };
  const ids = Array.from({ length: plan.cells }, (_, index) => `cell-${index + 1}`);
  const shape = { ...CELL, concurrencies: [1], isl: 16, osl: 4, bench, run_on: cluster.runOn };
  writeTree(root, { 'run.yaml': { experiment_id: ID, cells: ids.map((cell_id) => ({ ...shape, cell_id })) } });
  const run = (...args: string[]) => runCli(args, { root, env: cluster.env, program: resolve('dist/perftunereport.mjs') });
  await run('campaign_init', 'run.yaml');
  const began = performance.now();
  const call = ['campaign_run', ID, '--max-parallel', String(plan.maxParallel), '--i-understand-this-submits-jobs'];
  const ended = run(...call, '--wait-s', '900').then((finished) => ({ finished, wallS: (performance.now() - began) / 1000 }));
  const seen = { atOnce: 0, onOne: 0, nodes: new Set<string>() };
  const over = new AbortController();
  void ended.finally(() => over.abort());
  while (!over.signal.aborted) {
    const running = await cluster.running();
    seen.atOnce = Math.max(seen.atOnce, running.length);
    seen.onOne = Math.max(seen.onOne, mostOnOneNode(running));
    for (const { node } of running) seen.nodes.add(node);
    await sleep(300, undefined, { signal: over.signal }).catch(() => undefined);
  }
  const { finished, wallS } = await ended;
  await engine.close();
  if (finished.code !== 0) process.stderr.write(`${finished.stdout}${finished.stderr}`);
  const points = ids.flatMap((cell) => rowsOf(root, cell)).filter(({ status }) => status === 'full').length;
  const left = await cluster.left();
  rmSync(root, { recursive: true, force: true });
  return {
    ...plan,
    at_once: seen.atOnce,
    on_one_node: seen.onOne,
    nodes_used: seen.nodes.size,
    points,
    left,
    exit_code: finished.code,
    wall_s: Math.round(wallS),
    windows_s: Math.ceil(plan.cells / Math.min(plan.nodes, plan.maxParallel)) * plan.seconds,
  };
}; // prettier-ignore

/** A Slurm cluster of so many nodes with eight GPUs each; a cell asks for all of a node. */
export const slurmOfNodes = async (nodes: number): Promise<AtOnceCluster & { readonly close: () => Promise<void> }> => {
  const slurm = await startSlurm({ nodes });
  const env = { SLURM_CONF: slurm.config, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
  const queue = (states: string): string[] =>
    execFileSync('squeue', ['--noheader', `--states=${states}`, '--format=%N'], { encoding: 'utf8', env: { ...process.env, ...env } })
      .split('\n')
      .filter((line) => line !== '');
  return {
    runOn: { slurm: { partition: 'gpu', ...(nodes === 1 ? {} : { gpus_per_node: 8 }) } },
    env,
    folder: slurm.folder,
    running: () => Promise.resolve(queue('RUNNING').map((node) => ({ node }))),
    left: () => Promise.resolve(queue('PENDING,RUNNING').length),
    close: async () => {
      await slurm.close();
      rmSync(slurm.folder, { recursive: true, force: true });
    },
  };
}; // prettier-ignore

const [, program = '', ...wanted] = process.argv;

if (program.endsWith('cells-at-once.ts')) {
  for (const nodes of wanted.map(Number)) {
    const cluster = await slurmOfNodes(nodes);
    try {
      const figures = await cellsAtOnce({ nodes, cells: 16, maxParallel: nodes, seconds: 10 }, cluster);
      process.stdout.write(`${JSON.stringify(figures)}\n`);
    } finally {
      await cluster.close();
    }
  }
}
