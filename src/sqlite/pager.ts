// Read-only access to the pages of one SQLite file. Never writes, never locks, never opens a file beside it.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { inputFault, systemCode } from '../text/fault.ts';
import { HEADER_BYTES, damaged, parseHeader } from './format.ts';
import type { SqliteHeader } from './format.ts';

export interface Pager {
  readonly path: string;
  readonly header: SqliteHeader;
  readonly pageCount: number;
  /** A copy of page `number` (from 1). */
  readonly page: (number: number) => Buffer;
  /** Fills `target` from its start with `count` pages from page `first` on. */
  readonly pagesInto: (target: Buffer, first: number, count: number) => void;
  readonly close: () => void;
}

/** Opens a file for reading. Faults: `profile_unreadable`, `sqlite_foreign`, `sqlite_damaged`. */
export const openPager = (path: string): Pager => {
  const descriptor = openForReading(path);
  try {
    return pagerOver(descriptor, path);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
};

const openForReading = (path: string): number => {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw inputFault('profile_unreadable', `${path} cannot be read: ${systemCode(cause) ?? 'unknown error'}`, {
      path,
      cause,
      fix: 'check the path and its permissions',
    });
  }
};

const pagerOver = (descriptor: number, path: string): Pager => {
  const size = fstatSync(descriptor).size;
  const head = Buffer.alloc(Math.min(HEADER_BYTES, size));
  readSync(descriptor, head, 0, head.length, 0);
  const header = parseHeader(head, path);
  const pageCount = Math.floor(size / header.pageSize);
  if (header.pageCount !== null && pageCount < header.pageCount) {
    throw damaged(path, `page ${pageCount + 1}`, `${header.pageCount} pages expected, the file holds ${pageCount}`);
  }
  const pagesInto = (target: Buffer, first: number, count: number): void => {
    if (first < 1 || first + count - 1 > pageCount) throw damaged(path, `page ${first}`, 'page outside the file');
    const bytes = count * header.pageSize;
    const got = readSync(descriptor, target, 0, bytes, (first - 1) * header.pageSize);
    if (got !== bytes) throw damaged(path, `page ${first}`, 'the file became shorter while it was read');
  };
  const page = (number: number): Buffer => {
    const bytes = Buffer.allocUnsafe(header.pageSize);
    pagesInto(bytes, number, 1);
    return bytes;
  };
  return { path, header, pageCount, page, pagesInto, close: () => closeSync(descriptor) };
};
