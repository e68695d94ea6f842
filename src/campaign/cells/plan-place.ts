// What would be started and sent at a place, for a dry run: exact argument lists, manifests, and each script once. Starts nothing.
import { requireOwn, requireUsable, type Protected } from '../../cluster/experiment.ts';
import { createArgv } from '../../cluster/kube-api.ts';
import { keepWords, LEASE_S, runWords, scriptTexts, startWords, withNamedScripts } from '../../cluster/pod-scripts.ts';
import { renderWorkload } from '../../cluster/workload.ts';
import { execArgv } from '../../drivers/kubectl.ts';
import type { PodPlace } from '../../jobs/pod-executor.ts';
import { readerText, withNamedReader } from '../../telemetry/beside-command.ts';
import type { JsonValue } from '../../text/json.ts';
import { shellLine } from '../../text/shell-line.ts';
import type { KubernetesPlace } from '../run-on.ts';
import type { CellCommand } from './cell-command.ts';
import { baseOf, experimentOf, kubeTargetOf, podRunOf, workloadOf, type Place, type PlacedRun } from './place.ts';

export interface PlacePlan {
  /** Exact argument lists. */
  readonly commands: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

const filesHere = (commands: readonly CellCommand[]): string[] =>
  commands.flatMap(({ files }) =>
    files.map(({ path, text: content }) =>
      path.endsWith('.sh')
        ? `# writes ${path}:\n${content.trim()}`
        : `# writes ${path}: ${content.replace(/\s+/g, ' ').trim()}`,
    ),
  );

/** Names in the place of scripts, and every script once. */
const readable = (commands: readonly (readonly string[])[], words: readonly string[] = commands.flat()) => ({
  commands: commands.map((argv) => withNamedReader(withNamedScripts(argv))),
  scripts: [...scriptTexts(withNamedScripts(words)), ...readerText(words)].map((text) => `# ${text}`),
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
      ...commands.map(({ slug, argv }) => `# ${slug}: ${shellLine(withNamedReader(argv))}`),
      ...shown,
      ...readable([], words).scripts,
    ],
  };
}; // prettier-ignore

const withNamesForScripts = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? withNamedReader(withNamedScripts([value]))[0] : value;

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
    case 'slurm': {
      const { commands: shown, scripts } = readable(commands.map(({ argv }) => argv));
      return {
        commands: shown,
        notes: [`# each command as a Slurm job: ${JSON.stringify(place.needs)}`, ...filesHere(commands), ...scripts],
      };
    }
    case 'pod':
      return planPod(place.pod, run, commands, guard);
    case 'kubernetes':
      return planWorkloads(place.needs, run, commands, guard);
  }
};
