// The clock of a capture: which origin its times are read from, and which part of it is asked for. Times above 2^53 ns
// (an uptime of 104 days, or the time since 1970) stay exact because the origin is taken off before they become numbers.
import type { CaptureWindow } from '../model/capture-window.ts';
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
