// The clock of a capture: which origin its times are read from, and which part of it is asked for. Times above 2^53 ns
// (an uptime of 104 days, or the time since 1970) stay exact because the origin is taken off before they become numbers.
import { inputFault } from '../../text/fault.ts';
import type { CaptureWindow } from '../model/profile-side.ts';
import type { Database } from '../../sqlite/table-source.ts';
import type { CaptureIdentity } from './identity.ts';
import { NSYS_TABLES, findTable } from './tables.ts';

export interface CaptureClock {
  readonly origin: bigint;
  /** Rows that start in [from, to) count. */
  readonly from: number;
  readonly to: number;
}

const EXACT = 2 ** 52;

/** `window` is in seconds from the start of the capture. */
export const captureClock = (
  database: Database,
  identity: CaptureIdentity,
  window: CaptureWindow | null,
): CaptureClock => {
  const first = firstStart(database);
  const origin = first !== null && Math.abs(Number(first)) > EXACT ? first : 0n;
  if (window === null) return { origin, from: -Infinity, to: Infinity };
  const zero = Number((identity.window?.start ?? first ?? 0n) - origin);
  return { origin, from: zero + window.startS * 1e9, to: zero + window.endS * 1e9 };
};

const firstStart = (database: Database): bigint | null => {
  for (const name of [NSYS_TABLES.kernel, NSYS_TABLES.runtime, NSYS_TABLES.nvtx]) {
    const table = findTable(database, name);
    const value = table === null ? null : database.first(table, 'start');
    if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) return BigInt(value);
  }
  return null;
};

/** Faults with `window_outside_capture`, naming where kernels are. */
export const demandWindowHit = (
  path: string,
  window: CaptureWindow,
  zeroNs: number,
  from: number,
  to: number,
): never => {
  const seconds = (ns: number): string => ((ns - zeroNs) / 1e9).toFixed(3);
  throw inputFault(
    'window_outside_capture',
    `no kernel starts between ${window.startS} s and ${window.endS} s of the capture`,
    { path, fix: `Kernels run from ${seconds(from)} s to ${seconds(to)} s: choose a window in there.` },
  );
};
