// The whole of a run: every load point, every trial, one server or two in turn (ABBA). Keeps what was measured when it is
// interrupted, and decides nothing: verdicts belong to the comparison.
import type { ReplicateLevel } from '../metrics/trial.ts';
import { prepareServer, waitUntilReady, type PreparedServer, type ServerPlan } from './prepare.ts';
import type { LoadShape, SessionProgress, StopRule } from './session.ts';
import type { Slo } from './slo.ts';
import type { SampleGpus } from './telemetry.ts';
import { runTrial, type PowerSource, type TrialHooks, type TrialPlan, type TrialResult } from './trial.ts';
import type { WarmUpRule } from './warm-up.ts';

/** One server of a run, with what only its owner knows. */
export interface Side {
  readonly server: ServerPlan;
  readonly nGpus: number | null;
  readonly sampleGpus: SampleGpus | null;
  readonly power: PowerSource | null;
  /** Starts the server anew before every trial; null leaves it running, and trials are windows of one process. */
  readonly restart: (() => Promise<void>) | null;
}

export interface RunPlan {
  /** One server, or a baseline and a candidate that are measured in turn. */
  readonly sides: readonly [Side] | readonly [Side, Side];
  readonly points: readonly LoadShape[];
  readonly trials: number;
  readonly stop: StopRule;
  readonly warmUp: WarmUpRule;
  readonly slo: Slo;
  readonly maxInFlight: number;
  /** How long a restarted server may take. */
  readonly readyLimitMs: number;
}

export interface RunProgress extends SessionProgress {
  readonly side: number;
  readonly point: LoadShape;
  readonly trial: number;
  readonly trials: number;
  readonly elapsedS: number;
  /** Null until anything was measured. */
  readonly etaS: number | null;
}

export interface RunHooks {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RunProgress) => void;
}

export interface PointResult {
  readonly shape: LoadShape;
  readonly trials: readonly TrialResult[];
}

export interface SideResult {
  readonly server: PreparedServer;
  readonly points: readonly PointResult[];
}

export interface RunResult {
  readonly sides: readonly SideResult[];
  readonly interrupted: boolean;
}

/** Name of a load point in file names and messages: `c16`, `rps4`. */
export const pointName = (shape: LoadShape): string =>
  shape.kind === 'closed' ? `c${shape.concurrency}` : `rps${shape.ratePerS}`;

/** One trial to run: of which side, which load point, which number, in which block. */
export interface Turn {
  readonly side: number;
  readonly point: number;
  readonly trial: number;
  readonly block: number | null;
}

/** The order of all trials. Two sides take turns as A B, B A, A B, …, so that a drift of the machine meets both alike. */
export const planTurns = (sides: number, points: number, trials: number): Turn[] =>
  Array.from({ length: points }, (_, point) =>
    Array.from({ length: trials }, (_unused, trial) => {
      if (sides === 1) return [{ side: 0, point, trial, block: null }];
      const pair = [0, 1].map((side) => ({ side, point, trial, block: trial }));
      return trial % 2 === 0 ? pair : pair.toReversed();
    }).flat(),
  ).flat();

const trialPlan = (plan: RunPlan, side: Side, shape: LoadShape): TrialPlan => {
  const replicateLevel: ReplicateLevel = side.restart === null ? 'window' : 'process';
  const { stop, warmUp, slo, maxInFlight } = plan;
  const { nGpus, sampleGpus, power } = side;
  return { shape, stop, warmUp, slo, maxInFlight, nGpus, sampleGpus, power, replicateLevel };
};

/** A turn with everything it needs. */
interface Job {
  readonly turn: Turn;
  readonly side: Side;
  readonly server: PreparedServer;
  readonly shape: LoadShape;
}

const planJobs = (plan: RunPlan, servers: readonly PreparedServer[]): Job[] =>
  planTurns(plan.sides.length, plan.points.length, plan.trials).flatMap((turn) => {
    const [side, server, shape] = [plan.sides[turn.side], servers[turn.side], plan.points[turn.point]];
    return side === undefined || server === undefined || shape === undefined ? [] : [{ turn, side, server, shape }];
  });

const runJob = async (plan: RunPlan, job: Job, hooks: TrialHooks): Promise<TrialResult> => {
  const { turn, side, server, shape } = job;
  if (side.restart !== null) {
    await side.restart();
    await waitUntilReady(server.deps.client, plan.readyLimitMs, hooks.signal);
  }
  const place = { index: turn.trial, block: turn.block };
  return runTrial(server, trialPlan(plan, side, shape), place, hooks);
};

/** Adds to the progress of one trial where the whole run stands. */
const createReport = (plan: RunPlan, jobs: number, onProgress: RunHooks['onProgress']) => {
  const startMs = performance.now();
  return ({ turn, shape }: Job, position: number) =>
    (progress: SessionProgress): void => {
      const elapsedS = (performance.now() - startMs) / 1000;
      const share = (position + (progress.fraction ?? 0)) / jobs;
      const etaS = share > 0 ? elapsedS / share - elapsedS : null;
      const { side, trial } = turn;
      onProgress({ ...progress, side, point: shape, trial, trials: plan.trials, elapsedS, etaS });
    };
};

interface Done {
  readonly turn: Turn;
  readonly result: TrialResult;
}

/** A trial that was cut off before anything came back is nothing to keep. */
const isWorthKeeping = (result: TrialResult): boolean => !result.interrupted || result.requests > 0;

const runJobs = async (plan: RunPlan, jobs: readonly Job[], { signal, onProgress }: RunHooks): Promise<Done[]> => {
  const reportOf = createReport(plan, jobs.length, onProgress);
  const done: Done[] = [];
  for (const [position, job] of jobs.entries()) {
    if (signal.aborted) break;
    const result = await runJob(plan, job, { signal, onProgress: reportOf(job, position) });
    if (isWorthKeeping(result)) done.push({ turn: job.turn, result });
  }
  return done;
};

/** Runs everything in turn. Throws the Faults of `prepareServer` and `waitUntilReady`; what a server does wrong later is data. */
export const runBench = async (plan: RunPlan, hooks: RunHooks): Promise<RunResult> => {
  const servers: PreparedServer[] = [];
  try {
    for (const side of plan.sides) servers.push(await prepareServer(side.server, hooks.signal));
    const done = await runJobs(plan, planJobs(plan, servers), hooks);
    const trialsOf = (side: number, point: number): TrialResult[] =>
      done.filter(({ turn }) => turn.side === side && turn.point === point).map(({ result }) => result);
    return {
      sides: servers.map((server, side) => ({
        server,
        points: plan.points.map((shape, point) => ({ shape, trials: trialsOf(side, point) })),
      })),
      interrupted: hooks.signal.aborted,
    };
  } finally {
    for (const server of servers) server.close();
  }
};
