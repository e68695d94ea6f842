// The signal of one call: aborted when its time is up or when the caller aborts, whichever comes first. Holds its own timer,
// because on Node 20 a timeout signal that only `AbortSignal.any` refers to can be collected before it fires.

import { setMaxListeners } from 'node:events';

const LONGEST_MS = 2 ** 31 - 1;

export interface LimitedSignal {
  readonly signal: AbortSignal;
  /** Lets go of timer and caller; to be called when the work is done. */
  readonly release: () => void;
}

/** Clients give any reason, often a text; what is no error would pass for one of ours. */
const reasonOf = (reason: unknown): Error =>
  reason instanceof Error ? reason : new DOMException(`cancelled: ${String(reason)}`, 'AbortError');

/**
 * Aborted with a `TimeoutError` after `seconds`, or when one of `callers` is: with its reason where that is an error, else an
 * `AbortError`.
 */
export const limitSignal = (callers: readonly (AbortSignal | undefined)[], seconds: number): LimitedSignal => {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // every child process and worker of the call listens to it
  const onTime = (): void => controller.abort(new DOMException('the time is up', 'TimeoutError'));
  const given = callers.filter((caller) => caller !== undefined);
  const onCaller = (): void => controller.abort(reasonOf(given.find(({ aborted }) => aborted)?.reason));
  const timer = setTimeout(onTime, Math.min(seconds * 1000, LONGEST_MS));
  if (given.some(({ aborted }) => aborted)) onCaller();
  for (const caller of given) caller.addEventListener('abort', onCaller, { once: true });
  const release = (): void => {
    clearTimeout(timer);
    for (const caller of given) caller.removeEventListener('abort', onCaller);
  };
  return { signal: controller.signal, release };
};
