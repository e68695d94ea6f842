// Where the commands of a cell run: on this machine, as Slurm jobs, inside a pod that stands already, or as workloads of a Kubernetes
// cluster. What they write is in the run's folder here afterwards, wherever they ran; of ours nothing stays in a cluster.
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createArgv, kubeApi, type KubeApi } from '../../cluster/kube-api.ts';
import { requireOwn, requireUsable, workloadName, type KubeObject, type Protected } from '../../cluster/experiment.ts';
import {
  keepWords,
  LEASE_S,
  POD_FOLDER,
  runWords,
  scriptTexts,
  startWords,
  withNamedScripts,
  type PodRun,
} from '../../cluster/pod-scripts.ts';
import { probeFromPod } from '../../cluster/preflight.ts';
import { tearDown } from '../../cluster/tear-down.ts';
import { renderWorkload, type Workload } from '../../cluster/workload.ts';
import { clusterReasonIn } from '../../cluster/workload-state.ts';
import { execArgv } from '../../drivers/kubectl.ts';
import { localRunner, type Runner } from '../../exec/run-process.ts';
import { writeNew } from '../../fs/atomic-file.ts';
import type { JobContext } from '../../jobs/job-context.ts';
import { kubernetesExecutor } from '../../jobs/kubernetes-executor.ts';
import { podExecutor, type PodPlace } from '../../jobs/pod-executor.ts';
import { slurmExecutor } from '../../jobs/slurm-executor.ts';
import { createDeferredQueue } from '../../load/deferred.ts';
import { createHttpClient } from '../../load/http-client.ts';
import { connectionProblem } from '../../load/server.ts';
import type { GpuPlace } from '../../telemetry/captured.ts';
import { inputFault } from '../../text/fault.ts';
import type { JsonValue } from '../../text/json.ts';
import { shellLine } from '../../text/shell-line.ts';
import type { CellConfig } from '../config.ts';
import type { KubernetesPlace, SlurmPlace } from '../run-on.ts';
import type { CellCommand } from './cell-commands.ts';
import type { RecordedCommand } from './recorded-command.ts';
import { readMetricsHere, type ReadMetrics } from './server-watch.ts';

/** Fields of a call that name a place; they win over the cell's block, and that over its `run_on`. */
export interface PlaceFields {
  readonly namespace?: string | undefined;
  readonly bench_pod?: string | undefined;
  readonly kube_context?: string | undefined;
}

/** A place, as JSON. */
export type Place =
  | { readonly on: 'here' }
  | { readonly on: 'slurm'; readonly needs: SlurmPlace }
  | { readonly on: 'pod'; readonly pod: PodPlace }
  | { readonly on: 'kubernetes'; readonly needs: KubernetesPlace };

/** One run of a cell, as far as its place needs it. */
export interface PlacedRun {
  /** Absolute path of the campaign; its name is the experiment. */
  readonly campaign: string;
  readonly cellId: string;
  /** Of this run alone. */
  readonly stamp: string;
  /** Absolute folder here that holds what the tools wrote. */
  readonly raw: string;
}

const text = (value: JsonValue | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

const placeOpen = (message: string, fix: string) => inputFault('place_open', message, { fix });

/** The pod that the fields, the block or `run_on` name; undefined where none does. */
const podOf = (fields: PlaceFields, block: Readonly<Record<string, JsonValue>>, { run_on: on }: CellConfig): PodPlace | undefined => {
  const pod = fields.bench_pod ?? text(block['bench_pod']) ?? on?.pod?.pod;
  if (pod === undefined) return undefined;
  const namespace = fields.namespace ?? text(block['namespace']) ?? on?.pod?.namespace;
  if (namespace === undefined) throw placeOpen(`nothing says in which namespace pod ${pod} is`, 'give --namespace');
  const context = fields.kube_context ?? text(block['kube_context']) ?? on?.pod?.context ?? null;
  return { pod, container: on?.pod?.container ?? null, namespace, context, kubeconfig: null };
}; // prettier-ignore

/**
 * Where a cell runs: a pod where one is named, else what its `run_on` says, else here. Throws a Fault `place_open` where fields name
 * half a place or two places.
 */
export const placeOf = (cell: CellConfig, block: Readonly<Record<string, JsonValue>>, fields: PlaceFields): Place => {
  const { run_on: on } = cell;
  const pod = podOf(fields, block, cell);
  if (pod !== undefined) {
    if (on?.slurm === undefined && on?.kubernetes === undefined) return { on: 'pod', pod };
    throw placeOpen(`cell ${cell.cell_id} runs in pod ${pod.pod} and by its run_on`, 'leave one of them out');
  }
  const { namespace = on?.kubernetes?.namespace, kube_context: context = on?.kubernetes?.context } = fields;
  if (on?.kubernetes !== undefined && namespace !== undefined)
    return { on: 'kubernetes', needs: { ...on.kubernetes, namespace, ...(context === undefined ? {} : { context }) } };
  if (namespace !== undefined || context !== undefined)
    throw placeOpen(`cell ${cell.cell_id} runs in no cluster, which a namespace or context would be of`, 'give --bench-pod, or run_on in the cell');
  return on?.slurm === undefined ? { on: 'here' } : { on: 'slurm', needs: on.slurm };
}; // prettier-ignore

const experimentOf = ({ campaign }: PlacedRun): string => basename(campaign);
const groupOf = (run: PlacedRun): string => workloadName(experimentOf(run), `${run.cellId}-${run.stamp}`);
const baseOf = (run: PlacedRun): string => `${POD_FOLDER}/${groupOf(run)}`;

/** Whether its commands see this machine's files. */
export const seesFiles = ({ on }: Place): boolean => on === 'here' || on === 'slurm';

/** Folder that the commands write into, as they see it. */
export const rawThere = (place: Place, run: PlacedRun): string => (seesFiles(place) ? run.raw : `${baseOf(run)}/raw`);

/** A name that no other command has: campaign, cell, run and point. */
const nameOf = (run: PlacedRun, { slug }: CellCommand): string =>
  workloadName(experimentOf(run), `${run.cellId}-${run.stamp}-${slug}`);

const podRunOf = (run: PlacedRun, command: CellCommand): PodRun => ({
  base: baseOf(run),
  run: `${baseOf(run)}/run-${command.slug}`,
  raw: `${baseOf(run)}/raw`,
  id: nameOf(run, command),
});

type Present<Given> = { [Key in keyof Given]: Exclude<Given[Key], undefined> };

const withoutAbsent = (given: object): object =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

const workloadOf = (needs: KubernetesPlace, run: PlacedRun, command: CellCommand): Workload => {
  const { context: _context, time_limit_min: minutes, kind = 'Job', ...rest } = needs;
  return {
    ...(withoutAbsent(rest) as Present<typeof rest>), // checked boundary: the same without absent keys
    kind,
    experiment: experimentOf(run),
    group: groupOf(run),
    name: nameOf(run, command),
    argv: command.argv,
    run: podRunOf(run, command),
    files: command.files,
    ...(minutes === undefined ? {} : { deadline_s: minutes * 60 }),
  };
};

/** The pod for kubectl. */
export const kubeTargetOf = ({ pod, namespace, container, context }: PodPlace) => ({
  pod,
  namespace,
  container: container ?? undefined,
  context: context ?? undefined,
});

export interface PlacePlan {
  /** Exact argument lists. */
  readonly commands: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

const filesHere = (commands: readonly CellCommand[]): string[] =>
  commands.flatMap(({ files }) =>
    files.map(({ path, text: content }) => `# writes ${path}: ${content.replace(/\s+/g, ' ').trim()}`),
  );

/** Names in the place of scripts, and every script once. */
const readable = (commands: readonly (readonly string[])[], words: readonly string[] = commands.flat()) => ({
  commands: commands.map(withNamedScripts),
  scripts: scriptTexts(withNamedScripts(words)).map((text) => `# ${text}`),
});

const planPod = (place: PodPlace, run: PlacedRun, commands: readonly CellCommand[], guard: Protected): PlacePlan => {
  const { pod, namespace } = place;
  requireUsable('Pod', pod, namespace, guard);
  const exact = commands.map((command) => execArgv(kubeTargetOf(place), startWords(podRunOf(run, command), command)));
  const { commands: shown, scripts } = readable(exact);
  return {
    commands: shown,
    notes: [
      `# in pod ${namespace}/${pod}, apart from the stream that starts it; asked about by kubectl exec, and ended by itself when nobody asks for ${LEASE_S / 60} min`,
      `# results come from ${baseOf(run)}/raw by kubectl exec, each file checked by size and SHA-256; then ${baseOf(run)} is removed there`,
      ...scripts,
    ],
  };
}; // prettier-ignore

const planWorkloads = (needs: KubernetesPlace, run: PlacedRun, commands: readonly CellCommand[], guard: Protected): PlacePlan => {
  const workloads = commands.map((command) => workloadOf(needs, run, command));
  for (const workload of workloads) requireOwn(renderWorkload(workload), experimentOf(run), guard);
  const words = workloads.flatMap(({ kind, run: at, ...command }) => [...runWords(at, command, kind === 'LeaderWorkerSet'), ...keepWords(at)]);
  const shown = workloads.map((workload) => {
    const object = renderWorkload(workload) as unknown as JsonValue; // checked boundary: an object as it is sent
    return `# manifest ${workload.kind}/${workload.name}:\n${JSON.stringify(object, withNamesForScripts, 2)}`;
  });
  return {
    commands: workloads.map(() => createArgv(needs)),
    notes: [
      `# each command as a ${needs.kind ?? 'Job'} of its own in namespace ${needs.namespace}: created, watched, its results fetched by kubectl exec, then deleted by its uid`,
      ...commands.map(({ slug, argv }) => `# ${slug}: ${shellLine(argv)}`),
      ...shown,
      ...readable([], words).scripts,
    ],
  };
}; // prettier-ignore

const withNamesForScripts = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? withNamedScripts([value])[0] : value;

/** What would be started and sent there. Throws what the protected names and the kind of a workload refuse. */
export const planPlace = (
  place: Place,
  run: PlacedRun,
  commands: readonly CellCommand[],
  guard: Protected,
): PlacePlan => {
  switch (place.on) {
    case 'here':
      return { commands: commands.map(({ argv }) => argv), notes: filesHere(commands) };
    case 'slurm':
      return {
        commands: commands.map(({ argv }) => argv),
        notes: [`# each command as a Slurm job: ${JSON.stringify(place.needs)}`, ...filesHere(commands)],
      };
    case 'pod':
      return planPod(place.pod, run, commands, guard);
    case 'kubernetes':
      return planWorkloads(place.needs, run, commands, guard);
  }
};

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

const closeGroup = async (api: KubeApi, run: PlacedRun, before: readonly KubeObject[]): Promise<string[]> => {
  const { left, gone_meanwhile: gone } = await tearDown(api, { experiment: experimentOf(run), group: groupOf(run), before });
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
      const before = await api.everything();
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
