// Asks from where the commands of a cell will run what they must reach and read: in a pod that stands, or by a small Job of the same image
// without a GPU, which is taken away again.
import { join } from 'node:path';
import type { Protected } from '../../cluster/experiment.ts';
import { askWords } from '../../cluster/needs.ts';
import { askPod } from '../../cluster/pod-run.ts';
import { ANSWER_END } from '../../cluster/pod-scripts.ts';
import { clusterReasonIn } from '../../cluster/workload-state.ts';
import { localRunner, type Runner } from '../../exec/run-process.ts';
import type { JobContext } from '../../jobs/job-context.ts';
import { kubernetesExecutor } from '../../jobs/kubernetes-executor.ts';
import type { KubernetesPlace } from '../run-on.ts';
import type { CellCommand } from './cell-command.ts';
import { kubeTargetOf, workloadOf, type Place, type PlacedRun } from './place.ts';

/** Lines of the script, or why it could not be asked: `bad` where the commands would meet the same. */
export type InsideAnswer =
  { readonly lines: readonly string[] } | { readonly state: 'bad' | 'unknown'; readonly says: string };

export type AskInside = (subjects: readonly string[]) => Promise<InsideAnswer>;

const ask: Runner = localRunner({ env: process.env, timeoutMs: 60_000 });

/** How long the Job may wait for a node and an image. */
const JOB_MS = 10 * 60_000;

const byJob = async (needs: KubernetesPlace, run: PlacedRun, { job, guard, subjects }: { readonly job: JobContext; readonly guard: Protected; readonly subjects: readonly string[] }): Promise<InsideAnswer> => {
  const command: CellCommand = { slug: 'preflight', argv: askWords(subjects), concurrencies: [], files: [] };
  const { argv: _argv, gpus_per_node: _gpus, nodes: _nodes, ...shape } = workloadOf({ ...needs, kind: 'Job', shm: '' }, run, command);
  const executor = kubernetesExecutor(shape, { guard, context: needs.context, here: join(job.folder, 'preflight') });
  const { code, stdout, stderr, timedOut } = await job.runOn(executor)(command.argv, { timeoutMs: JOB_MS });
  const lines = stdout.trimEnd().split('\n');
  if (code === 0 && lines.pop() === ANSWER_END) return { lines };
  const reason = clusterReasonIn(stderr);
  if (timedOut) return { state: 'unknown', says: `a Job of the same image did not begin within ${JOB_MS / 60_000} min${reason === null ? '' : `: ${reason}`}` };
  return { state: reason === null ? 'unknown' : 'bad', says: reason ?? `a Job of the same image could not ask: exit ${code ?? 'unknown'}` };
}; // prettier-ignore

/** Null where the commands run on this machine, or by Slurm. */
export const askInside = (place: Place, run: PlacedRun, job: JobContext, guard: Protected): AskInside | null => {
  switch (place.on) {
    case 'pod':
      return async (subjects) => ({ lines: await askPod({ run: ask, target: kubeTargetOf(place.pod) }, askWords(subjects)) });
    case 'kubernetes':
      return (subjects) => byJob(place.needs, run, { job, guard, subjects });
    default:
      return null;
  }
}; // prettier-ignore
