import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createDeferredQueue } from '../../src/load/deferred.ts';

describe('what is read in one go', () => {
  it('arrived when the event loop woke', async () => {
    const queue = createDeferredQueue();
    expect([10, 11, 15].map((readMs) => queue.arrivalMs(readMs))).toEqual([10, 10, 10]);
    await nextTurn();
    await nextTurn();
    expect(queue.arrivalMs(20)).toBe(20);
  });

  it('arrived when it asked anew where more sockets were read than it asks for at once', () => {
    const queue = createDeferredQueue();
    const times = Array.from({ length: 1025 }, (_, i) => queue.arrivalMs(i));
    expect([times[1023], times[1024]]).toEqual([0, 1024]);
  });
});

describe('deferred work', () => {
  it('is done in its order, and what a task adds comes last', async () => {
    const queue = createDeferredQueue();
    const done: number[] = [];
    queue.push(() => {
      done.push(1);
      queue.push(() => done.push(3));
    });
    queue.push(() => done.push(2));
    while (done.length < 3) await nextTurn();
    expect(done).toEqual([1, 2, 3]);
  });

  it('waits for what is still arriving, but not for long', async () => {
    const queue = createDeferredQueue();
    let done = false;
    const startMs = performance.now();
    queue.push(() => (done = true));
    while (!done && performance.now() - startMs < 1000) {
      queue.arrivalMs(performance.now());
      await nextTurn();
    }
    expect(performance.now() - startMs).toBeGreaterThan(2);
    expect(performance.now() - startMs).toBeLessThan(500);
  });
});
