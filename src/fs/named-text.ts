// Reads a file that a caller named, whole. Never waits for a pipe or a device, and never holds more than the limit.
import { closeSync, constants, fstatSync, openSync, read, readFileSync, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { type Fault, inputFault } from '../text/fault.ts';
import { ioFault } from './io-fault.ts';
import { notAFile, withRegularFile, type RegularFile } from './regular-file.ts';

/** Of a configuration, a policy, a list of waivers. */
export const CONFIGURATION_BYTES = 16 * 1024 * 1024;
/** Of a result or a log. */
export const RESULT_BYTES = 512 * 1024 * 1024;

/** Files of so many bytes cost less to read than to wait for. */
const AT_ONCE = 256 * 1024;

const readBlock = promisify(read);

export interface NamedTextOptions {
  /** Most bytes, default `RESULT_BYTES`. */
  readonly limit?: number;
  readonly signal?: AbortSignal | undefined;
}

const tooLarge = (path: string, size: number, limit: number): Fault =>
  inputFault('file_too_large', `${path} has ${size} bytes, the limit is ${limit}`, {
    path,
    fix: 'name the right file, or a smaller one',
  });

const readOpen = async (
  { path, descriptor, status: { size } }: RegularFile,
  { limit = RESULT_BYTES, signal }: NamedTextOptions,
): Promise<Buffer> => {
  signal?.throwIfAborted();
  if (size > limit) throw tooLarge(path, size, limit);
  const buffer = Buffer.allocUnsafe(size);
  let done = 0;
  while (done < size) {
    const bytes =
      size <= AT_ONCE
        ? readSync(descriptor, buffer, done, size - done, null)
        : (await readBlock(descriptor, buffer, done, size - done, null)).bytesRead;
    if (bytes === 0) break;
    done += bytes;
    signal?.throwIfAborted();
  }
  return buffer.subarray(0, done);
};

/**
 * The text of a file that is open. Throws a Fault `file_too_large`, the reason of an aborted signal, else the system's error.
 */
export const readOpenText = async (file: RegularFile, options: NamedTextOptions = {}): Promise<string> =>
  (await readOpen(file, options)).toString('utf8');

/** The text of a regular file. Throws as `readOpenText`, and a Fault `not_a_file`. */
export const readNamedText = (path: string, options: NamedTextOptions = {}): Promise<string> =>
  withRegularFile(path, (file) => readOpenText(file, options));

/** The bytes of a regular file, for what is written back as it was. Throws as `readNamedText`. */
export const readNamedBytes = (path: string, options: NamedTextOptions = {}): Promise<Buffer> =>
  withRegularFile(path, (file) => readOpen(file, options));

/** A text at once, as a value of the command line names it. Throws a Fault `not_a_file`, `file_too_large`, or one of `ioFault`. */
export const readValueFile = (path: string): string => {
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = fstatSync(descriptor);
      if (!status.isFile()) throw notAFile(path, status);
      if (status.size > CONFIGURATION_BYTES) throw tooLarge(path, status.size, CONFIGURATION_BYTES);
      return readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw ioFault(error, path);
  }
};
