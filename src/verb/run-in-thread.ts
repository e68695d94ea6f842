// Runs the work of a heavy call in a thread of its own, so that the server goes on answering, and so that time limit and
// cancellation end what no signal reaches: a parser, a pattern of the caller's. The answer is the same as without the thread.
import { totalmem } from 'node:os';
import { Worker } from 'node:worker_threads';
import { threadEntry } from '../exec/thread-entry.ts';
import { Fault, inputFault, systemCode } from '../text/fault.ts';
import type { VerbContext } from './context.ts';
import { type ThreadMessage, type ThreadRequest, type ThreadStop, factsOf, thrownFault } from './thread-protocol.ts';

/** A stopped thread may put things in order for so long. */
const GRACE_MS = 1000;
const MEGABYTE = 1024 * 1024;
const MOST_MEMORY_MB = 4096;

const memoryMb = (): number => Math.min(MOST_MEMORY_MB, Math.floor(totalmem() / 2 / MEGABYTE));

const brokenThread = (error: unknown): unknown =>
  systemCode(error) === 'ERR_WORKER_OUT_OF_MEMORY'
    ? inputFault('input_too_large', `the files of this call need more than ${memoryMb()} MB of memory`, {
        fix: 'give fewer or smaller files: results without per-request details',
      })
    : error;

const stopOf = (reason: unknown): ThreadStop =>
  reason instanceof Error
    ? { name: reason.name, message: reason.message }
    : { name: 'AbortError', message: 'the call was cancelled' };

/**
 * The data of the verb; undefined where this process has no file to start a thread from. Throws what the verb throws, and a
 * Fault `input_too_large` when memory runs out.
 */
export const runInThread = (
  verb: string,
  input: unknown,
  context: VerbContext,
): Promise<Record<string, unknown>> | undefined => {
  const entry = threadEntry('verb-thread.mjs', 'catalog/verb-thread.ts');
  if (entry === null) return undefined;
  const request: ThreadRequest = { verb, input, context: factsOf(context) };
  return new Promise((resolve, reject) => {
    const resourceLimits = { maxOldGenerationSizeMb: memoryMb() };
    const worker = new Worker(entry, { workerData: request, stdout: true, resourceLimits });
    let last: NodeJS.Timeout | undefined;
    const stop = (): void => {
      worker.postMessage(stopOf(context.signal.reason));
      last = setTimeout(() => void worker.terminate(), GRACE_MS);
    };
    const end = (settle: () => void): void => {
      clearTimeout(last);
      context.signal.removeEventListener('abort', stop);
      settle();
      void worker.terminate();
    };
    context.signal.addEventListener('abort', stop, { once: true });
    worker.on('message', (message: ThreadMessage) => {
      if (message.what === 'progress') context.progress(message.done, message.total, message.message);
      else if (message.what === 'pictures') context.show?.(message.pictures);
      else if (message.what === 'page') context.explore?.(message.page);
      else if (message.what === 'data') end(() => resolve(message.data));
      else end(() => reject(thrownFault(message.fault)));
    });
    worker.once('error', (error) => end(() => reject(brokenThread(error))));
    worker.once('exit', (code) =>
      end(() =>
        reject(
          context.signal.aborted
            ? context.signal.reason
            : new Fault('internal', 'thread_ended', `the thread of the call ended with code ${code}`),
        ),
      ),
    );
  });
};
