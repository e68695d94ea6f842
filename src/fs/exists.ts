// Asks whether a name is taken. Never says "no" because it was not allowed to look.
import { statSync } from 'node:fs';
import { systemCode } from '../text/fault.ts';
import { ioFault } from './io-fault.ts';

/** True when `path` names a file or folder, links followed. Throws a Fault of `ioFault` when that cannot be seen. */
export const exists = (path: string): boolean => {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (systemCode(error) === 'ENOTDIR') return false;
    throw ioFault(error, path);
  }
};
