// Work that may wait until the sockets have been read: arrivals are stamped at once and parsed here, when nothing more arrives
// and in turns of at most a fifth of a millisecond, so that parsing one stream does not make another stream's time stamp late.

const TURN_MS = 0.2;
/** Work waits no longer than this for a pause in what arrives. */
const PATIENCE_MS = 3;
/** Tasks that are done and still held, while others follow without a pause. */
const MOST_DONE = 1000;
/** As many sockets the event loop reads before it asks which others have become ready (libuv, `uv__io_poll`). */
const MOST_READY = 1024;

export interface DeferredQueue {
  /** Runs `task` soon, after every task pushed before it. */
  readonly push: (task: () => void) => void;
  /** Called by a task that leaves work behind for when it returns, such as the next request: ends the turn with it. */
  readonly endTurn: () => void;
  /**
   * When the first of the bytes that are read at `readMs` arrived, in milliseconds of the monotonic clock. All sockets that the
   * event loop reads in one go had some when it woke, so the time of the first reading holds for all of them: the last of 256
   * chunks of one decode step does not wait for the stamps of the others. What follows in the same bytes may have come since.
   */
  readonly arrivalMs: (readMs: number) => number;
}

export const createDeferredQueue = (): DeferredQueue => {
  let tasks: (() => void)[] = [];
  let next = 0;
  let scheduled = false;
  let ended = false;
  let wokeMs = Number.NaN;
  let readings = 0;
  /** Since when there has been work all the time. */
  let busySinceMs = 0;

  const turn = (): void => {
    const hasArrivals = !Number.isNaN(wokeMs);
    wokeMs = Number.NaN; // an immediate runs when the sockets that were ready have been read
    const nowMs = performance.now();
    if (hasArrivals && nowMs - busySinceMs < PATIENCE_MS) return void setImmediate(turn);
    const until = nowMs + TURN_MS;
    ended = false;
    while (next < tasks.length && !ended && performance.now() < until) {
      tasks[next]?.();
      next += 1;
    }
    scheduled = next < tasks.length;
    if (!scheduled || next > MOST_DONE) {
      tasks = tasks.slice(next);
      next = 0;
    }
    if (scheduled) setImmediate(turn);
  };

  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    busySinceMs = performance.now();
    setImmediate(turn);
  };

  const push = (task: () => void): void => {
    tasks.push(task);
    schedule();
  };

  const arrivalMs = (readMs: number): number => {
    if (Number.isNaN(wokeMs)) schedule();
    if (Number.isNaN(wokeMs) || readings === MOST_READY) {
      wokeMs = readMs;
      readings = 0;
    }
    readings += 1;
    return wokeMs;
  };

  return { push, endTurn: () => void (ended = true), arrivalMs };
};
