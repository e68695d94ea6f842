// Entry of the reading thread: reads the exports it is asked for and posts their profiles back. Holds no logic of its own, so
// that reading in the same thread gives the same result.
import { parentPort } from 'node:worker_threads';
import { readInThread } from './worker-protocol.ts';
import type { WorkerRequest } from './worker-protocol.ts';

parentPort?.on('message', (request: WorkerRequest) => {
  const { answer, transfer } = readInThread(request);
  parentPort?.postMessage(answer, transfer);
});
