// Runs the SQLite reader in a thread of its own, so that both sides of a diff are read at once. Falls back to this thread
// for small files and where no worker entry is at hand; the result is the same.
import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { threadEntry } from '../../exec/thread-entry.ts';
import { Fault } from '../../text/fault.ts';
import type { ProfileSide } from '../model/profile-side.ts';
import { answered, readInThread } from './worker-protocol.ts';
import type { WorkerAnswer, WorkerRequest } from './worker-protocol.ts';

/** Below this size starting a thread costs more than it gains. */
const WORTH_A_THREAD = 8 * 1024 * 1024;
/** Reads an nsys SQLite export. Faults as `readNsysSqlite`, and `interrupted` when cancelled. */
export const readSqliteProfile = async (request: WorkerRequest, signal?: AbortSignal): Promise<ProfileSide> => {
  const entry = threadEntry('profile-worker.mjs', 'profile/read/profile-worker.ts');
  const size = statSync(request.path, { throwIfNoEntry: false })?.size ?? 0;
  if (entry === null || size < WORTH_A_THREAD) return answered(readInThread(request).answer);
  return answered(await runWorker(entry, request, signal));
};

/**
 * Threads that have read an export and wait for the next, with the timer that ends them: in a server that lives on, the
 * second diff finds the reader compiled. They hold no process open.
 */
const idle = new Map<Worker, NodeJS.Timeout>();
const MOST_IDLE = 2;
const IDLE_MS = 60_000;
/** A thread that reads keeps few objects: a larger young generation is fresh memory, which costs more than it saves. */
const YOUNG_MB = 8;

const takeWorker = (entry: URL): Worker => {
  const [kept] = idle.keys();
  if (kept === undefined)
    return new Worker(entry, { stdout: true, stderr: true, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
  forget(kept);
  kept.ref();
  return kept;
};

const forget = (worker: Worker): void => {
  clearTimeout(idle.get(worker));
  idle.delete(worker);
};

const keepWorker = (worker: Worker): void => {
  if (idle.size === MOST_IDLE) return void worker.terminate();
  const end = (): void => {
    forget(worker);
    void worker.terminate();
  };
  worker.unref();
  worker.removeAllListeners('exit').once('exit', () => forget(worker));
  idle.set(worker, setTimeout(end, IDLE_MS).unref());
};

const runWorker = (entry: URL, request: WorkerRequest, signal: AbortSignal | undefined): Promise<WorkerAnswer> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(cancelled(request));
    const worker = takeWorker(entry);
    const settle = (act: () => void): void => {
      signal?.removeEventListener('abort', cancel);
      worker.off('message', answer).off('error', fail).off('exit', ended);
      act();
    };
    const answer = (found: WorkerAnswer): void =>
      settle(() => {
        keepWorker(worker);
        resolve(found);
      });
    const fail = (error: Error): void => settle(() => reject(error));
    const ended = (code: number): void => settle(() => reject(endedWith(code, request)));
    const cancel = (): void =>
      settle(() => {
        void worker.terminate();
        reject(cancelled(request));
      });
    signal?.addEventListener('abort', cancel, { once: true });
    worker.once('message', answer).once('error', fail).once('exit', ended);
    worker.postMessage(request);
  });

const cancelled = ({ path }: WorkerRequest): Fault =>
  new Fault('interrupted', 'interrupted', 'reading the profile was cancelled', { path });

const endedWith = (code: number, { path }: WorkerRequest): Fault =>
  new Fault('internal', 'profile_reader_failed', `the reading thread ended with code ${code}`, { path });
