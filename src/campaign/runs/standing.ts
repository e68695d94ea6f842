// Keeps what is deployed for the cells of a campaign, and puts back what was there before. What would put it back is written down
// before anything is changed, so that the next run does it where this one was killed.
import { join } from 'node:path';
import type { JobContext } from '../../jobs/job-context.ts';
import { isJsonObject, parseJson } from '../../text/json.ts';
import { shellLine } from '../../text/shell-line.ts';
import { inputFault } from '../../text/fault.ts';
import { replaceFile } from '../../fs/atomic-file.ts';
import { CELL_FILES, cellFolder } from '../layout.ts';
import { recordedCommand, type RecordedCommand } from '../cells/recorded-command.ts';
import { putBackArgv, revisionArgv, type Deployment, type HelmRelease } from './deployment.ts';
import type { RunBook, Standing } from './run-state.ts';

export interface Stage {
  /** Absolute path. */
  readonly campaign: string;
  readonly book: RunBook;
  readonly job: JobContext;
}

/** Longest time that putting back may take after the campaign was stopped. */
const RESTORE_LIMIT_S = 1800;

const recorded = (
  { campaign, job }: Stage,
  cell: string,
  { slug, argv }: { readonly slug: string; readonly argv: readonly string[] },
  options: { readonly signal: AbortSignal; readonly timeoutS: number },
): Promise<RecordedCommand> =>
  recordedCommand({ slug, argv }, {
    folder: join(cellFolder(campaign, cell), CELL_FILES.commands),
    run: job.run,
    env: job.env,
    options: { cwd: job.root, signal: options.signal, timeoutMs: options.timeoutS * 1000 },
  }); // prettier-ignore

/** Puts back what was there before. Throws a Fault `restore_failed` that names the words; they stay written down. */
export const putBack = async (stage: Stage): Promise<void> => {
  const { book, job } = stage;
  const { standing } = book.state();
  if (standing === null) return;
  const { cell, restore: argv } = standing;
  await job.restore(RESTORE_LIMIT_S, async (signal) => {
    const { failure } = await recorded(stage, cell, { slug: 'restore', argv }, { signal, timeoutS: RESTORE_LIMIT_S });
    if (failure !== null)
      throw inputFault('restore_failed', `what was deployed for cell ${cell} still stands: ${failure}`, {
        fix: `run it by hand, or campaign_run --resume: ${shellLine(argv)}`,
      });
    await book.update({ standing: null });
  });
};

const revisionIn = (text: string): number | null => {
  try {
    const value = parseJson(text, 'helm history');
    const last = Array.isArray(value) ? value.at(-1) : null;
    return isJsonObject(last) && typeof last['revision'] === 'number' ? last['revision'] : null;
  } catch {
    return null;
  }
};

/** The revision that stands now; null where there is no such release. Throws a Fault `helm_failed` where that cannot be known. */
const revisionNow = async (stage: Stage, cell: string, release: HelmRelease): Promise<number | null> => {
  const argv = revisionArgv(release);
  const asked = await recorded(stage, cell, { slug: 'helm-history', argv }, { signal: stage.job.signal, timeoutS: 120 });
  if (asked.failure === null) {
    const revision = revisionIn(asked.result?.stdout ?? '');
    if (revision !== null) return revision;
  } else if (/release: not found/i.test(asked.result?.stderr ?? '')) return null;
  throw inputFault('helm_failed', `which revision of ${release.name} stands is not known: ${asked.failure ?? 'its answer cannot be read'}`, {
    fix: 'check helm history; nothing was changed',
  });
}; // prettier-ignore

const restoreOf = async (stage: Stage, cell: string, deployment: Deployment, held: Standing | null): Promise<readonly string[]> => {
  if (deployment.teardown !== null) return deployment.teardown;
  if (held !== null) return held.restore; // the same release: back to where it was before the first upgrade
  return deployment.release === null ? [] : putBackArgv(deployment.release, await revisionNow(stage, cell, deployment.release));
}; // prettier-ignore

/**
 * Makes the deployment stand; what stood of another one is put back first, or upgraded where both are revisions of a release. Says what
 * was done. Throws a Fault `deploy_failed`, `helm_failed` or `restore_failed`.
 */
export const deploy = async (stage: Stage, cell: string, deployment: Deployment): Promise<string> => {
  const { book, job } = stage;
  const held = book.state().standing;
  if (held?.key === deployment.key) return 'stands already';
  const isUpgrade = held !== null && deployment.release !== null;
  if (!isUpgrade) await putBack(stage);
  const restore = await restoreOf(stage, cell, deployment, isUpgrade ? held : null);
  await book.update({ standing: { key: '', cell, restore: [...restore] } });
  if (deployment.values !== null) await replaceFile(deployment.values.path, deployment.values.text);
  const { argv, timeoutS } = deployment;
  const { record, failure } = await recorded(stage, cell, { slug: 'deploy', argv }, { signal: job.signal, timeoutS });
  if (failure !== null)
    throw inputFault('deploy_failed', `cell ${cell} was not deployed: ${record}: ${failure}`, {
      fix: 'read commands/ in the cell for what the command said',
    });
  await book.update({ standing: { key: deployment.key, cell, restore: [...restore] } });
  return `${record}: deployed`;
};
