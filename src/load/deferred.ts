// Work that may wait until the sockets have been read: arrivals are stamped at once and parsed here, in turns of at most a
// fifth of a millisecond, so that parsing one stream does not make another stream's time stamp late.

const TURN_MS = 0.2;

export interface DeferredQueue {
  /** Runs `task` soon, after every task pushed before it. */
  readonly push: (task: () => void) => void;
}

export const createDeferredQueue = (): DeferredQueue => {
  let tasks: (() => void)[] = [];
  let scheduled = false;

  const turn = (): void => {
    const until = performance.now() + TURN_MS;
    let done = 0;
    do {
      tasks[done]?.();
      done += 1;
    } while (done < tasks.length && performance.now() < until);
    tasks = done === tasks.length ? [] : tasks.slice(done);
    scheduled = tasks.length > 0;
    if (scheduled) setImmediate(turn);
  };

  const push = (task: () => void): void => {
    tasks.push(task);
    if (scheduled) return;
    scheduled = true;
    setImmediate(turn);
  };
  return { push };
};
