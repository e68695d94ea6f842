// Notes when the core that it is bound to did not run it: it sleeps a millisecond at a time, at a priority above everything
// that is measured, so whatever wakes it late is the machine (the hypervisor, the kernel) and not the load. A process of its own.
import { machineMs } from './machine-clock.ts';

const SLEEP_MS = 1;
/** What the machine takes to wake a sleeper in the best of times stays below this. */
const LATE_MS = 0.25;
/** Sleeps between two looks at the messages of the parent. */
const SLEEPS = 50;
const MOST_STALLS = 100_000;

const from = new Float64Array(MOST_STALLS);
const to = new Float64Array(MOST_STALLS);
let stalls = 0;
let watching = false;
const never = new Int32Array(new SharedArrayBuffer(4));

const watch = (): void => {
  for (let i = 0; i < SLEEPS; i += 1) {
    const asleepMs = machineMs();
    Atomics.wait(never, 0, 0, SLEEP_MS);
    const awakeMs = machineMs();
    if (awakeMs - asleepMs < SLEEP_MS + LATE_MS || stalls === MOST_STALLS) continue;
    from[stalls] = asleepMs;
    to[stalls] = awakeMs;
    stalls += 1;
  }
  if (watching) setImmediate(watch);
};

const report = (): [number, number][] => Array.from({ length: stalls }, (_, i) => [from[i] ?? 0, to[i] ?? 0]);

process.on('message', (order) => {
  if (order === 'start') {
    stalls = 0;
    watching = true;
    watch();
  } else {
    watching = false;
    process.send?.(report());
  }
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
