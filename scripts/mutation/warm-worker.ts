// A test worker that outlives a test run: vitest ends its workers after every run, and starting one takes longer than running the
// tests of one mutant. Forwards to one process until that process is ended on purpose.
import { ForksPoolWorker } from 'vitest/node';
import type { PoolOptions, PoolWorker, WorkerRequest } from 'vitest/node';

type Listener = Parameters<PoolWorker['on']>[1];

let warm: ForksPoolWorker | undefined;

const reply = (type: 'started' | 'stopped'): object => ({ type, __vitest_worker_response__: true });

/** Ends the process, also where it hangs in a loop; the next run starts a fresh one. */
export const endWarmProcess = async (): Promise<void> => {
  const ended = warm;
  warm = undefined;
  await ended?.stop();
};

/** What vitest takes for a new worker of each run. */
export const createWarmWorker = (options: PoolOptions): PoolWorker => {
  const listeners: [string, Listener][] = [];
  let [inner, isFresh] = [warm, false];
  const answer = (message: object): void => {
    for (const [event, listener] of [...listeners]) if (event === 'message') listener(message);
  };
  return {
    name: 'warm',
    deserialize: (data) => data,
    start: async () => {
      if (inner !== undefined) return;
      [inner, isFresh] = [new ForksPoolWorker(options), true];
      warm = inner;
      await inner.start();
      const forget = (): void => {
        if (warm === inner) warm = undefined;
      };
      inner.on('exit', forget);
      inner.on('error', forget);
    },
    stop: async () => {
      for (const [event, listener] of listeners) inner?.off(event, listener);
    },
    on: (event, listener) => {
      listeners.push([event, listener]);
      inner?.on(event, listener);
    },
    off: (event, listener) => inner?.off(event, listener),
    send: (message: WorkerRequest) => {
      const type = 'type' in message ? message.type : undefined;
      if (type === 'stop') return void setImmediate(answer, reply('stopped'));
      if (type === 'start' && !isFresh) return void setImmediate(answer, reply('started'));
      inner?.send(message);
    },
  };
};
