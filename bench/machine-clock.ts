// The one clock that the processes of a benchmark share.

/** The machine's monotonic clock less this process's `performance.now()`, from the least disturbed of many readings. */
const readOffsetMs = (): number => {
  let [offsetMs, tightestMs] = [0, Infinity];
  for (let i = 0; i < 1000; i += 1) {
    const beforeMs = performance.now();
    const machine = Number(process.hrtime.bigint()) / 1e6;
    const afterMs = performance.now();
    if (afterMs - beforeMs >= tightestMs) continue;
    tightestMs = afterMs - beforeMs;
    offsetMs = machine - (beforeMs + afterMs) / 2;
  }
  return offsetMs;
};

const OFFSET_MS = readOffsetMs();

/** A time of `performance.now()`, by default the present, on the machine's monotonic clock. Milliseconds. */
export const machineMs = (ownMs = performance.now()): number => ownMs + OFFSET_MS;

/** By how much the two clocks have parted since the process began. */
export const clockDriftMs = (): number => Math.abs(readOffsetMs() - OFFSET_MS);
