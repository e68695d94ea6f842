// Calls the engine's profiling endpoints, from here or from inside the pod. A refusal is a fault that says what to add.
import http from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { requireSuccess } from '../exec/run-process.ts';
import { Fault } from '../text/fault.ts';
import { limitSignal } from '../verb/time-limit.ts';
import { note, optionsFor, type Capture, type Step } from './capture-run.ts';
import { notPrepared } from './deployment-advice.ts';
import { answerFault, parseAnswer, type EngineAnswer } from './engine-endpoints.ts';

/**
 * POST by node:http: the answer to a stop comes when the traces are written, which may take longer than the five minutes
 * that fetch waits for.
 */
const post = (url: string, body: string | null, signal: AbortSignal): Promise<EngineAnswer> =>
  new Promise((resolve, reject) => {
    const { request } = url.startsWith('https:') ? https : http;
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body ?? '') };
    const call = request(url, { method: 'POST', headers, signal }, (response) => {
      text(response).then((said) => resolve({ status: response.statusCode ?? 0, text: said }), reject);
    });
    call.on('error', reject);
    call.end(body ?? '');
  });

const unreachable = (url: string, cause: unknown): Fault =>
  new Fault('input', 'engine_unreachable', `${url} cannot be reached`, { fix: 'check base_url and the engine', cause });

const tooSlow = (url: string, seconds: number): Fault =>
  new Fault('timeout', 'engine_timeout', `${url} does not answer within ${seconds} s`, {
    fix: 'raise finish_s: an engine answers a stop when it has written its traces',
  });

const postFromHere = async (capture: Capture, step: Step<'http'>): Promise<EngineAnswer> => {
  const { finishS = 600 } = capture.input;
  const { signal } = capture.world;
  const limited = limitSignal([signal], finishS);
  try {
    return await post(step.url, step.body, limited.signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw limited.signal.aborted ? tooSlow(step.url, finishS) : unreachable(step.url, cause);
  } finally {
    limited.release();
  }
};

const postInPod = async (capture: Capture, command: readonly string[]): Promise<EngineAnswer> => {
  const options = optionsFor(capture, (capture.input.finishS ?? 600) + 30);
  return parseAnswer(requireSuccess(command, await capture.atPlace(command, options), options).stdout);
};

export const httpStep = async (capture: Capture, step: Step<'http'>): Promise<void> => {
  const command = step.argv === null ? null : step.argv.slice(step.argv.indexOf('--') + 1);
  note(capture, step.argv ?? ['POST', step.url]);
  const answer = command === null ? await postFromHere(capture, step) : await postInPod(capture, command);
  const fault = answerFault(step.url, answer);
  if (fault?.code === 'capture_not_prepared') throw notPrepared(capture.input, capture.tools.nsys, fault.message);
  if (fault !== null) throw fault;
};
