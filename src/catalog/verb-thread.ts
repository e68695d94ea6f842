// Entry of the thread that a heavy call runs in: loads one verb, runs it, posts its data or its fault. Holds no logic of its own.
import { parentPort, workerData } from 'node:worker_threads';
import {
  type ThreadMessage,
  type ThreadRequest,
  type ThreadStop,
  contextOf,
  faultMessage,
} from '../verb/thread-protocol.ts';
import { loadVerb, requireVerb } from './find-verb.ts';

const request: ThreadRequest = workerData;
const stopped = new AbortController();
const post = (message: ThreadMessage): void => parentPort?.postMessage(message);

parentPort?.on('message', ({ name, message }: ThreadStop) => stopped.abort(new DOMException(message, name)));
try {
  const verb = await loadVerb(requireVerb(request.verb));
  post({ what: 'data', data: await verb.run(request.input, contextOf(request.context, stopped.signal, post)) });
} catch (error) {
  post(faultMessage(error));
}
