// Takes away what one call of an experiment created, and nothing else: by its label, one object at a time and only as long as it is the one that was
// listed. Says what could not be taken away.
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from './experiment.ts';
import type { KubeApi } from './kube-api.ts';

export interface TearDown {
  /** `Job/name` of what is gone now. */
  readonly removed: readonly string[];
  /** What still carries the labels of the call when the time is over. */
  readonly left: readonly string[];
  /** Objects of others that were there before and are not, or were replaced: not our doing, but to be known. */
  readonly gone_meanwhile: readonly string[];
}

const nameOf = ({ kind, metadata }: KubeObject): string => `${kind}/${metadata.name}`;

const uidOf = ({ metadata }: KubeObject): string => metadata.uid ?? '';

/**
 * `before` is everything as it was before the first of ours was created. Waits up to `waitMs` for the objects to be gone: pods end in
 * their own time. Throws the faults of the cluster.
 */
export const tearDown = async (
  api: KubeApi,
  {
    experiment,
    group,
    before,
  }: { readonly experiment: string; readonly group: string; readonly before: readonly KubeObject[] },
  { waitMs = 120_000, pollMs = 1000 } = {},
): Promise<TearDown> => {
  const ours = await api.ofGroup(experiment, group);
  const uids = new Set(ours.map(uidOf));
  for (const object of ours) await api.remove({ kind: object.kind, name: object.metadata.name, uid: uidOf(object) });
  const until = Date.now() + waitMs;
  let left = await api.ofGroup(experiment, group);
  while (left.length > 0 && Date.now() < until) {
    await sleep(pollMs);
    left = await api.ofGroup(experiment, group);
  }
  const after = new Set((await api.everything()).map(uidOf));
  const leftUids = new Set(left.map(uidOf));
  return {
    removed: ours.filter((object) => !leftUids.has(uidOf(object))).map(nameOf),
    left: left.map(nameOf),
    gone_meanwhile: before.filter((object) => !uids.has(uidOf(object)) && !after.has(uidOf(object))).map(nameOf),
  };
};
