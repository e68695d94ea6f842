// Waits until a server takes requests: a page that answers 200 and, where it lists models, lists the one that is asked for: while one
// deployment takes the place of another, the old one still answers.
import { setTimeout as sleep } from 'node:timers/promises';
import { inputFault } from '../../text/fault.ts';
import { otherModels } from '../../cluster/needs.ts';
import { modelAsked } from '../cells/command-needs.ts';
import type { PlannedCell } from '../cells/measure-cell.ts';

/** A server as it is seen from here. */
export interface SeenServer {
  /** Base URL; undefined where its address may mean nothing from here, or the tool starts it itself. */
  readonly url: string | undefined;
  /** That the commands ask for. */
  readonly model: string | undefined;
}

/** The server of a cell. */
export const serverSeenFrom = ({ place, commands: [first] }: PlannedCell): SeenServer => ({
  url: place.on === 'here' ? first?.server : undefined,
  model: first === undefined ? undefined : modelAsked(first),
});

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;
const ANSWER_MS = 10_000;

/** What is wrong with the page now; null where it answers 200 and names no other models. */
const problemAt = async (url: string, model: string | undefined, signal: AbortSignal): Promise<string | null> => {
  try {
    const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) });
    const body = await answer.text();
    return answer.ok ? otherModels(body, model) : `answers ${answer.status}`;
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
  }
};

/** Resolves when the page is as it must be. Throws a Fault `endpoint_not_ready` after `limitS`, and what aborted the signal. */
export const untilReady = async (
  url: string,
  {
    model,
    limitS,
    signal,
  }: { readonly model: string | undefined; readonly limitS: number; readonly signal: AbortSignal },
): Promise<void> => {
  const until = performance.now() + limitS * 1000;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 1.5)) {
    const problem = await problemAt(url, model, signal);
    if (problem === null) return;
    if (performance.now() + pause > until)
      throw inputFault('endpoint_not_ready', `${url} was not ready within ${limitS} s: ${problem}`, {
        fix: 'start the server, or raise ready_timeout_s in the block campaign',
      });
    await sleep(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
};
