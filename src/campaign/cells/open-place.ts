// A place in use: what runs a command there, how its server is watched and found gone, and what is taken away afterwards. What the
// commands write is in the run's folder here afterwards, wherever they ran; of ours nothing stays in a cluster.
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject, Protected } from '../../cluster/experiment.ts';
import { kubeApi, type KubeApi } from '../../cluster/kube-api.ts';
import { probeFromPod } from '../../cluster/preflight.ts';
import { tearDown } from '../../cluster/tear-down.ts';
import { isAway, persistently } from '../../cluster/pod-run.ts';
import { clusterReasonIn } from '../../cluster/workload-state.ts';
import { localRunner, type Runner } from '../../exec/run-process.ts';
import { writeNew } from '../../fs/atomic-file.ts';
import type { JobContext } from '../../jobs/job-context.ts';
import { kubernetesExecutor } from '../../jobs/kubernetes-executor.ts';
import { podExecutor, type PodPlace } from '../../jobs/pod-executor.ts';
import { slurmExecutor } from '../../jobs/slurm-executor.ts';
import { createDeferredQueue } from '../../load/deferred.ts';
import { createHttpClient } from '../../load/http-client.ts';
import { connectionProblem } from '../../load/server.ts';
import { faultOf } from '../../verb/failure.ts';
import type { GpuPlace } from '../../telemetry/captured.ts';
import type { CellCommand } from './cell-command.ts';
import { experimentOf, groupOf, kubeTargetOf, podRunOf, workloadOf, type Place, type PlacedRun } from './place.ts';
import type { RecordedCommand } from './recorded-command.ts';
import { readMetricsHere, type ReadMetrics } from './server-watch.ts';

/** A place in use. */
export interface OpenPlace {
  /** Puts the files of a command where it reads them. */
  readonly stage: (command: CellCommand) => Promise<void>;
  readonly runnerOf: (command: CellCommand) => Runner;
  /** How the metrics of a server are read that the commands can reach. */
  readonly readMetrics: ReadMetrics;
  /** Where the GPUs of a server beside the commands are read; absent where nobody asks them. */
  readonly gpus?: GpuPlace;
  /** Why no further command is worth starting after this one; null where the next may work. */
  readonly stops: (done: Pick<RecordedCommand, 'result'>, command: CellCommand) => Promise<string | null>;
  /** Takes away what is left there; what was not as it should be, in words. */
  readonly close: () => Promise<string[]>;
}

const ask: Runner = localRunner({ env: process.env, timeoutMs: 60_000 });

const writeFiles = async ({ files }: CellCommand): Promise<void> => {
  for (const { path, text: content } of files) await writeNew(path, content);
};

const nothing = (): Promise<void> => Promise.resolve();

/** Why a server does not answer; null where it does. */
type Silence = (server: string) => Promise<string | null>;

const SILENCE_MS = 10_000;

const silenceHere: Silence = async (server) => {
  if (!URL.canParse(server)) return null;
  const client = createHttpClient({ baseUrl: new URL(server), apiKey: null }, createDeferredQueue());
  try {
    return await connectionProblem(client, SILENCE_MS);
  } finally {
    client.close();
  }
};

const silenceFromPod =
  (pod: PodPlace): Silence =>
  async (server) => {
    const { state, body } = await probeFromPod(ask, kubeTargetOf(pod), `${server}/v1/models`);
    return state === 'silent' ? body.trim().slice(0, 200) : null;
  };

/** A server that is begun again answers after a moment; one that is gone does not. */
const SECOND_LOOK_MS = 3000;

/**
 * What the cluster said of a command's end (memory, eviction, a command that dies at each start), or that its server is gone: the next
 * load would meet the same.
 */
const stopsWhere =
  (silence: Silence): OpenPlace['stops'] =>
  async ({ result }, { server }) => {
    if (result === null || result.code === 0 || result.cancelled) return null;
    const reason = clusterReasonIn(result.stderr);
    if (reason !== null || server === undefined || (await silence(server)) === null) return reason;
    await sleep(SECOND_LOOK_MS);
    const says = await silence(server);
    return says === null ? null : `EndpointGone: ${server} does not answer: ${says}`;
  };

/** Where nothing is known of how the server can be reached from here. */
const stopsByReason = stopsWhere(() => Promise.resolve(null));

/** Metrics as the pod sees them. */
const metricsFromPod =
  (pod: PodPlace): ReadMetrics =>
  async (server) => {
    try {
      const { state, body } = await probeFromPod(ask, kubeTargetOf(pod), `${server}/metrics`);
      return state === 'answers' && body.includes('# TYPE') ? body : null;
    } catch {
      return null; // a measurement does not end because its server is not watched
    }
  };

/** What was measured is kept, whatever the cluster says at the end. */
const closeGroup = async (api: KubeApi, run: PlacedRun, before: readonly KubeObject[]): Promise<string[]> => {
  try {
    return await takeAway(api, run, before);
  } catch (error) {
    if (!isAway(error)) throw error;
    return [`what of ${experimentOf(run)} is left in the cluster is not known: ${faultOf(error).message}`];
  }
};

const takeAway = async (api: KubeApi, run: PlacedRun, before: readonly KubeObject[]): Promise<string[]> => {
  const { left, gone_meanwhile: gone } = await persistently(() => tearDown(api, { experiment: experimentOf(run), group: groupOf(run), before }));
  return [
    ...(left.length === 0 ? [] : [`still in the cluster: ${left.join(', ')}`]),
    ...(gone.length === 0 ? [] : [`gone from the namespace meanwhile, not by this run: ${gone.slice(0, 5).join(', ')}`]),
  ];
}; // prettier-ignore

/** Begins to use the place. */
export const openPlace = async (place: Place, run: PlacedRun, job: JobContext, guard: Protected): Promise<OpenPlace> => {
  const local = { stage: writeFiles, readMetrics: readMetricsHere, stops: stopsWhere(silenceHere), close: () => Promise.resolve([]) };
  switch (place.on) {
    case 'here':
      return { ...local, runnerOf: () => job.run, gpus: { run: localRunner({ env: job.env }), env: job.env, node: hostname() } };
    case 'slurm':
      return {
        ...local,
        runnerOf: (command) =>
          job.runOn(
            slurmExecutor(
              { ...place.needs, name: slurmName(run, command), experiment: experimentOf(run) },
              join(run.raw, '.slurm'),
            ),
          ),
      };
    case 'pod':
      return {
        ...local,
        stage: nothing,
        readMetrics: metricsFromPod(place.pod),
        stops: stopsWhere(silenceFromPod(place.pod)),
        runnerOf: (command) =>
          job.runOn(podExecutor(place.pod, { run: podRunOf(run, command), files: command.files, here: run.raw })),
      };
    case 'kubernetes': {
      const { namespace, context } = place.needs;
      const api = kubeApi(ask, { namespace, context });
      const before = await persistently(() => api.everything());
      return {
        stage: nothing,
        readMetrics: readMetricsHere,
        stops: stopsByReason,
        close: () => closeGroup(api, run, before),
        runnerOf: (command) => {
          const { argv: _argv, ...shape } = workloadOf(place.needs, run, command);
          return job.runOn(kubernetesExecutor(shape, { guard, context, here: run.raw }));
        },
      };
    }
  }
}; // prettier-ignore

/** A job's name on a Slurm cluster. */
const slurmName = (run: PlacedRun, { slug }: CellCommand): string =>
  [experimentOf(run), run.cellId, run.stamp, slug].join('.').replaceAll(/[^\w.-]/g, '_');
