// A whole run from the plan to the files: refuses before load is sent, measures, writes one envelope per load point that
// holds a measurement. What no request answered is reported as no measurement, never as a figure.
import { latencyName } from '../metrics/catalogue.ts';
import { randomBytes } from 'node:crypto';
import {
  pointName,
  runBench,
  type PointResult,
  type RunHooks,
  type RunPlan,
  type SideResult,
} from '../load/bench-run.ts';
import { failureCounts } from '../load/trial-metrics.ts';
import { Fault } from '../text/fault.ts';
import { buildEnvelope, type RunDescription } from './build.ts';
import { runId } from './content-hash.ts';
import type { Envelope } from './envelope.ts';
import { refuseExisting, writePoint } from './write.ts';

/** Where one side's envelopes go, and what its owner knows about it. */
export interface SideOutput {
  readonly folder: string;
  readonly description: Omit<
    RunDescription,
    'runId' | 'writtenAtMs' | 'stop' | 'warmUp' | 'slo' | 'baseUrl' | 'seed' | 'nGpus' | 'powerScope'
  >;
}

export interface RecordOptions {
  /** One per side of the plan. */
  readonly outputs: readonly SideOutput[];
  readonly append: boolean;
}

export type PointOutcome =
  | {
      readonly kind: 'written';
      readonly side: number;
      readonly point: string;
      readonly path: string;
      readonly requestsPath: string;
      readonly envelope: Envelope;
    }
  /** Nothing was answered, or nothing was sent before the interruption. `failures` says why. */
  | {
      readonly kind: 'no_measurement';
      readonly side: number;
      readonly point: string;
      readonly failures: Readonly<Record<string, number>>;
      readonly detail: string | null;
    };

export interface RecordedRun {
  readonly points: readonly PointOutcome[];
  /** Largest load point of each side at which every service level was met; null when none was, or only one point was measured. */
  readonly capacity: readonly (string | null)[];
  readonly interrupted: boolean;
}

const isMeasured = ({ trials }: PointResult): boolean =>
  trials.some(({ metrics }) => metrics[latencyName('ttft', 'p50')] !== undefined);

const describeRun = (plan: RunPlan, side: number, output: SideOutput, id: string, nowMs: number): RunDescription => {
  const { server, nGpus, power } = plan.sides[side] ?? plan.sides[0];
  return {
    ...output.description,
    runId: id,
    writtenAtMs: nowMs,
    stop: plan.stop,
    warmUp: plan.warmUp,
    slo: plan.slo,
    baseUrl: server.baseUrl,
    seed: server.seed,
    nGpus,
    powerScope: power?.scope ?? null,
  };
};

const recordPoint = async (
  side: SideResult,
  sideIndex: number,
  point: PointResult,
  run: RunDescription,
  folder: string,
): Promise<PointOutcome> => {
  const name = pointName(point.shape);
  if (!isMeasured(point)) {
    const records = point.trials.flatMap((trial) => trial.records);
    const detail = records.find((record) => record.detail !== null)?.detail ?? null;
    return { kind: 'no_measurement', side: sideIndex, point: name, failures: { ...failureCounts(records) }, detail };
  }
  const envelope = buildEnvelope(side, point, run, `requests-${name}-${run.runId}.jsonl`);
  const { path, requestsPath } = await writePoint(folder, name, envelope, point.trials);
  return { kind: 'written', side: sideIndex, point: name, path, requestsPath, envelope };
};

/** The last point, in the order of load, up to which every service level was met. */
export const capacityOf = (
  points: readonly { readonly point: string; readonly load: number; readonly met: boolean }[],
): string | null => {
  if (points.length < 2) return null;
  const inOrder = points.toSorted((a, b) => a.load - b.load);
  const firstMiss = inOrder.findIndex(({ met }) => !met);
  const kept = firstMiss < 0 ? inOrder : inOrder.slice(0, firstMiss);
  return kept.at(-1)?.point ?? null;
};

const sideCapacity = (outcomes: readonly PointOutcome[], side: number): string | null =>
  capacityOf(
    outcomes
      .filter((outcome) => outcome.side === side)
      .map((outcome) => ({
        point: outcome.point,
        load: Number(outcome.point.replace(/^\D+/, '')),
        met: outcome.kind === 'written' && outcome.envelope.slo.every(({ met }) => met),
      })),
  );

/**
 * Runs `plan` and writes its envelopes. Throws a Fault `point_exists` before anything is sent, and the Faults of `runBench`.
 * An interrupted run writes what was measured.
 */
export const recordRun = async (plan: RunPlan, options: RecordOptions, hooks: RunHooks): Promise<RecordedRun> => {
  if (options.outputs.length !== plan.sides.length)
    throw new Fault('usage', 'output_missing', 'every server that is measured needs a folder of its own', {
      fix: 'give one --output per server',
    });
  const names = plan.points.map(pointName);
  if (!options.append) for (const { folder } of options.outputs) await refuseExisting(folder, names);
  const result = await runBench(plan, hooks);
  const points: PointOutcome[] = [];
  for (const [index, side] of result.sides.entries()) {
    const output = options.outputs[index];
    if (output === undefined) continue;
    const nowMs = Date.now();
    const run = describeRun(plan, index, output, runId(nowMs, randomBytes(10)), nowMs);
    for (const point of side.points)
      if (point.trials.length > 0) points.push(await recordPoint(side, index, point, run, output.folder));
  }
  return {
    points,
    capacity: result.sides.map((_, side) => sideCapacity(points, side)),
    interrupted: result.interrupted,
  };
};
