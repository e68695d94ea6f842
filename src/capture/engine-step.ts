// Calls the engine's profiling endpoints, from here or from inside the pod. A refusal is a fault that says what to add.
import { requireSuccess } from '../exec/run-process.ts';
import { Fault } from '../text/fault.ts';
import { note, notPrepared, optionsFor, type Capture, type Step } from './capture-run.ts';
import { answerFault, parseAnswer, type EngineAnswer } from './engine-endpoints.ts';

const postFromHere = async (capture: Capture, step: Step<'http'>): Promise<EngineAnswer> => {
  const limit = AbortSignal.timeout((capture.input.finishS ?? 600) * 1000);
  const signal = AbortSignal.any([capture.world.signal, limit]);
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'POST', signal, headers, ...(step.body === null ? {} : { body: step.body }) };
  try {
    const answer = await fetch(step.url, request);
    return { status: answer.status, text: await answer.text() };
  } catch (cause) {
    if (capture.world.signal.aborted) throw cause;
    const says = limit.aborted ? 'does not answer in time' : 'cannot be reached';
    throw new Fault('input', 'engine_unreachable', `${step.url} ${says}`, {
      fix: 'check base_url and the engine',
      cause,
    });
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
  if (fault?.code === 'capture_not_prepared') throw notPrepared(capture, fault.message);
  if (fault !== null) throw fault;
};
