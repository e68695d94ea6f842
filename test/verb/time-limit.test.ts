import { afterEach, expect, test, vi } from 'vitest';
import { limitSignal } from '../../src/verb/time-limit.ts';

afterEach(() => vi.restoreAllMocks());

test('a call may start any number of children that listen to its signal, without a warning', () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const { signal, release } = limitSignal([undefined], 60);
  for (let child = 0; child < 40; child += 1) signal.addEventListener('abort', () => child);
  release();
  expect(warned).not.toHaveBeenCalled();
});

test('the signal ends with the reason of the caller', () => {
  const caller = new AbortController();
  const { signal, release } = limitSignal([caller.signal], 60);
  const reason = new Error('no longer wanted');
  caller.abort(reason);
  release();
  expect(signal.reason).toBe(reason);
});

test.each([0, 1])('any of several callers ends it, also one that has ended before (%i)', (which) => {
  const callers = [new AbortController(), new AbortController()];
  const reason = new Error('closing');
  const early = limitSignal([undefined, ...callers.map(({ signal }) => signal)], 60);
  callers[which]?.abort(reason);
  const late = limitSignal([undefined, ...callers.map(({ signal }) => signal)], 60);
  for (const { signal, release } of [early, late]) {
    release();
    expect(signal.reason).toBe(reason);
  }
});

test('a reason that is no error, as clients give, is a cancellation', () => {
  const caller = new AbortController();
  const { signal, release } = limitSignal([caller.signal], 60);
  caller.abort('enough');
  release();
  expect(signal.reason).toMatchObject({ name: 'AbortError', message: 'cancelled: enough' });
});
