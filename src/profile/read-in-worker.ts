// Runs the SQLite reader in a thread of its own, so that both sides of a diff are read at once. Falls back to this thread
// for small files and where no worker entry is at hand; the result is the same.
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Fault } from '../text/fault.ts';
import type { ProfileSide } from './model.ts';
import { answered, readInThread } from './worker-protocol.ts';
import type { WorkerAnswer, WorkerRequest } from './worker-protocol.ts';

/** Below this size starting a thread costs more than it gains. */
const WORTH_A_THREAD = 8 * 1024 * 1024;

/** Reads an nsys SQLite export. Faults as `readNsysSqlite`, and `interrupted` when cancelled. */
export const readSqliteProfile = async (request: WorkerRequest, signal?: AbortSignal): Promise<ProfileSide> => {
  const entry = workerEntry();
  const size = statSync(request.path, { throwIfNoEntry: false })?.size ?? 0;
  if (entry === null || size < WORTH_A_THREAD) return answered(readInThread(request).answer);
  return answered(await runWorker(entry, request, signal));
};

/**
 * The built worker lies beside the bundle or one folder above its chunks. From TypeScript sources a thread can only run
 * where this process was started with a loader, which threads inherit.
 */
const workerEntry = (): URL | null => {
  if (import.meta.url.endsWith('.ts')) {
    const loaded = process.execArgv.some((flag) => flag.includes('tsx'));
    return loaded ? new URL('./profile-worker.ts', import.meta.url) : null;
  }
  const places = ['./profile-worker.mjs', '../profile-worker.mjs'].map((place) => new URL(place, import.meta.url));
  return places.find((place) => existsSync(fileURLToPath(place))) ?? null;
};

const runWorker = (entry: URL, request: WorkerRequest, signal: AbortSignal | undefined): Promise<WorkerAnswer> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(entry, { workerData: request, stdout: true, stderr: true });
    const cancel = (): void => {
      void worker.terminate();
      reject(new Fault('interrupted', 'interrupted', 'reading the profile was cancelled', { path: request.path }));
    };
    const settle = (work: () => void): void => {
      signal?.removeEventListener('abort', cancel);
      work();
    };
    if (signal?.aborted === true) return cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    worker.once('message', (answer: WorkerAnswer) => settle(() => resolve(answer)));
    worker.once('error', (error) => settle(() => reject(error)));
    worker.once('exit', (code) =>
      settle(() =>
        reject(
          new Fault('internal', 'profile_reader_failed', `the reading thread ended with code ${code}`, {
            path: request.path,
          }),
        ),
      ),
    );
  });
