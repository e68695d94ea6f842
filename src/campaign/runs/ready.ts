// Waits until a server takes requests: a page that answers 200. What it says meanwhile is not read.
import { setTimeout as sleep } from 'node:timers/promises';
import { inputFault } from '../../text/fault.ts';
import type { PlannedCell } from '../cells/measure-cell.ts';

/** The server of a cell whose commands run here; elsewhere its address may mean nothing from here. */
export const serverSeenFrom = ({ place, commands }: PlannedCell): string | undefined =>
  place.on === 'here' ? commands[0]?.server : undefined;

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;
const ANSWER_MS = 10_000;

/** What the page says now: null where it answers 200. */
const problemAt = async (url: string, signal: AbortSignal): Promise<string | null> => {
  try {
    const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) });
    await answer.body?.cancel();
    return answer.ok ? null : `answers ${answer.status}`;
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
  }
};

/** Resolves when the page answers 200. Throws a Fault `endpoint_not_ready` after `limitS`, and what aborted the signal. */
export const untilReady = async (url: string, limitS: number, signal: AbortSignal): Promise<void> => {
  const until = performance.now() + limitS * 1000;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 1.5)) {
    const problem = await problemAt(url, signal);
    if (problem === null) return;
    if (performance.now() + pause > until)
      throw inputFault('endpoint_not_ready', `${url} did not answer within ${limitS} s: ${problem}`, {
        fix: 'start the server, or raise ready_timeout_s in the block campaign',
      });
    await sleep(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
};
