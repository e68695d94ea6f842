// Entry of the worker thread: reads one export and posts the profile back. Holds no logic of its own, so that reading in
// the same thread gives the same result.
import { parentPort, workerData } from 'node:worker_threads';
import { readInThread } from './worker-protocol.ts';
import type { WorkerRequest } from './worker-protocol.ts';

const request: WorkerRequest = workerData;
const { answer, transfer } = readInThread(request);
parentPort?.postMessage(answer, transfer);
