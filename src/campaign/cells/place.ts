// Where the commands of a cell run: on this machine, as Slurm jobs, inside a pod that stands already, or as workloads of a Kubernetes
// cluster. Chooses the place and names what is ours there; starts nothing.
import { basename } from 'node:path';
import { workloadName } from '../../cluster/experiment.ts';
import { POD_FOLDER, type PodRun } from '../../cluster/pod-scripts.ts';
import type { Workload } from '../../cluster/workload.ts';
import type { PodPlace } from '../../jobs/pod-executor.ts';
import { inputFault } from '../../text/fault.ts';
import type { JsonValue } from '../../text/json.ts';
import type { CellConfig } from '../config.ts';
import type { KubernetesPlace, SlurmPlace } from '../run-on.ts';
import type { CellCommand } from './cell-command.ts';

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

export const experimentOf = ({ campaign }: PlacedRun): string => basename(campaign);
export const groupOf = (run: PlacedRun): string => workloadName(experimentOf(run), `${run.cellId}-${run.stamp}`);
export const baseOf = (run: PlacedRun): string => `${POD_FOLDER}/${groupOf(run)}`;

/** Whether its commands see this machine's files. */
export const seesFiles = ({ on }: Place): boolean => on === 'here' || on === 'slurm';

/** Folder that the commands write into, as they see it. */
export const rawThere = (place: Place, run: PlacedRun): string => (seesFiles(place) ? run.raw : `${baseOf(run)}/raw`);

/** A name that no other command has: campaign, cell, run and point. */
const nameOf = (run: PlacedRun, { slug }: CellCommand): string =>
  workloadName(experimentOf(run), `${run.cellId}-${run.stamp}-${slug}`);

export const podRunOf = (run: PlacedRun, command: CellCommand): PodRun => ({
  base: baseOf(run),
  run: `${baseOf(run)}/run-${command.slug}`,
  raw: `${baseOf(run)}/raw`,
  id: nameOf(run, command),
});

type Present<Given> = { [Key in keyof Given]: Exclude<Given[Key], undefined> };

const withoutAbsent = (given: object): object =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

export const workloadOf = (needs: KubernetesPlace, run: PlacedRun, command: CellCommand): Workload => {
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
