// The one clock that two processes of a benchmark share.

/** Milliseconds of the machine's monotonic clock. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6;
